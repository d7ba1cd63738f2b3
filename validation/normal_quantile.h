#pragma once
// The inverse of the normal distribution.

namespace ytterby::validation {

/// z with Phi(z) = p, at most `most` either way; good to 1e-9 (Newton's steps after Abramowitz and Stegun 26.2.23).
double normal_quantile(double p, double most = 8);

}  // namespace ytterby::validation
