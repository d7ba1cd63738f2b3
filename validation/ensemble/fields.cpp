#include "validation/ensemble/fields.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "engine/grid/grid_overlap.h"
#include "validation/ensemble/draws.h"

namespace ytterby::validation {
namespace {

/// Calls line(first, stride, length) for each line of voxels along an axis.
template <class Line>
void for_lines(const Grid& grid, std::size_t axis, const Line& line) {
  std::array<std::size_t, 3> stride{1, static_cast<std::size_t>(grid.shape[0]), 0}, size{};
  stride[2] = stride[1] * static_cast<std::size_t>(grid.shape[1]);
  for (std::size_t a = 0; a < 3; ++a) size[a] = static_cast<std::size_t>(grid.shape[a]);
  const std::size_t b = (axis + 1) % 3, c = (axis + 2) % 3;
  for (std::size_t j = 0; j < size[std::max(b, c)]; ++j)
    for (std::size_t i = 0; i < size[std::min(b, c)]; ++i)
      line(i * stride[std::min(b, c)] + j * stride[std::max(b, c)], stride[axis], size[axis]);
}

/// Keys' weights (a = -1/2) of the voxels at -1, 0, 1, 2 for a place u of [0, 1) between 0 and 1.
std::array<double, 4> keys_weights(double u) {
  const double u2 = u * u, u3 = u2 * u;
  return {-0.5 * u3 + u2 - 0.5 * u, 1.5 * u3 - 2.5 * u2 + 1, -1.5 * u3 + 2 * u2 + 0.5 * u, 0.5 * u3 - 0.5 * u2};
}

void shift_along(std::vector<double>& image, const Grid& grid, std::size_t axis, double shift) {
  if (shift == 0) return;
  const double whole = std::floor(-shift);
  const auto first = static_cast<std::ptrdiff_t>(whole) - 1;  // of the four voxels that meet, from the voxel's own
  const std::array<double, 4> weight = keys_weights(-shift - whole);
  std::vector<double> in(static_cast<std::size_t>(grid.shape[axis]));
  for_lines(grid, axis, [&](std::size_t at, std::size_t stride, std::size_t length) {
    for (std::size_t i = 0; i < length; ++i) in[i] = image[at + i * stride];
    const auto n = static_cast<std::ptrdiff_t>(length);
    for (std::ptrdiff_t i = 0; i < n; ++i) {
      double sum = 0;
      for (std::ptrdiff_t k = 0; k < 4; ++k) {
        const std::ptrdiff_t from = i + first + k;
        if (from >= 0 && from < n) sum += weight[static_cast<std::size_t>(k)] * in[static_cast<std::size_t>(from)];
      }
      image[at + static_cast<std::size_t>(i) * stride] = sum;
    }
  });
}

/// Shares of a normal distribution in voxels of `spacing` about its middle, 0 outwards; they add up to 1 both ways.
std::vector<double> normal_shares(double sigma, double spacing) {
  constexpr double reach = 4;
  const int most = std::max(1, static_cast<int>(std::ceil(reach * sigma / spacing)));
  std::vector<double> share;
  double sum = 0;
  for (int i = 0; i <= most; ++i) {
    const auto below = [&](double x) { return 0.5 * std::erfc(-x * spacing / sigma / std::sqrt(2.0)); };
    share.push_back(below(i + 0.5) - below(i - 0.5));
    sum += (i == 0 ? 1 : 2) * share.back();
  }
  for (double& s : share) s /= sum;
  return share;
}

template <class T>
void blur_along(std::vector<T>& image, const Grid& grid, std::size_t axis, double sigma) {
  const std::vector<double> share = normal_shares(sigma, grid.spacing[axis]);
  const std::size_t half = share.size() - 1;
  std::vector<double> in(static_cast<std::size_t>(grid.shape[axis]) + 2 * half);
  for_lines(grid, axis, [&](std::size_t at, std::size_t stride, std::size_t length) {
    for (std::size_t i = 0; i < length; ++i) in[half + i] = static_cast<double>(image[at + i * stride]);
    std::fill_n(in.begin(), half, in[half]);
    std::fill_n(in.begin() + static_cast<std::ptrdiff_t>(half + length), half, in[half + length - 1]);
    for (std::size_t i = 0; i < length; ++i) {
      double sum = share[0] * in[half + i];
      for (std::size_t k = 1; k <= half; ++k) sum += share[k] * (in[half + i - k] + in[half + i + k]);
      image[at + i * stride] = static_cast<T>(sum);
    }
  });
}

}  // namespace

Vector3 in_voxels(const Vector3& shift, const Grid& grid) {
  Vector3 result{0, 0, 0};
  for (int axis = 0; axis < 3; ++axis) {
    const Vector3 along = axis_vector(grid, axis);
    const auto a = static_cast<std::size_t>(axis);
    result[a] = (along[0] * shift[0] + along[1] * shift[1] + along[2] * shift[2]) / grid.spacing[a];
  }
  return result;
}

std::vector<double> shifted(const std::vector<double>& image, const Grid& grid, const Vector3& shift) {
  std::vector<double> result = image;
  for (std::size_t axis = 0; axis < 3; ++axis) shift_along(result, grid, axis, shift[axis]);
  return result;
}

template <class T>
std::vector<T> blurred(const std::vector<T>& image, const Grid& grid, double sigma) {
  std::vector<T> result = image;
  if (!(sigma > 0)) return result;
  for (std::size_t axis = 0; axis < 3; ++axis) blur_along(result, grid, axis, sigma);
  return result;
}
template std::vector<float> blurred(const std::vector<float>&, const Grid&, double);
template std::vector<double> blurred(const std::vector<double>&, const Grid&, double);

std::vector<double> correlated_noise(const Grid& grid, double fwhm, std::uint64_t seed, std::uint64_t sample,
                                     std::uint32_t place) {
  const double sigma = fwhm * sigma_per_fwhm;
  std::vector<double> field = blurred(normal_field(seed, sample, place, grid.voxels()), grid, sigma);
  double variance = 1;  // what the blur leaves of it, along each axis the sum of the squares of the shares
  for (std::size_t axis = 0; axis < 3 && sigma > 0; ++axis) {
    const std::vector<double> share = normal_shares(sigma, grid.spacing[axis]);
    double sum = share[0] * share[0];
    for (std::size_t k = 1; k < share.size(); ++k) sum += 2 * share[k] * share[k];
    variance *= sum;
  }
  for (double& value : field) value /= std::sqrt(variance);
  return field;
}

}  // namespace ytterby::validation
