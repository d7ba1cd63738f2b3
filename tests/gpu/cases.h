#pragma once
// The cases that a GPU is checked and timed with.

#include <string>
#include <vector>

#include "engine/tables/transport_tables.h"

namespace ytterby::gpu_check {

struct Case {
  std::string name;
  std::string description;
  TransportTables tables;
};

/// 90Y in the middle voxel of 3 mm water.
Case water_3mm();
/// Tissue, adipose, lung and bone in 3 mm voxels, active in tissue and lung.
Case interfaces_3mm();
/// The trunk of the built-in patient by CT numbers, in 1 mm voxels; `small` keeps 4 cm of it.
Case patient_1mm(bool small);

/// All three.
std::vector<Case> all_cases(bool small);

}  // namespace ytterby::gpu_check
