#include "engine/physics/stopping_power.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/error.h"
#include "engine/physics/constants.h"

namespace ytterby {
namespace {

constexpr double MeV_per_eV = 1e-6;
constexpr double gas_below_density = 0.05;  // [g/cm3]; gases have no conduction electrons

/// 2 pi r_e^2 m c^2 N_A = 0.15354 MeV cm2/mol.
constexpr double bethe_factor = 2 * constants::pi * constants::classical_electron_radius *
                                constants::classical_electron_radius * constants::electron_mass * constants::avogadro;

double beta_squared(double T) {
  const double tau = T / constants::electron_mass;
  return tau * (tau + 2) / ((tau + 1) * (tau + 1));
}

/// Plasma energy [MeV] of free electrons, `electrons` in mol/cm3; 28.816 eV at 1 mol/cm3. ICRU 37 eq. (2.13).
double plasma_energy(double electrons) {
  const double hbar_c = constants::classical_electron_radius * constants::electron_mass / constants::fine_structure;
  return hbar_c * std::sqrt(4 * constants::pi * constants::classical_electron_radius * constants::avogadro * electrons);
}

bool is_metal(int z) {
  constexpr int not_metals[] = {1, 6, 7, 8, 14, 15, 16, 17, 18, 53};
  return std::find(std::begin(not_metals), std::end(not_metals), z) == std::end(not_metals);
}

/// A solid element and an alloy have conduction electrons, as in NIST ESTAR; a compound has none.
bool has_conduction_electrons(const Material& material) {
  if (material.condensed_density < gas_below_density) return false;
  const auto& composition = material.composition;
  return composition.size() == 1 || std::all_of(composition.begin(), composition.end(),
                                                [](const Component& component) { return is_metal(component.z); });
}

struct BoundShare {
  double strength;  // share of all electrons
  double binding;   // in units of the plasma energy; 0 for conduction electrons
};

/// l^2 of an oscillator: the Lorentz-Lorenz correction adds 2/3 f to bound ones, a conduction one has f.
/// Sternheimer, Berger, Seltzer (1984) eqs. (4) to (6).
double effective_squared(double resonance2, double strength) {
  return resonance2 > 0 ? resonance2 + 2.0 / 3.0 * strength : strength;
}

/// Factor on the binding energies for which the oscillators' mean logarithm is ln(I / plasma energy).
/// 60 bisections of ln factor: 1e-16; the sum rises with the factor.
double sternheimer_factor(const std::vector<BoundShare>& shares, double log_mean_excitation) {
  const auto log_mean = [&](double factor) {
    double sum = 0;
    for (const BoundShare& share : shares) {
      const double resonance = factor * share.binding;
      sum += share.strength / 2 * std::log(effective_squared(resonance * resonance, share.strength));
    }
    return sum;
  };
  double low = std::log(1e-3), high = std::log(1e3);
  if (log_mean(std::exp(low)) > log_mean_excitation || log_mean(std::exp(high)) < log_mean_excitation)
    throw Error(Fault::input, "no oscillators give the mean excitation energy; is it plausible?");
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (log_mean(std::exp(middle)) < log_mean_excitation ? low : high) = middle;
  }
  return std::exp((low + high) / 2);
}

}  // namespace

StoppingPower::StoppingPower(const Material& material, const Library& library)
    : mean_excitation_(material.mean_excitation_eV * MeV_per_eV), bremsstrahlung_(material, library) {
  for (const Component& component : material.composition)
    z_over_a_ += component.mass_fraction * component.z / library.element(component.z).atomic_weight;

  const double plasma = plasma_energy_ = plasma_energy(material.condensed_density * z_over_a_);
  const bool conductor = has_conduction_electrons(material);
  std::vector<BoundShare> shares;
  for (const Component& component : material.composition) {
    const Element& element = library.element(component.z);
    const double share_per_electron = component.mass_fraction / element.atomic_weight / z_over_a_;
    for (const Shell& shell : element.shells) {
      const bool free = conductor && &shell == &element.shells.back();
      shares.push_back({share_per_electron * shell.electrons, free ? 0 : shell.binding_eV * MeV_per_eV / plasma});
    }
  }
  const double factor = sternheimer_factor(shares, std::log(mean_excitation_ / plasma));
  for (const BoundShare& share : shares) {
    const double resonance2 = std::pow(factor * share.binding, 2);
    oscillators_.push_back({share.strength, resonance2, effective_squared(resonance2, share.strength)});
    static_response_ += resonance2 > 0 ? share.strength / resonance2 : std::numeric_limits<double>::infinity();
  }
}

double StoppingPower::density_effect(double T) const {
  const double beta2 = beta_squared(T), target = 1 / beta2 - 1;
  if (static_response_ <= target) return 0;
  // Solve response(y) = target for y = L^2, response(y) = sum of f / (nu^2 + y). Its reciprocal rises and is concave,
  // so Newton's method on it climbs to the root from below and is fast, for it is nearly straight.
  double y = 0;
  for (const Oscillator& oscillator : oscillators_)
    if (oscillator.resonance2 == 0) y += oscillator.strength / target;
  for (int i = 0; i < 100; ++i) {
    double response = 0, slope = 0;
    for (const Oscillator& oscillator : oscillators_) {
      const double inverse = 1 / (oscillator.resonance2 + y);
      response += oscillator.strength * inverse;
      slope += oscillator.strength * inverse * inverse;
    }
    const double step = (response / target - 1) * response / slope;
    y += step;
    if (std::abs(step) < 1e-12 * y) break;
  }
  double delta = -y * (1 - beta2);
  for (const Oscillator& oscillator : oscillators_)
    delta += oscillator.strength * std::log1p(y / oscillator.effective2);
  return std::max(delta, 0.0);
}

double StoppingPower::collision(double T) const { return restricted_collision(T, T / 2); }

double StoppingPower::restricted_collision(double T, double cutoff) const {
  // Energy transfers end at T/2, since the slower of the two electrons is the secondary. ICRU 37 eqs. (2.15) and
  // (2.18); the restricted form integrates Moller's cross section from the cutoff up and takes it off.
  const double tau = T / constants::electron_mass, beta2 = beta_squared(T);
  const double eta = std::min(cutoff / T, 0.5);
  const double shape = -1 - beta2 + std::log(4 * eta * (1 - eta)) + 1 / (1 - eta) +
                       (1 - beta2) * (tau * tau * eta * eta / 2 + (2 * tau + 1) * std::log1p(-eta));
  const double bracket = 2 * std::log(T / mean_excitation_) + std::log1p(tau / 2) + shape - density_effect(T);
  return bethe_factor * z_over_a_ / beta2 * bracket;
}

double StoppingPower::restricted_straggling(double T, double cutoff) const {
  // Moller's cross section times W^2, integrated from 0 up; e = W/T.
  const double tau = T / constants::electron_mass, beta2 = beta_squared(T), e = std::min(cutoff / T, 0.5);
  const double square = (tau + 1) * (tau + 1);
  const double collisions = T * (2 * e + e / (1 - e) + 2 * std::log1p(-e) + tau * tau / square * e * e * e / 3 +
                                 (2 * tau + 1) / square * (e + std::log1p(-e)));
  // An oscillator of energy W takes no less than W in a close collision, and W in each distant one.
  double distant = 0;
  const double logarithm = std::log(2 * constants::electron_mass * beta2 * square) - beta2 - density_effect(T) - 1;
  for (const Oscillator& oscillator : oscillators_) {
    const double W = plasma_energy_ * std::sqrt(oscillator.effective2);
    if (W < e * T) distant += oscillator.strength * W * std::max(logarithm - std::log(W), 0.0);
  }
  return bethe_factor * z_over_a_ / beta2 * (collisions + distant);
}

double StoppingPower::radiative(double T) const { return restricted_radiative(T, T); }

double StoppingPower::restricted_radiative(double T, double cutoff) const {
  return T / beta_squared(T) * bremsstrahlung_.energy_integral(T, std::min(cutoff / T, 1.0));
}

double StoppingPower::bremsstrahlung_k_dsigma_dk(double T, double k) const {
  return k > T ? 0 : bremsstrahlung_.scaled(T, k / T) / beta_squared(T);
}

double StoppingPower::bremsstrahlung_above(double T, double cutoff) const {
  return cutoff >= T ? 0 : bremsstrahlung_.number_integral(T, cutoff / T) / beta_squared(T);
}

}  // namespace ytterby
