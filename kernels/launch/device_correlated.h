#pragma once
// The correlated estimator on a device: histories that count 2^shift times, and their second runs in the reference
// medium, which are taken off. The same events as plain histories, the same pool, kernels of their own; the sums are
// the CPU launcher's to the bit. See transport/reference.h.

#include "kernels/launch/device_pool.h"
#include "kernels/transport/reference.h"

namespace ytterby {

/// Histories with weights, and the photons that they leave.
struct WeightedLaunch : DeviceLaunch {
  View<std::uint8_t> coupled;  // [entry of the source] CoupledEntry
};

/// The same histories in the reference medium, on the patient's grid with a margin; photons are nobody's. What they
/// deposit is taken off the tally, or added to it.
struct ReferenceLaunch : DeviceLaunchOf<TransportViewOf<UniformGridView>> {
  View<std::uint8_t> coupled;
  View<std::uint32_t> patient;  // words of the patient's voxels; empty: there is no gas
  ReferenceSign sign = ReferenceSign::taken_off;
};

}  // namespace ytterby

namespace ytterby::inline YTTERBY_LEVEL {

/// As DeviceTally, of histories with weights.
template <class Device>
struct WeightedDeviceTally : DeviceTally<Device> {
  std::uint32_t shift = 0;

  YTTERBY_HD unsigned long long weighted(std::uint32_t quanta) const {
    return static_cast<unsigned long long>(quanta) << shift;
  }
  YTTERBY_HD void deposit(std::uint32_t v, std::uint32_t quanta) {
    if (v != this->voxel) {
      this->flush();
      this->voxel = v;
    }
    this->pending += weighted(quanta);
  }
  YTTERBY_HD void emit(std::uint32_t quanta) { this->emitted += weighted(quanta); }
  YTTERBY_HD void escape(std::uint32_t quanta) { this->escaped += weighted(quanta); }
  YTTERBY_HD void discard(std::uint32_t quanta) { this->device.add(&this->totals_out->discarded, weighted(quanta)); }
};

/// As PoolTally, of histories with weights: a particle's pending deposits are its own, and weighted when they leave it.
template <class Device>
struct WeightedPoolTally : PoolTally<Device> {
  std::uint32_t shift = 0;

  YTTERBY_HD unsigned long long weighted(std::uint32_t quanta) const {
    return static_cast<unsigned long long>(quanta) << shift;
  }
  YTTERBY_HD void flush(std::uint32_t voxel) {
    if (this->pending != 0) this->device.add(this->voxels + voxel, weighted(this->pending));
    this->pending = 0;
  }
  YTTERBY_HD void emit(std::uint32_t quanta) { this->emitted += weighted(quanta); }
  YTTERBY_HD void escape(std::uint32_t quanta) { this->escaped += weighted(quanta); }
  YTTERBY_HD void discard(std::uint32_t quanta) { this->device.add(&this->totals_out->discarded, weighted(quanta)); }
};

/// What the runs in the reference medium leave: as ReferenceTally, with `escaped` for all that is lost.
template <class Device>
struct ReferencePoolTally : WeightedPoolTally<Device> {
  unsigned long long deposited = 0;
  const ReferenceLaunch* launch = nullptr;

  YTTERBY_HD void flush(std::uint32_t voxel) {
    if (this->pending == 0) return;
    const unsigned long long energy = this->weighted(this->pending);
    this->pending = 0;
    const std::uint32_t place = place_of_padded(launch->view.grid, launch->patient, voxel);
    if (place == no_place) {
      this->escaped += energy;
      return;
    }
    this->device.add(this->voxels + place, launch->sign == ReferenceSign::added ? energy : 0ull - energy);
    deposited += energy;
  }
  YTTERBY_HD void escape(std::uint32_t quanta) {
    discard(quanta);
    this->raise(status_reference_left);
  }
  YTTERBY_HD void discard(std::uint32_t quanta) { this->escaped += this->weighted(quanta); }
};

/// As PoolWaiting, but photons are lost.
template <class Device>
struct ReferencePoolWaiting : PoolWaiting<Device> {
  ReferencePoolTally<Device>* tally = nullptr;

  YTTERBY_HD bool push_photon(const Stream&, const Photon& photon) {
    tally->discard(photon.quanta);
    return true;
  }
};

/// Histories with weights, for a pool.
template <class Device>
struct WeightedHistories {
  using Launch = WeightedLaunch;
  using Tally = WeightedPoolTally<Device>;
  using Waiting = PoolWaiting<Device>;
  static constexpr bool weighted = true, in_reference = false;
  static constexpr auto emitted = &DeviceTotals::emitted, escaped = &DeviceTotals::escaped;

  YTTERBY_HD static bool emit(const Launch& launch_data, Electron& e, const Stream& stream, Tally& tally) {
    const SourceView& source = launch_data.view.source;
    const EmissionNumbers numbers = emission_numbers(source, stream);
    const std::uint32_t entry = source_entry(source, numbers.voxel);
    tally.shift = CoupledEntry{launch_data.coupled[entry]}.shift();
    emit_in_voxel(e, launch_data.view, source.voxel[entry], numbers, tally);
    return true;
  }
};

/// Their second runs, of those that have one.
template <class Device>
struct ReferenceHistories {
  using Launch = ReferenceLaunch;
  using Tally = ReferencePoolTally<Device>;
  using Waiting = ReferencePoolWaiting<Device>;
  static constexpr bool weighted = true, in_reference = true;
  static constexpr auto emitted = &DeviceTotals::reference_emitted, escaped = &DeviceTotals::reference_lost;

  YTTERBY_HD static bool emit(const Launch& launch_data, Electron& e, const Stream& stream, Tally& tally) {
    const SourceView& source = launch_data.view.source;
    const EmissionNumbers numbers = emission_numbers(source, stream);
    const std::uint32_t entry = source_entry(source, numbers.voxel);
    const CoupledEntry coupled{launch_data.coupled[entry]};
    if (!coupled.twice()) return false;
    tally.shift = coupled.shift();
    emit_in_voxel(e, launch_data.view, padded_voxel(launch_data.view.grid, source.voxel[entry]), numbers, tally);
    return true;
  }
};

/// A block of the weighted electron kernel.
template <class Device>
YTTERBY_HD void follow_weighted_histories(const WeightedLaunch& launch_data, Device device) {
  follow_pool<WeightedHistories<Device>>(launch_data, device);
}

/// A block of the reference kernel.
template <class Device>
YTTERBY_HD void follow_reference_histories(const ReferenceLaunch& launch_data, Device device) {
  follow_pool<ReferenceHistories<Device>>(launch_data, device);
}

/// A thread of the photon kernel, of histories with weights: a photon's follows from its history's stream.
template <class Device>
YTTERBY_HD void follow_weighted_photons(const WeightedLaunch& launch_data, Device device) {
  const SourceView& source = launch_data.view.source;
  follow_photons_of<WeightedDeviceTally>(launch_data, device, [&](auto& tally, const Stream& stream) {
    tally.shift = weight_shift(source, launch_data.coupled, stream);
  });
}

}  // namespace ytterby::inline YTTERBY_LEVEL
