#include "io/report/page_data.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/dose/dvh.h"
#include "engine/grid/grid_overlap.h"
#include "engine/patient/activity.h"

namespace ytterby::io {
namespace {

using nlohmann::ordered_json;

constexpr double most_shown = 3e6;     // voxels in the page
constexpr double least_shown = 0.005;  // of the largest dose: what lies below may be cut away
constexpr int curve_points = 160;
constexpr int rim = 3;  // voxels kept around what is shown

std::string base64(const std::vector<unsigned char>& bytes) {
  static constexpr const char* digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve(bytes.size() * 4 / 3 + 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto at = [&](std::size_t k) { return i + k < bytes.size() ? static_cast<unsigned>(bytes[i + k]) : 0U; };
    const unsigned word = at(0) << 16 | at(1) << 8 | at(2);
    const std::size_t left = bytes.size() - i;
    text += digits[word >> 18];
    text += digits[word >> 12 & 63];
    text += left > 1 ? digits[word >> 6 & 63] : '=';
    text += left > 2 ? digits[word & 63] : '=';
  }
  return text;
}

std::string packed(const std::vector<unsigned char>& bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::vector<unsigned char> out(size);
  if (compress2(out.data(), &size, bytes.data(), static_cast<uLong>(bytes.size()), 9) != Z_OK) {
    throw Error(Fault::internal, "the report's images cannot be compressed");
  }
  out.resize(size);
  return base64(out);
}

/// The part of the grid that the page shows, with axes along the patient's left, posterior and superior.
struct Window {
  std::array<int, 3> axis{};                    // grid axis of each page axis
  std::array<int, 3> first{}, step{}, count{};  // grid index = first + step * page index
  const Grid* grid = nullptr;

  [[nodiscard]] std::size_t voxels() const {
    return static_cast<std::size_t>(count[0]) * static_cast<std::size_t>(count[1]) * static_cast<std::size_t>(count[2]);
  }
  [[nodiscard]] std::array<int, 3> index(int x, int y, int z) const {
    std::array<int, 3> i{};
    const std::array<int, 3> page{x, y, z};
    for (std::size_t a = 0; a < 3; ++a) i[static_cast<std::size_t>(axis[a])] = first[a] + step[a] * page[a];
    return i;
  }
  template <class Visit>
  void each(const Visit& visit) const {
    std::size_t page = 0;
    for (int z = 0; z < count[2]; ++z)
      for (int y = 0; y < count[1]; ++y)
        for (int x = 0; x < count[0]; ++x) {
          const auto i = index(x, y, z);
          visit(page++, grid->index(i[0], i[1], i[2]));
        }
  }
};

/// Grid axes by the patient axis that they are nearest to, each used once.
std::array<int, 3> patient_axes(const Grid& grid) {
  std::array<int, 3> best{0, 1, 2}, order{0, 1, 2};
  double most = -1;
  do {
    double sum = 0;
    for (std::size_t a = 0; a < 3; ++a) sum += std::abs(grid.direction[3 * a + static_cast<std::size_t>(order[a])]);
    if (sum > most + 1e-9) {
      most = sum;
      best = order;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

/// Gas is left out: one electron makes any dose there.
float largest_dose(const DoseFile& f) {
  float most = 0;
  for (std::size_t v = 0; v < f.map.dose.size(); ++v) {
    if (f.phantom.density[v] >= gas_density) most = std::max(most, f.map.dose[v]);
  }
  return most;
}

Window window_of(const ReportInput& input) {
  const DoseFile& f = input.doses.front();
  const Grid& grid = f.map.grid;
  std::array<int, 3> low = grid.shape, high{-1, -1, -1};
  std::vector<float> least;
  for (const DoseFile& d : input.doses) {
    least.push_back(static_cast<float>(least_shown) * largest_dose(d));
  }
  std::size_t v = 0;
  for (int z = 0; z < grid.shape[2]; ++z)
    for (int y = 0; y < grid.shape[1]; ++y)
      for (int x = 0; x < grid.shape[0]; ++x, ++v) {
        bool inside = std::any_of(f.structures.begin(), f.structures.end(),
                                  [v](const Structure& s) { return s.fraction[v] > 0; });
        for (std::size_t d = 0; d < input.doses.size() && !inside; ++d)
          inside = f.phantom.density[v] >= gas_density && input.doses[d].map.dose[v] > least[d];
        if (!inside) continue;
        const std::array<int, 3> i{x, y, z};
        for (std::size_t a = 0; a < 3; ++a) {
          low[a] = std::min(low[a], i[a]);
          high[a] = std::max(high[a], i[a]);
        }
      }
  Window w;
  w.grid = &grid;
  w.axis = patient_axes(grid);
  double voxels = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    if (high[a] < low[a]) low[a] = 0, high[a] = grid.shape[a] - 1;
    low[a] = std::max(0, low[a] - rim);
    high[a] = std::min(grid.shape[a] - 1, high[a] + rim);
    voxels *= high[a] - low[a] + 1;
  }
  const int thin = std::max(1, static_cast<int>(std::ceil(std::cbrt(voxels / most_shown) - 1e-9)));
  for (std::size_t a = 0; a < 3; ++a) {
    const auto g = static_cast<std::size_t>(w.axis[a]);
    const bool forward = grid.direction[3 * a + g] > 0;
    w.step[a] = forward ? thin : -thin;
    w.first[a] = forward ? low[g] : high[g];
    w.count[a] = (high[g] - low[g]) / thin + 1;
  }
  return w;
}

/// 1023 sqrt(dose / most), low bytes and then high bytes: steps of 0.2 % at the largest dose.
std::string packed_dose(const std::vector<float>& dose, double most, const Window& w) {
  std::vector<unsigned char> bytes(2 * w.voxels());
  w.each([&](std::size_t page, std::size_t v) {
    const double root = std::sqrt(std::clamp(static_cast<double>(dose[v]) / most, 0.0, 1.0));
    const auto code = static_cast<unsigned>(std::lround(1023 * root));
    bytes[page] = static_cast<unsigned char>(code & 255);
    bytes[page + w.voxels()] = static_cast<unsigned char>(code >> 8);
  });
  return packed(bytes);
}

/// Relative error 1e-4 * 2^(code / 20); 255 where nothing scored.
std::string packed_error(const DoseMap& map, const Window& w) {
  std::vector<unsigned char> bytes(w.voxels());
  w.each([&](std::size_t page, std::size_t v) {
    const double ratio = static_cast<double>(map.uncertainty[v]) / static_cast<double>(map.dose[v]);
    const bool known = std::isfinite(ratio) && ratio > 0;
    bytes[page] =
        known ? static_cast<unsigned char>(std::clamp(std::lround(20 * std::log2(ratio / 1e-4)), 0L, 254L)) : 255;
  });
  return packed(bytes);
}

std::string packed_bytes(const std::vector<float>& values, double scale, const Window& w) {
  std::vector<unsigned char> bytes(w.voxels());
  w.each([&](std::size_t page, std::size_t v) {
    bytes[page] = static_cast<unsigned char>(std::clamp(std::lround(scale * static_cast<double>(values[v])), 0L, 255L));
  });
  return packed(bytes);
}

/// 255 in the voxels whose histories ran twice.
std::string packed_coupled(const CorrelatedPart& part, const Window& w) {
  std::vector<unsigned char> bytes(w.voxels());
  w.each([&](std::size_t page, std::size_t v) { bytes[page] = part.coupled[v] != 0 ? 255 : 0; });
  return packed(bytes);
}

/// Page indices of the voxel where `score` is largest; empty where it is nowhere above 0.
template <class Score>
ordered_json best_place(const Window& w, const Score& score) {
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
ordered_json tumour_place(const DoseFile& f, const Window& w) {
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

double rounded(double share) { return std::round(share * 1e5) / 1e5; }

/// Histograms of every structure by every method, thinned to what a plot needs.
ordered_json histograms(const ReportInput& input) {
  ordered_json all = ordered_json::array();
  for (const Structure& s : input.doses.front().structures) {
    ordered_json entry{{"structure", s.name}, {"role", role_name(s.role)}};
    ordered_json curves = ordered_json::array();
    double most = 0;
    for (const DoseFile& f : input.doses) {
      const auto own =
          std::find_if(f.structures.begin(), f.structures.end(), [&](const auto& o) { return o.name == s.name; });
      if (own == f.structures.end()) continue;
      const DoseVolume volume(f.map.dose, *own, f.phantom.density);
      if (volume.empty()) continue;
      const double highest = volume.dose_to(0.002);
      most = std::max(most, highest);
      std::vector<double> doses;
      for (int i = 0; i <= curve_points; ++i) doses.push_back(highest * 1.02 * i / curve_points);
      const std::vector<double> errors =
          input.volume_errors ? input.volume_errors(f, *own, doses) : std::vector<double>{};
      ordered_json curve{{"method", f.map.method}};
      for (std::size_t i = 0; i < doses.size(); ++i) {
        const double v = volume.volume_above(doses[i]);
        curve["dose"].push_back(std::stod(fmt::format("{:.5g}", doses[i])));
        curve["volume"].push_back(rounded(v));
        if (errors.empty()) continue;
        curve["low"].push_back(rounded(std::max(0.0, v - 1.96 * errors[i])));
        curve["high"].push_back(rounded(std::min(1.0, v + 1.96 * errors[i])));
      }
      curves.push_back(std::move(curve));
    }
    entry["most"] = most;
    entry["curves"] = std::move(curves);
    if (most > 0) all.push_back(std::move(entry));
  }
  return all;
}

/// A "</" inside a script element would end it.
std::string safe_in_script(std::string text) {
  for (std::size_t at = 0; (at = text.find("</", at)) != std::string::npos; at += 3) text.replace(at, 2, "<\\/");
  return text;
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

std::string method_label(const std::string& method) {
  if (method == "monte-carlo") return "Monte Carlo";
  if (method == "voxel-kernel") return "voxel kernel";
  if (method == "voxel-kernel-scaled") return "voxel kernel, density-scaled";
  if (method == "local-deposition") return "local deposition";
  if (method == "partition") return "partition model";
  return method;
}

PageData page_data(const ReportInput& input) {
  const DoseFile& f = input.doses.front();
  const Grid& grid = f.map.grid;
  const Window w = window_of(input);
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
  json["density"] = packed_bytes(f.phantom.density, 100, w);
  double most = 0;
  json["methods"] = ordered_json::array();
  for (const DoseFile& d : input.doses) {
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
  json["wash"] = std::min(most, 1.3 * input.goal);
  json["levels"] = isodose_levels(input.goal, most);
  json["structures"] = ordered_json::array();
  for (const Structure& s : f.structures) {
    if (s.name == "tumours" || s.name == "normal-liver" || s.name == "perfused-normal" || s.name == "spared-liver")
      continue;
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
  json["dvhs"] = histograms(input);

  PageData data;
  data.json = safe_in_script(json.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
  data.shown = fmt::format("Shown: {} x {} x {} of {} x {} x {} voxels", w.count[0], w.count[1], w.count[2],
                           grid.shape[0], grid.shape[1], grid.shape[2]);
  if (std::abs(w.step[0]) > 1) data.shown += fmt::format(", every {}th along each axis", std::abs(w.step[0]));
  data.shown += "; values in the pictures are rounded to 0.2 % of the largest dose, in the tables they are not.";
  return data;
}

}  // namespace ytterby::io
