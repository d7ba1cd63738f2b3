#pragma once
// Settings from TOML: what protocols are made of, in presets and in a case's [protocol].

#include <string>
#include <vector>

#include "engine/base/setting.h"
#include "io/text/toml_parser.h"

namespace ytterby::io {

/// All keys of a table as settings of the table `name`. Values may be numbers, true or false, texts and lists of
/// numbers. Throws Fault::input with file and line for anything else.
std::vector<Setting> read_settings(const toml::table& table, const std::string& name, const std::string& file);

/// A whole document: keys outside tables have an empty table name. `file` leads messages. Throws Fault::input for what
/// is not TOML.
std::vector<Setting> parse_settings(const std::string& text, const std::string& file);

/// The value as TOML.
std::string setting_text(const SettingValue& value);

}  // namespace ytterby::io
