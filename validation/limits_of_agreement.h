#pragma once
// How well a method agrees with Monte Carlo over many patients: Bland, Altman, Lancet 327:307-310 (1986).

#include <cstddef>
#include <optional>
#include <span>

#include "validation/structure_metrics.h"

namespace ytterby::validation {

/// One patient's dose of a structure by two methods. An unknown error of `method` counts as none (local deposition and
/// the partition model have no statistical error).
struct MethodPair {
  Estimate method, reference;  // [Gy]
  /// Standard deviation of their difference that what was measured brings of itself, beside statistical errors: over
  /// the samples of an ensemble that both were drawn in together. 0 where both take the same of it, or none was drawn.
  double own_gray = 0, own_percent = 0;
};

enum class DifferenceUnit { gray, percent };  // percent of the mean of both, 100 (m - r) / ((m + r) / 2)

/// Method less reference, and its statistical error to first order; both errors are taken as independent.
Estimate difference_of(const MethodPair& pair, DifferenceUnit unit);

/// A value with its 95 % confidence interval.
struct Confident {
  double value = 0, low = 0, high = 0;
};

struct LimitsOfAgreement {
  std::size_t pairs = 0;
  Confident bias;          // mean of the differences; standard error s / sqrt(n)
  double deviation = 0;    // s, their standard deviation with n - 1
  Confident lower, upper;  // bias -+ 1.96 s; standard error sqrt(3 / n) s
  /// Root mean square of the differences' errors by `reference` alone; NaN where one is unknown. Where patients have
  /// random numbers of their own, s holds it: the spread between patients is sqrt(s^2 - noise^2), 0 where noise
  /// explains all. A kernel's error is left out: kernels of like media share their histories, so that it shifts all
  /// patients alike. It is in the bias, and not in the bias' interval.
  double noise = 0, deviation_without_noise = 0;
  /// Root mean square of noise and pairs' own, and what is left between patients without it: sqrt(s^2 - own^2), 0 where
  /// it explains all (`own_is_all`), with the limits that this leaves. What is measured has errors of its own in every
  /// patient, which s holds and which are no disagreement (Bland, Altman, Stat. Methods Med. Res. 8 (1999) 135, section
  /// 5, for errors found by repeating). NaN where the noise is unknown.
  double own = 0, deviation_without_own = 0, lower_without_own = 0, upper_without_own = 0;
  bool own_is_all = false;
};

/// Intervals are by Student's t with n - 1 degrees of freedom and take the differences as normal; that of the limits is
/// the paper's approximation, for n large: at n = 10 it is 2 % too narrow, at n = 3 12 %, against the variance
/// s^2 (1 / n + 1.96^2 / (2 (n - 1))). Pairs without two finite doses, and in percent those of no dose at all, do not
/// count. Empty below two pairs: no spread is known then.
std::optional<LimitsOfAgreement> limits_of_agreement(std::span<const MethodPair> pairs, DifferenceUnit unit);

/// t with P(|T| < t) = 0.95 for Student's T of so many degrees of freedom, at least 1; good to 1e-9.
double student_t_95(std::size_t degrees);

}  // namespace ytterby::validation
