#include "io/text/printable.h"

namespace ytterby::io {

std::string Printable::operator()(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char byte : text) {
    const auto c = static_cast<unsigned char>(byte);
    const bool continues = c >= 0x80 && c < 0xC0;
    if (held_) {
      held_ = false;
      if (continues) {
        out += c < 0xA0 ? std::string(1, '?') : std::string{static_cast<char>(0xC2), byte};
        continue;
      }
      out += '?';
    }
    if (continues) {
      out += left_ > 0 ? byte : '?';
      left_ -= left_ > 0 ? 1 : 0;
      continue;
    }
    left_ = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC3 ? 1 : 0;
    if (c == 0xC2) {
      held_ = true;
    } else if (c == 0x7F || (c < 0x20 && c != '\n' && c != '\t')) {
      out += '?';
    } else {
      out += byte;
    }
  }
  return out;
}

std::string printable(std::string_view text) { return Printable()(text); }

PrintableBuffer::int_type PrintableBuffer::overflow(int_type c) {
  if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
  const char byte = traits_type::to_char_type(c);
  return xsputn(&byte, 1) == 1 ? c : traits_type::eof();
}

std::streamsize PrintableBuffer::xsputn(const char* text, std::streamsize size) {
  const std::string clean = printable_({text, static_cast<std::size_t>(size)});
  const auto n = static_cast<std::streamsize>(clean.size());
  return to_->sputn(clean.data(), n) == n ? size : 0;
}

}  // namespace ytterby::io
