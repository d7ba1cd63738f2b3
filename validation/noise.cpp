#include "validation/noise.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "validation/normal_quantile.h"
#include "validation/radiobiology.h"

namespace ytterby::validation {
namespace {

/// As many numbers as there are noisy voxels beside each other, whatever the structure's size.
constexpr std::size_t samples = 400'000, most_copies = 16;

/// Of a correction: where a histogram has edges as steep as the noise, no extrapolation gets it all back.
constexpr double share_unsure = 0.5;

/// Normal numbers in even shares of probability, with variance 1.
std::vector<double> normal_numbers() {
  constexpr std::size_t count = 1024;
  std::vector<double> numbers(count);
  double square = 0;
  for (std::size_t i = 0; i < count; ++i) {
    numbers[i] = normal_quantile((static_cast<double>(i) + 0.5) / count);
    square += numbers[i] * numbers[i] / count;
  }
  for (double& x : numbers) x /= std::sqrt(square);
  return numbers;
}

Denoised denoised(double value, double raw, double linear, double hidden = 0) {
  return {value, raw, std::hypot(value - linear, share_unsure * (value - raw), hidden)};
}

/// What noise may hide of a histogram's shape (see NoiseFreeHistogram) [Gy].
double hidden_by_noise(const std::vector<double>& dose, const std::vector<double>& error,
                       const std::vector<double>& weight) {
  double mean = 0, square = 0, noise = 0;
  for (std::size_t i = 0; i < dose.size(); ++i) mean += weight[i] * dose[i];
  for (std::size_t i = 0; i < dose.size(); ++i) {
    square += weight[i] * (dose[i] - mean) * (dose[i] - mean);
    noise += weight[i] * error[i] * error[i];
  }
  if (!(square > noise)) return 0;
  return noise / square * std::sqrt(0.6 * (square - noise));
}

}  // namespace

NoiseFreeHistogram::Cumulative NoiseFreeHistogram::sorted(std::vector<double> dose, std::vector<double> weight) {
  std::vector<std::size_t> order(dose.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return dose[a] > dose[b]; });
  Cumulative c;
  double sum = 0;
  for (const std::size_t i : order) {
    c.dose.push_back(dose[i]);
    c.share.push_back(sum += weight[i]);
  }
  return c;
}

double NoiseFreeHistogram::Cumulative::dose_to(double x) const {
  // 1e-9 takes the rounding of the running sum.
  const auto found = std::lower_bound(share.begin(), share.end(), x - 1e-9);
  return found == share.end() ? dose.back() : dose[static_cast<std::size_t>(found - share.begin())];
}

double NoiseFreeHistogram::Cumulative::volume_above(double d) const {
  const auto below = std::partition_point(dose.begin(), dose.end(), [d](double own) { return own >= d; });
  return below == dose.begin() ? 0 : share[static_cast<std::size_t>(below - dose.begin()) - 1];
}

double NoiseFreeHistogram::Cumulative::geud(double exponent) const {
  std::vector<double> weight(share);
  std::adjacent_difference(share.begin(), share.end(), weight.begin());
  return generalised_eud(dose, weight, exponent);
}

NoiseFreeHistogram::NoiseFreeHistogram(const std::vector<double>& dose, const std::vector<double>& error,
                                       const std::vector<double>& weight)
    : raw_(sorted(dose, weight)) {
  static const std::vector<double> normal = normal_numbers();
  const std::size_t copies = std::clamp<std::size_t>(samples / std::max<std::size_t>(dose.size(), 1), 2, most_copies);
  // Voxels of like dose are to get numbers from everywhere: along the order of doses they go by the golden section.
  std::vector<std::size_t> order(dose.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return dose[a] > dose[b]; });
  std::vector<double> noisy, shares;
  noisy.reserve(dose.size() * copies);
  shares.reserve(noisy.capacity());
  double place = 0;
  for (const std::size_t i : order)
    for (std::size_t copy = 0; copy < copies; ++copy) {
      place += 0.6180339887498949;
      place -= std::floor(place);
      const auto number = static_cast<std::size_t>(place * static_cast<double>(normal.size()));
      noisy.push_back(dose[i] + error[i] * normal[number]);
      shares.push_back(weight[i] / static_cast<double>(copies));
    }
  twice_ = sorted(std::move(noisy), std::move(shares));
  median_raw_ = raw_.dose_to(0.5);
  median_twice_ = twice_.dose_to(0.5);
  hidden_ = hidden_by_noise(dose, error, weight);
}

double NoiseFreeHistogram::quantile(double share) const {
  const double once = raw_.dose_to(share) - median_raw_, twice = twice_.dose_to(share) - median_twice_;
  const double square = std::max(2 * once * once - twice * twice, 0.0);
  // No dose without noise lies beyond those with it, and none is negative, as those of a difference of runs may be.
  const double most = std::max(raw_.dose.front(), 0.0), least = std::clamp(raw_.dose.back(), 0.0, most);
  return std::clamp(2 * median_raw_ - median_twice_ + std::copysign(std::sqrt(square), once), least, most);
}

Denoised NoiseFreeHistogram::dose_to(double share) const {
  const double raw = raw_.dose_to(share);
  return denoised(quantile(share), raw, 2 * raw - twice_.dose_to(share), hidden_);
}

Denoised NoiseFreeHistogram::volume_above(double dose) const {
  double low = 0, high = 1;  // shares that have the dose, and that have not
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (quantile(middle) >= dose ? low : high) = middle;
  }
  const double raw = raw_.volume_above(dose);
  const double hidden = (raw_.volume_above(dose - hidden_) - raw_.volume_above(dose + hidden_)) / 2;
  return denoised(quantile(1) >= dose ? 1 : low, raw, 2 * raw - twice_.volume_above(dose), hidden);
}

Denoised NoiseFreeHistogram::geud(double exponent) const {
  Cumulative free = raw_;
  double before = 0;
  for (std::size_t i = 0; i < free.dose.size(); ++i) {
    free.dose[i] = quantile((before + free.share[i]) / 2);
    before = free.share[i];
  }
  const double raw = raw_.geud(exponent);
  return denoised(free.geud(exponent), raw, 2 * raw - twice_.geud(exponent));
}

}  // namespace ytterby::validation
