#pragma once
// Images of the page: whole numbers as differences to the voxel before, deflated, as base64.

#include <array>
#include <string>
#include <vector>

#include "io/report/page_window.h"

namespace ytterby::io {

/// 1023 sqrt(dose / most): steps of 0.2 % at the largest dose. Differences in zigzag (0, -1, 1, -2 ... as 0, 1, 2, 3
/// ...), the low byte of every voxel and then the high byte.
std::string packed_dose(const std::vector<float>& dose, double most, const PageWindow& w);

/// Bytes as differences modulo 256.
std::string packed_codes(std::vector<unsigned char> codes);

/// Relative error 1e-4 * 2^(code / 8), at most code 254; 255 where nothing scored. Packed codes.
std::string packed_error(const DoseMap& map, const PageWindow& w);

/// Values times scale, 0 to 255, as packed codes.
std::string packed_bytes(const std::vector<float>& values, double scale, const PageWindow& w);

/// 255 in the voxels whose histories ran twice.
std::string packed_coupled(const CorrelatedPart& part, const PageWindow& w);

/// The largest value along each of the page's axes, as 255 sqrt(value / most): three images of the other two axes.
struct Projections {
  std::array<std::string, 3> packed;
  double most = 0;
};
Projections projections(const std::vector<double>& values, const PageWindow& w);

}  // namespace ytterby::io
