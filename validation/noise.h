#pragma once
// A histogram of noisy voxels, as it is without the noise.

#include <vector>

namespace ytterby::validation {

/// A number that noise has moved.
struct Denoised {
  double value = 0;  // without the noise
  double raw = 0;    // of the doses as they are
  double error = 0;  // one standard error of the correction
};

/// Doses of voxels with errors, noise made twice as large beside them, and what that says of no noise at all.
///
/// Noise of variance s^2 moves a quantile by an amount that goes as s^2 where the doses differ by much more, and as s
/// where they are alike. Doses with as much noise again added, evenly and without random numbers, show how it goes on;
/// about the median, whose shift is linear in s^2, the square of a quantile's distance is taken as linear in s^2: to
/// second order right for any histogram, and exact where doses and noise are normal. It is the simulation extrapolation
/// of Cook and Stefanski, J. Am. Stat. Assoc. 89 (1994) 1314, with that extrapolant. The correction's own error is
/// what it differs by from the extrapolant linear in s^2, and half of it; beside them, since noise hides how skew a
/// histogram is, its own share of the spread times the most by which median and mean of a single hump of that width lie
/// apart, sqrt(3/5) of its standard deviation (Basu, DasGupta, Theory Probab. Appl. 41 (1997) 210). It does not cover
/// steps of a histogram that are as wide as the noise: of twelve layers, 70 Gy apart, with 64 000 histories D95 came
/// out as 366 for 340 Gy, with an error of 10.
class NoiseFreeHistogram {
 public:
  /// weight: adds up to 1. error: of the doses [Gy], at least 0; independent from voxel to voxel.
  NoiseFreeHistogram(const std::vector<double>& dose, const std::vector<double>& error,
                     const std::vector<double>& weight);

  /// D_x [Gy], as DoseVolume::dose_to().
  [[nodiscard]] Denoised dose_to(double share) const;
  /// V_d, as DoseVolume::volume_above().
  [[nodiscard]] Denoised volume_above(double dose) const;
  /// Generalised EUD [Gy].
  [[nodiscard]] Denoised geud(double exponent) const;

 private:
  /// Doses that fall, with the share of the volume that has as much or more.
  struct Cumulative {
    std::vector<double> dose, share;
    [[nodiscard]] double dose_to(double share) const;
    [[nodiscard]] double volume_above(double dose) const;
    [[nodiscard]] double geud(double exponent) const;
  };
  static Cumulative sorted(std::vector<double> dose, std::vector<double> weight);
  /// The quantile without noise.
  [[nodiscard]] double quantile(double share) const;

  Cumulative raw_, twice_;  // with the noise once and twice
  double median_raw_ = 0, median_twice_ = 0;
  double hidden_ = 0;  // by which a quantile may be off for the shape that the noise hides [Gy]
};

}  // namespace ytterby::validation
