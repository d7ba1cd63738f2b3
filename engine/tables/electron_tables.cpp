#include "engine/tables/electron_tables.h"

#include <algorithm>
#include <cmath>

#include "engine/base/spline.h"
#include "engine/physics/constants.h"
#include "kernels/tables/tables_view.h"

namespace ytterby {
namespace {

constexpr double lowest_energy = 1.0 / 1024, highest_energy = 4.0;  // [MeV], the energy grid's ends
constexpr int parts_per_octave = 32;
constexpr int octaves = 12;

/// Piecewise cubic through ln-ln data at x; monotone where the data are.
double interpolate(const std::vector<double>& x, const std::vector<double>& y, double at) {
  const std::size_t i = interval_of(x, at);
  const double h = x[i + 1] - x[i], t = (at - x[i]) / h;
  // Four-point Lagrange inside, linear at the ends: the grids are smooth and fine.
  if (i == 0 || i + 2 >= x.size()) return y[i] + (y[i + 1] - y[i]) * t;
  const double a = -t * (t - 1) * (t - 2) / 6, b = (t + 1) * (t - 1) * (t - 2) / 2;
  const double c = -(t + 1) * t * (t - 2) / 2, d = (t + 1) * t * (t - 1) / 6;
  return a * y[i - 1] + b * y[i] + c * y[i + 1] + d * y[i + 2];
}

/// x at which the ascending y(x) is `wanted`, by bisection of the interpolated curve.
double inverse(const std::vector<double>& x, const std::vector<double>& y, double wanted) {
  const std::size_t i = interval_of(y, wanted);
  double low = x[i], high = x[i + 1];
  for (int k = 0; k < 50; ++k) {
    const double middle = 0.5 * (low + high);
    (interpolate(x, y, middle) < wanted ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

double moller_per_energy(double T, double W, double electrons_mol_per_gram) {
  const double tau = T / constants::electron_mass, e = W / T;
  const double beta2 = tau * (tau + 2) / ((tau + 1) * (tau + 1));
  const double g2 = tau * tau / ((tau + 1) * (tau + 1)), g3 = (2 * tau + 1) / ((tau + 1) * (tau + 1));
  const double shape = 1 / (e * e) + 1 / ((1 - e) * (1 - e)) + g2 - g3 / (e * (1 - e));
  const double r = constants::classical_electron_radius;
  return 2 * constants::pi * r * r * constants::electron_mass / (beta2 * T * T) * shape * electrons_mol_per_gram *
         constants::avogadro;
}

double moller_above(double T, double threshold, double electrons_mol_per_gram) {
  const double low = threshold / T;
  if (low >= 0.5) return 0;
  const double tau = T / constants::electron_mass;
  const double beta2 = tau * (tau + 2) / ((tau + 1) * (tau + 1));
  const double g2 = tau * tau / ((tau + 1) * (tau + 1)), g3 = (2 * tau + 1) / ((tau + 1) * (tau + 1));
  const auto integral = [&](double e) { return -1 / e + 1 / (1 - e) + g2 * e - g3 * std::log(e / (1 - e)); };
  const double r = constants::classical_electron_radius;
  const double factor = 2 * constants::pi * r * r * constants::electron_mass / (beta2 * T);
  return factor * (integral(0.5) - integral(low)) * electrons_mol_per_gram * constants::avogadro;
}

SlowingDown::SlowingDown(const Material& material, const Library& library, double electron_cutoff, double photon_cutoff)
    : stopping_(material, library), elastic_(material, library, electron_cutoff) {
  const int nodes = parts_per_octave * octaves + 1;
  const double step = std::log(2.0) / parts_per_octave;
  std::vector<double> coarse_x, coarse_y;  // ln G_1 is smooth: every fourth node suffices
  for (int i = -4; i < nodes + 8; i += 4) {
    coarse_x.push_back(std::log(lowest_energy) + i * step);
    coarse_y.push_back(std::log(elastic_.transport(std::exp(coarse_x.back()))));
  }
  std::vector<double> loss;
  for (int i = 0; i < nodes; ++i) {
    const double x = std::log(lowest_energy) + i * step, T = std::exp(x);
    log_energy_.push_back(x);
    loss.push_back(stopping_.restricted_collision(T, electron_cutoff) +
                   stopping_.restricted_radiative(T, photon_cutoff));
    transport_.push_back(std::exp(interpolate(coarse_x, coarse_y, x)));
    moller_.push_back(moller_above(T, electron_cutoff, stopping_.electrons_per_gram_over_avogadro()) / loss.back());
    straggling_.push_back(stopping_.restricted_straggling(T, electron_cutoff) / loss.back());
    radiation_.push_back((T > photon_cutoff ? stopping_.bremsstrahlung_above(T, photon_cutoff) : 0) / loss.back());
  }
  // Integrals over ln T by the four-point rule of each interval's neighbours; below the first node dr = T/L dlnT with
  // both as powers of T.
  const auto integrate = [&](const auto& density, double start) {
    std::vector<double> f, sum{start};
    for (std::size_t i = 0; i < log_energy_.size(); ++i) f.push_back(density(i));
    for (std::size_t i = 0; i + 1 < f.size(); ++i) {
      const bool inner = i > 0 && i + 2 < f.size();
      const double mean = inner ? (13 * (f[i] + f[i + 1]) - f[i - 1] - f[i + 2]) / 24 : 0.5 * (f[i] + f[i + 1]);
      sum.push_back(sum.back() + mean * step);
    }
    return sum;
  };
  const auto energy_at = [&](std::size_t i) { return std::exp(log_energy_[i]); };
  range_ = integrate([&](std::size_t i) { return energy_at(i) / loss[i]; }, 0.6 * energy_at(0) / loss[0]);
  strength_ = integrate([&](std::size_t i) { return energy_at(i) * transport_[i] / loss[i]; }, 0.0);
  photons_ = cascade_photons(loss, electron_cutoff);
}

std::vector<double> SlowingDown::cascade_photons(const std::vector<double>& loss, double moller_threshold) const {
  const double electrons = stopping_.electrons_per_gram_over_avogadro();
  std::vector<double> energy, photons{0.0};
  for (const double x : log_energy_) energy.push_back(std::exp(x));
  const auto known = [&](double T) {  // linear in T between the nodes that are known
    if (T <= energy[0]) return 0.0;
    const std::size_t i = std::min(interval_of(energy, T), photons.size() - 2);
    return photons[i] + (photons[i + 1] - photons[i]) * (T - energy[i]) / (energy[i + 1] - energy[i]);
  };
  const auto slope = [&](std::size_t i) {
    const double T = energy[i];
    double rate = radiation_[i] * loss[i];
    if (photons.size() > 1 && T > 2 * moller_threshold) {
      constexpr int parts = 32;
      const double span = std::log(0.5 * T / moller_threshold);
      for (int k = 0; k < parts; ++k) {
        const double W = moller_threshold * std::exp(span * (k + 0.5) / parts);
        rate += moller_per_energy(T, W, electrons) * W * span / parts * (known(T - W) + known(W) - known(T));
      }
    }
    return rate / loss[i];
  };
  for (std::size_t i = 0; i + 1 < energy.size(); ++i) {  // Heun's method
    const double width = energy[i + 1] - energy[i], first = slope(i);
    photons.push_back(photons[i] + first * width);
    photons.back() = photons[i] + 0.5 * (first + slope(i + 1)) * width;
  }
  return photons;
}

double SlowingDown::at(const std::vector<double>& values, double T) const {
  return interpolate(log_energy_, values, std::clamp(std::log(T), log_energy_.front(), log_energy_.back()));
}

double SlowingDown::range(double T) const {
  if (T < lowest_energy) return range_.front() * T / lowest_energy;
  return at(range_, T);
}

double SlowingDown::energy(double range) const {
  if (range <= range_.front()) return lowest_energy * range / range_.front();
  if (range >= range_.back()) return highest_energy;
  return std::exp(inverse(log_energy_, range_, range));
}

double SlowingDown::strength(double T) const { return at(strength_, T); }
double SlowingDown::photons(double T) const { return at(photons_, T); }
double SlowingDown::transport(double T) const { return at(transport_, T); }
double SlowingDown::moller_per_MeV(double T) const { return std::max(at(moller_, T), 0.0); }
double SlowingDown::photons_per_MeV(double T) const { return std::max(at(radiation_, T), 0.0); }

double SlowingDown::straggling(double T) const { return at(straggling_, T); }

double SlowingDown::energy_of_strength(double strength) const {
  if (strength <= 0) return lowest_energy;
  if (strength >= strength_.back()) return highest_energy;
  return std::exp(inverse(log_energy_, strength_, strength));
}

std::vector<float> bremsstrahlung_table(const StoppingPower& stopping, double T, double cutoff) {
  std::vector<float> table(bremsstrahlung_stride, 0.0f);
  if (T <= cutoff) return table;
  const double span = std::log(T / cutoff);
  constexpr int parts = 512;
  std::vector<double> sum{0.0};
  for (int i = 0; i < parts; ++i) {
    const double k = cutoff * std::exp(span * (i + 0.5) / parts);
    sum.push_back(sum.back() + stopping.bremsstrahlung_k_dsigma_dk(T, k));
  }
  std::size_t j = 0;
  for (std::uint32_t bin = 0; bin <= bremsstrahlung_bins; ++bin) {
    const double wanted = sum.back() * bin / bremsstrahlung_bins;
    while (j + 2 < sum.size() && sum[j + 1] < wanted) ++j;
    const double width = sum[j + 1] - sum[j];
    table[bin] = static_cast<float>((static_cast<double>(j) + (width > 0 ? (wanted - sum[j]) / width : 0)) / parts);
  }
  table[bremsstrahlung_bins] = 1.0f;
  return table;
}

}  // namespace ytterby
