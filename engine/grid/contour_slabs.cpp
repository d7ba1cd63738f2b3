#include "engine/grid/contour_slabs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/grid/plane_lattice.h"

namespace ytterby::io {
namespace {

constexpr double finest_mm = 0.3;          // distance of planes that contours are drawn on
constexpr double occupied_share = 0.66;    // of a lattice that no image vouches for, so many planes have contours
constexpr double goes_on_share = 1.0 / 3;  // of the smaller area, in the next plane too

/// Planes in whole steps.
struct Run {
  PlaneLattice lattice;   // index: of the run's contours
  std::size_t first = 0;  // its contours among all, ascending
  bool has_step = true;   // a single plane has none
};

std::string mm(double value) { return to_text(value, 6) + " mm"; }

std::size_t occupied(const PlaneLattice& lattice) {
  std::vector<int> index = lattice.index;
  std::sort(index.begin(), index.end());
  return static_cast<std::size_t>(std::unique(index.begin(), index.end()) - index.begin());
}

/// Steps that all planes share.
int common_step(const PlaneLattice& lattice) {
  int step = 0;
  for (const int index : lattice.index) step = std::gcd(step, index);
  return std::max(1, step);
}

/// Lattices of the contours' own: one for all, or one on either side of the widest gap.
void split(const std::vector<double>& at, std::size_t from, std::size_t to, std::vector<Run>& runs) {
  const std::vector<double> own(at.begin() + static_cast<std::ptrdiff_t>(from),
                                at.begin() + static_cast<std::ptrdiff_t>(to));
  if (own.back() - own.front() < finest_mm) {
    PlaneLattice single;
    single.first = std::accumulate(own.begin(), own.end(), 0.0) / static_cast<double>(own.size());
    single.index.assign(own.size(), 0);
    single.count = 1;
    runs.push_back({std::move(single), from, false});
    return;
  }
  if (auto lattice = fit_coarsest(own, finest_mm)) {
    if (static_cast<double>(occupied(*lattice)) >= occupied_share * lattice->count) {
      runs.push_back({std::move(*lattice), from, true});
      return;
    }
  }
  std::size_t widest = from + 1;
  for (std::size_t i = from + 1; i < to; ++i) {
    if (at[i] - at[i - 1] > at[widest] - at[widest - 1]) widest = i;
  }
  split(at, from, widest, runs);
  split(at, widest, to, runs);
}

/// One step for all runs; single planes take it.
double step_of(std::vector<Run>& runs, const std::vector<double>& at, double image_spacing, const PatientAxis& axis) {
  double step = 0;
  for (const Run& run : runs) {
    if (run.has_step && step == 0) step = run.lattice.spacing;
    if (run.has_step && std::abs(run.lattice.spacing - step) > largest_departure(step)) {
      const WorstGap gap = worst_gap(at);
      throw Error(Fault::input, "has planes " + mm(gap.gap) + " apart between " + axis.name + " = " +
                                    mm(axis.at(at[gap.below])) + " and " + axis.name + " = " +
                                    mm(axis.at(at[gap.above])) + ", " + mm(gap.usual) +
                                    " elsewhere: they lie on no even lattice, needs contours of one image or a mask");
    }
  }
  if (step == 0) step = image_spacing;
  for (Run& run : runs) {
    if (!run.has_step) run.lattice.spacing = step;
  }
  return step;
}

/// `every`: steps of the image in one of the planes; 1 where they are not the image's.
std::vector<Run> runs_of(const std::vector<double>& at, double image_spacing, const PatientAxis& axis, double& step,
                         int& every) {
  if (auto lattice = fit_planes_near(at, image_spacing)) {
    every = common_step(*lattice);
    for (int& index : lattice->index) index /= every;
    lattice->count = (lattice->count - 1) / every + 1;
    lattice->spacing *= every;
    step = lattice->spacing;
    std::vector<Run> runs;
    runs.push_back({std::move(*lattice), 0, true});
    return runs;
  }
  std::vector<Run> runs;
  split(at, 0, at.size(), runs);
  step = step_of(runs, at, image_spacing, axis);
  return runs;
}

/// Planes of which no neighbour goes on with their area get the thickness of one slice.
void part_islands(Slabs& all, double slice) {
  const auto meet = [&](std::size_t a, std::size_t b) {
    if (b >= all.slabs.size()) return false;
    const PlaneRegion &one = all.slabs[a].region, &other = all.slabs[b].region;
    return common_area(one, other) >= goes_on_share * std::min(one.area(), other.area());
  };
  bool met = false;
  for (std::size_t i = 0; i < all.slabs.size(); ++i) {
    const bool next = meet(i, i + 1);
    if (!met && !next) {
      Slab& slab = all.slabs[i];
      const double middle = 0.5 * (slab.low + slab.high);
      slab.low = middle - 0.5 * slice;
      slab.high = middle + 0.5 * slice;
      slab.alone = true;
      ++all.alone;
    }
    met = next;
  }
  if (all.alone == all.slabs.size()) all.step = slice;
}

/// Fills between neighbours where they overlap, or says what is missing.
void bridge(Slabs& all, GapRule rule) {
  for (std::size_t i = 1; i < all.slabs.size(); ++i) {
    Slab &below = all.slabs[i - 1], &above = all.slabs[i];
    const double open = above.low - below.high;
    if (open < 0.01 * all.step) {
      below.high = above.low = 0.5 * (below.high + above.low);
      continue;
    }
    if (below.alone || above.alone) continue;
    if (!(common_area(below.region, above.region) > 0)) continue;
    PlaneGap gap{below.high - 0.5 * all.step, above.low + 0.5 * all.step,
                 0.5 * (below.region.area() + above.region.area()) * open, false};
    gap.filled = rule == GapRule::fill || open < 1.5 * all.step;
    if (gap.filled) below.high = above.low = 0.5 * (below.high + above.low);
    all.gaps.push_back(gap);
  }
}

}  // namespace

Slabs slabs_of(std::vector<PlaneContours> contours, double image_spacing, GapRule rule, Within within,
               const PatientAxis& axis) {
  Slabs all;
  std::sort(contours.begin(), contours.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  std::vector<double> at;
  for (const PlaneContours& c : contours) at.push_back(c.at);
  int every = 1;
  const std::vector<Run> runs = runs_of(at, image_spacing, axis, all.step, every);
  for (const Run& run : runs) {
    if (departs(run.lattice)) all.departure = std::max(all.departure, run.lattice.departure);
    std::map<int, std::vector<Polygon>> planes;
    for (std::size_t i = 0; i < run.lattice.index.size(); ++i) {
      auto& plane = planes[run.lattice.index[i]];
      for (Polygon& polygon : contours[run.first + i].polygons) plane.push_back(std::move(polygon));
    }
    for (const auto& [index, polygons] : planes) {
      const double middle = run.lattice.first + index * run.lattice.spacing;
      const double before = all.counts.beyond_odd;
      Slab slab{middle - 0.5 * all.step, middle + 0.5 * all.step,
                within == Within::odd ? PlaneRegion::within_odd(polygons) : enclosed(polygons, all.counts)};
      slab.beyond_odd = all.counts.beyond_odd - before;
      if (slab.region.area() > 0) all.slabs.push_back(std::move(slab));
    }
  }
  std::sort(all.slabs.begin(), all.slabs.end(), [](const Slab& a, const Slab& b) { return a.low < b.low; });
  if (every > 1) part_islands(all, all.step / every);
  bridge(all, rule);
  return all;
}

}  // namespace ytterby::io
