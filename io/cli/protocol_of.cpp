#include "io/cli/protocol_of.h"

#include "engine/error.h"
#include "io/setting_toml.h"

namespace ytterby::cli {

validation::Protocol protocol_of(const io::CaseFile& c) {
  const io::ProtocolSection section = c.protocol.value_or(io::ProtocolSection{});
  std::string_view text;
  try {
    text = validation::preset_text(section.preset);
  } catch (const Error& error) {
    throw Error(error.fault(), c.place(section.line) + error.what());
  }
  const auto preset = io::parse_settings(std::string(text), "preset " + section.preset);
  return validation::make_protocol(section.preset, preset, section.settings);
}

}  // namespace ytterby::cli
