#pragma once
// Text for a terminal: names of files and structures may hold anything, also what a terminal obeys.

#include <streambuf>
#include <string>
#include <string_view>

namespace ytterby::io {

/// Replaces control characters (C0, DEL, and C1 in UTF-8 or as single bytes) by '?'; line ends and tabs stay. Text may
/// come in pieces, also between the bytes of a character.
class Printable {
 public:
  std::string operator()(std::string_view text);

 private:
  int left_ = 0;       // bytes of a character that are still to come
  bool held_ = false;  // 0xC2, which begins C1 or something to print
};

/// The same for a whole text.
std::string printable(std::string_view text);

/// Passes what is written on to another buffer as Printable leaves it.
class PrintableBuffer : public std::streambuf {
 public:
  explicit PrintableBuffer(std::streambuf* to) : to_(to) {}

 protected:
  int_type overflow(int_type c) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override { return to_->pubsync(); }

 private:
  std::streambuf* to_;
  Printable printable_;
};

}  // namespace ytterby::io
