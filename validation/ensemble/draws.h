#pragma once
// What is drawn for a sample. Every number is a function of seed, source, sample and place alone: switching a source
// off, or running on more threads, moves no other draw.

#include <cstdint>
#include <vector>

#include "engine/grid/grid.h"
#include "validation/ensemble/sources.h"

namespace ytterby::validation {

/// A standard normal number, and one uniform in (0, 1). `place`: session, structure or axis.
double standard_normal(std::uint64_t seed, UncertaintySource source, std::uint64_t sample, std::uint32_t place);
double uniform_number(std::uint64_t seed, UncertaintySource source, std::uint64_t sample, std::uint32_t place);

/// `count` standard normal numbers of a field; `place` is the session.
std::vector<double> normal_field(std::uint64_t seed, std::uint64_t sample, std::uint32_t place, std::size_t count);

/// One number of a draw in units of its standard deviation; what shares are found from.
struct DrawnNumber {
  UncertaintySource source;
  double value;
};

/// One sample's draws: factors, shifts and widths.
struct Draw {
  std::vector<double> activity;                                        // factor of each session
  double shunt = 1, lung_mass = 1, density = 1, tumour_to_normal = 1;  // factors
  std::vector<Vector3> shift;                                          // of each session's activity [cm]
  std::vector<double> contour;                                         // of each structure [cm], outwards
  double psf = 0;                                                      // full width at half maximum [cm]
  std::vector<DrawnNumber> numbers;
};

/// Sizes of what is drawn for each of several.
struct DrawSizes {
  std::size_t sessions = 1, structures = 0;
};

Draw draw_sample(const Uncertainty& u, const DrawSizes& sizes, std::uint64_t seed, std::uint64_t sample);

/// The draw in which nothing is off: factors of 1, no shifts, the middle of the resolution.
Draw middle_draw(const Uncertainty& u, const DrawSizes& sizes);

}  // namespace ytterby::validation
