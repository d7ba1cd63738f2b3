#include "engine/physics/bremsstrahlung_data.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "engine/base/error.h"
#include "engine/base/spline.h"
#include "engine/physics/constants.h"

namespace ytterby {
namespace {

constexpr double cm2_per_millibarn = 1e-27;

struct QuadraturePoint {
  double x, weight;
};
/// Gauss-Legendre on [-1, 1], 4 points: exact to degree 7. Abramowitz, Stegun, Table 25.4.
constexpr QuadraturePoint gauss_legendre[] = {{-0.861136311594053, 0.347854845137454},
                                              {-0.339981043584856, 0.652145154862546},
                                              {0.339981043584856, 0.652145154862546},
                                              {0.861136311594053, 0.347854845137454}};

}  // namespace

BremsstrahlungData::BremsstrahlungData(const Material& material, const Library& library) {
  if (material.composition.empty()) throw Error(Fault::input, "material '" + material.name + "' has no composition");
  const Element& first = library.element(material.composition.front().z);
  kappa_ = first.brems_kappa;
  for (const double T : first.brems_energy) log_energy_.push_back(std::log(T));
  const std::size_t energies = log_energy_.size(), kappas = kappa_.size();
  value_.assign(energies * kappas, 0);
  for (const Component& component : material.composition) {
    const Element& element = library.element(component.z);
    if (element.brems_energy != first.brems_energy || element.brems_kappa != first.brems_kappa)
      throw Error(Fault::internal, "bremsstrahlung tables of " + element.symbol + " and " + first.symbol +
                                       " have different grids, need to have the same");
    const double factor = component.mass_fraction * constants::avogadro / element.atomic_weight * element.z *
                          element.z * cm2_per_millibarn;
    for (std::size_t e = 0; e < energies; ++e)
      for (std::size_t k = 0; k < kappas; ++k)
        value_[k * energies + e] += factor * element.brems_scaled_mb[e * kappas + k];
  }
  for (std::size_t k = 0; k < kappas; ++k) {
    const auto second = spline_second_derivatives(log_energy_, std::span(value_).subspan(k * energies, energies));
    second_derivative_.insert(second_derivative_.end(), second.begin(), second.end());
  }
}

BremsstrahlungData::Row BremsstrahlungData::row(double T) const {
  const double x = std::clamp(std::log(T), log_energy_.front(), log_energy_.back());
  const std::size_t i = interval_of(log_energy_, x);
  const double h = log_energy_[i + 1] - log_energy_[i];
  const double b = (x - log_energy_[i]) / h, a = 1 - b;
  Row row;
  row.value.reserve(kappa_.size());
  for (std::size_t k = 0; k < kappa_.size(); ++k) {
    const double* y = &value_[k * log_energy_.size() + i];
    const double* m = &second_derivative_[k * log_energy_.size() + i];
    row.value.push_back(a * y[0] + b * y[1] + ((a * a * a - a) * m[0] + (b * b * b - b) * m[1]) * h * h / 6);
  }
  row.slope = monotone_slopes(kappa_, row.value);
  return row;
}

double BremsstrahlungData::Row::at(const std::vector<double>& nodes, std::size_t i, double kappa) const {
  const double h = nodes[i + 1] - nodes[i], t = (kappa - nodes[i]) / h, s = 1 - t;
  return s * s * ((1 + 2 * t) * value[i] + t * h * slope[i]) +
         t * t * ((1 + 2 * s) * value[i + 1] - s * h * slope[i + 1]);
}

double BremsstrahlungData::scaled(double T, double kappa) const {
  return row(T).at(kappa_, interval_of(kappa_, kappa), kappa);
}

double BremsstrahlungData::energy_integral(double T, double kappa) const {
  const Row nodes = row(T);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < kappa_.size() && kappa_[i] < kappa; ++i) {
    const double low = kappa_[i], half = (std::min(kappa_[i + 1], kappa) - low) / 2;
    for (const QuadraturePoint& point : gauss_legendre)
      sum += half * point.weight * nodes.at(kappa_, i, low + half * (1 + point.x));
  }
  return sum;
}

double BremsstrahlungData::number_integral(double T, double kappa) const {
  const Row nodes = row(T);
  double sum = 0;
  for (std::size_t i = interval_of(kappa_, kappa); i + 1 < kappa_.size(); ++i) {
    // dkappa / kappa = d ln kappa; pieces of at most a factor e, in which 4 points give 1e-7
    const double low = std::log(std::max(kappa_[i], kappa)), high = std::log(kappa_[i + 1]);
    const int pieces = std::max(1, static_cast<int>(std::ceil(high - low)));
    const double half = (high - low) / (2 * pieces);
    for (int piece = 0; piece < pieces; ++piece)
      for (const QuadraturePoint& point : gauss_legendre)
        sum += half * point.weight * nodes.at(kappa_, i, std::exp(low + half * (2 * piece + 1 + point.x)));
  }
  return sum;
}

}  // namespace ytterby
