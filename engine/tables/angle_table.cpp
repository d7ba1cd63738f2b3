#include "engine/tables/angle_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

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

/// As many deflections as are worked on together: the recurrence waits for itself, so that one alone takes as long.
constexpr std::size_t lanes = 8;
using Lanes = std::array<double, lanes>;

/// P_{l+1} = next[l] x P_l - last[l] P_{l-1}.
struct LegendreRecurrence {
  std::vector<double> next, last;
  explicit LegendreRecurrence(std::size_t count) : next(count), last(count) {
    for (std::size_t l = 0; l < count; ++l) {
      const double n = static_cast<double>(l);
      next[l] = (2 * n + 1) / (n + 1);
      last[l] = n / (n + 1);
    }
  }
};

/// The distribution of the deflections of a step.
class Deflections {
 public:
  explicit Deflections(const Series& series) : series_(series), recurrence_(series.coefficient.size()) {}

  [[nodiscard]] double unscattered() const { return series_.unscattered; }

  /// Chances of deflections up to each mu: the integrated Legendre series, with the unscattered share at 0.
  [[nodiscard]] Lanes up_to(const Lanes& mu) const {
    Lanes x, previous, current, sum;
    for (std::size_t i = 0; i < lanes; ++i) {
      x[i] = current[i] = 1 - 2 * mu[i];
      previous[i] = 1;
      sum[i] = series_.coefficient[0] * mu[i];
    }
    for (std::size_t l = 1; l < series_.coefficient.size(); ++l) {
      const double a = recurrence_.next[l], b = recurrence_.last[l], half = 0.5 * series_.coefficient[l];
      for (std::size_t i = 0; i < lanes; ++i) {
        const double next = a * x[i] * current[i] - b * previous[i];
        sum[i] += half * (previous[i] - next);
        previous[i] = current[i];
        current[i] = next;
      }
    }
    for (double& s : sum) s = std::min(series_.unscattered + s, 1.0);
    return sum;
  }

 private:
  const Series& series_;
  LegendreRecurrence recurrence_;
};

/// Inverts the distribution: a coarse grid brackets, the Illinois form of false position refines in ln mu.
class Inverse {
 public:
  explicit Inverse(const Deflections& deflections) : deflections_(deflections) {
    for (std::size_t first = 0; first < points; first += lanes) {
      Lanes mu;
      for (std::size_t i = 0; i < lanes; ++i) mu[i] = std::exp(log_mu_of(first + i));
      for (const double chance : deflections.up_to(mu))
        chance_.push_back(std::max(chance, chance_.empty() ? 0.0 : chance_.back()));
    }
  }

  /// Deflections at these chances.
  [[nodiscard]] std::vector<double> at(const std::vector<double>& chances) const {
    std::vector<double> mu;
    std::vector<Root> wanted;  // those between two points of the grid
    for (const double u : chances) {
      const auto upper = std::lower_bound(chance_.begin(), chance_.end(), u);
      const bool none = u <= std::max(deflections_.unscattered(), chance_.front());
      mu.push_back(none ? 0.0 : 1.0);
      if (none || u >= 1 || upper == chance_.end()) continue;
      const auto i = static_cast<std::size_t>(upper - chance_.begin());
      wanted.push_back({mu.size() - 1, u, log_mu_of(i - 1), log_mu_of(i), chance_[i - 1] - u, chance_[i] - u});
    }
    for (std::size_t first = 0; first < wanted.size(); first += lanes) {
      const std::span<Root> some = std::span(wanted).subspan(first, std::min(lanes, wanted.size() - first));
      refine(some);
      for (const Root& root : some) mu[root.index] = std::exp(root.found ? root.x : 0.5 * (root.x0 + root.x1));
    }
    return mu;
  }

 private:
  static constexpr double lowest_log_mu = -20.7;  // mu = 1e-9
  static constexpr std::size_t points = 13 * lanes;
  static double log_mu_of(std::size_t point) {
    return lowest_log_mu * (1 - static_cast<double>(point) / static_cast<double>(points - 1));
  }

  struct Root {
    std::size_t index;
    double u, x0, x1, f0, f1, x = 0;
    bool found = false;
    [[nodiscard]] bool open() const { return !found && x1 - x0 > 1e-7 && f0 != f1; }
  };

  void refine(std::span<Root> roots) const {
    for (int k = 0; k < 12 && std::any_of(roots.begin(), roots.end(), [](const Root& r) { return r.open(); }); ++k) {
      Lanes mu{};
      for (std::size_t i = 0; i < roots.size(); ++i) {
        Root& r = roots[i];
        if (r.open()) r.x = r.x0 - r.f0 * (r.x1 - r.x0) / (r.f1 - r.f0);
        mu[i] = std::exp(r.x);
      }
      const Lanes chance = deflections_.up_to(mu);
      for (std::size_t i = 0; i < roots.size(); ++i) {
        Root& r = roots[i];
        if (!r.open()) continue;
        const double f = chance[i] - r.u;
        if (std::abs(f) < 1e-9) {
          r.found = true;
        } else if (f > 0) {
          r.x1 = r.x;
          r.f1 = f;
          r.f0 *= 0.5;
        } else {
          r.x0 = r.x;
          r.f0 = f;
          r.f1 *= 0.5;
        }
      }
    }
  }

  const Deflections& deflections_;
  std::vector<double> chance_;
};

}  // namespace

std::vector<float> angle_table(const ElasticScattering::Moments& moments, double strength, int bins, int tail_bins) {
  const Series series = series_of(moments, strength);
  std::vector<double> chances;
  for (int i = 0; i <= bins; ++i) chances.push_back(static_cast<double>(i) / bins);
  for (int i = 0; i <= tail_bins; ++i) chances.push_back((bins - 1 + static_cast<double>(i) / tail_bins) / bins);
  const Deflections deflections(series);
  const std::vector<double> mu = Inverse(deflections).at(chances);
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
