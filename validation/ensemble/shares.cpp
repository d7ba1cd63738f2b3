#include "validation/ensemble/shares.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

namespace ytterby::validation {
namespace {

constexpr int groups = 20;
constexpr std::size_t samples_per_term = 4;

bool left_in(std::size_t sample, int group) { return static_cast<int>(sample % groups) != group; }

/// Mean over the samples left in.
double mean_of(std::span<const double> values, int group) {
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!left_in(i, group)) continue;
    sum += values[i];
    ++count;
  }
  return sum / count;
}

/// Lower triangle, in place of the matrix; a term that others make up counts as 0.
void decompose(std::vector<double>& m, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) {
    const double own = m[j * n + j];
    for (std::size_t k = 0; k < j; ++k) m[j * n + j] -= m[j * n + k] * m[j * n + k];
    const double pivot = m[j * n + j] > 1e-10 * own ? std::sqrt(m[j * n + j]) : 0;
    m[j * n + j] = pivot;
    for (std::size_t i = j + 1; i < n; ++i) {
      for (std::size_t k = 0; k < j; ++k) m[i * n + j] -= m[i * n + k] * m[j * n + k];
      m[i * n + j] = pivot > 0 ? m[i * n + j] / pivot : 0;
    }
  }
}

std::vector<double> solve(const std::vector<double>& m, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= m[i * n + k] * b[k];
    b[i] = m[i * n + i] > 0 ? b[i] / m[i * n + i] : 0;
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= m[k * n + i] * b[k];
    b[i] = m[i * n + i] > 0 ? b[i] / m[i * n + i] : 0;
  }
  return b;
}

double jackknife_error(std::span<const double> left_out) {
  const double mean = std::accumulate(left_out.begin(), left_out.end(), 0.0) / static_cast<double>(left_out.size());
  double square = 0;
  for (const double value : left_out) square += (value - mean) * (value - mean);
  const auto n = static_cast<double>(left_out.size());
  return std::sqrt((n - 1) / n * square);
}

/// Half the mean square of what other noise changes, over the samples left in.
double noise_variance(std::span<const double> y, std::span<const double> other, int group) {
  double square = 0, count = 0;
  for (std::size_t i = 0; i < other.size(); ++i) {
    if (!left_in(i, group)) continue;
    square += (y[i] - other[i]) * (y[i] - other[i]);
    ++count;
  }
  return count > 0 ? square / count / 2 : 0;
}

double variance_of(std::span<const double> values, int group) {
  const double mean = mean_of(values, group);
  double square = 0, count = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!left_in(i, group)) continue;
    square += (values[i] - mean) * (values[i] - mean);
    ++count;
  }
  return count > 1 ? square / (count - 1) : 0;
}

/// Numbers less their mean; 0 for samples that are left out.
std::vector<double> centred(std::span<const double> values, int group) {
  const double mean = mean_of(values, group);
  std::vector<double> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) result[i] = left_in(i, group) ? values[i] - mean : 0;
  return result;
}

}  // namespace

void VarianceShares::add_terms(std::span<const Draw> draws, bool second_degree) {
  terms_.clear();
  const std::size_t numbers = draws.front().numbers.size();
  const auto column = [&](std::size_t a) {
    std::vector<double> values;
    for (const Draw& d : draws) values.push_back(d.numbers[a].value);
    return values;
  };
  for (std::size_t a = 0; a < numbers; ++a) {
    const UncertaintySource source = draws.front().numbers[a].source;
    const std::vector<double> z = column(a);
    terms_.push_back({source, z});
    for (std::size_t b = a; b < numbers && second_degree; ++b) {
      const bool product =
          b == a || (source == UncertaintySource::registration && draws.front().numbers[b].source == source);
      if (!product) continue;
      std::vector<double> values = column(b);
      for (std::size_t i = 0; i < values.size(); ++i) values[i] *= z[i];
      terms_.push_back({source, std::move(values)});
    }
  }
}

VarianceShares::VarianceShares(std::span<const Draw> draws) : samples_(draws.size()) {
  if (draws.empty()) return;
  add_terms(draws, true);
  if (samples_ < samples_per_term * (terms_.size() + 1)) add_terms(draws, false);
  if (samples_ < samples_per_term * (terms_.size() + 1) || samples_ < 2 * groups) {
    terms_.clear();
    return;
  }
  for (const Term& t : terms_)
    if (sources_.empty() || sources_.back() != t.source) sources_.push_back(t.source);
  const std::size_t n = terms_.size();
  for (int group = 0; group <= groups; ++group) {  // the last leaves nothing out
    std::vector<std::vector<double>> columns;
    for (const Term& t : terms_) columns.push_back(centred(t.value, group));
    std::vector<double> m(n * n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j <= i; ++j)
        m[i * n + j] = std::inner_product(columns[i].begin(), columns[i].end(), columns[j].begin(), 0.0);
    decompose(m, n);
    factor_.push_back(std::move(m));
  }
}

std::vector<double> VarianceShares::fitted(std::span<const double> y, int group) const {
  const double variance = variance_of(y, group);
  if (!(variance > 0)) return std::vector<double>(sources_.size());
  std::vector<double> rest = centred(y, group), b;
  for (const Term& t : terms_) b.push_back(std::inner_product(rest.begin(), rest.end(), t.value.begin(), 0.0));
  b = solve(factor_[static_cast<std::size_t>(group)], std::move(b));
  std::vector<std::vector<double>> part(sources_.size(), std::vector<double>(y.size()));
  std::vector<double> terms_of(sources_.size());
  for (std::size_t t = 0; t < terms_.size(); ++t) {
    const auto source = std::find(sources_.begin(), sources_.end(), terms_[t].source) - sources_.begin();
    const std::vector<double> term = centred(terms_[t].value, group);
    ++terms_of[static_cast<std::size_t>(source)];
    for (std::size_t i = 0; i < y.size(); ++i) {
      part[static_cast<std::size_t>(source)][i] += b[t] * term[i];
      rest[i] -= b[t] * term[i];
    }
  }
  const auto sum_of_squares = [](const std::vector<double>& v) {
    return std::inner_product(v.begin(), v.end(), v.begin(), 0.0);
  };
  const double left = static_cast<double>(samples_) * (group < groups ? 1 - 1.0 / groups : 1);
  const double residual = sum_of_squares(rest) / (left - 1 - static_cast<double>(terms_.size()));
  std::vector<double> shares;
  for (std::size_t s = 0; s < sources_.size(); ++s) {
    const double own = sum_of_squares(part[s]) / (left - 1) - terms_of[s] * residual / left;
    shares.push_back(std::max(0.0, own / variance));
  }
  return shares;
}

std::vector<VarianceShare> VarianceShares::of(std::span<const double> y,
                                              std::span<const double> with_other_noise) const {
  std::vector<VarianceShare> shares;
  if (factor_.empty()) return shares;
  for (const UncertaintySource source : sources_) shares.push_back({source});
  if (!with_other_noise.empty()) shares.push_back({UncertaintySource::noise});
  std::vector<std::vector<double>> left_out(shares.size());
  for (int group = 0; group <= groups; ++group) {
    std::vector<double> found = fitted(y, group);
    if (!with_other_noise.empty()) {
      const double variance = variance_of(y, group);
      found.push_back(variance > 0 ? noise_variance(y, with_other_noise, group) / variance : 0);
    }
    for (std::size_t s = 0; s < shares.size(); ++s) {
      if (group < groups) left_out[s].push_back(found[s]);
      shares[s].value = found[s];
    }
  }
  for (std::size_t s = 0; s < shares.size(); ++s) shares[s].error = jackknife_error(left_out[s]);
  std::sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.source < b.source; });
  return shares;
}

namespace {

/// The number at a place among the sorted ones, from 0 on, linear between them.
double at_place(std::vector<double> values, double at) {
  if (values.empty()) return std::nan("");
  at = std::clamp(at, 0.0, static_cast<double>(values.size() - 1));
  const auto low = static_cast<std::size_t>(at);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(low), values.end());
  const double below = values[low];
  if (low + 1 == values.size()) return below;
  const double above = *std::min_element(values.begin() + static_cast<std::ptrdiff_t>(low) + 1, values.end());
  return below + (at - static_cast<double>(low)) * (above - below);
}

}  // namespace

double quantile(std::vector<double> values, double share) {
  const auto most = static_cast<double>(values.size()) - 1;
  return at_place(std::move(values), share * most);
}

Spread spread_of(std::span<const double> values) {
  const std::vector<double> all(values.begin(), values.end());
  // The mean of equal numbers may round off them.
  const auto [low, high] = std::minmax_element(all.begin(), all.end());
  const double deviation = all.empty() || *low == *high ? 0 : std::sqrt(variance_of(values, -1));
  // Limits at n + 1 times their share of the samples (type 6 of Hyndman and Fan), so that one sample more lies between
  // them with 95 %, however few there are; of fewer than 40 the smallest and the largest.
  const auto limit = [&](double share) { return at_place(all, share * static_cast<double>(all.size() + 1) - 1); };
  return {deviation, limit(0.025), quantile(all, 0.5), limit(0.975)};
}

}  // namespace ytterby::validation
