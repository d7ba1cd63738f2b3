#pragma once
// Everything that a history reads, made from phantom, source and options.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/patient/phantom.h"
#include "engine/patient/source.h"
#include "engine/tables/physics_tables.h"
#include "engine/tables/source_tables.h"
#include "engine/tables/transport_options.h"

namespace ytterby {

/// Owns the tables of one calculation. Throws Fault::input for voxels, materials or a source that cannot be.
struct TransportTables {
  /// `reference` is a medium without voxels, which becomes the last one of the physics. `multiplicity`: see
  /// build_source_tables().
  TransportTables(const Phantom& phantom, const Source& source, const TransportOptions& options,
                  const Material* reference = nullptr, std::span<const std::uint8_t> multiplicity = {});

  PhysicsTables physics;             // of the materials that occur
  std::vector<std::uint8_t> listed;  // [material of the physics] index into phantom.materials
  SourceTables emission;
  std::vector<std::uint32_t> words;  // [voxel], see GridView
  GridView grid;                     // without its voxels
  float step_fraction = 0;           // 0: the default

  /// Valid as long as the tables live and stay where they are. `per_batch` histories share the emission evenly
  /// (kernels/source/emission_numbers.h); 0: each draws its own.
  [[nodiscard]] TransportView view(std::uint64_t per_batch = 0) const;
};

}  // namespace ytterby
