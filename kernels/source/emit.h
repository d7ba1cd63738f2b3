#pragma once
// Drawing a primary electron.

#include "kernels/geometry/delta_tracking.h"
#include "kernels/geometry/voxel_walk.h"
#include "kernels/physics/isotropic.h"
#include "kernels/source/emission_numbers.h"
#include "kernels/tally/quanta.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// Energy at a random place of a table of energies at equal steps of probability [MeV].
YTTERBY_HD float sample_spectrum(const View<float>& spectrum, std::uint32_t word) {
  if (spectrum.size == 1) return spectrum[0];
  const std::uint64_t x = static_cast<std::uint64_t>(word) * (spectrum.size - 1);
  const std::uint32_t bin = static_cast<std::uint32_t>(x >> 32);
  const float fraction = static_cast<float>(static_cast<std::uint32_t>(x) >> 8) * 5.9604645e-8f;
  return between(spectrum[bin], spectrum[bin + 1], fraction);
}

/// Entry of the source at a place of its cumulative activity.
YTTERBY_HD std::uint32_t source_entry(const SourceView& source, std::uint64_t place) {
  const std::uint32_t part = static_cast<std::uint32_t>(place >> source.guide_shift);
  std::uint32_t low = source.guide[part], high = source.guide[part + 1];
  while (low < high) {
    const std::uint32_t middle = (low + high) / 2;
    if (source.below[middle] < place) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/// Direction and energy of a primary that is in its voxel.
template <class Tally>
YTTERBY_HD void emit_here(Electron& e, const PhysicsView& physics, const SourceView& source,
                          const EmissionNumbers& numbers, Tally& tally) {
  e.direction = isotropic(numbers.polar, numbers.azimuth);
  const float energy = sample_spectrum(source.spectrum, numbers.energy);
  e.energy = to_quanta(energy);
  e.range = range_of_energy(physics, e.material, energy);
  tally.emit(e.energy);
}

/// A primary uniform in that voxel of a grid.
template <class Tally>
YTTERBY_HD void emit_in_voxel(Electron& e, const auto& view, std::uint32_t voxel, const EmissionNumbers& numbers,
                              Tally& tally) {
  e = {};
  e.step = 1;
  place_in_voxel(e, view.grid, voxel);
  place_uniformly(e, view.grid, numbers.place[0], numbers.place[1], numbers.place[2]);
  emit_here(e, view.physics, view.source, numbers, tally);
}

/// The primary of a history: place uniform in its voxel (or on the segment), direction isotropic, energy from the
/// spectrum. No particle draws from step 0 of lineage 0 but this one.
template <class Tally>
YTTERBY_HD void emit_primary(Electron& e, const auto& view, const Stream& stream, Tally& tally) {
  const SourceView& source = view.source;
  const auto& grid = view.grid;
  const EmissionNumbers numbers = emission_numbers(source, stream);
  e = {};
  e.step = 1;
  if (source.voxel.size > 0) {
    place_in_voxel(e, grid, source.voxel[source_entry(source, numbers.voxel)]);
    place_uniformly(e, grid, numbers.place[0], numbers.place[1], numbers.place[2]);
  } else {
    const float u = uniform(numbers.place[0]);
    GridPoint at{};
    locate_point(grid,
                 {between(source.segment_from[0], source.segment_to[0], u),
                  between(source.segment_from[1], source.segment_to[1], u),
                  between(source.segment_from[2], source.segment_to[2], u)},
                 at);
    e.x = at.x;
    e.y = at.y;
    e.z = at.z;
    e.voxel = at.voxel;
    e.position = at.local;
    enter_voxel(e, grid);
  }
  emit_here(e, view.physics, source, numbers, tally);
}

}  // namespace ytterby::inline YTTERBY_LEVEL
