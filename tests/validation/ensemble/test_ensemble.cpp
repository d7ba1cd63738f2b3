// Samples of a dose against closed forms.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>

#include "tests/validation/ensemble/small_ensemble.h"
#include "validation/ensemble/fields.h"
#include "validation/ensemble/shares.h"
#include "validation/probability.h"

namespace ytterby::validation {
namespace {

using test::ball;
using test::becquerel_input;
using test::box_grid;

constexpr double becquerel = 1e6;  // of a voxel inside

/// A uniform ball that is a tumour, and its input.
struct UniformBall {
  Grid grid;
  double radius;
  std::vector<float> mask;
  EnsembleInput input;
  explicit UniformBall(double spacing = 0.3, double r = 3)
      : grid(box_grid(36, spacing)), radius(r), mask(ball(grid, r, {18 * spacing, 18 * spacing, 18 * spacing})) {
    std::vector<double> activity(mask.begin(), mask.end());
    for (double& a : activity) a *= becquerel;
    input = becquerel_input(grid, {{"tumour", Role::tumour, mask}}, activity);
  }
};

double mean_of(const Sample& s, std::size_t structure = 0) { return s.structures[structure].measures.front(); }

TEST(Ensemble, gives_the_dose_to_the_bit_where_nothing_is_drawn) {
  UniformBall b;
  const Ensemble e(b.input);
  const Sample as_it_is = e.as_it_is(), sample = e.sample(1, 17);
  for (std::size_t k = 0; k < e.structures().size(); ++k) {
    EXPECT_EQ(sample.structures[k].measures, as_it_is.structures[k].measures);
    EXPECT_EQ(sample.structures[k].session_mean, as_it_is.structures[k].session_mean);
    EXPECT_EQ(sample.structures[k].volume, as_it_is.structures[k].volume);
  }
  EXPECT_EQ(e.middle().structures[0].measures, as_it_is.structures[0].measures);
}

TEST(Ensemble, repeats_a_sample_to_the_bit) {
  UniformBall b;
  b.input.uncertainty.registration = {0.3, 0.3, 0.5};
  b.input.uncertainty.contour = 0.15;
  b.input.uncertainty.noise = 0.15;
  b.input.uncertainty.psf = {0.5, 0.7};
  const Ensemble e(b.input), other(b.input);
  EXPECT_EQ(e.sample(1, 3).structures[0].measures, other.sample(1, 3).structures[0].measures);
  EXPECT_NE(e.sample(1, 3).structures[0].measures, e.sample(1, 4).structures[0].measures);
  EXPECT_NE(e.sample(1, 3).structures[0].measures, e.sample(2, 3).structures[0].measures);
}

/// Every dose is the stated one times the calibration, lognormal about it.
TEST(Ensemble, multiplies_all_doses_by_the_calibration) {
  UniformBall b;
  b.input.uncertainty.activity = 0.1;
  const Ensemble e(b.input);
  const Sample own = e.as_it_is();
  std::vector<double> means;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    const Sample s = e.sample(5, i);
    const double factor = s.draw.activity[0];
    means.push_back(mean_of(s));
    EXPECT_NEAR(mean_of(s), factor * mean_of(own), 1e-9 * mean_of(own));
    EXPECT_NEAR(s.structures[0].measures[1], factor * own.structures[0].measures[1], 1e-9 * mean_of(own));
  }
  const Spread spread = spread_of(means);
  const double sigma = lognormal_sigma(0.1), value = mean_of(own);
  // Standard errors: of a standard deviation 1 / sqrt(2 n), of these percentiles 2.7 / sqrt(n) standard deviations.
  EXPECT_NEAR(spread.standard_deviation / value, 0.1, 5 * 0.1 / std::sqrt(8000));
  EXPECT_NEAR(std::log(spread.median / value), 0, 5 * 1.25 * sigma / std::sqrt(4000));
  EXPECT_NEAR(std::log(spread.low_95 / value), -1.96 * sigma, 5 * 2.7 * sigma / std::sqrt(4000));
  EXPECT_NEAR(std::log(spread.high_95 / value), 1.96 * sigma, 5 * 2.7 * sigma / std::sqrt(4000));
}

/// V at a level is the histogram at the level over the factor.
TEST(Ensemble, reads_volumes_at_the_level_over_the_calibration) {
  UniformBall b;
  b.input.uncertainty.activity = 0.3;
  const double dose = 0.5 * (mean_of(Ensemble(b.input).as_it_is()));
  std::string level_of_twice = "V";
  level_of_twice += std::to_string(static_cast<int>(dose * 2));
  b.input.asked = {level_of_twice};
  const Ensemble e(b.input);
  const std::size_t v = 1 + e.names().shares.size() + e.names().levels.size() - 1;
  ASSERT_TRUE(e.names().share_of_volume(v));
  const double level = e.names().levels.back(), uniform = e.as_it_is().structures[0].measures[3];  // D50
  for (std::uint64_t i = 0; i < 50; ++i) {
    const Sample s = e.sample(1, i);
    const bool above = uniform * s.draw.activity[0] >= level;
    EXPECT_EQ(s.structures[0].measures[v] > 0.5, above);
  }
}

/// Overlap of a ball with itself, moved by d: 1 - 3 d / (4 R) + d^3 / (16 R^3). The dose stays in its voxel here.
TEST(Ensemble, loses_by_a_shift_what_two_balls_do_not_share) {
  UniformBall b(0.15, 2);
  b.input.uncertainty.registration = {0.3, 0.3, 0.4};
  const Ensemble e(b.input);
  const double value = mean_of(e.as_it_is()), uniform = e.as_it_is().structures[0].measures[3];  // D50
  for (std::uint64_t i = 0; i < 40; ++i) {
    const Sample s = e.sample(2, i);
    const double d = std::hypot(s.draw.shift[0][0], s.draw.shift[0][1], s.draw.shift[0][2]), ratio = d / b.radius;
    // Turned round: what the shift takes, the image's own has taken already.
    const double shifted = 2 * value - mean_of(s);
    const double overlap = 1 - 0.75 * ratio + ratio * ratio * ratio / 16;
    // Masks and image are averages over voxels of h: that blurs the overlap by a variance of h^2 / 6 along each axis.
    const double slope = (-0.75 + 3 * ratio * ratio / 16) / b.radius, bend = 6 * ratio / (16 * b.radius * b.radius);
    const double expected = overlap + 0.15 * 0.15 / 12 * (bend + 2 * slope / d);
    if (d > 0.3) {
      EXPECT_NEAR((shifted / uniform - 1) / (expected - 1), 1, 0.013) << d;
    }
  }
}

/// Turned round, D95 may gain more than D50 does; a sample is a histogram all the same.
TEST(Ensemble, keeps_the_order_of_a_histogram) {
  UniformBall b;
  b.input.uncertainty.registration = {0.6, 0.6, 0.9};
  b.input.uncertainty.contour = 0.3;
  b.input.asked = {"D98", "D10", "V50"};
  const double dose = mean_of(Ensemble(b.input).as_it_is());
  for (int i = 0; i <= 20; ++i) b.input.histogram_at.push_back(dose * i / 10);
  const Ensemble e(b.input);
  const MeasureNames& names = e.names();
  int above_its_own = 0;
  for (std::uint64_t i = 0; i < 60; ++i) {
    const SampledStructure s = e.sample(6, i).structures[0];
    for (std::size_t m = 0; m < names.shares.size(); ++m)
      for (std::size_t n = 0; n < names.shares.size(); ++n)
        if (names.shares[m] > names.shares[n]) {
          EXPECT_LE(s.measures[1 + m], s.measures[1 + n]) << names.names[1 + m];
        }
    for (std::size_t h = 1; h < s.histogram.size(); ++h) EXPECT_LE(s.histogram[h], s.histogram[h - 1]);
    above_its_own += s.measures[1] > e.as_it_is().structures[0].measures[1] ? 1 : 0;
  }
  EXPECT_GT(above_its_own, 20);
}

TEST(Ensemble, moves_volumes_with_the_contours) {
  UniformBall b;
  b.input.uncertainty.contour = 0.15;
  const Ensemble e(b.input);
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Sample s = e.sample(3, i);
    const double expected = std::pow((b.radius + s.draw.contour[0]) / b.radius, 3) - 1;
    const double change = s.structures[0].volume / e.middle().structures[0].volume - 1;
    // A tenth of a millimetre of the radius, which voxels about the ball's own centre leave; test_masks.cpp is
    // stricter.
    EXPECT_NEAR(change, expected, 0.004) << s.draw.contour[0];
  }
}

/// Lungs far from the liver have A L / m, lognormal in L and m; the liver A (1 - L).
TEST(Ensemble, has_lungs_that_are_lognormal_in_shunt_and_mass) {
  const Grid grid = box_grid(40, 0.4);
  std::vector<Structure> own{{"liver", Role::liver, ball(grid, 3, {4, 8, 8}, 3)},
                             {"lungs", Role::lung, ball(grid, 3, {12, 8, 8}, 3)}};
  EnsembleInput in = becquerel_input(grid, own, std::vector<double>(own[0].fraction.begin(), own[0].fraction.end()), 1);
  EnsembleSession& s = in.sessions.front();
  s.relative = true;
  s.administered = 2e9;
  s.shunt = 0.1;
  s.normalise_to = [](std::span<const Structure> structures) { return structures[0].fraction; };
  ActivityAccount account;
  std::vector<double> activity = s.image;
  scale_relative(activity, in.phantom, {s.administered, s.shunt, own[0].fraction, own[1].fraction, 0}, account);
  s.dose = test::kernel_dose_of(in.kernel, grid, activity);
  in.uncertainty.shunt = 0.2;
  in.uncertainty.lung_mass = 0.1;
  const Ensemble e(in);
  const double liver = mean_of(e.as_it_is(), 0), lungs = mean_of(e.as_it_is(), 1), limit = 1.15 * lungs;
  double energy = 0, mass = 0;  // of the dose that was given
  for (std::size_t v = 0; v < grid.voxels(); ++v) {
    mass += static_cast<double>(own[1].fraction[v]);
    energy += static_cast<double>(own[1].fraction[v]) * static_cast<double>(in.sessions[0].dose[v]);
  }
  EXPECT_NEAR(lungs, energy / mass, 1e-9 * lungs);
  std::vector<double> drawn;
  int below = 0;
  constexpr int n = 4000;
  for (std::uint64_t i = 0; i < n; ++i) {
    const Sample sample = e.sample(9, i);
    const Draw& d = sample.draw;
    EXPECT_NEAR(mean_of(sample, 1), lungs * d.shunt / d.lung_mass, 1e-9 * lungs);
    EXPECT_NEAR(mean_of(sample, 0), liver * (1 - 0.1 * d.shunt) / 0.9, 1e-9 * liver);
    below += mean_of(sample, 1) < limit ? 1 : 0;
    drawn.push_back(std::log(mean_of(sample, 1) / lungs));
  }
  const double sigma = std::hypot(lognormal_sigma(0.2), lognormal_sigma(0.1));
  EXPECT_NEAR(spread_of(drawn).standard_deviation / sigma, 1, 5 / std::sqrt(2.0 * n));
  StatedErrors stated;
  stated.shunt = 0.2;
  stated.lung_mass = 0.1;
  stated.lung_shunt_fraction = 0.1;
  const double closed = probability_within({lungs, std::nan("")}, lung_errors(stated, false), -1e30, limit);
  EXPECT_NEAR(static_cast<double>(below) / n, closed, 5 * std::sqrt(closed * (1 - closed) / n));
}

/// Replicates of the image: a structure's mean varies as it does over them, parts by as much less as there are of them.
TEST(Ensemble, varies_as_the_replicates_of_its_image_do) {
  UniformBall b;
  constexpr std::size_t replicates = 6;
  std::vector<std::vector<float>> images;
  std::vector<double> means;
  for (std::size_t j = 0; j < replicates; ++j) {
    const std::vector<double> noise = correlated_noise(b.grid, 0.6, 31, j, 0);
    std::vector<float> image;
    double sum = 0, inside = 0;
    for (std::size_t v = 0; v < noise.size(); ++v) {
      image.push_back(static_cast<float>(b.input.sessions[0].image[v] * (1 + 0.1 * noise[v])));
      sum += static_cast<double>(b.mask[v]) * static_cast<double>(image.back());
      inside += static_cast<double>(b.mask[v]) * b.input.sessions[0].image[v];
    }
    images.push_back(std::move(image));
    means.push_back(sum / inside);
  }
  const double mean = std::accumulate(means.begin(), means.end(), 0.0) / replicates;
  double variance = 0;
  for (const double m : means) variance += (m - mean) * (m - mean) / (replicates - 1);
  b.input.uncertainty.replicates = true;
  for (const ReplicatesAre what : {ReplicatesAre::whole, ReplicatesAre::parts}) {
    b.input.sessions[0].noise = noise_fields(images, what);
    const Ensemble e(b.input);
    const double value = mean_of(e.as_it_is());
    constexpr int n = 500;
    std::vector<double> drawn, with_other_noise;
    for (std::uint64_t i = 0; i < n; ++i) {
      const Sample s = e.sample(11, i);
      drawn.push_back(mean_of(s) / value);
      if (i < 50) with_other_noise.push_back(mean_of(e.sample(11, i, n + i)) / value);
      // What each replicate's own mean makes of its number, to the rounding of fields in single precision.
      double expected = 1;
      const std::vector<double> z = normal_field(11, i, 0, replicates);
      const double scale = what == ReplicatesAre::whole ? 1 : std::sqrt(static_cast<double>(replicates));
      for (std::size_t j = 0; j < replicates; ++j)
        expected -= z[j] * (means[j] - mean) / std::sqrt(replicates - 1.0) / scale;
      EXPECT_NEAR(drawn.back(), expected, 1e-6) << i;
    }
    const double expected = what == ReplicatesAre::whole ? variance : variance / replicates;
    const double found = std::pow(spread_of(drawn).standard_deviation, 2);
    EXPECT_NEAR(found / expected, 1, 5 * std::sqrt(2.0 / n));
    EXPECT_NEAR(std::accumulate(drawn.begin(), drawn.end(), 0.0) / n, 1, 5 * std::sqrt(expected / n));
    double change = 0;  // half its mean square is the variance too: noise alone is drawn
    for (std::size_t i = 0; i < 50; ++i) change += std::pow(drawn[i] - with_other_noise[i], 2) / 100;
    EXPECT_NEAR(change / expected, 1, 5 * std::sqrt(2.0 / 50));
  }
}

/// Density: the same energy in more mass.
TEST(Ensemble, divides_doses_by_the_density) {
  UniformBall b;
  b.input.uncertainty.density = 0.03;
  const Ensemble e(b.input);
  const Sample s = e.sample(1, 4);
  EXPECT_NEAR(mean_of(s) * s.draw.density, mean_of(e.as_it_is()), 1e-9 * mean_of(s));
}

/// Two volumes with activities of their own: each keeps A_i (1 - L) wherever the image is drawn to lie, so that a
/// shift moves no activity from one to the other, and without draws the dose is the method's.
TEST(Ensemble, keeps_what_each_of_two_volumes_was_given) {
  const Grid grid = box_grid(40, 0.4);
  std::vector<Structure> own{{"liver", Role::liver, ball(grid, 6.5, {8, 8, 8}, 3)},
                             {"left", Role::perfused, ball(grid, 2.5, {4.6, 8, 8}, 3)},
                             {"right", Role::perfused, ball(grid, 2.5, {11.4, 8, 8}, 3)}};
  std::vector<double> image(own[0].fraction.begin(), own[0].fraction.end());
  for (std::size_t v = 0; v < image.size(); ++v) image[v] *= 1 + static_cast<double>(v % 40) / 40;  // rises along x
  EnsembleInput in = becquerel_input(grid, own, image);
  EnsembleSession& s = in.sessions.front();
  s.relative = true;
  s.administered = 4e9;
  s.positions = {{"left", 3e9}, {"right", 1e9}};
  s.normalise_to = [](std::span<const Structure> structures) { return structures[0].fraction; };
  std::vector<double> activity(image.size());
  for (std::size_t p = 0; p < 2; ++p) {
    double held = 0;
    for (std::size_t v = 0; v < image.size(); ++v) held += static_cast<double>(own[p + 1].fraction[v]) * image[v];
    for (std::size_t v = 0; v < image.size(); ++v)
      activity[v] += s.positions[p].given / held * static_cast<double>(own[p + 1].fraction[v]) * image[v];
  }
  s.dose = test::kernel_dose_of(in.kernel, grid, activity);
  in.uncertainty.registration = {0.3, 0.3, 0.3};
  const Ensemble e(in);
  const double left = mean_of(e.as_it_is(), 1), right = mean_of(e.as_it_is(), 2);
  EXPECT_NEAR(left / right, 3, 0.02);  // equal balls, one voxel's kernel
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Sample drawn = e.sample(4, i);
    EXPECT_NEAR(mean_of(drawn, 1) / left, 1, 0.01) << i;
    EXPECT_NEAR(mean_of(drawn, 2) / right, 1, 0.01) << i;
    EXPECT_NE(drawn.structures[1].measures[1], e.as_it_is().structures[1].measures[1]);  // D95 does change
  }
}

/// Two sessions: calibrations and shifts of their own, doses that add up in every voxel.
TEST(Ensemble, draws_two_sessions_apart_and_adds_them_up) {
  UniformBall b;
  b.input.sessions.push_back(b.input.sessions.front());
  for (double& a : b.input.sessions[1].image) a *= 2;
  for (float& d : b.input.sessions[1].dose) d *= 2;
  b.input.uncertainty.activity = 0.1;
  const Ensemble e(b.input);
  const double one = e.as_it_is().structures[0].session_mean[0];
  const double one_d50 = e.as_it_is().structures[0].measures[3] / 3;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Sample s = e.sample(1, i);
    const double sum = s.draw.activity[0] + 2 * s.draw.activity[1];
    EXPECT_NEAR(mean_of(s), one * sum, 1e-6 * one);
    EXPECT_NEAR(s.structures[0].measures[3], one_d50 * sum, 1e-5 * one);
    EXPECT_NEAR(s.structures[0].session_mean[1], 2 * one * s.draw.activity[1], 1e-9 * one);
  }
}

}  // namespace
}  // namespace ytterby::validation
