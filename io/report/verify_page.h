#pragma once
// Plan against delivery as one page.

#include <string>

namespace ytterby::io {

/// A self-contained page from the text of VERIFY.json (io/FORMATS.md).
std::string verify_page(const std::string& verify_json);

}  // namespace ytterby::io
