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

TEST(ReferenceCases, VoxelSValuesOf3mmAgree) { expect_agreement(voxel_s_values(3, effort(2e6 / 3e7))); }

TEST(ReferenceCases, PointKernelOf90YAgrees) { expect_agreement(point_kernel_y90(effort(1e6 / 3e7))); }

TEST(ReferenceCases, PointKernelOf1MeVAgrees) { expect_agreement(point_kernel_mono(1, effort(0.1))); }

TEST(ReferenceCases, BremsstrahlungTailAgreesWithEgsnrc) { expect_agreement(bremsstrahlung_tail(effort(0.05))); }

// 3e6 histories: a layer has 0.27 %, so that one of the 86 seldom exceeds its 1 % by chance (at 1.5e6 one did).
TEST(ReferenceCases, SlabAgainstLungAgrees) { expect_agreement(slab(Neighbour::lung, effort(0.1))); }

TEST(ReferenceCases, SlabAgainstBoneAgrees) { expect_agreement(slab(Neighbour::bone, effort(0.1))); }

TEST(ReferenceCases, PublishedSelfDosesAgree) { expect_agreement(published_s_values(effort(0.1))); }

TEST(ReferenceCases, StoppingPowersAgreeWithEstar) { expect_agreement(stopping_powers({})); }

TEST(ReferenceCases, ConvolutionByFftEqualsThePlainSum) { expect_agreement(convolution({})); }

// What the two codes are known to differ by (their files): a swapped column or unit would be far more.
TEST(ReferenceCases, EgsnrcAndPenelopeDifferLittleInSValues) {
  int compared = 0;
  for (const Comparison& c : code_against_code({}).comparisons) {
    EXPECT_EQ(c.verdict(), Verdict::not_judged) << c.group << " " << c.quantity;
    if (!c.group.starts_with("S values") || !c.group.ends_with("face neighbours")) continue;
    EXPECT_LT(std::abs(c.difference_percent()), 0.25) << c.group << " " << c.quantity;
    ++compared;
  }
  EXPECT_EQ(compared, 6);
}

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
