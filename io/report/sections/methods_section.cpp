#include "io/report/sections/methods_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/dose/dvh.h"
#include "io/report/html.h"
#include "io/text/figures.h"

namespace ytterby::io {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// What a method says of a structure [Gy]; NaN where it says nothing.
struct MethodRow {
  std::string method;
  validation::Estimate mean;
  std::array<validation::Estimate, validation::dose_shares.size()> dose_to{};  // D95, D70, D50, D2
};

struct StructureRows {
  std::string name;
  double volume = unknown, mass = unknown;  // [mL], [kg]
  std::vector<MethodRow> methods;
};

std::string difference(const MethodRow& m, const StructureRows& s) {
  for (const MethodRow& truth : s.methods) {
    if (truth.method != "monte-carlo" || m.method == truth.method) continue;
    if (!std::isfinite(m.mean.value) || !(truth.mean.value > 0)) continue;
    return percent(m.mean.value / truth.mean.value - 1);
  }
  return "-";
}

std::string table(const std::vector<StructureRows>& structures) {
  std::string rows;
  for (const StructureRows& s : structures) {
    bool first = true;
    for (const MethodRow& m : s.methods) {
      const auto cell = [](const std::string& text) { return "<td class=\"n\">" + text + "</td>"; };
      rows += fmt::format("<tr{}><th>{}</th>{}{}<td>{}</td>{}{}", first ? " class=\"group\"" : "",
                          first ? escaped(s.name) : "", cell(first ? three_digits(s.volume) : ""),
                          cell(first ? three_digits(s.mass) : ""), escaped(method_label(m.method)),
                          cell(figure(m.mean.value, m.mean.error)), cell(difference(m, s)));
      for (const validation::Estimate& dose : m.dose_to) rows += cell(figure(dose.value, dose.error));
      rows += "</tr>\n";
      first = false;
    }
  }
  return "<section aria-label=\"Doses by every method\"><h2>Doses by every method</h2>\n<div class=\"wide\"><table "
         "id=\"methods\"><thead><tr><th>structure</th><th class=\"n\">mL</th>"
         "<th class=\"n\">kg</th><th>method</th><th class=\"n\">mean Gy</th><th class=\"n\">to Monte Carlo</th><th "
         "class=\"n\">D95 Gy</th>"
         "<th class=\"n\">D70 Gy</th><th class=\"n\">D50 Gy</th><th class=\"n\">D2 Gy</th></tr></thead><tbody>\n" +
         rows + "</tbody></table></div></section>\n";
}

}  // namespace

std::string methods_section(const Validation& v) {
  std::vector<StructureRows> structures;
  for (const StructureByMethods& s : structures_of(v)) {
    StructureRows rows{s.first->name, s.first->volume, s.first->mass / 1000, {}};
    for (const auto& [method, metrics] : s.methods) {
      MethodRow row{method, metrics->mean, {}};
      for (std::size_t i = 0; i < row.dose_to.size(); ++i) row.dose_to[i] = metrics->dose_to[i];
      rows.methods.push_back(std::move(row));
    }
    structures.push_back(std::move(rows));
  }
  return table(structures);
}

std::string methods_section(const std::vector<DoseFile>& doses) {
  std::vector<StructureRows> structures;
  for (const Structure& s : doses.front().structures) {
    StructureRows rows{s.name, unknown, unknown, {}};
    for (const DoseFile& f : doses) {
      const auto dose = std::find_if(f.map.structures.begin(), f.map.structures.end(),
                                     [&](const auto& d) { return d.name == s.name; });
      if (dose == f.map.structures.end()) continue;
      rows.volume = dose->volume;
      rows.mass = dose->mass / 1000;
      MethodRow row{f.map.method, {dose->mean, dose->mean_error}, {}};
      const DoseVolume volume(f.map.dose, s, f.phantom.density);
      for (std::size_t i = 0; i < row.dose_to.size() && !volume.empty(); ++i) {
        row.dose_to[i].value = volume.dose_to(validation::dose_shares[i]);
      }
      rows.methods.push_back(std::move(row));
    }
    structures.push_back(std::move(rows));
  }
  return table(structures);
}

}  // namespace ytterby::io
