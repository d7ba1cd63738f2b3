// `ytterby compare A.h5 B.h5`.

#include "io/cli/compare/compare.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "engine/grid/resample.h"
#include "engine/methods/local_deposition.h"
#include "engine/patient/activity.h"
#include "engine/patient/structures.h"
#include "io/cli/options.h"
#include "io/cli/run/files.h"
#include "io/cli/verbs.h"
#include "io/system/output_file.h"

namespace ytterby::cli {
namespace {

bool same_place(const Grid& a, const Grid& b) {
  if (a.shape != b.shape) return false;
  const auto near = [](double x, double y) { return std::abs(x - y) < 1e-5; };
  for (std::size_t i = 0; i < 3; ++i) {
    if (!near(a.spacing[i], b.spacing[i]) || !near(a.origin[i], b.origin[i])) return false;
  }
  return std::equal(a.direction.begin(), a.direction.end(), b.direction.begin(), near);
}

/// Averages by volume, over what the other grid covers alone.
std::vector<float> moved(const Grid& from, std::vector<float> values, const Grid& to,
                         const std::vector<float>& covered) {
  std::vector<float> result = average({from, std::move(values)}, to);
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (covered[i] > 0) result[i] /= covered[i];
  }
  return result;
}

/// Brings B to A's grid; gives the share of A's grid that it covers.
double bring_to(const Grid& grid, io::DoseFile& b, std::vector<float>& covered) {
  covered = coverage(b.map.grid, grid);
  double sum = 0;
  for (const float c : covered) sum += static_cast<double>(c);
  if (!(sum > 0)) throw Error(Fault::input, "the two dose grids do not overlap");
  b.map.dose = moved(b.map.grid, std::move(b.map.dose), grid, covered);
  if (!b.map.uncertainty.empty()) {
    for (float& e : b.map.uncertainty) e = std::isnan(e) ? 0.0F : e;
    b.map.uncertainty = moved(b.map.grid, std::move(b.map.uncertainty), grid, covered);
  }
  for (io::SessionRecord& s : b.sessions) {
    s.dose.map.dose = moved(b.map.grid, std::move(s.dose.map.dose), grid, covered);
    for (float& e : s.dose.map.uncertainty) e = std::isnan(e) ? 0.0F : e;
    if (!s.dose.map.uncertainty.empty()) {
      s.dose.map.uncertainty = moved(b.map.grid, std::move(s.dose.map.uncertainty), grid, covered);
    }
  }
  b.map.grid = grid;
  return sum / static_cast<double>(grid.voxels());
}

/// A voxel's error; 0 for a method that has none, NaN where no history scored.
double error_at(const DoseMap& map, std::size_t i) {
  return map.uncertainty.empty() ? 0 : static_cast<double>(map.uncertainty[i]);
}

bool near(double a, double b) { return std::abs(a - b) <= 1e-6 * std::max(std::abs(a), std::abs(b)); }

template <class Values>
bool all_near(const Values& a, const Values& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](auto x, auto y) { return near(static_cast<double>(x), static_cast<double>(y)); });
}

/// On different grids structures are told apart by names and volumes, activities by their sums.
bool same_structures(const io::DoseFile& a, const io::DoseFile& b, bool same_grid) {
  if (a.structures.size() != b.structures.size()) return false;
  for (std::size_t s = 0; s < a.structures.size(); ++s) {
    const Structure &x = a.structures[s], &y = b.structures[s];
    if (x.name != y.name || x.role != y.role) return false;
    if (same_grid ? !all_near(x.fraction, y.fraction)
                  : std::abs(volume_of(x.fraction, a.map.grid) / volume_of(y.fraction, b.map.grid) - 1) > 1e-3) {
      return false;
    }
  }
  return true;
}

/// What two doses are of.
void take_content(const io::DoseFile& a, const io::DoseFile& b, DoseComparison& c) {
  const auto tell = [&](const char* what, bool equal) { (equal ? c.same : c.differing).emplace_back(what); };
  const bool grid = same_place(a.map.grid, b.map.grid);
  const auto sum = [](const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0); };
  tell("activity", grid ? all_near(a.activity, b.activity) : near(sum(a.activity), sum(b.activity)));
  if (grid) tell("medium", all_near(a.phantom.density, b.phantom.density) && a.phantom.material == b.phantom.material);
  tell("grid", grid);
  tell("structures", same_structures(a, b, grid));
}

VoxelDifferences voxel_differences(const DoseMap& a, const DoseMap& b, const std::vector<std::uint8_t>& tested,
                                   double largest) {
  VoxelDifferences v;
  double square = 0, z_square = 0;
  std::size_t beyond = 0;
  for (std::size_t i = 0; i < a.dose.size(); ++i) {
    if (tested[i] == 0) continue;
    const double d = static_cast<double>(b.dose[i]) - static_cast<double>(a.dose[i]);
    ++v.voxels;
    v.mean += d;
    square += d * d;
    if (std::abs(d) > std::abs(v.largest)) v.largest = d;
    const double error = std::hypot(error_at(a, i), error_at(b, i));
    if (!(error > 0)) continue;
    ++v.with_errors;
    z_square += d * d / (error * error);
    beyond += std::abs(d) > 3 * error ? 1 : 0;
  }
  const auto n = static_cast<double>(v.voxels), with = static_cast<double>(v.with_errors);
  if (v.voxels > 0) {
    v.mean /= n;
    v.rms = std::sqrt(square / n);
    v.rms_relative = v.rms / largest;
  }
  v.rms_z = std::sqrt(z_square / with);  // NaN without errors
  v.share_beyond_3 = static_cast<double>(beyond) / with;
  return v;
}

std::vector<validation::StructureMetrics> metrics_of(const DoseMap& map, const std::vector<StructureDose>& doses,
                                                     const io::DoseFile& a, const std::vector<io::SessionRecord>& own) {
  std::vector<validation::SessionVoxels> sessions;
  for (const io::SessionRecord& s : own) sessions.push_back({s.dose.map.dose, s.dose.map.uncertainty});
  return validation::metrics_of_structures(map, doses, a.structures, a.phantom.density, a.half_life_h, {}, sessions);
}

}  // namespace

DoseComparison compare_doses(const io::DoseFile& a, io::DoseFile b, const validation::GammaCriteria& criteria) {
  DoseComparison c;
  c.method_a = a.map.method;
  c.method_b = b.map.method;
  c.case_a = a.case_name;
  c.case_b = b.case_name;
  c.same_content = a.content_hash == b.content_hash;
  take_content(a, b, c);
  c.criteria = criteria;
  std::vector<float> covered(a.map.grid.voxels(), 1.0F);
  c.resampled = !same_place(a.map.grid, b.map.grid);
  if (c.resampled) c.covered = bring_to(a.map.grid, b, covered);

  std::vector<float> density = a.phantom.density;  // what B does not cover counts as gas: left out
  for (std::size_t i = 0; i < density.size(); ++i) {
    if (covered[i] < 0.5F) density[i] = 0;
    if (density[i] >= gas_density) c.largest = std::max(c.largest, static_cast<double>(a.map.dose[i]));
  }
  if (!(c.largest > 0)) throw Error(Fault::input, "the first dose file has no dose where both grids are");
  std::vector<std::uint8_t> tested(density.size());
  for (std::size_t i = 0; i < density.size(); ++i) {
    const auto dose = static_cast<double>(a.map.dose[i]);
    tested[i] = density[i] >= gas_density && dose > 0 && dose >= criteria.threshold_share * c.largest ? 1 : 0;
  }
  c.voxels = voxel_differences(a.map, b.map, tested, c.largest);
  std::vector<float> noise;
  if (!a.map.uncertainty.empty() || !b.map.uncertainty.empty()) {
    for (std::size_t i = 0; i < density.size(); ++i)
      noise.push_back(static_cast<float>(std::hypot(error_at(a.map, i), error_at(b.map, i))));
  }
  c.noisy = !noise.empty();
  c.gamma = validation::gamma_index({a.map.grid, a.map.dose}, {a.map.grid, b.map.dose}, density, criteria, noise);
  c.a = metrics_of(a.map, a.map.structures, a, a.sessions);
  // B in A's structures: its own means where they are the same ones, else from the voxels.
  const bool own = c.same_content && !c.resampled;
  c.b = metrics_of(b.map,
                   own ? b.map.structures : structure_doses(a.phantom, b.map.dose, b.map.uncertainty, a.structures), a,
                   b.sessions);
  return c;
}

namespace {

/// "2%/2mm".
validation::GammaCriteria gamma_option(const std::string& text) {
  const std::size_t slash = text.find("%/");
  const bool formed = slash != std::string::npos && text.ends_with("mm") && text.size() > slash + 4;
  const double percent = formed ? io::parse_number(text.substr(0, slash)).value_or(0) : 0;
  const double distance = formed ? io::parse_number(text.substr(slash + 2, text.size() - slash - 4)).value_or(0) : 0;
  if (!(distance > 0) || !(distance <= 50) || !(percent > 0) || !(percent <= 100)) {
    throw Error(Fault::usage, "--gamma is " + text + ", needs to be percent and distance, e.g. 2%/2mm");
  }
  validation::GammaCriteria criteria;
  criteria.dose_share = percent / 100;
  criteria.distance = distance * cm_per_mm;
  return criteria;
}

struct Options {
  std::string a, b, gamma = "2%/2mm", threshold = "10%", pass_rate, output;
  bool local = false, json = false, force = false, dry_run = false;
};

int run_compare(const Options& options) {
  validation::GammaCriteria criteria = gamma_option(options.gamma);
  criteria.threshold_share = share_option("--threshold", options.threshold);
  criteria.local = options.local;
  std::optional<double> pass_rate;
  if (!options.pass_rate.empty()) {
    pass_rate =
        options.pass_rate == "100%" || options.pass_rate == "1" ? 1.0 : share_option("--pass-rate", options.pass_rate);
  }
  check_files({{options.output, "-o"}}, with_doses({}, {options.a, options.b}), force_option(options.force));
  if (options.dry_run) {
    std::cout << nlohmann::ordered_json{{"reference", options.a},
                                        {"evaluated", options.b},
                                        {"gamma_percent", 100 * criteria.dose_share},
                                        {"gamma_mm", criteria.distance / cm_per_mm},
                                        {"local", criteria.local},
                                        {"threshold_percent", 100 * criteria.threshold_share}}
                     .dump(2)
              << '\n';
    return 0;
  }
  const DoseComparison c = compare_doses(io::read_dose(options.a), io::read_dose(options.b), criteria);
  const bool passed = !pass_rate || c.gamma.pass_rate() >= *pass_rate;
  const std::string json = comparison_json(c, pass_rate, passed);
  if (!options.output.empty()) io::write_file(options.output, json);
  std::cout << (options.json ? json : comparison_table(c));
  if (!options.json && pass_rate) {
    std::cout << "pass rate " << (passed ? "reaches " : "stays below ") << options.pass_rate << "\n";
  }
  return passed ? 0 : 5;
}

}  // namespace

Action add_compare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("a", options->a, "dose file: the reference, whose grid and structures are used")->required();
  app.add_option("b", options->b, "dose file: what is evaluated")->required();
  app.add_option("--gamma", options->gamma, "criteria of the gamma index")->capture_default_str();
  app.add_flag("--local", options->local, "gamma's percent of the voxel's own dose, not of the largest");
  app.add_option("--threshold", options->threshold, "share of the largest dose below which voxels are left out")
      ->capture_default_str();
  app.add_option("--pass-rate", options->pass_rate, "tolerance: exit status 5 where fewer voxels have gamma up to 1");
  app.add_option("-o,--output", options->output, "comparison to write (JSON)");
  add_force_flag(app, options->force);
  app.add_flag("--json", options->json, "print the comparison as JSON");
  app.add_flag("--dry-run", options->dry_run, "print the criteria in force as JSON and stop");
  return [options] { return run_compare(*options); };
}

}  // namespace ytterby::cli
