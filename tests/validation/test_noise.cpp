// What noise does to a histogram, taken off again: doses that are known, with noise drawn onto them.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "validation/noise.h"
#include "validation/radiobiology.h"

namespace ytterby::validation {
namespace {

constexpr int voxels = 4000, draws = 8;

struct Shape {
  std::string name;
  std::function<double(double share)> dose;  // by share of the volume below it [Gy]
  double noise;                              // of a voxel [Gy]
};

std::vector<Shape> shapes() {
  return {{"flat", [](double) { return 300.0; }, 15},
          {"ramp", [](double u) { return 100 + 300 * u; }, 25},
          {"two levels", [](double u) { return u < 0.3 ? 120 + 60 * u : 330 + 60 * u; }, 15},
          {"steep below", [](double u) { return 50 + 250 * std::sqrt(u); }, 15}};
}

struct Measure {
  std::string name;
  std::function<Denoised(const NoiseFreeHistogram&)> of;
};

std::vector<Measure> measures() {
  std::vector<Measure> all;
  for (const int share : {95, 70, 50, 2})
    all.push_back({"D" + std::to_string(share), [=](const NoiseFreeHistogram& h) { return h.dose_to(0.01 * share); }});
  for (const int dose : {100, 200, 290})
    all.push_back({"V" + std::to_string(dose), [=](const NoiseFreeHistogram& h) { return h.volume_above(dose); }});
  all.push_back({"gEUD", [](const NoiseFreeHistogram& h) { return h.geud(-10); }});
  return all;
}

NoiseFreeHistogram noisy(const Shape& shape, double noise, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  std::vector<double> dose;
  for (int i = 0; i < voxels; ++i) dose.push_back(shape.dose((i + 0.5) / voxels) + noise * normal(random));
  return {dose, std::vector<double>(voxels, noise), std::vector<double>(voxels, 1.0 / voxels)};
}

// Lungs at few histories: the noise is as wide as the doses, which have a long tail below; what was stated for D50 was
// 0.04 Gy, and 0.7 Gy were wrong.
TEST(NoiseFreeHistogram, StatesWhatNoiseHidesOfASkewHistogram) {
  std::mt19937_64 random(12);
  const Shape lungs{"lungs", [](double u) { return std::max(0.0, 13.9 + 2.0 * std::log(u)); }, 2.8};
  for (int draw = 0; draw < draws; ++draw) {
    const NoiseFreeHistogram h = noisy(lungs, lungs.noise, random);
    for (const double share : {0.7, 0.5, 0.3}) {
      const Denoised d = h.dose_to(share);
      EXPECT_LT(std::abs(d.value - lungs.dose(1 - share)), 1.5 * d.error) << share;
      EXPECT_LT(d.error, 2.0) << share;
    }
    const Denoised above = h.volume_above(12);
    EXPECT_LT(std::abs(above.value - (1 - std::exp(-1.9 / 2))), 2 * above.error);
    // Where the noise is small beside the doses it hides nothing of note.
    EXPECT_LT(noisy(lungs, 0.05, random).dose_to(0.5).error, 0.01);
  }
}

// Means over draws: within the error that is stated, and nearer to the truth than what noise made of it.
TEST(NoiseFreeHistogram, GivesBackWhatNoiseMoved) {
  std::mt19937_64 random(11);
  int moved = 0;
  for (const Shape& shape : shapes()) {
    const NoiseFreeHistogram exact = noisy(shape, 0, random);
    std::vector<NoiseFreeHistogram> drawn;
    for (int draw = 0; draw < draws; ++draw) drawn.push_back(noisy(shape, shape.noise, random));
    for (const Measure& measure : measures()) {
      SCOPED_TRACE(shape.name + " " + measure.name);
      const double truth = measure.of(exact).raw;
      double value = 0, raw = 0, error = 0, square = 0;
      for (const NoiseFreeHistogram& h : drawn) {
        const Denoised d = measure.of(h);
        value += d.value / draws;
        raw += d.raw / draws;
        error += d.error / draws;
        square += d.raw * d.raw / draws;
      }
      const double spread = std::sqrt(std::max(square - raw * raw, 0.0) / (draws - 1));
      EXPECT_LE(std::abs(value - truth), 1.5 * error + 4 * spread) << truth << ", with noise " << raw << ": " << value;
      if (std::abs(raw - truth) < std::max(10 * spread, 1e-6)) continue;
      ++moved;
      EXPECT_LE(std::abs(value - truth), 0.75 * std::abs(raw - truth)) << truth << ", with noise " << raw;
    }
  }
  EXPECT_GT(moved, 15);
}

// Where the dose varies much more than the noise, what is left of the shift is of fourth order.
TEST(NoiseFreeHistogram, IsRightToSecondOrder) {
  const Shape wide{"wide", [](double u) { return 300 + 60 * std::log(u / (1 - u)); }, 0};
  std::mt19937_64 random(3);
  const NoiseFreeHistogram exact = noisy(wide, 0, random);
  double raw = 0, value = 0;
  constexpr int many = 40;
  const double truth = exact.dose_to(0.95).raw;
  for (int draw = 0; draw < many; ++draw) {
    const Denoised d = noisy(wide, 30, random).dose_to(0.95);
    raw += d.raw / many;
    value += d.value / many;
  }
  EXPECT_LT(raw, truth - 5);
  EXPECT_NEAR(value, truth, 1);
}

TEST(NoiseFreeHistogram, LeavesAloneWhatHasNoNoise) {
  std::mt19937_64 random(5);
  for (const Shape& shape : shapes()) {
    const NoiseFreeHistogram exact = noisy(shape, 0, random);
    for (const Measure& measure : measures()) {
      const Denoised d = measure.of(exact);
      EXPECT_NEAR(d.value, d.raw, 1e-9 * std::abs(d.raw) + 1e-9) << shape.name << " " << measure.name;
    }
  }
}

}  // namespace
}  // namespace ytterby::validation
