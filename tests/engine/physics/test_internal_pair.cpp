#include <gtest/gtest.h>

#include "engine/physics/internal_pair.h"

namespace ytterby {
namespace {

// By hand: 3.186e-5 x 1760.7 keV = 0.05610 keV, of it 3.186e-5 x 1022.0 keV = 0.03256 keV as photons. The beta has
// 932.47 x 1760.7 / 2278.7 = 720.50 keV less, so that a decay has 3.186e-5 x (1760.7 - 720.5) = 0.03314 keV more.
TEST(InternalPairs, HaveTheirEnergy) {
  const InternalPairs pairs = internal_pairs(yttrium_90());
  EXPECT_NEAR(1000 * pairs.emitted, 0.05610, 0.00005);
  EXPECT_NEAR(1000 * pairs.photons, 0.03256, 0.00005);
  EXPECT_NEAR(1000 * pairs.more, 0.03314, 0.00005);
  EXPECT_NEAR(pair_beta_share(), 518.0 / 2278.7, 1e-6);
}

}  // namespace
}  // namespace ytterby
