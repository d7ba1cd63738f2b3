#pragma once
// What the manual of resin microspheres would have given, as lines and as JSON.

#include <string>

#include "io/prepare/partition_case.h"

namespace ytterby::io {

/// A line for each method that has its numbers; empty without any.
std::string manual_lines(const ManualActivities& manual);

/// {"bsa": ..., "empirical": ...}, each null or `activity_GBq` (null where the shunt forbids it),
/// `before_reduction_GBq`, `reduction`.
std::string manual_json(const ManualActivities& manual);

}  // namespace ytterby::io
