// Errors of voxels that few batches scored in: how often they cover, by number of hits.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "engine/dose/few_hits.h"
#include "support/physics_fixture.h"

namespace ytterby {
namespace {

constexpr int batches = 64, side = 48;

/// A column of rates of hits a run, from 0.3 to 300 along x, with hits of sizes that are drawn: most small, few large.
struct Scores {
  Phantom phantom;
  BatchSums sums;
  std::vector<double> truth;  // mean of a batch [quanta]
};

Scores scores_of(const std::function<double(std::mt19937_64&)>& size, double mean_size) {
  Scores run{testing::uniform_phantom(testing::test_materials()[0], 1.0, {side, side, side}, {0.3, 0.3, 0.3}),
             BatchSums(std::size_t{side} * side * side),
             {}};
  std::mt19937_64 random(5);
  std::vector<double> rate;
  for (std::size_t v = 0; v < run.phantom.grid.voxels(); ++v) {
    const double along = static_cast<double>(v % side) / (side - 1);
    rate.push_back(0.3 * std::pow(1000, along));
    run.truth.push_back(rate.back() / batches * mean_size);
  }
  std::vector<std::int64_t> batch(rate.size());
  for (int b = 0; b < batches; ++b) {
    for (std::size_t v = 0; v < rate.size(); ++v) {
      batch[v] = 0;
      std::poisson_distribution<int> hits(rate[v] / batches);
      for (int h = hits(random); h > 0; --h) batch[v] += static_cast<std::int64_t>(size(random));
    }
    run.sums.add(batch, 0, batch.size());
  }
  return run;
}

double exponential(std::mt19937_64& random) { return 1e6 * std::exponential_distribution<double>(1)(random) + 1; }

/// 5 % of the hits have most of the energy.
double heavy(std::mt19937_64& random) {
  return exponential(random) * (std::uniform_real_distribution<double>(0, 1)(random) < 0.05 ? 20 : 0.2);
}

struct Coverage {
  double within_1 = 0, within_2 = 0;
};

Coverage coverage(const Scores& run, int least, int most) {
  const std::vector<float> errors = covering_errors(run.phantom, run.sums, batches);
  double one = 0, two = 0, all = 0;
  for (std::size_t v = 0; v < run.truth.size(); ++v) {
    const int hits = run.sums.hits()[v];
    if (hits < least || hits > most) continue;
    const double z = std::abs(run.sums.estimate(v, batches).mean - run.truth[v]) / static_cast<double>(errors[v]);
    ++all;
    one += z < 1 ? 1 : 0;
    two += z < 2 ? 1 : 0;
  }
  return {one / all, two / all};
}

TEST(FewHits, StateErrorsThatCover) {
  for (const bool many_small : {false, true}) {
    const Scores run = many_small ? scores_of(heavy, 1e6 * (0.05 * 20 + 0.95 * 0.2)) : scores_of(exponential, 1e6);
    for (const auto& [least, most] :
         std::vector<std::pair<int, int>>{{0, 0}, {1, 1}, {2, 2}, {3, 4}, {5, 8}, {9, 16}, {17, 32}}) {
      const Coverage c = coverage(run, least, most);
      EXPECT_GT(c.within_1, 0.67) << (many_small ? "heavy, " : "exponential, ") << least << " to " << most << " hits";
      EXPECT_GT(c.within_2, 0.88) << (many_small ? "heavy, " : "exponential, ") << least << " to " << most << " hits";
    }
  }
}

// Where most batches scored nothing changes; where one did, its own spread says next to nothing.
TEST(FewHits, LeaveAloneWhatManyScored) {
  Phantom phantom = testing::uniform_phantom(testing::test_materials()[0], 1.0, {3, 1, 1}, {0.3, 0.3, 0.3});
  phantom.density = {1.0F, 0.001F, 1.0F};
  BatchSums sums(3);
  for (int b = 0; b < batches; ++b)
    sums.add(std::vector<std::int64_t>{1000 + b, b == 0 ? 500 : 0, b % 2 == 0 ? 0 : 700 + b}, 0, 3);
  const std::vector<float> errors = covering_errors(phantom, sums, batches);
  EXPECT_FLOAT_EQ(errors[0], static_cast<float>(sums.estimate(0, batches).error));
  const double hits = hits_behind(1, batches);
  EXPECT_NEAR(hits, 1.008, 1e-3);
  // The dense neighbours are not like it.
  EXPECT_NEAR(errors[1] / (500.0 / batches * std::sqrt((hits + 2) / hits)), 1, 1e-3);
  EXPECT_GT(errors[2], sums.estimate(2, batches).error);
  EXPECT_LT(errors[2], 1.03 * sums.estimate(2, batches).error);
  EXPECT_EQ(sums.hits(), (std::vector<std::uint16_t>{64, 1, 32}));
}

// Nothing scored in the middle, in voxels like it one batch each: two hits of their kind may come.
TEST(FewHits, StateAnErrorWhereNeighboursScoredAlone) {
  const Phantom phantom = testing::uniform_phantom(testing::test_materials()[0], 1.0, {5, 1, 1}, {0.3, 0.3, 0.3});
  BatchSums sums(5);
  for (int b = 0; b < batches; ++b)
    sums.add(std::vector<std::int64_t>{0, b == 0 ? 640 : 0, 0, b == 1 ? 640 : 0, 0}, 0, 5);
  const double hit = 640.0 / batches / std::sqrt(hits_behind(1, batches));
  EXPECT_NEAR(covering_error(phantom, sums, batches, 2) / (std::sqrt(2.0) * hit), 1, 1e-6);
  BatchSums none(5);
  EXPECT_TRUE(std::isnan(covering_error(phantom, none, batches, 2)));
}

}  // namespace
}  // namespace ytterby
