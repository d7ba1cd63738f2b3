#pragma once
// EGSnrc laid beside PENELOPE's physics, from their files alone; one function where the quantities' cases are.

#include <vector>

#include "validation/cases/cases.h"

namespace ytterby::validation {

std::vector<Comparison> s_values_code_against_code(int voxel_mm);
std::vector<Comparison> point_kernel_code_against_code();
std::vector<Comparison> slab_code_against_code(Neighbour neighbour);

}  // namespace ytterby::validation
