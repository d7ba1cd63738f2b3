#pragma once
// What is done to an activity image in a sample: moved, blurred, made noisy.

#include <array>
#include <cstdint>
#include <vector>

#include "engine/grid/grid.h"

namespace ytterby::validation {

/// A shift along the patient's axes [cm] in voxels along the grid's axes.
Vector3 in_voxels(const Vector3& shift, const Grid& grid);

/// The image moved by `shift` [voxels]; from beyond the grid its outermost voxels come in, because an image that ends
/// within the liver does not show that the activity does. By cubic convolution along each axis (Keys,
/// IEEE Trans. Acoust. Speech Signal Process. 29 (1981) 1153): linear interpolation would blur by up to half a voxel,
/// as much as what a PET's resolution is known to. The sum stays but for what leaves and enters; beside a sharp edge
/// values overshoot by up to 7 % of it, below 0 too. A shift by whole voxels is exact.
std::vector<double> shifted(const std::vector<double>& image, const Grid& grid, const Vector3& shift);

/// Standard deviation of a normal distribution of this full width at half maximum.
inline constexpr double sigma_per_fwhm = 0.42466090014400953;

/// The image blurred by a normal distribution of standard deviation `sigma` [cm] along each axis, integrated over
/// voxels and cut off at 4 sigma; beyond the grid its outermost voxels go on. A sigma of 0 changes nothing.
template <class T>
std::vector<T> blurred(const std::vector<T>& image, const Grid& grid, double sigma);

/// Voxels to each side along each axis that blurred() reaches.
std::array<int, 3> blur_reach(const Grid& grid, double sigma);

/// A field of mean 0 and variance 1 in every voxel, correlated over a resolution of `fwhm` [cm]: independent normal
/// numbers, blurred. `place` is the session.
std::vector<double> correlated_noise(const Grid& grid, double fwhm, std::uint64_t seed, std::uint64_t sample,
                                     std::uint32_t place);

/// Fields that add up to an image's noise, each times a standard normal number of its own: (I_j - mean) / sqrt(R - 1)
/// of R replicates, whose sum has their sample covariance from voxel to voxel. Parts that the image is the sum or mean
/// of have R times its variance. Throws Fault::input for fewer than two.
enum class ReplicatesAre { whole, parts };
std::vector<std::vector<float>> noise_fields(std::vector<std::vector<float>> replicates, ReplicatesAre what);

}  // namespace ytterby::validation
