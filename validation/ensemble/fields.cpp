#include "validation/ensemble/fields.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include "engine/base/error.h"
#include "engine/grid/grid_overlap.h"
#include "validation/ensemble/draws.h"

namespace ytterby::validation {
namespace {

/// Takes `lines` values from each of n places.
template <class T>
void copy_lines(const T* from, std::size_t from_step, T* to, std::size_t to_step, std::size_t n, std::size_t lines) {
  if (from_step == lines && to_step == lines) {
    std::copy_n(from, n * lines, to);
    return;
  }
  for (std::size_t i = 0; i < n; ++i) std::copy_n(from + i * from_step, lines, to + i * to_step);
}

/// image(i) becomes the sum over k of taps[k] * image(i + first + k) along an axis; beyond the grid its outermost
/// voxels go on. Lines are taken side by side, so that sums run over neighbouring voxels whatever the axis.
template <class T>
void sum_along(std::vector<T>& image, const Grid& grid, std::size_t axis, std::ptrdiff_t first,
               std::span<const T> taps) {
  constexpr std::size_t most_lines = 32;  // side by side: what they hold stays in the nearest cache
  constexpr std::size_t block = 16;       // sums at a time
  const auto n = static_cast<std::size_t>(grid.shape[axis]);
  std::size_t stride = 1;
  for (std::size_t a = 0; a < axis; ++a) stride *= static_cast<std::size_t>(grid.shape[a]);
  const auto before = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, -first));
  const auto after =
      static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, first + static_cast<std::ptrdiff_t>(taps.size()) - 1));
  std::vector<T> in, out(n * std::min(most_lines, stride) + block);
  for (std::size_t slab = 0; slab < image.size(); slab += stride * n)
    for (std::size_t line = 0; line < stride; line += most_lines) {
      const std::size_t lines = std::min(most_lines, stride - line);
      T* const own = image.data() + slab + line;
      in.assign((before + n + after) * lines + block, T{0});  // a last block's sums beyond the lines are not kept
      T* const inside = in.data() + before * lines;
      copy_lines(own, stride, inside, lines, n, lines);
      for (std::size_t i = 0; i < before; ++i) std::copy_n(inside, lines, in.data() + i * lines);
      for (std::size_t i = 0; i < after; ++i) std::copy_n(inside + (n - 1) * lines, lines, inside + (n + i) * lines);
      const T* const start =
          in.data() + static_cast<std::ptrdiff_t>(before * lines) + first * static_cast<std::ptrdiff_t>(lines);
      for (std::size_t i = 0; i < n * lines; i += block) {
        T sum[block] = {};
        for (std::size_t k = 0; k < taps.size(); ++k) {
          const T* const at = start + i + k * lines;
          for (std::size_t j = 0; j < block; ++j) sum[j] += taps[k] * at[j];
        }
        std::copy_n(sum, block, out.data() + i);
      }
      copy_lines(out.data(), lines, own, stride, n, lines);
    }
}

/// Keys' weights (a = -1/2) of the voxels at -1, 0, 1, 2 for a place u of [0, 1) between 0 and 1.
std::array<double, 4> keys_weights(double u) {
  const double u2 = u * u, u3 = u2 * u;
  return {-0.5 * u3 + u2 - 0.5 * u, 1.5 * u3 - 2.5 * u2 + 1, -1.5 * u3 + 2 * u2 + 0.5 * u, 0.5 * u3 - 0.5 * u2};
}

void shift_along(std::vector<double>& image, const Grid& grid, std::size_t axis, double shift) {
  if (shift == 0) return;
  const double whole = std::floor(-shift);
  const std::array<double, 4> weight = keys_weights(-shift - whole);  // of the four voxels that meet
  sum_along<double>(image, grid, axis, static_cast<std::ptrdiff_t>(whole) - 1, weight);
}

/// Voxels of `spacing` to each side that a blur of `sigma` is cut off at.
int reach_of(double sigma, double spacing) {
  constexpr double reach = 4;  // standard deviations
  return std::max(1, static_cast<int>(std::ceil(reach * sigma / spacing)));
}

/// Shares of a normal distribution in voxels of `spacing` about its middle, 0 outwards; they add up to 1 both ways.
std::vector<double> normal_shares(double sigma, double spacing) {
  const int most = reach_of(sigma, spacing);
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
  std::vector<T> taps(share.rbegin(), share.rend());
  taps.insert(taps.end(), share.begin() + 1, share.end());
  sum_along<T>(image, grid, axis, 1 - static_cast<std::ptrdiff_t>(share.size()), taps);
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

std::array<int, 3> blur_reach(const Grid& grid, double sigma) {
  std::array<int, 3> reach{};
  for (std::size_t axis = 0; axis < 3; ++axis) reach[axis] = sigma > 0 ? reach_of(sigma, grid.spacing[axis]) : 0;
  return reach;
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

std::vector<std::vector<float>> noise_fields(std::vector<std::vector<float>> replicates, ReplicatesAre what) {
  if (replicates.size() < 2) throw Error(Fault::input, "noise needs two replicates of an image, or more");
  const auto count = static_cast<double>(replicates.size());
  const double scale = 1 / std::sqrt((count - 1) * (what == ReplicatesAre::parts ? count : 1));
  for (std::size_t v = 0; v < replicates.front().size(); ++v) {
    double mean = 0;
    for (const std::vector<float>& r : replicates) mean += static_cast<double>(r[v]) / count;
    for (std::vector<float>& r : replicates) r[v] = static_cast<float>((static_cast<double>(r[v]) - mean) * scale);
  }
  return replicates;
}

}  // namespace ytterby::validation
