#include "engine/angle_table.h"

#include <algorithm>
#include <cmath>

namespace ytterby {
namespace {

/// Series coefficients exp(-s G_l/G_1) less the unscattered share, as far as they matter.
struct Series {
  double unscattered;
  std::vector<double> coefficient;  // [l], l = 0 ..
};

Series series_of(const ElasticScattering::Moments& moments, double strength) {
  const double path = strength / moments.moment[1];
  Series series{std::exp(-path * moments.total), {}};
  for (const double moment : moments.moment) {
    const double c = std::exp(-path * moment) - series.unscattered;
    if (c < 1e-8) break;
    series.coefficient.push_back(c);
  }
  return series;
}

/// Chance of a deflection up to mu: the integrated Legendre series, with the unscattered share at 0.
double cumulative(const Series& series, double mu) {
  const double x = 1 - 2 * mu;
  double previous = 1, current = x, sum = series.coefficient[0] * mu;
  for (std::size_t l = 1; l < series.coefficient.size(); ++l) {
    const double n = static_cast<double>(l);
    const double next = ((2 * n + 1) * x * current - n * previous) / (n + 1);
    sum += 0.5 * series.coefficient[l] * (previous - next);
    previous = current;
    current = next;
  }
  return std::min(series.unscattered + sum, 1.0);
}

/// Inverts the cumulative distribution: a coarse grid brackets, the Illinois form of false position refines in ln mu.
class Inverse {
 public:
  explicit Inverse(const Series& series) : series_(series) {
    constexpr int points = 96;
    for (int i = 0; i <= points; ++i) {
      log_mu_.push_back(lowest_log_mu * (1 - static_cast<double>(i) / points));
      chance_.push_back(std::max(cumulative(series, std::exp(log_mu_.back())), i > 0 ? chance_.back() : 0.0));
    }
  }

  [[nodiscard]] double at(double u) const {
    if (u <= std::max(series_.unscattered, chance_.front())) return 0;
    const auto upper = std::lower_bound(chance_.begin(), chance_.end(), u);
    if (upper == chance_.end()) return 1;
    const auto i = static_cast<std::size_t>(upper - chance_.begin());
    double x0 = log_mu_[i - 1], x1 = log_mu_[i], f0 = chance_[i - 1] - u, f1 = chance_[i] - u;
    for (int k = 0; k < 12 && x1 - x0 > 1e-7 && f0 != f1; ++k) {
      const double x = x0 - f0 * (x1 - x0) / (f1 - f0);
      const double f = cumulative(series_, std::exp(x)) - u;
      if (std::abs(f) < 1e-9) return std::exp(x);
      if (f > 0) {
        x1 = x;
        f1 = f;
        f0 *= 0.5;
      } else {
        x0 = x;
        f0 = f;
        f1 *= 0.5;
      }
    }
    return std::exp(0.5 * (x0 + x1));
  }

 private:
  static constexpr double lowest_log_mu = -20.7;  // mu = 1e-9
  const Series& series_;
  std::vector<double> log_mu_, chance_;
};

}  // namespace

std::vector<float> angle_table(const ElasticScattering::Moments& moments, double strength, int bins, int tail_bins) {
  const Series series = series_of(moments, strength);
  std::vector<double> chances;
  for (int i = 0; i <= bins; ++i) chances.push_back(static_cast<double>(i) / bins);
  for (int i = 0; i <= tail_bins; ++i) chances.push_back((bins - 1 + static_cast<double>(i) / tail_bins) / bins);
  const Inverse inverse(series);
  std::vector<double> mu;
  for (const double u : chances) mu.push_back(u <= 0 ? 0 : (u >= 1 ? 1 : inverse.at(u)));
  const double median = mu[static_cast<std::size_t>(bins) / 2];
  const double a = median > 0 && median < 0.49 ? median / (1 - 2 * median) : 10.0;
  std::vector<float> table{static_cast<float>(a)};
  for (const double m : mu) table.push_back(static_cast<float>((1 + a) * m / (m + a)));
  return table;
}

double mean_deflection(const std::vector<float>& table, int bins, int tail_bins) {
  const double a = static_cast<double>(table[0]);
  constexpr int parts = 64;
  const auto mean_of = [&](std::size_t node) {
    const double low = static_cast<double>(table[node]), high = static_cast<double>(table[node + 1]);
    double sum = 0;
    for (int i = 0; i < parts; ++i) {
      const double x = low + (high - low) * (i + 0.5) / parts;
      sum += a * x / (1 - x + a);
    }
    return sum / parts;
  };
  double core = 0, tail = 0;
  for (int bin = 0; bin + 1 < bins; ++bin) core += mean_of(static_cast<std::size_t>(1 + bin));
  for (int bin = 0; bin < tail_bins; ++bin) tail += mean_of(static_cast<std::size_t>(bins + 2 + bin));
  return (core + tail / tail_bins) / bins;
}

}  // namespace ytterby
