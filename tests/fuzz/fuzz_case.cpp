// Any text is a case, or refused as input; what is a case reads back from what the writer makes of it.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "engine/base/error.h"
#include "io/case/case_file.h"

using namespace ytterby;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  io::CaseFile read;
  try {
    read = io::parse_case({reinterpret_cast<const char*>(data), size}, "case.toml");
  } catch (const Error& error) {
    if (error.fault() != Fault::input) std::abort();
    return 0;
  }
  const auto as_written = [](const std::string& name) { return name; };
  const std::string text = io::write_case(read, as_written);
  if (io::write_case(io::parse_case(text, "case.toml"), as_written) != text) std::abort();
  return 0;
}
