#include "io/evaluation/manual_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

namespace ytterby::io {
namespace {

using nlohmann::ordered_json;

ordered_json json_of(const std::optional<EmpiricalActivity>& a) {
  if (!a) return nullptr;
  return {{"activity_GBq", a->activity ? ordered_json(*a->activity) : ordered_json(nullptr)},
          {"before_reduction_GBq", a->before_reduction},
          {"reduction", a->reduction}};
}

std::string line(const char* name, const std::optional<EmpiricalActivity>& a) {
  if (!a) return "";
  if (!a->activity) return fmt::format("{}: none, the lung shunt is above 20 %\n", name);
  return fmt::format("{}: {:.3f} GBq ({:.3f} GBq less {:.0f} % for the lung shunt)\n", name, *a->activity,
                     a->before_reduction, 100 * a->reduction);
}

}  // namespace

std::string manual_lines(const ManualActivities& manual) {
  return line("BSA method (manual)", manual.bsa) + line("empirical method (manual)", manual.empirical);
}

std::string manual_json(const ManualActivities& manual) {
  return ordered_json{{"bsa", json_of(manual.bsa)}, {"empirical", json_of(manual.empirical)}}.dump();
}

}  // namespace ytterby::io
