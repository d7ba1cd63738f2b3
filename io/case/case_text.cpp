#include "io/case/case_text.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <string_view>

#include "engine/base/error.h"

namespace ytterby::io {
namespace {

constexpr int most_parts = 16;

/// First place behind the quoted text that begins at `at`, or its line's end where nothing closes it. A backslash
/// escapes within double quotes alone; a text of three quotes may span lines and end in up to two quotes of its own.
std::size_t behind_quotes(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string three(3, quote);
  const bool spans_lines = text.substr(at, 3) == three;
  for (at += spans_lines ? 3 : 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (!spans_lines && (text[at] == quote || text[at] == '\n')) {
      return text[at] == quote ? at + 1 : at;
    } else if (spans_lines && text.substr(at, 3) == three) {
      at += 3;
      for (int own = 0; own < 2 && at < text.size() && text[at] == quote; ++own) ++at;
      return at;
    }
  }
  return text.size();
}

bool within_part(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == ' ' || c == '\t';
}

}  // namespace

std::string read_case_text(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) throw Error(Fault::input, file.string() + ": no such case file");
  if (std::filesystem::is_directory(file, error)) {
    throw Error(Fault::input, file.string() + ": is a folder, a case file (TOML) is needed");
  }
  // Pipes and devices may be read, but have no size, and perhaps no end.
  constexpr std::size_t most = 10'000'000;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Error(Fault::input, file.string() + ": cannot be opened");
  std::string text(most + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) throw Error(Fault::input, file.string() + ": cannot be read");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > most) throw Error(Fault::input, file.string() + ": is too large for a case file (TOML)");
  return text;
}

void check_key_depth(const std::string& text, const std::filesystem::path& file) {
  int dots = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      at = behind_quotes(text, at);
      continue;
    }
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    dots = c == '.' ? dots + 1 : within_part(c) ? dots : 0;
    if (dots >= most_parts) {
      const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
      throw Error(Fault::input, file.string() + ":" + std::to_string(line) +
                                    ": is no valid TOML: a key has more than " + std::to_string(most_parts) + " parts");
    }
    ++at;
  }
}

}  // namespace ytterby::io
