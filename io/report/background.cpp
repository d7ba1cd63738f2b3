#include "io/report/background.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/grid/grid_overlap.h"
#include "engine/grid/resample.h"
#include "io/report/page_images.h"

namespace ytterby::io {
namespace {

constexpr double most_background = 3e6;  // voxels

/// A CT number by code: coarse in air and lung, 3 HU in soft tissue, coarse in bone.
struct Part {
  double low, step;  // [HU]
  int first, count;  // codes
};
constexpr std::array parts{Part{-1000, 14, 0, 60}, Part{-160, 3, 60, 167}, Part{341, 40, 227, 29}};

std::vector<double> numbers() {
  std::vector<double> all;
  for (const Part& p : parts) {
    for (int i = 0; i < p.count; ++i) all.push_back(p.low + p.step * i);
  }
  return all;
}

unsigned char code_of(double number) {
  const Part* part = parts.data();
  for (const Part& p : parts) part = number >= p.low ? &p : part;
  return static_cast<unsigned char>(
      part->first + std::clamp(static_cast<int>(std::lround((number - part->low) / part->step)), 0, part->count - 1));
}

/// Unit vector of a page axis.
Vector3 axis_of(const PageWindow& w, std::size_t a) {
  Vector3 v = axis_vector(*w.grid, w.axis[a]);
  for (double& x : v) x *= w.step[a] > 0 ? 1 : -1;
  return v;
}

double dot(const Vector3& a, const Vector3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

/// Size of the window's voxels along a page axis [cm].
double size_of(const PageWindow& w, std::size_t a) {
  return w.grid->spacing[static_cast<std::size_t>(w.axis[a])] * std::abs(w.step[a]);
}

/// The CT's spacing along a page axis [cm]: that of its nearest axis.
double spacing_along(const Grid& ct, const Vector3& axis) {
  double most = -1, spacing = 0;
  for (int a = 0; a < 3; ++a) {
    const double along = std::abs(dot(axis_vector(ct, a), axis));
    if (along > most) {
      most = along;
      spacing = ct.spacing[static_cast<std::size_t>(a)];
    }
  }
  return spacing;
}

/// A grid over the window along its axes, of about the CT's voxels; thinned in plane above the most.
Grid grid_over(const PageWindow& w, const Grid& ct, int& thinned) {
  Grid to;
  std::array<double, 3> extent{}, spacing{};
  for (std::size_t a = 0; a < 3; ++a) {
    extent[a] = size_of(w, a) * w.count[a];
    spacing[a] = spacing_along(ct, axis_of(w, a));
  }
  const auto voxels = [&] { return extent[0] / spacing[0] * (extent[1] / spacing[1]) * (extent[2] / spacing[2]); };
  const std::array<double, 3> whole = spacing;
  for (thinned = 1; voxels() > most_background; ++thinned) {
    for (std::size_t a = 0; a < 2; ++a) spacing[a] = whole[a] * (thinned + 1);
  }
  const auto first = w.index(0, 0, 0);
  to.origin = position(*w.grid, first[0], first[1], first[2]);
  for (std::size_t a = 0; a < 3; ++a) {
    const Vector3 axis = axis_of(w, a);
    to.shape[a] = std::max(1, static_cast<int>(std::lround(extent[a] / spacing[a])));
    to.spacing[a] = extent[a] / to.shape[a];
    for (std::size_t row = 0; row < 3; ++row) {
      to.direction[3 * row + a] = axis[row];
      to.origin[row] += axis[row] * (to.spacing[a] - size_of(w, a)) / 2;
    }
  }
  return to;
}

}  // namespace

nlohmann::ordered_json background_json(const std::optional<Image<float>>& ct, const DoseFile& dose,
                                       const PageWindow& w) {
  nlohmann::ordered_json json{{"kind", ct ? "ct" : "density"}, {"numbers", numbers()}};
  std::vector<unsigned char> codes;
  std::array<int, 3> shape = w.count;
  std::array<double, 3> spacing{size_of(w, 0), size_of(w, 1), size_of(w, 2)};
  int thinned = 1;
  if (ct) {
    const Grid to = grid_over(w, ct->grid, thinned);
    Image<float> above_air = *ct;  // beyond the CT there is air
    for (float& v : above_air.values) v += 1000;
    for (const float v : average(above_air, to)) codes.push_back(code_of(static_cast<double>(v) - 1000));
    shape = to.shape;
    for (std::size_t a = 0; a < 3; ++a) spacing[a] = to.spacing[a];
  } else {
    codes.resize(w.voxels());
    w.each([&](std::size_t page, std::size_t v) {
      codes[page] = code_of(1000 * (static_cast<double>(dose.phantom.density[v]) - 1));
    });
  }
  json["shape"] = shape;
  for (std::size_t a = 0; a < 3; ++a) {
    json["spacing"].push_back(spacing[a] * 10);
    json["offset"].push_back((spacing[a] - size_of(w, a)) * 5);
  }
  json["thinned"] = thinned;
  json["codes"] = packed_codes(std::move(codes));
  return json;
}

}  // namespace ytterby::io
