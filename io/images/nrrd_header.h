#pragma once
// What an NRRD header says about place and segments, read by ourselves: the library mirrors one of the spaces that it
// knows, and says nothing of 3D Slicer's segments.

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/grid/grid.h"

namespace ytterby::io {

/// A segment of a .seg.nrrd (3D Slicer): voxels of `layer` that hold `value`.
struct SlicerSegment {
  std::string id, name;
  int layer = 0, value = 1;
};

/// Place of the three axes in space, in LPS; the shape is not set. Of the format's spaces, right-anterior-superior,
/// left-anterior-superior and left-posterior-superior (also as RAS, LAS, LPS, and with -time) are the patient's; others
/// do not say which way the patient lies. Throws Fault::input for those, for vectors that are none, and where not
/// exactly three axes lie in space.
Grid nrrd_place(const std::filesystem::path& path);

/// Whether the header's space is LPS itself.
bool is_lps(const std::filesystem::path& path);

/// The segments of a .seg.nrrd in their order; none in other files. Files of Slicer before 4.11 name no layers: their
/// segments have a layer each. Throws Fault::input for layers and values that are no whole numbers.
std::vector<SlicerSegment> slicer_segments(const std::filesystem::path& path);

}  // namespace ytterby::io
