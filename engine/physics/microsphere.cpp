#include "engine/physics/microsphere.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/base/error.h"
#include "engine/physics/library.h"
#include "engine/physics/material.h"
#include "engine/physics/stopping_power.h"

namespace ytterby {
namespace {

struct Sphere {
  Material material;
  double radius;    // [cm]
  double absorbed;  // of what an electron loses on its straight way, the rest leaves with knock-on electrons
};

Sphere sphere_of(Microsphere sphere) {
  constexpr double cm_per_um = 1e-4;
  // Diameters and densities: Westcott et al., Nucl. Med. Biol. 43 (2016) 351; A. Kennedy et al., Int. J. Radiat. Oncol.
  // Biol. Phys. 68 (2007) 13: resin 32.5 um, 1.6 g/cm3; glass 25 um, 3.3 g/cm3.
  if (sphere == Microsphere::glass) return {built_in_material("yttrium_glass"), 12.5 * cm_per_um, 0.972};
  // A cation exchanger, sulfonated polystyrene C8 H8 S O3; sodium, hydrogen or yttrium at its sites change Z/A little.
  return {make_material("resin", {{1, 0.0438}, {6, 0.5216}, {8, 0.2605}, {16, 0.1741}}, 1.6), 16.0 * cm_per_um, 0.927};
}

/// Energies on a fine logarithmic grid and the ranges by collisions down from them [g/cm2].
struct Ranges {
  std::vector<double> energy, range;

  explicit Ranges(const Material& material) {
    const StoppingPower power(material, built_in_library());
    constexpr double lowest = 1e-3, ratio = 1.02;  // [MeV]; below, the range goes with T^2 nearly and is of no account
    double T = lowest, S = power.collision(T);
    energy.push_back(T);
    range.push_back(T / S / 2);
    while (T < 4) {
      const double next = T * ratio, next_S = power.collision(next);
      range.push_back(range.back() + (next - T) * (1 / S + 1 / next_S) / 2);
      energy.push_back(next);
      T = next;
      S = next_S;
    }
  }
  [[nodiscard]] double range_of(double T) const { return between(energy, range, T); }
  [[nodiscard]] double energy_of(double r) const { return r <= 0 ? 0 : between(range, energy, r); }

 private:
  static double between(const std::vector<double>& x, const std::vector<double>& y, double at) {
    if (at <= x.front()) return y.front() * at / x.front();
    const auto above = std::min(std::upper_bound(x.begin(), x.end(), at), x.end() - 1);
    const auto i = static_cast<std::size_t>(above - x.begin());
    return y[i - 1] + (y[i] - y[i - 1]) * (at - x[i - 1]) / (x[i] - x[i - 1]);
  }
};

/// Ways to the surface at equal steps of their probability 3/2 u - u^3/2, u = l / 2R.
std::vector<double> ways(double radius, int count) {
  std::vector<double> result;
  for (int i = 0; i < count; ++i) {
    const double p = (i + 0.5) / count;
    double u = p / 1.5;
    for (int step = 0; step < 40; ++step) u -= (1.5 * u - 0.5 * u * u * u - p) / (1.5 - 1.5 * u * u + 1e-12);
    result.push_back(2 * radius * std::clamp(u, 0.0, 1.0));
  }
  return result;
}

}  // namespace

std::string_view microsphere_name(Microsphere sphere) {
  return sphere == Microsphere::none ? "none" : sphere == Microsphere::resin ? "resin" : "glass";
}

Nuclide behind_sphere(const Nuclide& nuclide, Microsphere sphere) {
  if (sphere == Microsphere::none) return nuclide;
  const Sphere s = sphere_of(sphere);
  const Ranges ranges(s.material);
  constexpr int directions = 200;
  const std::vector<double> l = ways(s.radius * s.absorbed, directions);
  const std::vector<double>& T = nuclide.energy;
  Nuclide result = nuclide;
  std::vector<double> number(T.size());  // at the nodes
  const auto put = [&](double energy, double weight) {
    const auto above = std::clamp<std::ptrdiff_t>(std::upper_bound(T.begin(), T.end(), energy) - T.begin(), 1,
                                                  static_cast<std::ptrdiff_t>(T.size()) - 1);
    const auto i = static_cast<std::size_t>(above);
    const double share = std::clamp((energy - T[i - 1]) / (T[i] - T[i - 1]), 0.0, 1.0);
    number[i - 1] += weight * (1 - share);
    number[i] += weight * share;
  };
  for (std::size_t i = 1; i < T.size(); ++i) {
    // Two points a segment, Gauss: exact for the moments of a linear density.
    for (const double x : {0.5 - 0.5 / std::sqrt(3.0), 0.5 + 0.5 / std::sqrt(3.0)}) {
      const double energy = T[i - 1] + x * (T[i] - T[i - 1]);
      const double density = nuclide.density[i - 1] + x * (nuclide.density[i] - nuclide.density[i - 1]);
      const double weight = density * (T[i] - T[i - 1]) / 2 / directions, range = ranges.range_of(energy);
      for (const double way : l) put(ranges.energy_of(range - way * s.material.density), weight);
    }
  }
  double area = 0, moment = 0;
  for (std::size_t i = 0; i < T.size(); ++i) {
    const double low = T[i == 0 ? 0 : i - 1], high = T[i + 1 == T.size() ? i : i + 1];
    result.density[i] = number[i] / ((high - low) / 2);
  }
  for (std::size_t i = 1; i < T.size(); ++i) {
    const double a = T[i - 1], b = T[i], f = result.density[i - 1], g = result.density[i];
    area += (b - a) * (f + g) / 2;
    moment += (b - a) * (f * (2 * a + b) + g * (a + 2 * b)) / 6;
  }
  for (double& density : result.density) density /= area;
  result.mean_energy = moment / area;
  result.variant += (result.variant.empty() ? "" : ", ") + std::string(microsphere_name(sphere));
  return result;
}

}  // namespace ytterby
