#include "validation/ensemble/departures.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "engine/physics/constants.h"
#include "validation/ensemble/fields.h"

namespace ytterby::validation {
namespace {

double model_at(const Regions& regions, std::span<const double> values, std::size_t voxel) {
  double sum = 0;
  for (std::size_t r = 0; r < regions.size(); ++r) sum += values[r] * static_cast<double>(regions[r][voxel]);
  return sum;
}

/// n/2 log(mean square of the departures) over all regions but the last, of the image moved back by `shift`.
double log_likelihood_lost(const std::vector<double>& image, const Vector3& shift, const BlurredRegions& regions,
                           const Grid& grid) {
  // Integral of the autocorrelation of what is blurred by the resolution.
  const double correlated = std::pow(4 * constants::pi * std::pow(regions.fwhm() * sigma_per_fwhm, 2), 1.5);
  const std::vector<double> moved = shifted(image, grid, in_voxels({-shift[0], -shift[1], -shift[2]}, grid));
  const std::vector<double> activity = regions.transfer_means(moved);
  const double highest = *std::max_element(activity.begin(), activity.end());
  if (!(highest > 0)) return 0;
  const double least = 1e-9 * highest * highest;  // where nothing departs
  const std::vector<double> square = regions.departures(moved, activity);
  double sum = 0;
  for (std::size_t r = 0; r + 1 < regions.size(); ++r)
    sum += 0.5 * regions.volume(r) * grid.voxel_volume() / correlated * std::log(std::max(least, square[r]));
  return sum;
}

}  // namespace

std::vector<double> departures_of(const std::vector<double>& image, const Regions& regions) {
  const std::vector<double> mean = region_activities(image, regions);
  std::vector<double> square(regions.size()), volume(regions.size());
  for (std::size_t v = 0; v < image.size(); ++v) {
    const double departure = image[v] - model_at(regions, mean, v);
    for (std::size_t r = 0; r < regions.size(); ++r) {
      const auto share = static_cast<double>(regions[r][v]);
      square[r] += share * departure * departure;
      volume[r] += share;
    }
  }
  for (std::size_t r = 0; r < regions.size(); ++r) square[r] /= volume[r];
  return square;
}

std::vector<double> with_departures(const std::vector<double>& image, const Regions& regions,
                                    std::span<const double> kept) {
  const std::vector<double> activity = region_activities(image, regions), mean = region_means(image, regions);
  std::vector<double> result(image.size());
  for (std::size_t v = 0; v < image.size(); ++v) {
    const double model = model_at(regions, activity, v);
    result[v] = std::max(0.0, model + model_at(regions, kept, v) * (image[v] - model));
  }
  constexpr int rounds = 3;  // voxels at edges are of two regions
  for (int i = 0; i < rounds; ++i) {
    std::vector<double> ratio = region_means(result, regions);
    for (std::size_t r = 0; r < ratio.size(); ++r) ratio[r] = ratio[r] > 0 ? mean[r] / ratio[r] : 1;
    for (std::size_t v = 0; v < result.size(); ++v) result[v] *= model_at(regions, ratio, v);
  }
  return result;
}

Vector3 fitting_shift(const std::vector<double>& image, const BlurredRegions& regions, const Grid& grid,
                      const Vector3& sigma) {
  const auto misfit = [&](const Vector3& shift) {
    double sum = 0;
    for (std::size_t a = 0; a < 3; ++a)
      if (sigma[a] > 0) sum += 0.5 * shift[a] * shift[a] / (sigma[a] * sigma[a]);
    return sum + log_likelihood_lost(image, shift, regions, grid);
  };
  Vector3 best{0, 0, 0};
  double least = misfit(best);
  constexpr double finest = 0.1;
  for (double step = 1; step > finest; step /= 2) {  // of a standard deviation
    for (bool better = true; better;) {
      better = false;
      for (std::size_t way = 0; way < 6; ++way) {
        if (!(sigma[way / 2] > 0)) continue;
        Vector3 tried = best;
        tried[way / 2] += (way % 2 == 0 ? -step : step) * sigma[way / 2];
        const double found = misfit(tried);
        if (!(found < least)) continue;
        least = found;
        best = tried;
        better = true;
      }
    }
  }
  return best;
}

double share_that_gives(double wanted, std::span<const double> at) {
  const auto parabola = [&](double k) {
    return at[0] * (2 * k - 1) * (k - 1) + at[1] * 4 * k * (1 - k) + at[2] * k * (2 * k - 1);
  };
  if (wanted <= at[0]) return 0;
  if (wanted >= at[2]) return 1;
  double low = 0, high = 1;
  constexpr int halvings = 40;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    (parabola(middle) < wanted ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace ytterby::validation
