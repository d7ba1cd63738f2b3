#pragma once
// Monte Carlo in concentric shells: point kernels, for validation.

#include <span>
#include <vector>

#include "engine/dose/dose_map.h"
#include "engine/patient/source.h"
#include "engine/physics/material.h"
#include "engine/run/run_options.h"

namespace ytterby {

/// Energy per shell and decay [MeV], with one standard error.
struct ShellEnergies {
  std::vector<double> energy, error;
  EnergyLedger ledger;
  std::uint64_t histories = 0;
  double seconds = 0;  // of transport
};

/// A point source at the centre of concentric shells of one material; the same history code as in voxels.
///
/// radius: outer radii, ascending [cm]; vacuum outside the last. The source's spectrum or energy is used, not its
/// place. Throws Fault::input for radii that do not ascend from above 0.
ShellEnergies simulate_shells(const Material& material, double density, std::span<const double> radius,
                              const Source& source, const RunOptions& options);

}  // namespace ytterby
