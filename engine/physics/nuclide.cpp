#include "engine/physics/nuclide.h"

#include <cmath>

#include "engine/base/csv.h"
#include "engine/base/units.h"

namespace ytterby {
namespace {

constexpr double half_life_y90_h = 64.05;  // 64.05(5) h: Basu, McCutchan, Nucl. Data Sheets 165 (2020) 1

constexpr double mean_ddep = 0.9267;  // [MeV], 926.7(8) keV: M.-M. Be et al., Monographie BIPM-5, LNHB/DDEP (2015)

/// Scales the piecewise-linear density to integral 1 (the table is rounded) and takes its mean, exactly for the table.
void normalise(Nuclide& nuclide) {
  double area = 0, moment = 0;
  for (std::size_t i = 1; i < nuclide.energy.size(); ++i) {
    const double a = nuclide.energy[i - 1], b = nuclide.energy[i];
    const double f = nuclide.density[i - 1], g = nuclide.density[i];
    area += (b - a) * (f + g) / 2;
    moment += (b - a) * (f * (2 * a + b) + g * (a + 2 * b)) / 6;
  }
  for (double& value : nuclide.density) value /= area;
  nuclide.mean_energy = moment / area;
}

Nuclide read_yttrium_90() {
  const CsvTable table = embedded_csv("spectrum_y90.csv");
  Nuclide nuclide;
  nuclide.name = "Y-90";
  nuclide.half_life_h = half_life_y90_h;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    nuclide.energy.push_back(table.number(row, table.column("energy_MeV")));
    nuclide.density.push_back(table.number(row, table.column("pdf_per_MeV")));
  }
  normalise(nuclide);
  return nuclide;
}

/// Zeroth and first moment of a piecewise-linear density times T^power at its nodes.
struct Moments {
  double zeroth = 0, first = 0;
};
Moments moments(const Nuclide& nuclide, int power) {
  Moments m;
  for (std::size_t i = 1; i < nuclide.energy.size(); ++i) {
    const double a = nuclide.energy[i - 1], b = nuclide.energy[i];
    const double f = nuclide.density[i - 1] * (power == 0 ? 1 : a), g = nuclide.density[i] * (power == 0 ? 1 : b);
    m.zeroth += (b - a) * (f + g) / 2;
    m.first += (b - a) * (f * (2 * a + b) + g * (a + 2 * b)) / 6;
  }
  return m;
}

/// Times 1 + a T, with the a that gives the mean: (F_0 + a F_1) = mean (Z_0 + a Z_1), linear in a.
Nuclide tilted(Nuclide nuclide, double mean) {
  const Moments plain = moments(nuclide, 0), by_energy = moments(nuclide, 1);
  const double a = (mean * plain.zeroth - plain.first) / (by_energy.first - mean * by_energy.zeroth);
  for (std::size_t i = 0; i < nuclide.energy.size(); ++i) nuclide.density[i] *= 1 + a * nuclide.energy[i];
  normalise(nuclide);
  return nuclide;
}

}  // namespace

double Nuclide::decays_per_becquerel() const { return half_life_h * seconds_per_hour / std::log(2.0); }

double Nuclide::dose_constant() const {
  constexpr double becquerel_per_gigabecquerel = 1e9, gram_per_kilogram = 1e3;
  return becquerel_per_gigabecquerel * decays_per_becquerel() * mean_energy * gray_per_MeV_per_g / gram_per_kilogram;
}

const Nuclide& yttrium_90() {
  static const Nuclide nuclide = read_yttrium_90();
  return nuclide;
}

const Nuclide& yttrium_90(BetaSpectrum spectrum) {
  static const Nuclide ddep = [] {
    Nuclide nuclide = tilted(yttrium_90(), mean_ddep);
    nuclide.variant = "ddep";
    return nuclide;
  }();
  return spectrum == BetaSpectrum::ddep ? ddep : yttrium_90();
}

}  // namespace ytterby
