#pragma once
// How much memory preparing a case takes, from its sizes: what is known once the images' grids are.

#include "engine/grid/grid.h"
#include "io/case/case_file.h"

namespace ytterby::io {

/// What is in memory, and what is to come, when the dose grid is known.
struct PreparationSize {
  Grid grid;                   // of the dose
  double medium_bytes = 0;     // of the CT or label image, in memory
  double activity_voxels = 0;  // of the activity image, in memory
  std::size_t structures = 0;  // the case's and those derived from them, as the case has them
  std::size_t sessions = 0;    // 0: none are named
};

/// The case's structures and those that derived_structures() will make of them.
std::size_t structure_count(const CaseFile& c);

/// What preparing needs at least beside the images that are in memory [byte]; masks on their own grids come to it.
double preparation_memory(const PreparationSize& size);

/// What the prepared case keeps beside those images, which are gone by then [byte]; below 0 where they were larger.
double prepared_memory(const PreparationSize& size);

}  // namespace ytterby::io
