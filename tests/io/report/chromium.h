#pragma once
// A page in a browser.

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/io/small_case.h"

namespace ytterby::test {

/// What a command prints.
inline std::string output_of(const std::string& command) {
  std::string text;
  std::array<char, 4096> buffer{};
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return text;
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) text.append(buffer.data(), n);
  ::pclose(pipe);
  return text;
}

/// The Chromium of this machine; empty where there is none.
inline std::string chromium() {
  std::string path = output_of("command -v chromium || command -v chromium-browser || command -v google-chrome");
  while (!path.empty() && path.back() == '\n') path.pop_back();
  return path;
}

/// The document as Chromium has it once the page's scripts have run.
inline std::string document_in_chromium(const std::string& page) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder / "page.html";
  std::ofstream(file, std::ios::binary) << page;
  return output_of("timeout 120 " + chromium() +
                   " --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
                   "--virtual-time-budget=20000 --user-data-dir=" +
                   (folder / "profile").string() + " --dump-dom file://" + file.string() + " 2>/dev/null");
}

}  // namespace ytterby::test
