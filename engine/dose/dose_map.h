#pragma once
// What a dose calculation gives.

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/dose/ledger.h"
#include "engine/grid/grid.h"

namespace ytterby {

/// Dose of one structure with its own batch statistics (voxels of one history are correlated).
struct StructureDose {
  std::string name;
  double mass = 0;          // [g]
  double volume = 0;        // [cm3]
  double mean = 0;          // energy over mass [Gy]
  double mean_error = 0;    // one standard error [Gy]; NaN where unknown
  double kernel_error = 0;  // correlated estimator: of the kernel, a bound that the batches do not see [Gy]

  /// Both errors together.
  [[nodiscard]] double error() const { return std::hypot(mean_error, kernel_error); }
};

/// What the correlated estimator took as known (engine/correlated.h).
struct CorrelatedPart {
  std::vector<std::uint8_t> coupled;  // [voxel] 1: a source of S
  std::vector<float> kernel_error;    // [voxel] one standard error of K A_S, which the batches do not see [Gy]
  double share = 0;                   // of the decays that are in S
  double weight = 1;                  // decays that a history's quanta stand for, times histories, over the decays
  double density = 0;                 // of the reference medium [g/cm3]
  std::uint64_t kernel_histories = 0;
};

/// Dose for the complete decay of the activity given, on the phantom's grid, with all a file must not lose.
struct DoseMap {
  std::string method;  // monte-carlo | voxel-kernel | voxel-kernel-scaled | local-deposition
  Grid grid;
  std::vector<float> dose;  // to medium [Gy]; 0 in vacuum
  std::vector<float>
      uncertainty;  // one standard error [Gy]; NaN where nothing scored there nor around; empty if unknown
  std::vector<std::uint16_t> hits;  // batches that left energy; empty if unknown
  std::vector<StructureDose> structures;
  EnergyLedger ledger;
  std::uint64_t histories = 0;
  int batches = 0;
  bool interrupted = false;  // before all histories were done: the dose is of those that were
  bool goal_reached = true;  // false where goal_uncertainty was asked for and not met by all histories
  std::uint64_t seed = 0;
  double decays = 0;                         // decays that the dose stands for
  std::string device;                        // e.g. "cpu avx2, 2 threads"
  std::string device_note;                   // why the automatic choice is not a GPU; else empty
  double seconds_tables = 0;                 // building tables [s]
  double seconds_transport = 0;              // transport [s]
  std::uint64_t segments = 0;                // straight electron flights, for the bench
  std::optional<CorrelatedPart> correlated;  // absent: plain estimator
};

/// Energy per decay is a ledger's quanta times this over the histories: 1 but for the weights of a correlated run.
inline double quanta_weight(const DoseMap& map) { return map.correlated ? map.correlated->weight : 1; }

}  // namespace ytterby
