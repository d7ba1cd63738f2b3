#include "io/dicom/character_set.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcspchrs.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace ytterby::io {
namespace {

constexpr char escape = 27;

bool is_utf8(const std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t more = c < 0x80                ? 0
                             : c >= 0xC2 && c < 0xE0 ? 1
                             : c >= 0xE0 && c < 0xF0 ? 2
                             : c >= 0xF0 && c < 0xF5 ? 3
                                                     : 9;
    if (more == 9 || i + more >= text.size() + (more == 0 ? 1 : 0)) return false;
    for (std::size_t k = 1; k <= more; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0U) != 0x80U) return false;
    }
    i += more + 1;
  }
  return true;
}

std::string from_latin1(const std::string& text) {
  std::string result;
  for (const char byte : text) {
    const auto c = static_cast<unsigned char>(byte);
    if (c < 0x80) {
      result += byte;
    } else {
      result += static_cast<char>(0xC0U | (c >> 6U));
      result += static_cast<char>(0x80U | (c & 0x3FU));
    }
  }
  return result;
}

std::optional<std::string> from_euc_jp(std::string text) {
  const iconv_t conversion = ::iconv_open("UTF-8", "EUC-JP");
  if (conversion == reinterpret_cast<iconv_t>(-1)) return {};
  std::string result(3 * text.size() + 8, '\0');
  char *from = text.data(), *to = result.data();
  std::size_t left = text.size(), room = result.size();
  const bool good = ::iconv(conversion, &from, &left, &to, &room) != static_cast<std::size_t>(-1) && left == 0;
  ::iconv_close(conversion);
  if (!good) return {};
  result.resize(result.size() - room);
  return result;
}

/// What an escape sequence says the lower half of the codes to be.
enum class Codes { single, jis_x_0208, jis_x_0212 };

struct Designation {
  std::string_view sequence;  // behind ESC
  Codes codes;
};
constexpr std::array<Designation, 6> designations{{{"(B", Codes::single},         // ASCII
                                                   {"(J", Codes::single},         // JIS X 0201, Roman
                                                   {")I", Codes::single},         // JIS X 0201, half-width kana above
                                                   {"$B", Codes::jis_x_0208},     // kanji
                                                   {"$@", Codes::jis_x_0208},     // its first edition
                                                   {"$(D", Codes::jis_x_0212}}};  // supplementary kanji

/// Japanese by code extensions, which DCMTK's converter does not know on every system (PS3.5 annex H). Written anew as
/// EUC-JP: both halves of the codes at once. `kana`: codes above 160 are half-width katakana. Empty where the bytes are
/// something else.
std::optional<std::string> from_japanese(const std::string& bytes, bool kana) {
  std::string euc;
  Codes codes = Codes::single;
  for (std::size_t i = 0; i < bytes.size();) {
    if (bytes[i] == escape) {
      const std::string_view rest = std::string_view(bytes).substr(i + 1);
      const auto* const known = std::find_if(designations.begin(), designations.end(),
                                             [&](const Designation& d) { return rest.starts_with(d.sequence); });
      if (known == designations.end()) return {};
      if (known->sequence != ")I") codes = known->codes;
      i += 1 + known->sequence.size();
      continue;
    }
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (kana && byte >= 0xA1 && byte <= 0xDF) {
      euc += {'\x8E', bytes[i++]};
    } else if (byte >= 0x80) {
      return {};
    } else if (codes == Codes::single || byte <= ' ') {
      euc += bytes[i++];
    } else {
      if (i + 1 >= bytes.size()) return {};
      if (codes == Codes::jis_x_0212) euc += '\x8F';
      for (std::size_t k = 0; k < 2; ++k) euc += static_cast<char>(static_cast<unsigned char>(bytes[i++]) | 0x80U);
    }
  }
  return from_euc_jp(std::move(euc));
}

/// Whether SpecificCharacterSet names the set of that number: 13 is not 138.
bool names(const std::string& set, std::string_view number) {
  const std::string term = "IR " + std::string(number);
  const std::size_t at = set.find(term), end = at + term.size();
  return at != std::string::npos && (end >= set.size() || set[end] < '0' || set[end] > '9');
}

std::optional<std::string> by_dcmtk(const std::string& bytes, const std::string& set) {
  DcmSpecificCharacterSet converter;
  OFString converted;
  if (set.empty() || converter.selectCharacterSet(set.c_str()).bad() ||
      converter.convertString(OFString(bytes.c_str(), bytes.size()), converted, "\\").bad()) {
    return {};
  }
  return std::string(converted.c_str(), converted.length());
}

}  // namespace

std::string to_utf8(const std::string& bytes, const std::string& set) {
  std::optional<std::string> converted;
  if (names(set, "13") || names(set, "87") || names(set, "159")) converted = from_japanese(bytes, names(set, "13"));
  if (!converted) converted = by_dcmtk(bytes, set);
  const std::string& text = converted ? *converted : bytes;
  return is_utf8(text) ? text : from_latin1(text);
}

}  // namespace ytterby::io
