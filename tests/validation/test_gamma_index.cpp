#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "engine/base/error.h"
#include "validation/gamma_index.h"

namespace ytterby::validation {
namespace {

template <class Function>
Image<float> dose_of(int n, double spacing, const Function& function) {
  Grid grid;
  grid.shape = {n, n, n};
  grid.spacing = {spacing, spacing, spacing};
  Image<float> image{grid, std::vector<float>(grid.voxels())};
  for (int z = 0; z < n; ++z)
    for (int y = 0; y < n; ++y)
      for (int x = 0; x < n; ++x)
        image.values[grid.index(x, y, z)] = static_cast<float>(function(x * spacing, y * spacing, z * spacing));
  return image;
}

std::vector<float> water(const Image<float>& image) { return std::vector<float>(image.values.size(), 1.0F); }

TEST(Gamma, of_a_scaled_flat_dose_is_its_difference) {
  const auto flat = dose_of(5, 0.3, [](double, double, double) { return 100; });
  const auto more = dose_of(5, 0.3, [](double, double, double) { return 103; });
  const GammaResult result = gamma_index(flat, more, water(flat), {});
  EXPECT_EQ(result.tested, 125u);
  EXPECT_EQ(result.passed, 0u);
  for (const float g : result.gamma) EXPECT_NEAR(g, 1.5, 1e-5);
  const auto two = dose_of(5, 0.3, [](double, double, double) { return 102; });
  EXPECT_EQ(gamma_index(flat, two, water(flat), {}).pass_rate(), 1);  // exactly 2 % passes
  const auto far = dose_of(5, 0.3, [](double, double, double) { return 200; });
  EXPECT_EQ(gamma_index(flat, far, water(flat), {}).highest, gamma_cap);
}

// 3 % off passes a criterion of sqrt(2^2 + (2 s)^2) from an error s of sqrt(5) / 2 on.
TEST(Gamma, counts_noise_beside_its_criteria) {
  const auto flat = dose_of(5, 0.3, [](double, double, double) { return 100; });
  const auto more = dose_of(5, 0.3, [](double, double, double) { return 103; });
  const float needed = std::sqrt(5.0F) / 2;
  std::vector<float> noise(flat.values.size(), 1.01F * needed);
  for (std::size_t i = 0; i < 25; ++i) noise[i] = 0.99F * needed;
  noise[0] = std::nanf("");
  const GammaResult result = gamma_index(flat, more, water(flat), {}, noise);
  EXPECT_EQ(result.passed, 0u);
  EXPECT_EQ(result.passed_within_noise, 100u);
  EXPECT_EQ(result.pass_rate_within_noise(), 0.8);
  EXPECT_EQ(gamma_index(flat, more, water(flat), {}).passed_within_noise, 0u);
}

TEST(Gamma, of_a_shifted_ramp_is_the_distance_to_its_line) {
  // D = 10 + 30 x, shifted by s: with dose g s off, gamma = (g s / dD) / sqrt(1 + (g d / dD)^2).
  const double shift = 0.13, slope = 30, spacing = 0.3;
  const auto a = dose_of(24, spacing, [&](double x, double, double) { return 10 + slope * x; });
  const auto b = dose_of(24, spacing, [&](double x, double, double) { return 10 + slope * (x - shift); });
  const double largest = 10 + slope * 23 * spacing, tolerance = 0.02 * largest;
  const double expected = slope * shift / tolerance / std::hypot(1, slope * 0.2 / tolerance);
  const GammaResult result = gamma_index(a, b, water(a), {});
  for (int x = 4; x < 20; ++x) EXPECT_NEAR(result.gamma[a.grid.index(x, 12, 12)], expected, 2e-3) << x;
  GammaCriteria local;
  local.local = true;
  const double dose = 10 + slope * 10 * spacing, own = 0.02 * dose;
  EXPECT_NEAR(gamma_index(a, b, water(a), local).gamma[a.grid.index(10, 12, 12)],
              slope * shift / own / std::hypot(1, slope * 0.2 / own), 5e-3);
}

/// All points of a fine lattice, with trilinear interpolation of its own.
double brute_force(const Image<float>& a, const Image<float>& b, int x, int y, int z, double tolerance, double dta) {
  const int n = a.grid.shape[0], fine = 24;
  const double h = a.grid.spacing[0];
  const double dose = static_cast<double>(a.values[a.grid.index(x, y, z)]);
  double best = gamma_cap * gamma_cap;
  const int reach = static_cast<int>(gamma_cap * dta / h * fine);
  for (int k = -reach; k <= reach; ++k)
    for (int j = -reach; j <= reach; ++j)
      for (int i = -reach; i <= reach; ++i) {
        const double u = x + double(i) / fine, v = y + double(j) / fine, w = z + double(k) / fine;
        const double square = h * h * (i * i + j * j + k * k) / (fine * fine) / (dta * dta);
        if (square >= best || u < 0 || v < 0 || w < 0 || u > n - 1 || v > n - 1 || w > n - 1) continue;
        const int x0 = std::min(int(u), n - 2), y0 = std::min(int(v), n - 2), z0 = std::min(int(w), n - 2);
        const auto at = [&](int p, int q, int r) { return static_cast<double>(b.values[b.grid.index(p, q, r)]); };
        const auto line = [&](int q, int r) { return at(x0, q, r) + (u - x0) * (at(x0 + 1, q, r) - at(x0, q, r)); };
        const auto plane = [&](int r) { return line(y0, r) + (v - y0) * (line(y0 + 1, r) - line(y0, r)); };
        const double found = plane(z0) + (w - z0) * (plane(z0 + 1) - plane(z0));
        best = std::min(best, square + std::pow((found - dose) / tolerance, 2));
      }
  return std::sqrt(best);
}

TEST(Gamma, agrees_with_brute_force) {
  std::mt19937 random(7);
  std::normal_distribution<double> noise;
  const auto blob = [](double x, double y, double z) {
    return 100 * std::exp(-(std::pow(x - 1.4, 2) + std::pow(y - 1.5, 2) + std::pow(z - 1.3, 2)) / 0.6);
  };
  const auto a = dose_of(10, 0.3, blob);
  auto b = dose_of(10, 0.3, [&](double x, double y, double z) { return blob(x + 0.1, y - 0.05, z) * 1.01; });
  for (float& v : b.values) v *= static_cast<float>(1 + 0.01 * noise(random));
  const GammaResult result = gamma_index(a, b, water(a), {});
  const double largest = static_cast<double>(*std::max_element(a.values.begin(), a.values.end()));
  int compared = 0;
  for (int z = 2; z < 8; z += 2)
    for (int y = 2; y < 8; y += 2)
      for (int x = 1; x < 9; x += 2) {
        const float g = result.gamma[a.grid.index(x, y, z)];
        if (std::isnan(g)) continue;
        ++compared;
        const double lattice = brute_force(a, b, x, y, z, 0.02 * largest, 0.2);  // too coarse in steep dose: high
        EXPECT_LT(g, lattice + 0.005) << x << " " << y << " " << z;
        EXPECT_GT(g, lattice - 0.08) << x << " " << y << " " << z;
      }
  EXPECT_GT(compared, 15);
}

TEST(Gamma, leaves_out_gas_and_what_is_below_the_threshold) {
  auto a = dose_of(4, 0.3, [](double x, double, double) { return x < 0.5 ? 100 : 5; });
  auto density = water(a);
  a.values[0] = 1e6F;  // in gas: no largest dose
  density[0] = 0.01F;
  const GammaResult result = gamma_index(a, a, density, {});
  EXPECT_EQ(result.tested, 31u);
  EXPECT_EQ(result.pass_rate(), 1);
  EXPECT_TRUE(std::isnan(result.gamma[0]));
  const auto other = dose_of(3, 0.3, [](double, double, double) { return 1; });
  EXPECT_THROW(gamma_index(a, other, density, {}), Error);
}

}  // namespace
}  // namespace ytterby::validation
