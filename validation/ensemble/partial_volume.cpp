#include "validation/ensemble/partial_volume.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "validation/ensemble/fields.h"

namespace ytterby::validation {
namespace {

constexpr double least_pivot = 1e-9;  // of a matrix whose elements are shares

bool derived(const Structure& s) { return is_reserved(s.name); }

/// Takes a region out of what is left of each voxel.
void take(std::vector<float>& left, const std::vector<float>& wanted, Regions& regions) {
  std::vector<float> region(left.size());
  float most = 0;
  for (std::size_t v = 0; v < left.size(); ++v) {
    region[v] = std::min(left[v], wanted[v]);
    left[v] -= region[v];
    most = std::max(most, region[v]);
  }
  if (most > 0) regions.push_back(std::move(region));
}

}  // namespace

/// By elimination, with the row of the largest element as pivot.
std::vector<double> solved(Matrix m, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t best = i;
    for (std::size_t k = i + 1; k < n; ++k)
      if (std::abs(m[k][i]) > std::abs(m[best][i])) best = k;
    std::swap(m[i], m[best]);
    std::swap(b[i], b[best]);
    if (std::abs(m[i][i]) < least_pivot) continue;
    for (std::size_t k = i + 1; k < n; ++k) {
      const double f = m[k][i] / m[i][i];
      for (std::size_t j = i; j < n; ++j) m[k][j] -= f * m[i][j];
      b[k] -= f * b[i];
    }
  }
  std::vector<double> x(n);
  for (std::size_t i = n; i-- > 0;) {
    double sum = b[i];
    for (std::size_t j = i + 1; j < n; ++j) sum -= m[i][j] * x[j];
    x[i] = std::abs(m[i][i]) < least_pivot ? 0 : sum / m[i][i];
  }
  return x;
}

Regions regions_of(std::span<const Structure> structures, std::size_t voxels) {
  Regions regions;
  std::vector<float> left(voxels, 1.0F);
  for (const Structure& s : structures)
    if (s.role == Role::tumour && !derived(s)) take(left, s.fraction, regions);
  std::vector<float> liver, perfused, lungs;
  for (const Structure& s : structures) {
    if (derived(s)) continue;
    if (s.role == Role::liver) liver = larger(std::move(liver), s.fraction);
    if (s.role == Role::perfused) perfused = larger(std::move(perfused), s.fraction);
    if (s.role == Role::lung) lungs = larger(std::move(lungs), s.fraction);
  }
  if (!perfused.empty()) {
    if (!liver.empty()) perfused = smaller(std::move(perfused), liver);
    take(left, perfused, regions);
  }
  if (!liver.empty()) take(left, liver, regions);
  if (!lungs.empty()) take(left, lungs, regions);
  const std::vector<float> rest = left;
  take(left, rest, regions);
  return regions;
}

std::vector<double> region_means(const std::vector<double>& image, const Regions& regions) {
  std::vector<double> result;
  for (const std::vector<float>& region : regions) {
    double sum = 0, volume = 0;
    for (std::size_t v = 0; v < image.size(); ++v) {
      const auto share = static_cast<double>(region[v]);
      sum += share * image[v];
      volume += share;
    }
    result.push_back(std::max(0.0, sum / volume));
  }
  return result;
}

std::vector<double> transfer_matrix_means(const std::vector<double>& image, const Regions& regions,
                                          const Regions& blurs) {
  Matrix matrix(regions.size(), std::vector<double>(regions.size()));
  std::vector<double> mean(regions.size());
  for (std::size_t i = 0; i < regions.size(); ++i) {
    double volume = 0;
    for (std::size_t v = 0; v < image.size(); ++v) {
      const auto share = static_cast<double>(regions[i][v]);
      if (!(share > 0)) continue;
      volume += share;
      mean[i] += share * image[v];
      for (std::size_t j = 0; j < blurs.size(); ++j) matrix[i][j] += share * static_cast<double>(blurs[j][v]);
    }
    mean[i] /= volume;
    for (double& m : matrix[i]) m /= volume;
  }
  return solved(std::move(matrix), std::move(mean));
}

std::vector<double> region_activities(const std::vector<double>& image, const Regions& regions) {
  std::vector<double> activity = transfer_matrix_means(image, regions, regions);
  for (double& a : activity) a = std::max(0.0, a);
  return activity;
}

double recovery_coefficient(const std::vector<float>& fraction, const Grid& grid, double fwhm) {
  const std::vector<float> blur = blurred(fraction, grid, fwhm * sigma_per_fwhm);
  double seen = 0, all = 0;
  for (std::size_t v = 0; v < fraction.size(); ++v) {
    seen += static_cast<double>(fraction[v]) * static_cast<double>(blur[v]);
    all += static_cast<double>(fraction[v]);
  }
  return all > 0 ? seen / all : std::nan("");
}

}  // namespace ytterby::validation
