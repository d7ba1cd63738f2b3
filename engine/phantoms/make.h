#pragma once
// One maker for each phantom; spacing in cm.

#include "engine/phantoms/analytic_phantom.h"

namespace ytterby::phantoms {

/// One voxel of activity in the middle of a water cube of 41 voxels a side.
AnalyticPhantom make_point(double spacing);
/// A patient of the RESCUE trial's kind; see rescue.cpp.
AnalyticPhantom make_rescue(double spacing);
/// A 20 mm slab of liver tissue with uniform activity between cortical bone and lung.
AnalyticPhantom make_slabs(double spacing);
/// A sphere of 20 mm radius with uniform activity in water.
AnalyticPhantom make_sphere(double spacing);

}  // namespace ytterby::phantoms
