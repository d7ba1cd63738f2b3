#include "engine/physics/beta_spectrum.h"

#include <cmath>
#include <complex>

#include "engine/physics/constants.h"

namespace ytterby {
namespace {

using constants::fine_structure;
using constants::pi;

/// ln Gamma(z) for Re z > 0.5; Lanczos' approximation with g = 7 and 9 terms, relative error below 1e-13.
/// Lanczos, SIAM J. Numer. Anal. B 1 (1964) 86; coefficients of Godfrey (2001).
std::complex<double> log_gamma(std::complex<double> z) {
  constexpr double coefficients[] = {0.99999999999980993,  676.5203681218851,     -1259.1392167224028,
                                     771.32342877765313,   -176.61502916214059,   12.507343278686905,
                                     -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7};
  constexpr double g = 7;
  z -= 1.0;
  std::complex<double> sum = coefficients[0];
  for (int i = 1; i < 9; ++i) sum += coefficients[i] / (z + static_cast<double>(i));
  const std::complex<double> t = z + g + 0.5;
  return 0.5 * std::log(2 * pi) + (z + 0.5) * std::log(t) - t + std::log(sum);
}

/// Nuclear radius [electron Compton wavelengths / 2 pi], 1.2 A^(1/3) fm; hbar/(m c) = r_e/alpha.
double nuclear_radius(int mass_number) {
  constexpr double cm_per_fm = 1e-13;
  return 1.2 * std::cbrt(mass_number) * cm_per_fm * fine_structure / constants::classical_electron_radius;
}

}  // namespace

double coulomb_factor(const BetaTransition& transition, int k, double T) {
  const double alpha_z = fine_structure * transition.daughter_z;
  const double W = 1 + T / constants::electron_mass, p = std::sqrt(W * W - 1);
  const double gamma = std::sqrt(k * k - alpha_z * alpha_z), y = alpha_z * W / p;
  const double double_factorial = k == 1 ? 1 : 3;  // (2k-1)!!
  const double log_factor = 2 * std::log(k * double_factorial) + k * std::log(4.0) +
                            2 * (gamma - k) * std::log(2 * p * nuclear_radius(transition.mass_number)) + pi * y +
                            2 * log_gamma({gamma, y}).real() - 2 * std::lgamma(1 + 2 * gamma);
  return std::exp(log_factor) * (k + gamma) / (2 * k);
}

double unique_first_forbidden_density(const BetaTransition& transition, double T) {
  if (T <= 0 || T >= transition.end_point) return 0;
  const double W = 1 + T / constants::electron_mass, p2 = W * W - 1;
  const double q = (transition.end_point - T) / constants::electron_mass;
  return std::sqrt(p2) * W * q * q * (q * q * coulomb_factor(transition, 1, T) + p2 * coulomb_factor(transition, 2, T));
}

}  // namespace ytterby
