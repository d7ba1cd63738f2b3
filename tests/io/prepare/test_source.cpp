// [source] and [transport] dose_to: what a decay emits, and every method that follows.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "engine/base/error.h"
#include "engine/dose/dose_to_water.h"
#include "engine/methods/local_deposition.h"
#include "io/prepare/dose_of_case.h"
#include "io/prepare/partition_case.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using test::SmallCase;
using testing::HasSubstr;
using testing::Not;

const std::string relative = "quantity = \"relative\"\nadministered_GBq = 2\nlung_shunt_fraction = 0.1\n";

PreparedCase prepared(const SmallCase& small, const std::string& more) {
  return prepare(read_case(small.write(relative, std::string(SmallCase::structures) + more)));
}

double tumour_by_local_deposition(PreparedCase p) {
  const Method method = [](const Phantom& phantom, const Source& source, std::span<const Structure> structures, int) {
    return local_deposition(phantom, source.voxels->activity, source.nuclide, structures);
  };
  return dose_by(method, std::move(p)).map.structures.at(1).mean;
}

std::string notes_of(const PreparedCase& p) {
  std::string all;
  for (const std::string& note : p.notes) all += note + "\n";
  return all;
}

// DDEP: 926.7 over 932.47 keV; k = 49.39 Gy kg/GBq.
TEST(SourceSection, SpectrumIsFollowedByEveryMethod) {
  const SmallCase small;
  const PreparedCase usual = prepared(small, ""), ddep = prepared(small, "[source]\nspectrum = \"ddep\"\n");
  EXPECT_NEAR(ddep.source.nuclide.mean_energy / usual.source.nuclide.mean_energy, 0.9267 / 0.93247, 1e-5);
  EXPECT_NEAR(partition_of(ddep, 1).front().model.dose_constant, 49.391, 0.001);
  EXPECT_NEAR(tumour_by_local_deposition(ddep) / tumour_by_local_deposition(usual), 0.9267 / 0.93247, 1e-5);
  EXPECT_THAT(notes_of(ddep), HasSubstr("k = 49.391 Gy kg/GBq (-0.618 % from the default)"));
  EXPECT_THAT(notes_of(usual), Not(HasSubstr("source:")));
}

TEST(SourceSection, SpheresTakeTheirShare) {
  const SmallCase small;
  const double bare = tumour_by_local_deposition(prepared(small, ""));
  const double glass = tumour_by_local_deposition(prepared(small, "[source]\nmicrosphere = \"glass\"\n"));
  const double resin = tumour_by_local_deposition(prepared(small, "[source]\nmicrosphere = \"resin\"\n"));
  EXPECT_NEAR(1 - glass / bare, 0.0053, 0.0007);
  EXPECT_NEAR(1 - resin / bare, 0.004, 0.0005);
}

TEST(SourceSection, InternalBremsstrahlungIsToldWithItsSize) {
  const PreparedCase p = prepared(SmallCase(), "[source]\ninternal_bremsstrahlung = true\n");
  EXPECT_TRUE(p.source.internal_bremsstrahlung);
  EXPECT_THAT(notes_of(p), HasSubstr("0.0126 photons of 2 keV in all a decay, 0.21 % of its energy"));
}

TEST(SourceSection, InternalPairProductionIsToldWithItsSize) {
  const PreparedCase p = prepared(SmallCase(), "[source]\ninternal_pair_production = true\n");
  EXPECT_TRUE(p.source.internal_pairs);
  EXPECT_FALSE(p.source.internal_bremsstrahlung);
  EXPECT_THAT(notes_of(p), HasSubstr("internal pair production, 3.19e-05 pairs of 0.056 keV in all a decay, 0.033 keV "
                                     "of it as photons of 511 keV; a decay has 0.0036 % more energy, k stays"));
  EXPECT_FALSE(prepared(SmallCase(), "").source.internal_pairs);
}

// Cases that do not name these keys keep their hash; those that do have another.
TEST(SourceSection, DefaultsDoNotChangeTheHash) {
  const SmallCase small;
  const std::string usual = prepared(small, "").content_hash;
  EXPECT_EQ(prepared(small,
                     "[source]\nspectrum = \"first-forbidden\"\nmicrosphere = \"none\"\n"
                     "[transport]\ndose_to = \"medium\"\n")
                .content_hash,
            usual);
  for (const char* keys : {"[source]\nspectrum = \"ddep\"\n", "[source]\nmicrosphere = \"resin\"\n",
                           "[source]\ninternal_bremsstrahlung = true\n", "[source]\ninternal_pair_production = true\n",
                           "[transport]\ndose_to = \"water\"\n"})
    EXPECT_NE(prepared(small, keys).content_hash, usual) << keys;
}

TEST(SourceSection, UnknownWordsAreRefused) {
  const SmallCase small;
  const auto refusal = [&](const std::string& keys) -> std::string {
    try {
      (void)prepared(small, keys);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal("[source]\nspectrum = \"icrp\"\n"), HasSubstr("first-forbidden"));
  EXPECT_THAT(refusal("[source]\nmicrosphere = \"quartz\"\n"), HasSubstr("glass"));
  EXPECT_THAT(refusal("[transport]\ndose_to = \"air\"\n"), HasSubstr("water"));
}

TEST(DoseTo, WaterIsTheMediumsDoseTimesTheRatioOfStoppingPowers) {
  const SmallCase small;
  const PreparedCase p = prepared(small, "");
  const Material& material = p.phantom.materials[p.phantom.material[p.phantom.grid.index(9, 9, 9)]];
  const double medium = tumour_by_local_deposition(prepared(small, ""));
  const double water = tumour_by_local_deposition(prepared(small, "[transport]\ndose_to = \"water\"\n"));
  EXPECT_NEAR(water / medium, water_over_medium(material, yttrium_90()), 1e-6);
  EXPECT_GT(std::abs(water / medium - 1), 1e-4);
}

}  // namespace
}  // namespace ytterby::io
