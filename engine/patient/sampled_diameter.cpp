#include "engine/patient/sampled_diameter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/physics/constants.h"

namespace ytterby {
namespace {

constexpr double in_cone = 0.766, near_furthest = 0.883;  // cosines of 40 and 28 degrees
constexpr double ellipsoid_noise = 1.4;                   // misfit over noise up to which a body is an ellipsoid
constexpr double wide_share = 0.75;                       // of the widest slice's squared width: its neighbours

double distance(const Vector3& a, const Vector3& b) { return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]); }
double dot(const Vector3& a, const Vector3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

const Vector3& furthest(const std::vector<Vector3>& points, const Vector3& from) {
  return *std::max_element(points.begin(), points.end(),
                           [&](const Vector3& a, const Vector3& b) { return distance(a, from) < distance(b, from); });
}

void keep_longer(Span& best, const Vector3& a, const Vector3& b) {
  const double length = distance(a, b);
  if (!(length > best.length)) return;
  best.length = length;
  for (std::size_t k = 0; k < 3; ++k) best.direction[k] = (a[k] - b[k]) / length;
}

/// Directions of half a sphere, evenly spread (a Fibonacci spiral), or of half a circle in the plane of two axes.
std::vector<Vector3> directions(const std::vector<std::size_t>& axes, int count) {
  std::vector<Vector3> all;
  const double golden = constants::pi * (3 - std::sqrt(5.0));
  for (int i = 0; i < count; ++i) {
    Vector3 u{0, 0, 0};
    if (axes.size() == 3) {
      const double z = (i + 0.5) / count, r = std::sqrt(1 - z * z);
      u = {r * std::cos(i * golden), r * std::sin(i * golden), z};
    } else {
      u[axes[0]] = std::cos(constants::pi * i / count);
      u[axes[1]] = std::sin(constants::pi * i / count);
    }
    all.push_back(u);
  }
  return all;
}

/// Voxel size along a direction [cm].
double voxel_along(const Vector3& u, const Vector3& h) { return std::hypot(u[0] * h[0], u[1] * h[1], u[2] * h[2]); }

/// What is measured of a slice or body.
struct Widths {
  double shortfall = 0, height = 0;
  std::vector<double> width;  // by direction, the shortfall made up [cm]
};

class Fit {
 public:
  Fit(const std::vector<std::size_t>& axes, const Vector3& spacing, bool by_height)
      : axes_(axes), spacing_(spacing), heights_(by_height ? 3 : 1) {}

  /// Least squares of the squared widths in the directions within the cone about `axis` (all: cosine 0).
  void take(const std::vector<Vector3>& u, const std::vector<Widths>& slices, const Vector3& axis, double cosine) {
    const std::size_t n = terms();
    std::vector<double> a(n * (n + 1), 0.0);  // the normal equations, right side last
    each(u, slices, axis, cosine, [&](const Vector3& direction, const Widths& s, double width) {
      const std::array<double, 9> b = basis(direction, s.height);
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) a[i * (n + 1) + j] += b[i] * b[j];
        a[i * (n + 1) + n] += b[i] * width * width;
      }
    });
    solve(a, n);
    double left = 0, noise = 0, both = 0;
    std::size_t count = 0;
    each(u, slices, axis, cosine, [&](const Vector3& direction, const Widths& s, double width) {
      const double own =
          std::hypot((axes_.size() == 3 ? 0.37 : 0.48) * s.shortfall * width, 0.1 * voxel_along(direction, spacing_));
      const double off = width - std::sqrt(std::max(0.0, squared(direction, s.height)));
      left += off * off;
      noise += own * own;
      both += off * off / (own * own);
      ++count;
    });
    misfit_ = std::sqrt(std::max(0.0, left - noise) / static_cast<double>(count));
    over_noise_ = std::sqrt(both / static_cast<double>(count));
  }

  [[nodiscard]] double squared(const Vector3& u, double height) const {
    const std::array<double, 9> b = basis(u, height);
    double sum = 0;
    for (std::size_t i = 0; i < terms(); ++i) sum += coefficient_[i] * b[i];
    return sum;
  }
  [[nodiscard]] double misfit() const { return misfit_; }          // beyond the noise [cm]
  [[nodiscard]] double over_noise() const { return over_noise_; }  // misfit in units of the noise

 private:
  [[nodiscard]] std::size_t terms() const { return (axes_.size() == 3 ? 6 : 3) * heights_; }

  template <class Use>
  static void each(const std::vector<Vector3>& u, const std::vector<Widths>& slices, const Vector3& axis, double cosine,
                   const Use& use) {
    for (std::size_t k = 0; k < u.size(); ++k) {
      if (std::abs(dot(u[k], axis)) < cosine) continue;
      for (const Widths& s : slices) use(u[k], s, s.width[k]);
    }
  }

  /// Quadratic in the direction; for slices each with a parabola in height.
  [[nodiscard]] std::array<double, 9> basis(const Vector3& u, double height) const {
    std::array<double, 9> b{};
    std::size_t n = 0;
    for (std::size_t i = 0; i < axes_.size(); ++i) {
      for (std::size_t j = i; j < axes_.size(); ++j) b[n++] = u[axes_[i]] * u[axes_[j]];
    }
    for (std::size_t power = 1; power < heights_; ++power) {
      for (std::size_t i = 0; i < 3; ++i) b[3 * power + i] = b[3 * (power - 1) + i] * height;
    }
    return b;
  }

  void solve(std::vector<double>& a, std::size_t n) {
    const std::size_t w = n + 1;
    for (std::size_t c = 0; c < n; ++c) {
      std::size_t pivot = c;
      for (std::size_t r = c + 1; r < n; ++r) {
        if (std::abs(a[r * w + c]) > std::abs(a[pivot * w + c])) pivot = r;
      }
      for (std::size_t k = 0; k < w; ++k) std::swap(a[c * w + k], a[pivot * w + k]);
      for (std::size_t r = 0; r < n; ++r) {
        if (r == c || a[c * w + c] == 0) continue;
        const double factor = a[r * w + c] / a[c * w + c];
        for (std::size_t k = c; k < w; ++k) a[r * w + k] -= factor * a[c * w + k];
      }
    }
    for (std::size_t i = 0; i < n; ++i) coefficient_[i] = a[i * w + i] == 0 ? 0 : a[i * w + n] / a[i * w + i];
  }

  std::vector<std::size_t> axes_;
  Vector3 spacing_;
  std::size_t heights_;
  std::array<double, 9> coefficient_{};
  double misfit_ = 0, over_noise_ = 0;
};

Widths widths_of(const SampledBody& body, const std::vector<Vector3>& u, bool in_space) {
  Widths result;
  const auto n = static_cast<double>(body.count);
  result.shortfall = in_space ? 1.01 / std::sqrt(n) : 1.10 / std::cbrt(n * n);
  result.height = body.height;
  for (const Vector3& direction : u) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const Vector3& p : body.ends) {
      const double at = dot(p, direction);
      low = std::min(low, at);
      high = std::max(high, at);
    }
    result.width.push_back((high - low) / (1 - result.shortfall));
  }
  return result;
}

/// The slices that are nearly as wide as the widest, heights from -1 to 1 among them.
std::vector<Widths> widest(std::vector<Widths> slices) {
  const auto width = [](const Widths& s) { return *std::max_element(s.width.begin(), s.width.end()); };
  double most = 0, low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Widths& s : slices) most = std::max(most, width(s));
  std::erase_if(slices, [&](const Widths& s) { return width(s) * width(s) < wide_share * most * most; });
  if (slices.size() < 4) {
    return {*std::max_element(slices.begin(), slices.end(),
                              [&](const Widths& a, const Widths& b) { return width(a) < width(b); })};
  }
  for (const Widths& s : slices) {
    low = std::min(low, s.height);
    high = std::max(high, s.height);
  }
  for (Widths& s : slices) s.height = high > low ? 2 * (s.height - low) / (high - low) - 1 : 0;
  return slices;
}

}  // namespace

Span largest_span(std::vector<Vector3> points) {
  Span best;
  if (points.size() < 2) return best;
  Vector3 centre{0, 0, 0};
  for (const Vector3& p : points) {
    for (std::size_t a = 0; a < 3; ++a) centre[a] += p[a] / static_cast<double>(points.size());
  }
  // A few jumps to the furthest point give a good lower bound; only points far enough from the centre can beat it.
  Vector3 from = centre;
  for (int jump = 0; jump < 6; ++jump) {
    const Vector3 to = furthest(points, from);
    if (jump > 0) keep_longer(best, from, to);
    from = to;
  }
  const double largest_radius = distance(furthest(points, centre), centre);
  std::erase_if(points, [&](const Vector3& p) { return distance(p, centre) + largest_radius < best.length; });
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = i + 1; j < points.size(); ++j) keep_longer(best, points[i], points[j]);
  }
  return best;
}

Diameter diameter_of_samples(const std::vector<SampledBody>& slices, const std::vector<std::size_t>& axes,
                             const Vector3& spacing) {
  const bool in_space = axes.size() == 3;
  Span furthest_centres;
  std::size_t most = 0;
  std::vector<Widths> measured;
  const std::vector<Vector3> u = directions(axes, in_space ? 1200 : 90);
  for (const SampledBody& body : slices) {
    const Span span = largest_span(body.ends);
    if (span.length > furthest_centres.length) furthest_centres = span;
    most = std::max(most, body.count);
    if (body.count >= (in_space ? 30U : 8U)) measured.push_back(widths_of(body, u, in_space));
  }
  if (most == 0) return {};
  const double raw = furthest_centres.length, voxel = voxel_along(furthest_centres.direction, spacing);
  if (measured.empty()) return {raw + voxel, voxel / 2};
  measured = widest(std::move(measured));
  Fit fit(axes, spacing, measured.size() > 1);
  fit.take(u, measured, furthest_centres.direction, 0);
  const bool ellipsoid = fit.over_noise() <= ellipsoid_noise;
  if (!ellipsoid) fit.take(u, measured, furthest_centres.direction, in_cone);
  double largest = 0;
  for (const Vector3& direction : directions(axes, in_space ? 5000 : 360)) {
    if (!ellipsoid && std::abs(dot(direction, furthest_centres.direction)) < near_furthest) continue;
    for (int step = measured.size() > 1 ? -20 : 0; step <= (measured.size() > 1 ? 20 : 0); ++step) {
      largest = std::max(largest, fit.squared(direction, step / 20.0));
    }
  }
  const double value = std::max(raw, std::sqrt(largest));
  double shortfall = 1;
  for (const Widths& s : measured) shortfall = std::min(shortfall, s.shortfall);
  return {value, std::hypot((in_space ? 0.28 : 0.2) * shortfall * value, 0.08 * voxel, fit.misfit())};
}

}  // namespace ytterby
