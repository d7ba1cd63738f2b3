#pragma once
// The second run of a history, in the reference medium: what the correlated estimator takes off.
//
// D = K A_S + mean(patient - reference) for sources in S, the voxels whose electrons meet soft tissue alone: K is what
// the reference run deposits on average, per decay, and the two runs use the same random numbers. In range [g/cm2] an
// electron's hinges and events do not depend on the density, so that the runs differ by little where the media do.
// Photons are the patient's alone: the reference run drops them, and so does K.

#include "kernels/tally/deposit.h"
#include "kernels/transport/history.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// An entry of ReferenceView::coupled.
struct CoupledEntry {
  std::uint8_t byte;

  /// Its histories run twice.
  YTTERBY_HD bool twice() const { return (byte & 1u) != 0; }
  /// What its histories book counts 2^shift times, since it has 2^-shift times as many of them as others.
  YTTERBY_HD std::uint32_t shift() const { return static_cast<std::uint32_t>(byte) >> 1; }
  YTTERBY_HD static std::uint8_t of(bool twice, std::uint32_t shift) {
    return static_cast<std::uint8_t>((twice ? 1u : 0u) | (shift << 1));
  }
};

/// Gas: what K A_S leaves in a gram of it would be a dose without sense, which rare histories have to take off again;
/// nothing is taken as known there. By the voxel's word, so that all who ask get the same answer.
inline constexpr float gas_below = 0.05f;  // [g/cm3]
YTTERBY_HD bool is_gas(std::uint32_t voxel_word) { return bits_float(voxel_word & 0xffffff00u) < gas_below; }

/// Weight of the history that a stream belongs to, as a power of two. `coupled`: ReferenceView's.
YTTERBY_HD std::uint32_t weight_shift(const SourceView& source, View<std::uint8_t> coupled, const Stream& stream) {
  return CoupledEntry{coupled[source_entry(source, emission_numbers(source, stream).voxel)]}.shift();
}

/// No voxel of the patient's grid.
inline constexpr std::uint32_t no_place = 0xffffffffu;

/// Voxel of the patient for one of the padded grid; no_place outside, and in the patient's gas. `patient`: words of the
/// patient's voxels; empty: there is no gas.
YTTERBY_HD std::uint32_t place_of_padded(const UniformGridView& grid, View<std::uint32_t> patient,
                                         std::uint32_t voxel) {
  const std::uint32_t row = voxel / grid.shape[0], slice = row / grid.shape[1];
  // Below the pad the differences wrap around and are large.
  const std::uint32_t x = voxel - row * grid.shape[0] - grid.pad, y = row - slice * grid.shape[1] - grid.pad;
  const std::uint32_t z = slice - grid.pad, twice = 2u * grid.pad;
  const std::uint32_t nx = grid.shape[0] - twice, ny = grid.shape[1] - twice, nz = grid.shape[2] - twice;
  if (x >= nx || y >= ny || z >= nz) return no_place;
  const std::uint32_t place = x + nx * (y + ny * z);
  return place < patient.size && is_gas(patient[place]) ? no_place : place;
}

/// As ThreadTally, for histories with weights 2^shift; set before each history.
struct WeightedTally {
  std::int64_t* voxels;
  PortionTotals totals;
  std::uint32_t shift = 0;
  YTTERBY_HD std::int64_t weighted(std::uint32_t quanta) const { return static_cast<std::int64_t>(quanta) << shift; }
  YTTERBY_HD void deposit(std::uint32_t voxel, std::uint32_t quanta) { voxels[voxel] += weighted(quanta); }
  YTTERBY_HD void emit(std::uint32_t quanta) { totals.emitted += weighted(quanta); }
  YTTERBY_HD void escape(std::uint32_t quanta) { totals.escaped += weighted(quanta); }
  YTTERBY_HD void discard(std::uint32_t quanta) { totals.discarded += weighted(quanta); }
  YTTERBY_HD void raise(std::uint32_t bit) { totals.status |= bit; }
};

/// Electrons that wait, and the energy of the photons that nobody follows.
struct ElectronsOnly {
  WaitingElectron electrons[waiting_electrons];
  std::uint32_t electron_count = 0;
  std::uint32_t photon_count = 0;  // always 0
  std::uint32_t dropped = 0;       // [quanta]

  YTTERBY_HD bool push_electron(const WaitingElectron& w) {
    if (electron_count >= waiting_electrons) return false;
    electrons[electron_count++] = w;
    return true;
  }
  YTTERBY_HD bool pop_electron(WaitingElectron& w) {
    if (electron_count == 0) return false;
    w = electrons[--electron_count];
    return true;
  }
  YTTERBY_HD bool push_photon(const Stream&, const Photon& photon) {
    dropped += photon.quanta;
    return true;
  }
};

/// Scores energy of the reference run with a sign into a grid of the patient's shape; voxels of the padded grid that
/// lie outside it, or in the patient's gas, are lost. `sign` -1 takes it off (correlated estimator), +1 makes the
/// kernel.
template <int sign>
struct ReferenceTally {
  std::int64_t* voxels;
  UniformGridView grid;
  View<std::uint32_t> patient;  // words of the patient's voxels; empty: there is no gas
  PortionTotals totals;
  std::uint32_t shift = 0;        // as in WeightedTally
  std::uint32_t last = no_place;  // voxel of the padded grid, and where it is in the tally
  std::uint32_t place = no_place;

  YTTERBY_HD void find(std::uint32_t voxel) {
    last = voxel;
    place = place_of_padded(grid, patient, voxel);
  }
  YTTERBY_HD std::int64_t weighted(std::uint32_t quanta) const { return static_cast<std::int64_t>(quanta) << shift; }
  YTTERBY_HD void deposit(std::uint32_t voxel, std::uint32_t quanta) {
    if (voxel != last) find(voxel);
    if (place == no_place) {
      totals.reference_lost += weighted(quanta);
      return;
    }
    voxels[place] += sign * weighted(quanta);
    totals.reference_deposited += weighted(quanta);
  }
  YTTERBY_HD void emit(std::uint32_t quanta) { totals.reference_emitted += weighted(quanta); }
  YTTERBY_HD void escape(std::uint32_t quanta) {
    totals.reference_lost += weighted(quanta);
    raise(status_reference_left);
  }
  YTTERBY_HD void discard(std::uint32_t quanta) { totals.reference_lost += weighted(quanta); }
  YTTERBY_HD void raise(std::uint32_t bit) { totals.status |= bit; }
};

/// Voxel of the padded grid for one of the patient's.
YTTERBY_HD std::uint32_t padded_voxel(const UniformGridView& grid, std::uint32_t voxel) {
  const std::uint32_t nx = grid.shape[0] - 2u * grid.pad, ny = grid.shape[1] - 2u * grid.pad;
  const std::uint32_t x = voxel % nx, row = voxel / nx;
  const std::uint32_t y = row % ny, z = row / ny;
  return x + grid.pad + grid.shape[0] * (y + grid.pad + grid.shape[1] * (z + grid.pad));
}

/// Runs a history of S again in the reference medium; of other histories nothing. `view` is the patient's.
template <class Tally>
YTTERBY_HD void run_reference_history(const TransportView& view, const ReferenceView& reference, std::uint64_t seed,
                                      std::uint64_t history, Tally& tally) {
  const Stream stream = stream_of(seed, history);
  const EmissionNumbers numbers = emission_numbers(view.source, stream);
  const std::uint32_t entry = source_entry(view.source, numbers.voxel);
  if (!CoupledEntry{reference.coupled[entry]}.twice()) return;
  const TransportViewOf<UniformGridView> uniform_view{view.physics, reference.grid, view.source};
  Electron e;
  emit_in_voxel(e, uniform_view, padded_voxel(reference.grid, view.source.voxel[entry]), numbers, tally);
  ElectronsOnly waiting;
  const HistoryContext context{uniform_view, stream, waiting, tally};
  shed_with_beta(e, context);
  follow_history(e, context);
  tally.discard(waiting.dropped);
}

}  // namespace ytterby::inline YTTERBY_LEVEL
