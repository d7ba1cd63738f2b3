#pragma once
// Batches: exact integer sums and what follows from them.

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/dose/dose_map.h"
#include "engine/patient/phantom.h"
#include "engine/patient/structures.h"

namespace ytterby {

/// Batches that hit a voxel are counted up to here; more say no more.
inline constexpr std::uint16_t most_hits = 0xffff;

constexpr std::uint16_t counted_hits(std::uint64_t hits) {
  return static_cast<std::uint16_t>(hits < most_hits ? hits : most_hits);
}

/// Sums over batches, per voxel, in quanta of 2^-30 MeV: a batch's energy (int64) and its square (128 bits), and in how
/// many batches there was any.
/// Integers, so that neither thread order nor the order of batches matters.
class BatchSums {
 public:
  explicit BatchSums(std::size_t voxels) : sum_(voxels, 0), square_(voxels, 0), hits_(voxels, 0) {}
  /// Sums that a device has added up.
  BatchSums(std::vector<long long> sum, std::vector<unsigned __int128> square, std::vector<std::uint16_t> hits)
      : sum_(sum.begin(), sum.end()), square_(std::move(square)), hits_(std::move(hits)) {}

  /// Adds one batch for voxels [first, last). Throws Fault::internal on overflow.
  void add(std::span<const std::int64_t> batch, std::size_t first, std::size_t last);

  [[nodiscard]] const std::vector<std::int64_t>& sum() const { return sum_; }
  [[nodiscard]] const std::vector<unsigned __int128>& square() const { return square_; }
  /// Batches that left energy, counted up to most_hits.
  [[nodiscard]] const std::vector<std::uint16_t>& hits() const { return hits_; }
  /// For those who add up the sums of several processes in place.
  [[nodiscard]] std::span<std::int64_t> sum_in_place() { return sum_; }
  [[nodiscard]] std::span<unsigned __int128> square_in_place() { return square_; }
  [[nodiscard]] std::span<std::uint16_t> hits_in_place() { return hits_; }
  /// Adds other batches' sums. Throws Fault::internal on overflow or where sizes differ.
  void add(const BatchSums& other);

  /// Mean of a batch [quanta] and the standard error of that mean over `batches` of them, in voxel v.
  /// The error is NaN where nothing scored.
  struct Estimate {
    double mean, error;
  };
  [[nodiscard]] Estimate estimate(std::size_t voxel, int batches) const;

 private:
  std::vector<std::int64_t> sum_;
  std::vector<unsigned __int128> square_;
  std::vector<std::uint16_t> hits_;
};

/// A structure's energy [quanta] from its sum in 2^-24 quanta.
double exact_structure_energy(__int128 sum);

/// Mean and standard error of the mean of samples.
BatchSums::Estimate mean_and_error(std::span<const double> samples);

/// A structure as the voxels that it touches.
struct SparseStructure {
  std::vector<std::uint32_t> voxel;
  std::vector<std::uint32_t> weight;  // fraction of the voxel inside, in 2^-24
  double mass = 0;                    // [g]
  double volume = 0;                  // [cm3]

  SparseStructure() = default;
  SparseStructure(const Structure& structure, const Phantom& phantom);
  /// Energy inside [quanta]; summed as integers, so that no order matters.
  [[nodiscard]] double energy(std::span<const std::int64_t> batch) const;
};

}  // namespace ytterby
