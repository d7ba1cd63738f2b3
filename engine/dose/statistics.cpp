#include "engine/dose/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/error.h"

namespace ytterby {
namespace {

constexpr double weight_unit = 16777216.0;  // 2^24

}  // namespace

void BatchSums::add(std::span<const std::int64_t> batch, std::size_t first, std::size_t last) {
  for (std::size_t v = first; v < last; ++v) {
    const std::int64_t energy = batch[v];
    if (energy == 0) continue;
    const auto magnitude = static_cast<unsigned __int128>(energy < 0 ? -energy : energy);
    if (__builtin_add_overflow(sum_[v], energy, &sum_[v]) ||
        __builtin_add_overflow(square_[v], magnitude * magnitude, &square_[v]))
      throw Error(Fault::internal, "the tally of voxel " + std::to_string(v) + " overflows; run fewer histories");
    if (hits_[v] < most_hits) ++hits_[v];
  }
}

void BatchSums::add(const BatchSums& other) {
  bool wrong =
      other.sum_.size() != sum_.size() || other.square_.size() != square_.size() || other.hits_.size() != hits_.size();
  for (std::size_t v = 0; v < sum_.size() && !wrong; ++v) {
    wrong = __builtin_add_overflow(sum_[v], other.sum_[v], &sum_[v]) ||
            __builtin_add_overflow(square_[v], other.square_[v], &square_[v]);
    hits_[v] = counted_hits(std::uint64_t{hits_[v]} + other.hits_[v]);
  }
  if (wrong) throw Error(Fault::internal, "sums of batches do not fit together, or overflow");
}

BatchSums::Estimate BatchSums::estimate(std::size_t voxel, int batches) const {
  const double n = batches;
  const double mean = static_cast<double>(sum_[voxel]) / n;
  if (sum_[voxel] == 0 && square_[voxel] == 0) return {0, std::numeric_limits<double>::quiet_NaN()};
  if (batches < 2) return {mean, std::numeric_limits<double>::quiet_NaN()};
  // n sum x^2 - (sum x)^2 >= 0 by Cauchy-Schwarz; in integers while it fits, so that nothing cancels.
  const auto magnitude = static_cast<unsigned __int128>(sum_[voxel] < 0 ? -sum_[voxel] : sum_[voxel]);
  unsigned __int128 scaled = 0;
  double spread = 0;
  if (!__builtin_mul_overflow(square_[voxel], static_cast<unsigned __int128>(batches), &scaled)) {
    spread = static_cast<double>(scaled - magnitude * magnitude);
  } else {
    spread = std::max(static_cast<double>(square_[voxel]) * n - static_cast<double>(magnitude * magnitude), 0.0);
  }
  return {mean, std::sqrt(spread / (n - 1)) / n};
}

double exact_structure_energy(__int128 sum) { return static_cast<double>(sum) / weight_unit; }

BatchSums::Estimate mean_and_error(std::span<const double> samples) {
  const double n = static_cast<double>(samples.size());
  if (samples.empty()) return {0, std::numeric_limits<double>::quiet_NaN()};
  double mean = 0, spread = 0;
  for (const double x : samples) mean += x / n;
  for (const double x : samples) spread += (x - mean) * (x - mean);
  return {mean, n > 1 ? std::sqrt(spread / (n - 1) / n) : std::numeric_limits<double>::quiet_NaN()};
}

SparseStructure::SparseStructure(const Structure& structure, const Phantom& phantom) {
  const double voxel_volume = phantom.grid.voxel_volume();
  for (std::size_t v = 0; v < structure.fraction.size(); ++v) {
    if (structure.fraction[v] == 0.0f) continue;
    voxel.push_back(static_cast<std::uint32_t>(v));
    weight.push_back(static_cast<std::uint32_t>(std::lround(static_cast<double>(structure.fraction[v]) * weight_unit)));
    const double inside = static_cast<double>(structure.fraction[v]) * voxel_volume;
    volume += inside;
    mass += inside * static_cast<double>(phantom.density[v]);
  }
}

double SparseStructure::energy(std::span<const std::int64_t> batch) const {
  __int128 sum = 0;
  for (std::size_t i = 0; i < voxel.size(); ++i) sum += static_cast<__int128>(weight[i]) * batch[voxel[i]];
  return exact_structure_energy(sum);
}

}  // namespace ytterby
