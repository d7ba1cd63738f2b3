#include "io/evaluation/protocol_of.h"

#include "engine/base/error.h"
#include "io/text/setting_toml.h"

namespace ytterby::io {

validation::Protocol protocol_of(const CaseFile& c) {
  const ProtocolSection section = c.protocol.value_or(ProtocolSection{});
  std::string_view text;
  try {
    text = validation::preset_text(section.preset);
  } catch (const Error& error) {
    throw Error(error.fault(), c.place(section.line) + error.what());
  }
  const auto preset = parse_settings(std::string(text), "preset " + section.preset);
  return validation::make_protocol(section.preset, preset, section.settings);
}

}  // namespace ytterby::io
