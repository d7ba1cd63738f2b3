#include "io/report/page_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/grid/grid_overlap.h"
#include "io/report/background.h"
#include "io/report/content_policy.h"
#include "io/report/histogram_data.h"
#include "io/report/html.h"
#include "io/report/page_images.h"
#include "io/report/page_window.h"

namespace ytterby::io {
namespace {

using nlohmann::ordered_json;

/// Page indices of the voxel where `score` is largest; empty where it is nowhere above 0.
template <class Score>
ordered_json best_place(const PageWindow& w, const Score& score) {
  double most = 0;
  std::size_t best = 0;
  w.each([&](std::size_t page, std::size_t v) {
    const double s = score(v);
    if (s > most) {
      most = s;
      best = page;
    }
  });
  if (!(most > 0)) return nullptr;
  const auto nx = static_cast<std::size_t>(w.count[0]), ny = static_cast<std::size_t>(w.count[1]);
  return {best % nx, best / nx % ny, best / nx / ny};
}

/// The tumours' middle, by the voxel of a tumour nearest to their centre of mass.
ordered_json tumour_place(const DoseFile& f, const PageWindow& w) {
  std::array<double, 3> centre{};
  double sum = 0;
  const auto inside = [&](std::size_t v) {
    double share = 0;
    for (const Structure& s : f.structures) {
      if (s.role == Role::tumour) share = std::max(share, static_cast<double>(s.fraction[v]));
    }
    return share;
  };
  const auto nx = static_cast<std::size_t>(w.count[0]), ny = static_cast<std::size_t>(w.count[1]);
  const auto place = [&](std::size_t page) { return std::array{page % nx, page / nx % ny, page / nx / ny}; };
  w.each([&](std::size_t page, std::size_t v) {
    const double share = inside(v);
    sum += share;
    for (std::size_t a = 0; a < 3; ++a) centre[a] += share * static_cast<double>(place(page)[a]);
  });
  if (!(sum > 0)) return best_place(w, [&](std::size_t v) { return static_cast<double>(f.map.dose[v]); });
  double nearest = 1e300;
  std::array<std::size_t, 3> best{};
  w.each([&](std::size_t page, std::size_t v) {
    if (inside(v) < 0.5) return;
    double d = 0;
    for (std::size_t a = 0; a < 3; ++a) d += std::pow(static_cast<double>(place(page)[a]) - centre[a] / sum, 2);
    if (d < nearest) {
      nearest = d;
      best = place(page);
    }
  });
  return {best[0], best[1], best[2]};
}

std::vector<double> isodose_levels(double goal, double most) {
  std::vector<double> levels;
  for (const double share : {0.1, 0.25, 0.5, 0.75, 1.0, 1.3}) {
    const double level = std::stod(fmt::format("{:.3g}", share * goal));
    if (level < most) levels.push_back(level);
  }
  return levels;
}

}  // namespace

PageData page_data(const ReportInput& input) {
  const std::vector<DoseFile>& doses = input.doses;
  const DoseFile& f = doses.front();
  const Grid& grid = f.map.grid;
  const PageWindow w = window_of(doses);
  ordered_json json;
  json["shape"] = w.count;
  const auto first = w.index(0, 0, 0);
  const Vector3 origin = position(grid, first[0], first[1], first[2]);
  for (std::size_t a = 0; a < 3; ++a) {
    json["spacing"].push_back(grid.spacing[static_cast<std::size_t>(w.axis[a])] * 10 * std::abs(w.step[a]));
    json["origin"].push_back(origin[a] * 10);
  }
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t a = 0; a < 3; ++a) {
      json["direction"].push_back(grid.direction[3 * row + static_cast<std::size_t>(w.axis[a])] *
                                  (w.step[a] > 0 ? 1 : -1));
    }
  }
  json["background"] = background_json(input.ct, f, w);
  if (f.activity.size() == grid.voxels()) {
    const Projections p = projections(f.activity, w);
    json["activity"] = {{"projections", p.packed}, {"most", p.most / grid.voxel_volume() / 1e6}};  // [MBq/mL]
  }
  double most = 0;
  json["methods"] = ordered_json::array();
  for (const DoseFile& d : doses) {
    const double own = std::max(1e-9, static_cast<double>(largest_dose(d)));
    most = std::max(most, own);
    ordered_json method{{"name", d.map.method},
                        {"label", method_label(d.map.method)},
                        {"most", own},
                        {"dose", packed_dose(d.map.dose, own, w)}};
    if (!d.map.uncertainty.empty()) method["uncertainty"] = packed_error(d.map, w);
    if (d.map.correlated && d.map.correlated->coupled.size() == grid.voxels())
      method["coupled"] = packed_coupled(*d.map.correlated, w);
    json["methods"].push_back(std::move(method));
  }
  json["goal"] = input.goal;
  json["lungs_cut_off"] = f.account.lungs_cut_off;
  json["wash"] = std::min(most, 1.3 * input.goal);
  json["levels"] = isodose_levels(input.goal, most);
  json["structures"] = ordered_json::array();
  for (const Structure& s : f.structures) {
    if (is_reserved(s.name)) continue;
    json["structures"].push_back(
        {{"name", s.name}, {"role", role_name(s.role)}, {"fraction", packed_bytes(s.fraction, 255, w)}});
  }
  json["start"]["tumour"] = tumour_place(f, w);
  if (json["start"]["tumour"].is_null()) json["start"]["tumour"] = {w.count[0] / 2, w.count[1] / 2, w.count[2] / 2};
  json["start"]["lung"] = best_place(w, [&](std::size_t v) {
    double inside = 0;
    for (const Structure& s : f.structures) {
      if (s.role == Role::lung) inside = std::max(inside, static_cast<double>(s.fraction[v]));
    }
    return inside >= 0.5 ? static_cast<double>(f.map.dose[v]) : 0.0;
  });
  json["dvhs"] = histograms_json(input);

  PageData data;
  data.json = safe_in_script(json.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
  data.shown = fmt::format("Shown: {} x {} x {} of {} x {} x {} voxels of the dose", w.count[0], w.count[1], w.count[2],
                           grid.shape[0], grid.shape[1], grid.shape[2]);
  if (std::abs(w.step[0]) > 1) data.shown += fmt::format(", every {}th along each axis", std::abs(w.step[0]));
  const int thinned = json["background"]["thinned"].get<int>();
  if (thinned > 1)
    data.shown += fmt::format("; {} x {} voxels of the CT in plane are averaged into one", thinned, thinned);
  data.shown += ". Values in the pictures are rounded to 0.2 % of the largest dose, in the tables they are not.";
  return data;
}

}  // namespace ytterby::io
