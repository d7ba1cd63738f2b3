#include "engine/physics/elastic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "engine/base/csv.h"
#include "engine/base/error.h"
#include "engine/physics/constants.h"

namespace ytterby {
namespace {

std::map<int, Screening> read_screening() {
  const CsvTable table = embedded_csv("screening.csv");
  std::map<int, Screening> result;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    Screening& s = result[static_cast<int>(table.number(row, 0))];
    for (std::size_t i = 0; i < 3; ++i) {
      s.strength[i] = table.number(row, 1 + i);
      s.alpha[i] = table.number(row, 4 + i);
    }
  }
  return result;
}

constexpr double coulomb_correction = 2 * 1.2020569;  // 2 zeta(3), to first order in (alpha Z/beta)^2

/// sum A_i / (alpha_i^2 + q^2) times q^2 is 1 - F/Z; `alpha_scale` stretches the alphas (screening correction).
double one_minus_form_factor(const Screening& s, double q2, double alpha_scale2) {
  double sum = 0;
  for (int i = 0; i < 3; ++i) {
    if (s.strength[i] == 0) continue;
    const double alpha = s.alpha[i] * constants::fine_structure;
    sum += s.strength[i] * q2 / (alpha * alpha * alpha_scale2 + q2);
  }
  return sum;
}

/// Quadrature in mu = (1 - cos)/2 over (0, 1]: Gauss-Legendre panels in ln mu.
struct Quadrature {
  std::vector<double> mu, weight;  // weight includes d mu
};

const Quadrature& unit_quadrature() {
  static const Quadrature quadrature = [] {
    constexpr double node[4] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363};
    constexpr double weight[4] = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763};
    const double low = std::log(1e-10);
    constexpr int panels = 18;
    Quadrature q;
    for (int panel = 0; panel < panels; ++panel) {
      const double width = -low / panels, middle = low + (panel + 0.5) * width;
      for (int i = 3; i >= -4; --i) {
        const int k = i >= 0 ? i : -1 - i;
        const double mu = std::exp(middle + (i >= 0 ? -1 : 1) * 0.5 * width * node[k]);
        q.mu.push_back(mu);
        q.weight.push_back(0.5 * width * weight[k] * mu);
      }
    }
    return q;
  }();
  return quadrature;
}

struct Kinematics {
  double momentum2;  // (p/mc)^2
  double beta2;
  double rutherford;  // (r_e / (2 p beta))^2 * 4 pi in cm2: d sigma = that * Z^2 / mu^2 d mu
};

Kinematics kinematics(double T) {
  const double tau = T / constants::electron_mass;
  const double p2 = tau * (tau + 2), beta2 = p2 / ((tau + 1) * (tau + 1));
  const double r = constants::classical_electron_radius;
  return {p2, beta2, constants::pi * r * r / (p2 * beta2)};
}

/// mu = (1 - cos)/2 of an electron of energy T that gives W to a free electron at rest.
double moller_deflection(double T, double W) {
  const double two_m = 2 * constants::electron_mass;
  return 0.5 * (1 - std::sqrt((T - W) * (T + two_m) / (T * (T - W + two_m))));
}

/// McKinley-Feshbach ratio to Rutherford scattering.
double mott_ratio(double beta2, int z, double mu) {
  const double s = std::sqrt(mu);
  return 1 - beta2 * mu + constants::pi * constants::fine_structure * z * std::sqrt(beta2) * s * (1 - s);
}

/// Nodes of the quadrature that are worked on together: a recurrence waits for itself, so that one alone takes as long.
constexpr std::size_t lanes = 8;
using Lanes = std::array<double, lanes>;

/// Adds sigma_i (1 - P_l(1 - 2 mu_i)) to moment[l] for l = 1 .. count, node after node, by the recursion of the
/// differences, exact for small mu too.
void add_legendre_complements(const Lanes& mu, const Lanes& sigma, std::vector<double>& moment) {
  Lanes previous{}, current;
  for (std::size_t i = 0; i < lanes; ++i) current[i] = 2 * mu[i];
  for (std::size_t l = 1; l < moment.size(); ++l) {
    double sum = moment[l];
    for (std::size_t i = 0; i < lanes; ++i) sum += sigma[i] * current[i];
    moment[l] = sum;
    const auto n = static_cast<double>(l);
    for (std::size_t i = 0; i < lanes; ++i) {
      const double next = ((2 * n + 1) * (current[i] + 2 * mu[i] * (1 - current[i])) - n * previous[i]) / (n + 1);
      previous[i] = current[i];
      current[i] = next;
    }
  }
}

}  // namespace

const Screening& screening_of(int z) {
  static const std::map<int, Screening> table = read_screening();
  const auto found = table.find(z);
  if (found == table.end())
    throw Error(Fault::internal, "no screening data for element " + std::to_string(z) + " in screening.csv");
  return found->second;
}

double form_factor_share(const Screening& screening, double q) {
  return 1 - one_minus_form_factor(screening, q * q, 1);
}

double incoherent_coefficient(const Element& element) {
  const Screening& screening = screening_of(element.z);
  constexpr double energies[3] = {0.002, 0.005, 0.010};
  constexpr double barn_per_cm2 = 1e24;
  constexpr int parts = 200;
  const double r2 = constants::classical_electron_radius * constants::classical_electron_radius * barn_per_cm2;
  double sum = 0;
  for (const double k : energies) {
    const double kappa = k / constants::electron_mass;
    double without = 0, with = 0;  // the integral is without + c * with
    for (int i = 0; i < parts; ++i) {
      const double mu = (i + 0.5) / parts;
      const double ratio = 1 / (1 + 2 * kappa * mu), cosine = 1 - 2 * mu;
      const double klein_nishina = 0.5 * r2 * ratio * ratio * (ratio + 1 / ratio - 1 + cosine * cosine);
      const double share = form_factor_share(screening, 2 * kappa * std::sqrt(mu));
      const double weight = 4 * constants::pi / parts * klein_nishina * element.z * (1 - share);
      without += weight;
      with += weight * share;
    }
    sum += (element.compton.at(k) - without) / with;
  }
  return std::clamp(sum / 3, -0.5, 1.0);
}

ElasticScattering::ElasticScattering(const Material& material, const Library& library, double moller_threshold)
    : moller_threshold_(moller_threshold) {
  for (const Component& component : material.composition) {
    const Element& element = library.element(component.z);
    atoms_.push_back({component.z, component.mass_fraction * constants::avogadro / element.atomic_weight,
                      screening_of(component.z), incoherent_coefficient(element)});
  }
}

ElasticScattering::Moments ElasticScattering::moments(double T, int count) const {
  const Kinematics k = kinematics(T);
  const Quadrature& q = unit_quadrature();
  Moments result{0, std::vector<double>(static_cast<std::size_t>(count) + 1, 0.0)};
  // The electrons' share ends at the deflection of the hardest soft collision: its own nodes, scaled.
  const double largest_soft = moller_deflection(T, std::min(moller_threshold_, 0.5 * T));
  static_assert(lanes % 2 == 0);
  Lanes at, sigma;
  for (std::size_t i = 0; i < q.mu.size(); ++i) {
    const double mu = q.mu[i], mu_soft = mu * largest_soft;
    const double nuclear = nuclear_strength(k.momentum2, k.beta2, mu);
    double electronic = 0;
    for (const Atom& atom : atoms_) {
      const double share = 1 - one_minus_form_factor(atom.screening, 4 * k.momentum2 * mu_soft, 1);
      electronic += atom.atoms_per_gram * atom.z * incoherent_share(atom.incoherent, share);
    }
    const std::size_t lane = 2 * i % lanes;
    at[lane] = mu;
    sigma[lane] = q.weight[i] * nuclear * k.rutherford / (mu * mu);
    at[lane + 1] = mu_soft;
    sigma[lane + 1] = q.weight[i] * largest_soft * electronic * k.rutherford / (mu_soft * mu_soft);
    result.total += sigma[lane];
    result.total += sigma[lane + 1];
    if (lane + 2 == lanes) add_legendre_complements(at, sigma, result.moment);
  }
  return result;
}

double ElasticScattering::nuclear_strength(double momentum2, double beta2, double mu) const {
  double sum = 0;
  for (const Atom& atom : atoms_) {
    const double az = constants::fine_structure * atom.z;
    const double coulomb = 1 + coulomb_correction * az * az / beta2;
    const double screened = atom.z * one_minus_form_factor(atom.screening, 4 * momentum2 * mu, coulomb);
    sum += atom.atoms_per_gram * screened * screened * mott_ratio(beta2, atom.z, mu);
  }
  return sum;
}

double ElasticScattering::nuclear_transport(double T) const {
  const Kinematics k = kinematics(T);
  const Quadrature& q = unit_quadrature();
  double sum = 0;
  for (std::size_t i = 0; i < q.mu.size(); ++i)
    sum += q.weight[i] * nuclear_strength(k.momentum2, k.beta2, q.mu[i]) * k.rutherford / (q.mu[i] * q.mu[i]) * 2 *
           q.mu[i];
  return sum;
}

double ElasticScattering::transport(double T) const { return moments(T, 1).moment[1]; }

}  // namespace ytterby
