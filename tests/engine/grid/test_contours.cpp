// Contours to volume: copies, overlaps, holes, keyholes, planes missing. Right values are areas of squares times
// planes.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/base/error.h"
#include "engine/grid/contour_mask.h"

namespace ytterby::io {
namespace {

/// 20 x 20 x 20 voxels of 4 mm.
Grid grid_4mm() {
  Grid grid;
  grid.shape = {20, 20, 20};
  grid.spacing = {0.4, 0.4, 0.4};
  grid.origin = {-3.8, -3.8, -3.8};
  return grid;
}

Contour square(double half, double z, double x = 0) {
  return {{x - half, -half, z}, {x + half, -half, z}, {x + half, half, z}, {x - half, half, z}};
}

Contour reversed(Contour contour) { return {contour.rbegin(), contour.rend()}; }

double volume_of(const ContourMask& mask) {
  return std::accumulate(mask.inside.values.begin(), mask.inside.values.end(), 0.0) * mask.inside.grid.voxel_volume();
}

double area_of(const std::vector<Contour>& contours) { return volume_of(rasterise(contours, grid_4mm())) / 0.4; }

TEST(Contours, CountCopiesOnceAndUniteOverlaps) {
  EXPECT_NEAR(area_of({square(1, 0), square(1, 0)}), 4, 1e-6);
  EXPECT_NEAR(area_of({square(1, 0), reversed(square(1, 0)), square(1, 0)}), 4, 1e-6);
  EXPECT_NEAR(area_of({square(1, 0), square(1.0005, 0)}), 4, 0.01);  // rounded copy: no ring
  EXPECT_NEAR(area_of({square(1, 0, -0.5), square(1, 0, 0.5)}), 6, 1e-6);
  Contour twice = square(1, 0);  // goes round twice
  twice.insert(twice.end(), twice.begin(), twice.end());
  EXPECT_NEAR(area_of({twice}), 4, 1e-6);
  EXPECT_EQ(rasterise({square(1, 0), square(1, 0)}, grid_4mm()).counts.identical, 1u);
  EXPECT_EQ(rasterise({square(1, 0, -0.5), square(1, 0, 0.5)}, grid_4mm()).counts.overlapping, 2u);
}

TEST(Contours, ThatOverlapSayWhatTheirExclusiveOrWouldLeave) {
  const auto beyond = [](const std::vector<Contour>& contours) {
    return rasterise(contours, grid_4mm()).beyond_odd / 0.4;  // [cm2]
  };
  EXPECT_NEAR(beyond({square(1, 0, -0.5), square(1, 0, 0.5)}), 2, 1e-6);  // what both share
  // A hole of 1 cm2 that sticks out by a tenth: 4.1 less 3.1 + 0.1.
  EXPECT_NEAR(beyond({square(1, 0), square(0.5, 0, 0.6)}), 0.9, 1e-6);
  EXPECT_EQ(beyond({square(1, 0), square(0.5, 0), square(1, 0)}), 0);
}

TEST(Contours, AlternateByNesting) {
  EXPECT_NEAR(area_of({square(1.5, 0), square(1, 0), square(0.5, 0)}), 9 - 4 + 1, 1e-6);
  EXPECT_NEAR(area_of({square(0.5, 0), reversed(square(1, 0)), square(1.5, 0)}), 9 - 4 + 1, 1e-6);
  // A hole that is there twice, and one drawn as two pieces that overlap.
  EXPECT_NEAR(area_of({square(1.5, 0), square(0.5, 0), square(0.5, 0)}), 9 - 1, 1e-6);
  EXPECT_NEAR(area_of({square(1.5, 0), square(0.5, 0, -0.3), square(0.5, 0, 0.3)}), 9 - 1.6, 1e-6);
  // Pieces that touch stay whole.
  EXPECT_NEAR(area_of({square(0.5, 0, -0.5), square(0.5, 0, 0.5)}), 2, 1e-6);
}

TEST(Contours, KeepKeyholesWhateverTheirDirection) {
  const Contour inner = {{-0.5, 0, 0}, {-0.5, 0.5, 0}, {0.5, 0.5, 0}, {0.5, -0.5, 0}, {-0.5, -0.5, 0}, {-0.5, 0, 0}};
  for (const Contour& way : {inner, reversed(inner)}) {
    Contour keyhole{{-1, -1, 0}, {1, -1, 0}, {1, 1, 0}, {-1, 1, 0}, {-1, 0, 0}};
    keyhole.insert(keyhole.end(), way.begin(), way.end());
    keyhole.push_back({-1, 0, 0});
    EXPECT_NEAR(area_of({keyhole}), 3, 1e-6);
  }
  // A channel of 0.02 mm instead of a way there and back.
  EXPECT_NEAR(area_of({{{-1, -1, 0},
                        {1, -1, 0},
                        {1, 1, 0},
                        {-1, 1, 0},
                        {-1, 0.001, 0},
                        {-0.5, 0.001, 0},
                        {-0.5, 0.5, 0},
                        {0.5, 0.5, 0},
                        {0.5, -0.5, 0},
                        {-0.5, -0.5, 0},
                        {-0.5, -0.001, 0},
                        {-1, -0.001, 0}}}),
              3, 0.02);
}

TEST(Contours, CombineByOddNumberWhereTheFileSaysSo) {
  const ContourRegion ring{{square(1, 0, -0.5), square(1, 0, 0.5)}, Within::odd};
  EXPECT_NEAR(volume_of(rasterise_regions({ring}, grid_4mm())) / 0.4, 4, 1e-6);
  const ContourRegion nothing{{square(1, 0), square(1, 0)}, Within::odd};
  EXPECT_THROW(rasterise_regions({nothing}, grid_4mm()), Error);
}

TEST(Contours, OfOnePlaneMayLieATenthOfAMillimetreApart) {
  std::vector<Contour> contours;
  for (int k = 0; k < 5; ++k) {
    contours.push_back(square(0.3, 0.4 * k, -0.8));
    contours.push_back(square(0.3, 0.4 * k + 0.01, 0.8));
    contours.push_back(square(0.3, 0.4 * k - 0.006, 0));
  }
  EXPECT_NEAR(volume_of(rasterise(contours, grid_4mm())), 3 * 0.36 * 5 * 0.4, 1e-3);
}

TEST(Contours, StandForTheStepOfTheirPlanes) {
  std::vector<Contour> third, other;
  for (int k = 0; k < 4; ++k) third.push_back(square(1, 0.4 * 3 * k - 2));
  const ContourMask every_third = rasterise(third, grid_4mm());
  EXPECT_NEAR(volume_of(every_third), 4 * 4 * 1.2, 1e-3);
  EXPECT_NEAR(every_third.step_mm, 12, 1e-9);
  for (int k = 0; k < 6; ++k) other.push_back(square(1, 0.327 * k - 1));  // another image's planes
  EXPECT_NEAR(volume_of(rasterise(other, grid_4mm())), 4 * 6 * 0.327, 1e-3);
  // Pieces of steps of 3 and of 5 mm.
  EXPECT_THROW(rasterise({square(1, -1), square(1, -0.7), square(1, 0.5), square(1, 1)}, grid_4mm()), Error);
}

std::string refusal_of(const std::vector<Contour>& contours) {
  try {
    rasterise(contours, grid_4mm());
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Contours, AreNamedByThePatientsCoordinate) {
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  const std::string uneven = refusal_of({square(1, -1), square(1, -0.7), square(1, 0.5), square(1, 1)});
  EXPECT_TRUE(has(uneven, "z = -7 mm") && has(uneven, "z = 5 mm")) << uneven;
  Contour bent = square(1, 0.4);
  bent[0][2] = 0.6;
  const std::string out = refusal_of({square(3, 0), bent, square(3, 0.8)});
  EXPECT_TRUE(has(out, "between z = 4 and 6 mm")) << out;
}

TEST(Contours, OnSingleSlicesAreIslandsWhereNoNeighbourGoesOn) {
  const double one = 4 * 0.4;  // a square of 2 cm in one slice
  const ContourMask two = rasterise({square(1, 0, -2), square(1, 0.8, 2)}, grid_4mm());
  EXPECT_NEAR(volume_of(two), 2 * one, 1e-3);
  EXPECT_EQ(two.alone, 2u);
  EXPECT_NEAR(two.step_mm, 4, 1e-9);
  EXPECT_NEAR(volume_of(rasterise({square(1, 0, -2), square(1, 1.2, 2)}, grid_4mm())), 2 * one, 1e-3);
  EXPECT_NEAR(volume_of(rasterise({square(1, -0.8, -2), square(1, 0, 2), square(1, 0.8, -2)}, grid_4mm())), 3 * one,
              1e-3);
  // 1.6 cm aside, a fifth of each lies above the other.
  EXPECT_NEAR(volume_of(rasterise({square(1, 0, -0.8), square(1, 0.8, 0.8)}, grid_4mm())), 2 * one, 1e-3);
  EXPECT_NEAR(volume_of(rasterise({square(1, 0, -0.6), square(1, 0.8, 0.6)}, grid_4mm())), 2 * 2 * one, 1e-3);
  // What is drawn on every second slice keeps that, whatever lies beside it.
  const ContourMask both =
      rasterise({square(1, -0.8, -2), square(1, 0, -2), square(1, 0.8, -2), square(1, 1.6, 2)}, grid_4mm());
  EXPECT_NEAR(volume_of(both), 3 * 2 * one + one, 1e-3);
  EXPECT_EQ(both.alone, 1u);
  EXPECT_NEAR(both.step_mm, 8, 1e-9);
}

TEST(Contours, WithoutAreaAreNoneWhereverTheyStand) {
  const auto turned = [](Contour contour) {  // by 0.3 rad about x: planes oblique to the grid
    for (Vector3& p : contour) {
      p = {p[0], std::cos(0.3) * p[1] - std::sin(0.3) * p[2], std::sin(0.3) * p[1] + std::cos(0.3) * p[2]};
    }
    return contour;
  };
  const Contour one = turned(square(1, 0)), other = turned(square(1, 0.4)), point{{9, 9, 9}};
  const double whole = volume_of(rasterise({one, other}, grid_4mm()));
  EXPECT_NEAR(whole, 2 * 4 * 0.4, 1e-6);
  EXPECT_NEAR(volume_of(rasterise({{}, one, {}, other, point}, grid_4mm())), whole, 1e-6);
  EXPECT_NEAR(volume_of(rasterise_regions({{{{}}}, {{one, other}}}, grid_4mm())), whole, 1e-6);
  EXPECT_THROW(rasterise({{}}, grid_4mm()), Error);
}

TEST(Contours, SayWhatMissingPlanesWouldHold) {
  std::vector<Contour> contours;
  for (const int k : {0, 1, 2, 5, 6}) contours.push_back(square(1, 0.4 * k - 1));
  const ContourMask left = rasterise(contours, grid_4mm());
  ASSERT_EQ(left.missing.size(), 1u);
  EXPECT_NEAR(left.missing[0].volume, 4 * 2 * 0.4, 1e-3);
  EXPECT_NEAR(left.missing[0].low_mm, -10 + 8, 1e-6);
  EXPECT_NEAR(left.missing[0].high_mm, -10 + 20, 1e-6);
  EXPECT_NEAR(volume_of(left), 4 * 5 * 0.4, 1e-3);
  const ContourMask filled = rasterise_regions({{contours, Within::nested}}, grid_4mm(), GapRule::fill);
  EXPECT_TRUE(filled.missing.at(0).filled);
  EXPECT_NEAR(volume_of(filled), 4 * 7 * 0.4, 1e-3);
  // One plane missing is filled; what lies beside each other is two pieces.
  EXPECT_NEAR(volume_of(rasterise({square(1, 0), square(1, 0.4), square(1, 1.2)}, grid_4mm())), 4 * 4 * 0.4, 1e-3);
  const ContourMask apart =
      rasterise({square(0.5, 0, -1), square(0.5, 0.4, -1), square(0.5, 2, 1), square(0.5, 2.4, 1)}, grid_4mm());
  EXPECT_TRUE(apart.missing.empty());
  EXPECT_NEAR(volume_of(apart), 4 * 0.4, 1e-3);
}

TEST(Contours, OfSeveralRegionsUniteExactly) {
  // Two halves that share voxels: together whole, and what they share counts once.
  const ContourRegion left{{square(0.5, 0, -0.5), square(0.5, 0.4, -0.5)}, Within::nested};
  const ContourRegion right{{square(0.5, 0, 0.5), square(0.5, 0.4, 0.5), square(0.5, 0.8, 0.5)}, Within::nested};
  EXPECT_NEAR(volume_of(rasterise_regions({left, right}, grid_4mm())), (2 + 3) * 0.4, 1e-4);
  EXPECT_NEAR(volume_of(rasterise_regions({left, left}, grid_4mm())), 2 * 0.4, 1e-4);
}

}  // namespace
}  // namespace ytterby::io
