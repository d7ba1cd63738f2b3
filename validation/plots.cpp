#include "validation/plots.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>

#include "validation/plot_svg.h"

namespace ytterby::validation {
namespace {

using Comparisons = std::vector<Comparison>;

constexpr const char* reference_label = "EGSnrc, with one standard error";

Comparisons of_case(std::span<const Comparison> all, std::string_view name) {
  Comparisons result;
  for (const Comparison& c : all)
    if (c.case_name == name && std::isfinite(c.position)) result.push_back(c);
  return result;
}

constexpr double tail_first = 15, tail_last = 50;  // [mm]

bool judged(const Comparison& c) { return !std::isnan(c.stated); }

using Value = std::function<double(const Comparison&)>;

Series series_of(const Comparisons& list, std::string label, const char* colour, Mark mark, const Value& value,
                 const Value& error = {}, double x_scale = 1) {
  Series s{std::move(label), colour, mark, {}, {}, {}};
  for (const Comparison& c : list) {
    s.x.push_back(c.position * x_scale);
    s.y.push_back(value(c));
    if (error) s.error.push_back(error(c));
  }
  return s;
}

Comparisons only(const Comparisons& list, const std::function<bool(const Comparison&)>& keep) {
  Comparisons result;
  std::copy_if(list.begin(), list.end(), std::back_inserter(result), keep);
  return result;
}

double percent(const Comparison& c) { return c.difference_percent(); }
double percent_error(const Comparison& c) { return c.combined_error_percent(); }

/// The tolerance that decided, around each judged point.
Band tolerance_band(const Comparisons& list, std::string label) {
  Band band{std::move(label), {}, {}, {}};
  for (const Comparison& c : list) {
    band.x.push_back(c.position);
    band.high.push_back(c.tolerance_percent());
    band.low.push_back(-c.tolerance_percent());
  }
  return band;
}

/// Residuals up to `least` per cent at least, more where a judged point needs it.
std::pair<double, double> residual_range(const Comparisons& list, double least) {
  double high = least;
  for (const Comparison& c : list)
    if (judged(c)) high = std::max(high, 1.1 * (std::abs(percent(c)) + percent_error(c)));
  return {-high, high};
}

Plot point_kernel(const Comparisons& all) {
  const auto per_mm = [](double thickness) { return [thickness](double energy) { return energy / thickness; }; };
  const Comparisons fine = only(all, [](const Comparison& c) { return c.position < 15; });
  const Comparisons shells = only(fine, judged);
  const auto energy = per_mm(0.25);
  Figure figure{"90Y point kernel in water",
                "energy per decay in shells of 0.25 mm around a point source",
                "distance from the source [mm]",
                std::pair{0.0, 15.0},
                {},
                {}};
  Panel values{"dE/dr [MeV/mm]", Scale::logarithmic, {}, 1.5, false, {}, {}, {}};
  values.series = {
      series_of(
          fine, reference_label, colour::blue, Mark::ring, [&](const Comparison& c) { return energy(c.reference); },
          [&](const Comparison& c) { return energy(c.reference_error); }),
      series_of(fine, "ytterby", colour::vermilion, Mark::line, [&](const Comparison& c) { return energy(c.ours); })};
  Panel residuals{"difference [% of max.]", Scale::linear, residual_range(shells, 1.2), 1, true, {}, {}, {}};
  residuals.bands = {tolerance_band(shells, "tolerance")};
  residuals.series = {
      series_of(fine, "ytterby - EGSnrc, combined error", colour::black, Mark::circle, percent, percent_error)};
  figure.panels = {values, residuals};
  return {"point_kernel_y90.svg", to_svg(figure)};
}

Plot tail(const Comparisons& all) {
  const auto group = [&](const char* name) { return only(all, [&](const Comparison& c) { return c.group == name; }); };
  const Comparisons followed = group("5 mm shells"), absorbed = group("5 mm shells, electrons absorbed at once");
  Figure figure{
      "Bremsstrahlung tail of a 90Y point source in water",
      "energy per decay in shells of 5 mm; electrons followed, or absorbed at once in a shell that holds them",
      "distance from the source [mm]",
      std::pair{15.0, 50.0},
      {},
      {}};
  Panel values{"energy in shell [keV]", Scale::linear, {}, 1, false, {}, {}, {}};
  Panel residuals{"difference [%]", Scale::linear, residual_range(followed, 7), 1, true, {}, {}, {}};
  residuals.y_range->second = std::max(residuals.y_range->second, residual_range(absorbed, 7).second);
  residuals.y_range->first = -residuals.y_range->second;
  residuals.bands = {{"5 %", {tail_first, tail_last}, {-5, -5}, {5, 5}}};
  values.series = {series_of(
      followed, reference_label, colour::blue, Mark::ring, [](const Comparison& c) { return 1000 * c.reference; },
      [](const Comparison& c) { return 1000 * c.reference_error; })};
  const auto add = [&](Comparisons list, const char* label, const char* colour, double shift) {
    for (Comparison& c : list) c.position += shift;  // so that bars do not cover each other
    values.series.push_back(series_of(
        list, label, colour, Mark::circle, [](const Comparison& c) { return 1000 * c.ours; },
        [](const Comparison& c) { return 1000 * c.our_error; }));
    residuals.series.push_back(series_of(list, label, colour, Mark::circle, percent, percent_error));
  };
  add(followed, "ytterby, followed", colour::vermilion, -0.15);
  add(absorbed, "ytterby, absorbed", colour::green, 0.15);
  figure.panels = {values, residuals};
  return {"bremsstrahlung_tail.svg", to_svg(figure)};
}

struct MonoCurve {
  const char* text;
  const char* colour;
  double energy, range_mm;  // CSDA range of the reference file's header
};

constexpr MonoCurve mono_curves[] = {{"0.1", colour::blue, 0.1, 0.1431},
                                     {"0.5", colour::vermilion, 0.5, 1.766},
                                     {"1", colour::green, 1, 4.367},
                                     {"2", colour::purple, 2, 9.785}};

Plot mono_kernels(std::span<const Comparison> all) {
  Figure figure{"Point kernels of mono-energetic electrons in water",
                "lines and dots: ytterby; rings: EGSnrc; shells of 1/40 of the CSDA range R",
                "distance from the source / R",
                std::pair{0.0, 1.3},
                {},
                {}};
  Panel values{"dE/d(r/R) / T", Scale::linear, {}, 1.2, false, {}, {}, {}};
  Panel residuals{"difference [% of max.]", Scale::linear, {}, 1, true, {}, {}, {}};
  residuals.bands = {{"tolerance", {0, 1.3}, {-1, -1}, {1, 1}}};
  std::pair<double, double> range{-1.2, 1.2};
  for (const MonoCurve& curve : mono_curves) {
    const Comparisons list = only(of_case(all, "point-kernel-" + std::string(curve.text) + "MeV"),
                                  [&](const Comparison& c) { return c.position < 1.5 * curve.range_mm; });
    if (list.empty()) continue;
    const double scale = 40 / curve.energy, per_range = 1 / curve.range_mm;
    const std::string label = std::string(curve.text) + " MeV";
    values.series.push_back(series_of(
        list, "", curve.colour, Mark::ring, [&](const Comparison& c) { return c.reference * scale; }, {}, per_range));
    values.series.push_back(series_of(
        list, label, curve.colour, Mark::line, [&](const Comparison& c) { return c.ours * scale; }, {}, per_range));
    residuals.series.push_back(series_of(list, label, curve.colour, Mark::circle, percent, percent_error, per_range));
    const auto wanted = residual_range(list, 1.2);
    range = {std::min(range.first, wanted.first), std::max(range.second, wanted.second)};
  }
  residuals.y_range = range;
  figure.panels = {values, residuals};
  return {"point_kernels_mono.svg", to_svg(figure)};
}

Plot slab_plot(const Comparisons& all, const std::string& neighbour, const std::string& name) {
  const Comparisons local = only(all, [](const Comparison& c) { return c.percent_of == c.reference; });
  Figure figure{"90Y in tissue against " + name,
                "dose where 20 mm of tissue (z < 0) hold 1 decay per cm3; 0.5 mm layers",
                "z [mm]",
                {},
                {0},
                {}};
  Panel values{"dose [Gy/(decay/cm3)]", Scale::logarithmic, {}, 1.5, false, {}, {}, {}};
  values.series = {
      series_of(
          all, reference_label, colour::blue, Mark::ring, [](const Comparison& c) { return c.reference; },
          [](const Comparison& c) { return c.reference_error; }),
      series_of(all, "ytterby", colour::vermilion, Mark::line, [](const Comparison& c) { return c.ours; })};
  values.notes = {{-10, "tissue, 1.06 g/cm3"}, {10, name}};
  Panel residuals{"difference [%]", Scale::linear, residual_range(local, 2.2), 1, true, {}, {}, {}};
  residuals.bands = {tolerance_band(local, "tolerance")};
  residuals.series = {series_of(local, "layers above 5 % of max., combined error", colour::black, Mark::circle, percent,
                                percent_error)};
  figure.panels = {values, residuals};
  return {"slab_" + neighbour + ".svg", to_svg(figure)};
}

Plot s_values(std::span<const Comparison> all) {
  Figure figure{"90Y voxel S values in water",
                "cubic voxels of 2, 3 and 4 mm; mean of voxels equal by symmetry",
                "distance of the voxel's centre from the source voxel's [mm]",
                std::pair{-0.4, 14.0},
                {},
                {}};
  Panel values{"S [Gy/(MBq s)]", Scale::logarithmic, std::pair{1e-9, 1e-2}, 1.2, false, {}, {}, {}};
  Panel residuals{"difference [%]", Scale::linear, {}, 1, true, {}, {}, {}};
  residuals.bands = {{"0.7 %", {-0.4, 14}, {-0.7, -0.7}, {0.7, 0.7}},
                     {"0.3 % (source voxel, faces)", {-0.4, 14}, {-0.3, -0.3}, {0.3, 0.3}, colour::dusk}};
  residuals.notes = {{11.0, "voxels above 1 % of the maximum"}};
  std::pair<double, double> range{-1, 1};
  const char* colours[] = {colour::blue, colour::vermilion, colour::green};
  for (const int mm : {2, 3, 4}) {
    const Comparisons list = of_case(all, "s-values-" + std::to_string(mm) + "mm");
    if (list.empty()) continue;
    const char* colour = colours[mm - 2];
    const std::string label = std::to_string(mm) + " mm";
    values.series.push_back(
        series_of(list, "EGSnrc", colour, Mark::ring, [](const Comparison& c) { return c.reference; }));
    values.series.push_back(
        series_of(list, "ytterby " + label, colour, Mark::circle, [](const Comparison& c) { return c.ours; }));
    Comparisons shifted = only(list, judged);
    for (Comparison& c : shifted) c.position += 0.08 * (mm - 3);  // so that bars do not cover each other
    residuals.series.push_back(series_of(shifted, label, colour, Mark::circle, percent, percent_error));
    const auto wanted = residual_range(list, 1);
    range = {std::min(range.first, wanted.first), std::max(range.second, wanted.second)};
  }
  residuals.y_range = range;
  figure.panels = {values, residuals};
  return {"s_values.svg", to_svg(figure)};
}

}  // namespace

std::vector<Plot> make_plots(std::span<const Comparison> comparisons) {
  const auto has = [&](std::string_view name) {
    return std::any_of(comparisons.begin(), comparisons.end(),
                       [&](const Comparison& c) { return c.case_name.starts_with(name); });
  };
  std::vector<Plot> plots;
  if (has("s-values-2mm") || has("s-values-3mm")) plots.push_back(s_values(comparisons));
  if (has("point-kernel-y90")) plots.push_back(point_kernel(of_case(comparisons, "point-kernel-y90")));
  if (has("bremsstrahlung-tail")) plots.push_back(tail(of_case(comparisons, "bremsstrahlung-tail")));
  if (has("point-kernel-0") || has("point-kernel-1")) plots.push_back(mono_kernels(comparisons));
  if (has("slab-lung")) plots.push_back(slab_plot(of_case(comparisons, "slab-lung"), "lung", "lung, 0.26 g/cm3"));
  if (has("slab-bone"))
    plots.push_back(slab_plot(of_case(comparisons, "slab-bone"), "bone", "cortical bone, 1.92 g/cm3"));
  return plots;
}

}  // namespace ytterby::validation
