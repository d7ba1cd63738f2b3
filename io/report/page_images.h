#pragma once
// Images of the page: bytes, deflated, as base64.

#include <string>
#include <vector>

#include "io/report/page_window.h"

namespace ytterby::io {

/// 1023 sqrt(dose / most), low bytes and then high bytes: steps of 0.2 % at the largest dose.
std::string packed_dose(const std::vector<float>& dose, double most, const PageWindow& w);

/// Relative error 1e-4 * 2^(code / 20); 255 where nothing scored.
std::string packed_error(const DoseMap& map, const PageWindow& w);

/// Values times scale, 0 to 255.
std::string packed_bytes(const std::vector<float>& values, double scale, const PageWindow& w);

/// 255 in the voxels whose histories ran twice.
std::string packed_coupled(const CorrelatedPart& part, const PageWindow& w);

}  // namespace ytterby::io
