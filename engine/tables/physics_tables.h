#pragma once
// Library and materials become the flat tables that a history reads.

#include <span>
#include <vector>

#include "engine/physics/library.h"
#include "engine/physics/material.h"
#include "kernels/tables/tables_view.h"

namespace ytterby {

/// Owns what a PhysicsView points at.
struct PhysicsTables {
  std::vector<RangeNode> range;
  std::vector<EnergyNode> energy;
  std::vector<float> range_of_strength;
  std::uint32_t strength_nodes = 0;
  float strength_scale = 0;
  std::vector<float> nominal_transport, scattering;
  std::vector<float> range_at_cutoff, straggling, inverse_root_loss;
  float event_majorant = 0;
  std::vector<float> angle;
  std::vector<float> bremsstrahlung;
  std::vector<PhotonNode> photon;
  std::vector<float> photon_majorant;
  std::vector<float> rayleigh;
  std::uint32_t materials = 0;
  double electron_cutoff = 0, photon_cutoff = 0;  // [MeV]

  /// Valid as long as the tables live and stay where they are.
  [[nodiscard]] PhysicsView view() const;
};

/// Builds the tables of the materials given, in that order.
///
/// largest_density[m]: largest density at which material m occurs [g/cm3], for the photons' majorant.
/// electron_cutoff, photon_cutoff: kinetic energy and photon energy [MeV] below which particles are not followed; the
/// electron cutoff is the Moller threshold too.
/// reached[m]: whether more than the electrons of photons come to material m; empty: all. Others take the deflection
/// tables, which are most of the work, of the reached one that scatters most like them. Throws Fault::input for cutoffs
/// outside 2 keV .. 1 MeV.
PhysicsTables build_tables(std::span<const Material> materials, std::span<const double> largest_density,
                           double electron_cutoff, double photon_cutoff, const Library& library,
                           std::span<const std::uint8_t> reached = {});

}  // namespace ytterby
