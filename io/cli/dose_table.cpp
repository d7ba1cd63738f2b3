#include "io/cli/dose_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "io/evaluation/verdict_text.h"
#include "io/text/figures.h"
#include "validation/structure_metrics.h"

namespace ytterby::cli {
namespace {

using nlohmann::ordered_json;

constexpr double quantum_MeV = 1.0 / (1 << 30);

double per_decay(__int128 quanta, const DoseMap& map) {
  return map.histories == 0
             ? 0
             : static_cast<double>(quanta) * quantum_MeV * quanta_weight(map) / static_cast<double>(map.histories);
}

struct Row {
  const Structure* structure;
  StructureDose dose;
  validation::StructureMetrics metrics;

  [[nodiscard]] const validation::Estimate& d95() const { return metrics.dose_to[0]; }
  [[nodiscard]] const validation::Estimate& d70() const { return metrics.dose_to[1]; }
  [[nodiscard]] const validation::Estimate& d50() const { return metrics.dose_to[2]; }
};

std::vector<Row> rows_of(const io::DoseFile& file) {
  std::vector<Row> rows;
  for (const Structure& s : file.structures) {
    const auto dose = std::find_if(file.map.structures.begin(), file.map.structures.end(),
                                   [&](const StructureDose& d) { return d.name == s.name; });
    if (dose == file.map.structures.end()) continue;
    rows.push_back(
        {&s, *dose, validation::structure_metrics(file.map, *dose, s, file.phantom.density, file.half_life_h)});
  }
  return rows;
}

/// "1.2 / 2.3 / 5.1 %"; nothing without errors.
std::string voxel_errors(const VoxelUncertainty& u) {
  if (u.voxels == 0) return "";
  return fmt::format("{} / {} / {} %", io::three_digits(100 * u.median), io::three_digits(100 * u.p95),
                     io::three_digits(100 * u.worst));
}

ordered_json or_null(double value) { return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr); }

}  // namespace

std::string dose_table(const io::DoseFile& file) {
  const std::vector<Row> rows = rows_of(file);
  std::size_t width = 9;
  for (const Row& r : rows) width = std::max(width, r.dose.name.size());
  const bool errors = !file.map.uncertainty.empty() && file.map.histories > 0;
  std::string text =
      fmt::format("{:<{}}  {:>10} {:>9} {:>16} {:>9} {:>9} {:>9}{}\n", "structure", width, "volume mL", "mass kg",
                  "mean Gy", "D95 Gy", "D70 Gy", "D50 Gy", errors ? "  voxel errors: median / 95 % / worst" : "");
  for (const Row& r : rows) {
    const std::string voxels = voxel_errors(r.metrics.voxels);
    text += fmt::format("{:<{}}  {:>10} {:>9} {:>16} {:>9} {:>9} {:>9}{}\n", r.dose.name, width,
                        io::three_digits(r.dose.volume), io::three_digits(r.dose.mass / 1000),
                        io::with_error(r.dose.mean, r.dose.error()), io::noise_marked(r.d95()),
                        io::noise_marked(r.d70()), io::noise_marked(r.d50()), voxels.empty() ? "" : "  " + voxels);
  }
  std::vector<validation::Estimate> shown;
  for (const Row& r : rows) shown.insert(shown.end(), {r.d95(), r.d70(), r.d50()});
  text += io::noise_line(shown);
  const DoseMap& m = file.map;
  text += fmt::format("\nmethod: {}; activity: {} on the grid, {} off the image\n", m.method,
                      io::activity_text(file.account.on_grid), io::activity_text(file.account.off_image));
  if (m.histories == 0) {
    if (!m.device.empty()) text += fmt::format("convolution: {}, {:.2f} s\n", m.device, m.seconds_transport);
    return text;
  }
  text += fmt::format(
      "energy per decay [MeV]: emitted {:.6f} = deposited {:.6f} + escaped {:.6f} + discarded {:.6f} ({})\n",
      per_decay(m.ledger.emitted, m), per_decay(m.ledger.deposited, m), per_decay(m.ledger.escaped, m),
      per_decay(m.ledger.discarded, m), m.ledger.balanced() ? "balances as integers" : "DOES NOT BALANCE");
  text += fmt::format("{} histories, seed {}, {}, {:.1f} s\n", m.histories, m.seed, m.device,
                      m.seconds_tables + m.seconds_transport);
  return text;
}

std::string dose_table_json(const io::DoseFile& file) {
  const DoseMap& m = file.map;
  ordered_json json;
  json["case"] = file.case_name;
  json["method"] = m.method;
  json["structures"] = ordered_json::array();
  for (const Row& r : rows_of(file)) {
    json["structures"].push_back({{"name", r.dose.name},
                                  {"role", role_name(r.structure->role)},
                                  {"volume_mL", r.dose.volume},
                                  {"mass_kg", r.dose.mass / 1000},
                                  {"mean_Gy", r.dose.mean},
                                  {"mean_error_Gy", r.dose.error()},
                                  {"D95_Gy", r.d95().value},
                                  {"D70_Gy", r.d70().value},
                                  {"D50_Gy", r.d50().value}});
    if (r.metrics.voxels.voxels == 0) continue;
    json["structures"].back()["voxel_uncertainty_median"] = or_null(r.metrics.voxels.median);
    json["structures"].back()["voxel_uncertainty_p95"] = or_null(r.metrics.voxels.p95);
    json["structures"].back()["voxel_uncertainty_worst"] = or_null(r.metrics.voxels.worst);
  }
  if (m.histories > 0)
    json["ledger_MeV_per_decay"] = {{"emitted", per_decay(m.ledger.emitted, m)},
                                    {"deposited", per_decay(m.ledger.deposited, m)},
                                    {"escaped", per_decay(m.ledger.escaped, m)},
                                    {"discarded", per_decay(m.ledger.discarded, m)},
                                    {"balanced", m.ledger.balanced()}};
  const ActivityAccount& a = file.account;
  json["activity_GBq"] = {{"on_grid", a.on_grid / 1e9},     {"in_lungs", a.in_lungs / 1e9},
                          {"off_image", a.off_image / 1e9}, {"off_grid", a.off_grid / 1e9},
                          {"overhang", a.overhang / 1e9},   {"dropped_count_share", a.dropped_share}};
  json["lung_shunt_fraction"] = a.lung_shunt_fraction ? ordered_json(*a.lung_shunt_fraction) : ordered_json(nullptr);
  json["lungs_cut_off"] = a.lungs_cut_off;
  json["warnings"] = ordered_json::parse(io::warnings_json(file.warnings));
  json["histories"] = m.histories;
  json["seed"] = m.seed;
  json["device"] = m.device;
  json["seconds_tables"] = m.seconds_tables;
  json["seconds_transport"] = m.seconds_transport;
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

void print_dose(const io::DoseFile& file, bool json) { std::cout << (json ? dose_table_json(file) : dose_table(file)); }

}  // namespace ytterby::cli
