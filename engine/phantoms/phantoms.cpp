#include "engine/phantoms/phantoms.h"

#include <algorithm>
#include <array>

#include "engine/base/error.h"
#include "engine/phantoms/make.h"

namespace ytterby {
namespace {

struct Entry {
  std::string_view name;
  AnalyticPhantom (*make)(double spacing);
  double spacing;  // default [cm]
};

constexpr std::array entries{
    Entry{"point", phantoms::make_point, 0.3},
    Entry{"rescue", phantoms::make_rescue, 0.3},
    Entry{"slabs", phantoms::make_slabs, 0.2},
    Entry{"sphere", phantoms::make_sphere, 0.2},
};

}  // namespace

std::vector<std::string> phantom_names() {
  std::vector<std::string> names;
  for (const Entry& entry : entries) names.emplace_back(entry.name);
  return names;
}

AnalyticPhantom make_phantom(std::string_view name, std::optional<double> spacing) {
  const auto entry = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.name == name; });
  if (entry == entries.end()) {
    std::string known;
    for (const Entry& e : entries) known += (known.empty() ? "" : ", ") + std::string(e.name);
    throw Error(Fault::usage, "no phantom is named '" + std::string(name) + "'; there are " + known);
  }
  const double s = spacing.value_or(entry->spacing);
  if (!(s >= 0.05 && s <= 2)) {
    throw Error(Fault::usage, "phantom spacing is " + std::to_string(s * 10) + " mm, needs to be 0.5 to 20 mm");
  }
  return entry->make(s);
}

}  // namespace ytterby
