#include <gtest/gtest.h>

#include "validation/protocol/sphere_density.h"

namespace ytterby::validation {
namespace {

// 400 Gy at 49.70 Gy kg/GBq are 8.0483 GBq/kg, 8.4507 MBq in a mL of 1.05 g.
TEST(SphereDensity, IsActivityOverThatOfASphere) {
  EXPECT_NEAR(spheres_per_mL(400, 1.05, 49.70, 2500), 3380.3, 0.1);
  EXPECT_NEAR(spheres_per_mL(400, 1.05, 49.70, 50), 169014, 1);
  EXPECT_EQ(spheres_per_mL(0, 1.05, 49.70, 50), 0);
}

// J. Nucl. Med. 57 (2016) 1020: significant below 20 000 a mL, not likely of clinical significance down to 5000.
TEST(SphereDensity, SaysWhatIsPublished) {
  EXPECT_EQ(published_of_d70(50000), "no significant loss");
  EXPECT_EQ(published_of_d70(20000), "no significant loss");
  EXPECT_EQ(published_of_d70(19999), "significantly lower, not likely to matter");
  EXPECT_EQ(published_of_d70(5000), "significantly lower, not likely to matter");
  EXPECT_EQ(published_of_d70(4999), "significantly lower, may matter");
}

}  // namespace
}  // namespace ytterby::validation
