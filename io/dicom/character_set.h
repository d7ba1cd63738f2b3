#pragma once
// Names in the character sets of DICOM (PS3.3 C.12.1.1.2, PS3.5 6.1).

#include <string>

namespace ytterby::io {

/// Bytes of a name in UTF-8. `set` is SpecificCharacterSet, with ISO 2022 code extensions. Where it is missing, unknown
/// or not what the bytes are in, bytes that are UTF-8 stay, others are taken as Latin-1.
std::string to_utf8(const std::string& bytes, const std::string& set);

}  // namespace ytterby::io
