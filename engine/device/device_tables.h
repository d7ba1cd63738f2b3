#pragma once
// What a history reads, copied to a device.

#include <vector>

#include "engine/device/device.h"

namespace ytterby {

/// Copies what a view points at and points the copy at it.
class DeviceTables {
 public:
  DeviceTables(Device& device, const TransportView& host) : view(host), device_(device) {
    PhysicsView& p = view.physics;
    keep(p.range);
    keep(p.energy);
    keep(p.range_of_strength);
    keep(p.nominal_transport);
    keep(p.scattering);
    keep(p.range_at_cutoff);
    keep(p.straggling);
    keep(p.inverse_root_loss);
    keep(p.angle);
    keep(p.bremsstrahlung);
    keep(p.photon);
    keep(p.photon_majorant);
    keep(p.rayleigh);
    keep(view.grid.voxels);
    keep(view.source.voxel);
    keep(view.source.below);
    keep(view.source.guide);
    keep(view.source.sobol);
    keep(view.source.spectrum);
    if (view.source.internal_number.size > 0) {
      keep(view.source.internal_number);
      keep(view.source.internal_share);
    }
  }
  TransportView view;

 private:
  template <class T>
  void keep(View<T>& v) {
    memory_.emplace_back(device_, std::as_bytes(std::span(v.data, v.size)));
    v.data = reinterpret_cast<const T*>(memory_.back().data());
  }
  Device& device_;
  std::vector<DeviceBuffer<std::byte>> memory_;
};

}  // namespace ytterby
