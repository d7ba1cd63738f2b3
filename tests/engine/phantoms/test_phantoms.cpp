// Analytic phantoms: their volumes against formulas, and the plan behind the RESCUE-like patient.

#include <gtest/gtest.h>

#include <numbers>
#include <numeric>

#include "engine/base/error.h"
#include "engine/patient/schneider.h"
#include "engine/phantoms/phantoms.h"
#include "engine/physics/nuclide.h"

namespace ytterby {
namespace {

double volume(const AnalyticPhantom& phantom, const std::string& name) {
  for (const Structure& s : phantom.structures) {
    if (s.name == name) {
      return std::accumulate(s.fraction.begin(), s.fraction.end(), 0.0) * phantom.activity.grid.voxel_volume();
    }
  }
  ADD_FAILURE() << "no structure " << name;
  return 0;
}

double total(const Image<float>& image) { return std::accumulate(image.values.begin(), image.values.end(), 0.0); }

TEST(Phantoms, hold_one_medium_and_structures_on_one_grid) {
  for (const std::string& name : phantom_names()) {
    const AnalyticPhantom phantom = make_phantom(name);
    const std::size_t voxels = phantom.activity.grid.voxels();
    EXPECT_NE(phantom.ct.has_value(), phantom.labels.has_value()) << name;
    if (phantom.ct) {
      EXPECT_EQ(phantom.ct->values.size(), voxels) << name;
    }
    if (phantom.labels) {
      EXPECT_EQ(phantom.labels->values.size(), voxels) << name;
    }
    EXPECT_EQ(phantom.activity.values.size(), voxels) << name;
    for (const Structure& s : phantom.structures) {
      ASSERT_EQ(s.fraction.size(), voxels) << name << ' ' << s.name;
      for (const float f : s.fraction) ASSERT_TRUE(f >= 0 && f <= 1) << name << ' ' << s.name;
    }
  }
}

TEST(Phantoms, sphere_has_the_volume_of_a_sphere) {
  // 27 points in a 2 mm voxel leave a rounding of the surface well below 1 %.
  EXPECT_NEAR(volume(make_phantom("sphere"), "sphere"), 4.0 / 3 * std::numbers::pi * 8, 0.1);
}

TEST(Phantoms, point_is_one_voxel) {
  const AnalyticPhantom phantom = make_phantom("point");
  EXPECT_NEAR(volume(phantom, "source"), 0.027, 1e-6);
  const Grid& grid = phantom.activity.grid;
  EXPECT_NEAR(phantom.activity.values[grid.index(20, 20, 20)], 1e9, 100);
  EXPECT_NEAR(total(phantom.activity), 1e9, 100);
}

TEST(Phantoms, slabs_are_20_mm_thick) {
  const AnalyticPhantom phantom = make_phantom("slabs");
  EXPECT_NEAR(volume(phantom, "tissue"), 12 * 12 * 2, 0.1);
  EXPECT_NEAR(total(phantom.activity), 1e9, 1e4);
}

TEST(Phantoms, rescue_patient_is_what_it_says) {
  const AnalyticPhantom phantom = make_phantom("rescue");
  const double liver = volume(phantom, "liver"), tumours = volume(phantom, "tumour") + volume(phantom, "satellite"),
               perfused = volume(phantom, "perfused"), lungs = volume(phantom, "lungs");
  EXPECT_NEAR(liver, 1800, 50);
  EXPECT_NEAR(volume(phantom, "tumour"), 4.0 / 3 * std::numbers::pi * 4.8 * 4.6 * 4.5, 2);
  EXPECT_NEAR(volume(phantom, "satellite"), 4.0 / 3 * std::numbers::pi * 1.728, 0.2);
  EXPECT_NEAR(lungs * schneider_density(-749) / 1000, 1.0, 0.03);
  EXPECT_GT((liver - perfused) / (liver - tumours), 0.30);  // the protocol's spared liver
}

TEST(Phantoms, rescue_plan_gives_400_gray_by_the_partition_model) {
  const AnalyticPhantom phantom = make_phantom("rescue");
  const double tumours = volume(phantom, "tumour") + volume(phantom, "satellite");
  const double tumour_kg = tumours * schneider_density(40) / 1000;
  const double normal_kg = (volume(phantom, "perfused") - tumours) * schneider_density(48) / 1000;
  const double k = yttrium_90().dose_constant(), outside_lungs = *phantom.administered_GBq * 0.95;
  EXPECT_NEAR(k * outside_lungs * 4 / (4 * tumour_kg + normal_kg), 400, 0.1);
  EXPECT_LT(k * *phantom.administered_GBq * 0.05 / 1.0, 15);  // lung limit of a session, lungs of 1 kg
  // Activity per mass in the tumour over that in the liver, far from their faces.
  const Grid& grid = phantom.activity.grid;
  const auto at = [&](double x, double y, double z) {
    return phantom.activity.values[grid.index(static_cast<int>((x - grid.origin[0]) / 0.3 + 0.5),
                                              static_cast<int>((y - grid.origin[1]) / 0.3 + 0.5),
                                              static_cast<int>((z - grid.origin[2]) / 0.3 + 0.5))];
  };
  EXPECT_NEAR(at(-6.6, 0.6, -4.4) / schneider_density(40), 4 * at(-12.2, 0.6, -4.4) / schneider_density(48), 1e-2);
}

TEST(Phantoms, refuse_unknown_names_and_sizes) {
  EXPECT_THROW(make_phantom("cube"), Error);
  EXPECT_THROW(make_phantom("sphere", 0.0), Error);
  EXPECT_THROW(make_phantom("sphere", 5.0), Error);
}

}  // namespace
}  // namespace ytterby
