#include "engine/physics/internal_bremsstrahlung.h"

#include <algorithm>
#include <cmath>

#include "engine/physics/constants.h"

namespace ytterby {
namespace {

constexpr int parts = 400;  // of ln k: number and energy to 1e-5

/// Photons between the cutoff and T, cumulative at equal steps of ln k; `ln_step` is their width.
std::vector<double> cumulative(double T, double cutoff, double& ln_step) {
  std::vector<double> sum{0.0};
  ln_step = std::log(T / cutoff) / parts;
  for (int i = 0; i < parts; ++i) {
    const double k = cutoff * std::exp(ln_step * (i + 0.5));
    sum.push_back(sum.back() + internal_photons_per_MeV(T, k) * k * ln_step);
  }
  return sum;
}

}  // namespace

double internal_photons_per_MeV(double T, double k) {
  if (!(k > 0 && k < T)) return 0;
  const double all = 1 + T / constants::electron_mass, left = all - k / constants::electron_mass;
  const double p_all = std::sqrt(all * all - 1), p = std::sqrt(left * left - 1);
  if (!(p > 0)) return 0;
  const double bracket = (left * left + all * all) / (all * p) * std::log(left + p) - 2;
  return constants::fine_structure / (constants::pi * k) * p / p_all * bracket;
}

InternalBremsstrahlung internal_bremsstrahlung(const Nuclide& nuclide, double cutoff) {
  InternalBremsstrahlung result;
  for (std::size_t i = 1; i < nuclide.energy.size(); ++i) {
    const double width = nuclide.energy[i] - nuclide.energy[i - 1], T = (nuclide.energy[i] + nuclide.energy[i - 1]) / 2;
    const double weight = width * (nuclide.density[i] + nuclide.density[i - 1]) / 2;
    if (T <= cutoff) continue;
    const double step = std::log(T / cutoff) / parts;
    for (int j = 0; j < parts; ++j) {
      const double k = cutoff * std::exp(step * (j + 0.5)), n = weight * internal_photons_per_MeV(T, k) * k * step;
      result.number += n;
      result.energy += n * k;
    }
  }
  return result;
}

InternalPhotonTables internal_photon_tables(double highest, double cutoff) {
  constexpr int rows = 257, columns = 129;
  InternalPhotonTables tables;
  tables.rows_per_MeV = static_cast<float>((rows - 1) / highest);
  for (int row = 0; row < rows; ++row) {
    const double T = highest * row / (rows - 1);
    if (T <= cutoff * 1.0001) {
      tables.number.push_back(0);
      tables.share.insert(tables.share.end(), columns, 1.0F);
      continue;
    }
    double step = 0;
    const std::vector<double> sum = cumulative(T, cutoff, step);
    tables.number.push_back(static_cast<float>(sum.back()));
    for (int column = 0; column < columns; ++column) {
      const double wanted = sum.back() * column / (columns - 1);
      const auto above =
          std::clamp<std::ptrdiff_t>(std::lower_bound(sum.begin(), sum.end(), wanted) - sum.begin(), 1, parts);
      const double low = sum[static_cast<std::size_t>(above - 1)], high = sum[static_cast<std::size_t>(above)];
      const double place = static_cast<double>(above - 1) + (high > low ? (wanted - low) / (high - low) : 0);
      tables.share.push_back(static_cast<float>(cutoff / T * std::exp(step * place)));
    }
  }
  return tables;
}

}  // namespace ytterby
