#pragma once
// Base64 (RFC 4648, section 4).

#include <string>
#include <vector>

namespace ytterby::io {

std::string base64(const std::vector<unsigned char>& bytes);

}  // namespace ytterby::io
