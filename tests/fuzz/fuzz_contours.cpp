// Any bytes are contours: their masks hold shares, no more volume than the box around them, or they are refused as
// input.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/grid/contour_mask.h"

using namespace ytterby;

namespace {

/// Points on a raster of a tenth of a voxel, so that contours meet, repeat and cross each other often.
double coordinate(std::uint8_t byte) { return (byte - 128) * 0.04; }

void check(const io::ContourMask& mask) {
  if (mask.inside.values.size() != mask.inside.grid.voxels()) std::abort();
  for (const float v : mask.inside.values) {
    if (!(v >= 0 && v <= 1)) std::abort();
  }
  for (const io::MissingPlanes& m : mask.missing) {
    if (!(m.volume >= 0) || !(m.high_mm != m.low_mm)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Grid grid;
  grid.shape = {32, 32, 16};
  grid.spacing = {0.4, 0.4, 0.5};
  grid.origin = {-6.2, -6.2, -3.75};
  std::vector<io::ContourRegion> regions(1);
  if (size < 1) return 0;
  const io::GapRule rule = (data[0] & 1U) != 0 ? io::GapRule::fill : io::GapRule::leave;
  if ((data[0] & 2U) != 0) regions[0].within = io::Within::odd;
  const bool tilted = (data[0] & 4U) != 0;
  for (std::size_t at = 1; at + 2 < size;) {
    if (data[at] == 255 && regions.size() < 4) regions.emplace_back();
    const std::size_t points = data[at] % 16;
    // Heights of half a millimetre, and sometimes a hundredth beside.
    const double z = (data[at + 1] - 128) * 0.05 + (data[at] >= 128 ? 0.001 * (data[at + 1] % 7) : 0);
    at += 2;
    io::Contour contour;
    for (std::size_t i = 0; i < points && at + 1 < size; ++i, at += 2) {
      const double x = coordinate(data[at]), y = coordinate(data[at + 1]);
      contour.push_back({x, y, tilted ? z + 0.3 * x : z});
    }
    regions.back().contours.push_back(std::move(contour));
  }
  try {
    check(io::rasterise_regions(regions, grid, rule));
  } catch (const Error& error) {
    if (error.fault() != Fault::input) std::abort();
  }
  return 0;
}
