#pragma once
// The cases that a GPU is checked and timed with.

#include <optional>
#include <string>
#include <vector>

#include "engine/correlated.h"
#include "engine/run/run_options.h"
#include "engine/tables/transport_tables.h"

namespace ytterby::gpu_check {

struct Case {
  std::string name;  // ends with _correlated where it is for that estimator
  std::string description;
  TransportTables tables;
  std::optional<Coupling> coupling = {};  // of the correlated estimator, whose tables have the reference medium
};

/// 90Y in the middle voxel of 3 mm water.
Case water_3mm(Estimator estimator = Estimator::plain);
/// Tissue, adipose, lung and bone in 3 mm voxels, active in tissue and lung.
Case interfaces_3mm(Estimator estimator = Estimator::plain);
/// The trunk of the built-in patient by CT numbers, in 1 mm voxels; `small` keeps 4 cm of it.
Case patient_1mm(bool small, Estimator estimator = Estimator::plain);

/// All three.
std::vector<Case> all_cases(bool small, Estimator estimator = Estimator::plain);

}  // namespace ytterby::gpu_check
