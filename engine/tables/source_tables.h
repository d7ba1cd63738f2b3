#pragma once
// A Source becomes the flat tables that emission reads.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/patient/phantom.h"
#include "engine/patient/source.h"
#include "engine/physics/internal_bremsstrahlung.h"
#include "kernels/tables/tables_view.h"

namespace ytterby {

/// Owns what a SourceView points at.
struct SourceTables {
  std::vector<std::uint32_t> voxel, guide;
  std::vector<std::uint64_t> below;
  std::uint32_t guide_shift = 0;
  std::vector<float> spectrum;
  InternalPhotonTables internal;  // empty: none are emitted
  double pairs = 0;               // a decay, of internal_pair.h
  Vector3 from{}, to{};           // [cm]
  double decays = 0;              // that the dose stands for
  /// Where source voxels have multiplicities 2^k: [entry] a history's weight is 2^shift, shift = largest k - k.
  std::vector<std::uint8_t> shift;
  double weighted_decays = 0;  // decays that a history's quanta stand for, times histories: sum(A 2^k) / 2^(largest k)

  [[nodiscard]] SourceView view() const;
};

/// The voxels with activity, neighbours near each other, their cumulative activity to 2^-64, and the spectrum at equal
/// steps of probability.
///
/// `multiplicity`: k of each voxel, whose histories are 2^k times as many as its activity has; empty: all have as many.
/// Throws Fault::input where there is no activity, a negative or not finite one, or a place outside the grid.
/// `photon_cutoff` [MeV]: internal bremsstrahlung below it stays with its beta.
SourceTables build_source_tables(const Source& source, const Grid& grid,
                                 std::span<const std::uint8_t> multiplicity = {}, double photon_cutoff = 0.01);

/// Energies [MeV] at `bins` + 1 equal steps of probability of a piecewise-linear density.
std::vector<float> spectrum_quantiles(const Nuclide& nuclide, int bins);

}  // namespace ytterby
