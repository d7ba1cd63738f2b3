// The quick subset of `validate-physics`: every kind of reference case with fewer histories, same tolerances.

#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/error.h"
#include "validation/cases/cases.h"
#include "validation/reference_data.h"

namespace ytterby::validation {
namespace {

void expect_agreement(const CaseResult& result) {
  int judged = 0;
  for (const Comparison& c : result.comparisons) {
    judged += c.verdict() != Verdict::not_judged;
    EXPECT_TRUE(c.verdict() != Verdict::fail)
        << c.case_name << ", " << c.quantity << ": " << c.ours << " +- " << c.our_error << ", reference " << c.reference
        << " +- " << c.reference_error << " " << c.unit << "; " << c.difference_percent() << " %, tolerance "
        << c.tolerance_percent() << " %";
  }
  EXPECT_GT(judged, 0);
  for (const RunRecord& run : result.runs) {
    EXPECT_TRUE(run.ledger.balanced()) << run.name;
    EXPECT_GT(run.histories, 0u) << run.name;
  }
}

CaseOptions effort(double share) {
  CaseOptions options;
  options.effort = share;
  options.seed = 20240229;
  return options;
}

TEST(ReferenceCases, VoxelSValuesOf3mmAgreeWithEgsnrc) { expect_agreement(voxel_s_values(3, effort(2e6 / 3e7))); }

TEST(ReferenceCases, PointKernelOf90YAgreesWithEgsnrc) { expect_agreement(point_kernel_y90(effort(1e6 / 3e7))); }

TEST(ReferenceCases, PointKernelOf1MeVAgreesWithEgsnrc) { expect_agreement(point_kernel_mono(1, effort(0.1))); }

TEST(ReferenceCases, BremsstrahlungTailAgreesWithEgsnrc) { expect_agreement(bremsstrahlung_tail(effort(0.05))); }

// 3e6 histories: a layer has 0.27 %, so that one of the 86 seldom exceeds its 1 % by chance (at 1.5e6 one did).
TEST(ReferenceCases, SlabAgainstLungAgreesWithEgsnrc) { expect_agreement(slab(Neighbour::lung, effort(0.1))); }

TEST(ReferenceCases, SlabAgainstBoneAgreesWithEgsnrc) { expect_agreement(slab(Neighbour::bone, effort(0.1))); }

TEST(ReferenceCases, PublishedSelfDosesAgree) { expect_agreement(published_s_values(effort(0.1))); }

TEST(ReferenceCases, StoppingPowersAgreeWithEstar) { expect_agreement(stopping_powers({})); }

TEST(ReferenceCases, ConvolutionByFftEqualsThePlainSum) { expect_agreement(convolution({})); }

TEST(ReferenceCases, NamesAreUnique) {
  for (const Case& a : all_cases()) {
    int same = 0;
    for (const Case& b : all_cases()) same += a.name == b.name;
    EXPECT_EQ(same, 1) << a.name;
  }
}

TEST(ReferenceData, UnknownFileIsOurMistake) {
  try {
    (void)reference_csv("nothing.csv");
    FAIL() << "no error for a file that is not built in";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::internal);
  }
}

}  // namespace
}  // namespace ytterby::validation
