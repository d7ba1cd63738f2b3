// The presets' data files, built into the program.

#include "engine/base/embed.h"
#include "engine/base/error.h"
#include "engine/base/nearest_name.h"
#include "validation/protocol/protocol.h"

#ifndef YTTERBY_PRESET_DIR
#error "YTTERBY_PRESET_DIR has to be the path of validation/presets, as a string"
#endif

YTTERBY_EMBED(ytterby_preset_rescue, YTTERBY_PRESET_DIR "/rescue.toml");
YTTERBY_EMBED(ytterby_preset_glass_lobar, YTTERBY_PRESET_DIR "/glass-lobar.toml");
YTTERBY_EMBED(ytterby_preset_eanm_resin_segmentectomy, YTTERBY_PRESET_DIR "/eanm-2022-resin-segmentectomy.toml");
YTTERBY_EMBED(ytterby_preset_eanm_resin_lobectomy, YTTERBY_PRESET_DIR "/eanm-2022-resin-lobectomy.toml");
YTTERBY_EMBED(ytterby_preset_eanm_resin_unilobar, YTTERBY_PRESET_DIR "/eanm-2022-resin-unilobar.toml");
YTTERBY_EMBED(ytterby_preset_eanm_resin_bilobar, YTTERBY_PRESET_DIR "/eanm-2022-resin-bilobar.toml");

namespace ytterby::validation {
namespace {

struct Preset {
  const char* name;
  const char* begin;
  const char* end;
};

const Preset presets[] = {
    {"rescue", ytterby_preset_rescue, ytterby_preset_rescue_end},
    {"glass-lobar", ytterby_preset_glass_lobar, ytterby_preset_glass_lobar_end},
    {"eanm-2022-resin-segmentectomy", ytterby_preset_eanm_resin_segmentectomy,
     ytterby_preset_eanm_resin_segmentectomy_end},
    {"eanm-2022-resin-lobectomy", ytterby_preset_eanm_resin_lobectomy, ytterby_preset_eanm_resin_lobectomy_end},
    {"eanm-2022-resin-unilobar", ytterby_preset_eanm_resin_unilobar, ytterby_preset_eanm_resin_unilobar_end},
    {"eanm-2022-resin-bilobar", ytterby_preset_eanm_resin_bilobar, ytterby_preset_eanm_resin_bilobar_end},
};

}  // namespace

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Preset& p : presets) names.emplace_back(p.name);
  return names;
}

std::string_view preset_text(std::string_view name) {
  std::string list;
  for (const Preset& p : presets) {
    if (name == p.name) return {p.begin, static_cast<std::size_t>(p.end - p.begin)};
    list += (list.empty() ? "" : ", ") + std::string(p.name);
  }
  throw Error(Fault::input, "protocol preset \"" + std::string(name) + "\" does not exist, there are: " + list);
}

}  // namespace ytterby::validation
