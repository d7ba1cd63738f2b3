#pragma once
// Which source decides: Sobol's first-order shares of a variance.

#include <span>
#include <vector>

#include "validation/ensemble/draws.h"

namespace ytterby::validation {

/// Share of a number's variance that one source has.
struct VarianceShare {
  UncertaintySource source;
  double value = 0, error = 0;  // one standard error of the share
};

/// Shares from the samples themselves, without further ones.
///
/// The number is fitted by polynomials of second degree in each drawn number, with products within the registration;
/// a source's share is the variance of its terms over the whole, less what fitting noise would give (Sudret, Reliab.
/// Eng. Syst. Saf. 93 (2008) 964: Sobol indices from polynomial chaos). What the fit does not hold (sources together,
/// higher degrees) is no source's, so that shares add up to less than 1. Noise has as many numbers as voxels: its share
/// is that of its total effect, E[(Y - Y')^2] / 2 with the noise alone drawn anew (Jansen, Comput. Phys. Commun. 117
/// (1999) 35), over the variance. Errors are from leaving out each twentieth of the samples (jackknife).
class VarianceShares {
 public:
  explicit VarianceShares(std::span<const Draw> draws);
  /// y: a number of each sample; with_other_noise: of the first samples, with other noise; may be empty. Empty where
  /// there are fewer than four samples a term even of first degree.
  [[nodiscard]] std::vector<VarianceShare> of(std::span<const double> y,
                                              std::span<const double> with_other_noise = {}) const;

 private:
  struct Term {
    UncertaintySource source;
    std::vector<double> value;  // of each sample
  };
  /// Shares of the sources with terms, in their order, from all samples but a group's; the last group leaves none out.
  [[nodiscard]] std::vector<double> fitted(std::span<const double> y, int group) const;
  void add_terms(std::span<const Draw> draws, bool second_degree);

  std::vector<Term> terms_;
  std::vector<UncertaintySource> sources_;   // that have terms
  std::vector<std::vector<double>> factor_;  // Cholesky's of the normal equations, with each group left out; then all
  std::size_t samples_ = 0;
};

/// Percentile of numbers, 0 to 1, linear between them (type 7 of Hyndman, Fan, Am. Stat. 50 (1996) 361).
double quantile(std::vector<double> values, double share);

/// A number over all samples.
struct Spread {
  double standard_deviation = 0, low_95 = 0, median = 0, high_95 = 0;
};
Spread spread_of(std::span<const double> values);

}  // namespace ytterby::validation
