// What the page's first screen and its rules say.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "io/report/html.h"
#include "io/report/report.h"
#include "io/report/rules.h"
#include "io/report/sections/ladder_section.h"
#include "io/report/sections/summary_section.h"
#include "io/report/sections/verdict_section.h"
#include "tests/io/small_dose.h"

namespace ytterby::test {
namespace {

using io::Deciding;
using io::deciding_rule;
using io::Validation;
using testing::HasSubstr;
using testing::Not;
using validation::Judgement;
using validation::Ruling;

Ruling ruling(const std::string& id, const std::string& method, double value, double low, double high) {
  Ruling r;
  r.id = id;
  r.method = method;
  r.structure = "lungs";
  r.value = value;
  r.unit = "Gy";
  if (low > 0) r.limit_low = low;
  if (high > 0) r.limit_high = high;
  r.margin = std::min(low > 0 ? value - low : HUGE_VAL, high > 0 ? high - value : HUGE_VAL);
  r.verdict = *r.margin >= 0 ? Judgement::pass : Judgement::fail;
  r.probability = 1;
  return r;
}

Validation judged(const std::vector<Ruling>& rulings) {
  Validation v;
  v.judge = "partition";
  v.protocol.title = "a protocol";
  v.rulings = rulings;
  return v;
}

TEST(FirstScreen, NamesTheRuleNearestToItsLimit) {
  // 2 of 20 Gy left (10 %), 30 of 400 (7.5 %); what another method says does not count.
  const Validation v = judged({ruling("lung", "partition", 18, 0, 20), ruling("tumour", "partition", 370, 280, 400),
                               ruling("other", "monte-carlo", 21, 0, 20)});
  const Deciding d = deciding_rule(v, "partition");
  EXPECT_EQ(d.judged, 2);
  EXPECT_EQ(d.broken, 0);
  ASSERT_NE(d.rule, nullptr);
  EXPECT_EQ(d.rule->id, "tumour");
  EXPECT_EQ(io::rule_distance(*d.rule), "370 Gy, 30 Gy within the limit (280 to 400)");
}

TEST(FirstScreen, NamesTheRuleFarthestBeyondItsLimit) {
  const Validation v = judged({ruling("near", "partition", 19.9, 0, 20), ruling("first", "partition", 21, 0, 20),
                               ruling("second", "", 200, 280, 520), ruling("last", "partition", 22, 0, 20)});
  const Deciding d = deciding_rule(v, "partition");
  EXPECT_EQ(d.broken, 3);
  EXPECT_EQ(d.rule->id, "second");
  EXPECT_EQ(io::rule_distance(*d.rule), "200 Gy, 80 Gy beyond the limit (280 to 520)");
}

TEST(FirstScreen, SaysNoProbabilityWhereNoErrorIsStated) {
  Validation v = judged({ruling("lung", "partition", 18, 0, 20)});
  EXPECT_THAT(io::rules_section(v), Not(HasSubstr("<th class=\"n\">probability</th>")));
  EXPECT_THAT(io::rules_section(v), Not(HasSubstr("100")));
  v.treatment.errors.shunt = 0.2;
  EXPECT_THAT(io::rules_section(v), HasSubstr("above 99.9 %"));
}

TEST(FirstScreen, HasFiveTilesAndEveryWarning) {
  const SmallCase small;
  io::ReportInput input;
  input.case_name = "small";
  input.doses = {small_dose(small)};
  input.doses.front().warnings = {{"a-code", io::WarningClass::wrong_dose, "a wrong dose", {}}};
  input.warnings = {{"b-code", io::WarningClass::note, "something odd", {}}};
  const std::string tiles = io::tiles_section(input), caveats = io::caveats_section(input);
  std::size_t count = 0;
  for (std::size_t at = 0; (at = tiles.find("<div class=\"tile", at)) != std::string::npos; ++at) ++count;
  EXPECT_EQ(count, 5U);
  EXPECT_THAT(tiles, HasSubstr("no protocol was judged"));
  EXPECT_THAT(tiles, HasSubstr("40.50 <small>\xC2\xB1 0.25 Gy</small>"));  // of the liver: 40.5 with an error of 0.25
  EXPECT_THAT(caveats, HasSubstr("of which 1 may make a dose wrong"));
  EXPECT_LT(caveats.find("a wrong dose"), caveats.find("something odd"));
}

TEST(FirstScreen, SaysThatNoiseLimitsWhatSingleVoxelsSay) {
  const SmallCase small;
  io::ReportInput input;
  input.doses = {small_dose(small)};
  io::DoseFile& f = input.doses.front();
  const auto noisy = [&](float error) {
    for (std::size_t v = 0; v < f.map.dose.size(); ++v) {
      f.map.dose[v] = 100;
      f.map.uncertainty[v] = error;
    }
    return io::caveats_section(input);
  };
  EXPECT_THAT(noisy(20), HasSubstr("statistical error of 20.0 % in tumour"));
  EXPECT_THAT(noisy(20), HasSubstr("Some 45 times the histories would bring it to 3 %"));  // (20 / 3)^2 = 44.4
  EXPECT_THAT(noisy(1), Not(HasSubstr("noise-limited")));
}

TEST(FirstScreen, LetsThePartitionModelSpeakOfLungsThatAreCutOff) {
  const SmallCase small;
  io::ReportInput input;
  input.doses = {small_dose(small)};
  io::DoseFile& f = input.doses.front();
  f.structures.push_back({"lungs", Role::lung, std::vector<float>(f.map.grid.voxels(), 0.0F)});
  f.map.structures.push_back({"lungs", 10, 40, 7.5, 0.1});
  EXPECT_THAT(io::tiles_section(input), HasSubstr("7.50 <small>"));
  f.account.lungs_cut_off = true;
  EXPECT_THAT(io::tiles_section(input), Not(HasSubstr("7.50 <small>")));
  EXPECT_THAT(io::tiles_section(input), HasSubstr("cut off by the image"));
}

TEST(FirstScreen, PlacesDifferencesLinearlyWithinOnePerCent) {
  EXPECT_DOUBLE_EQ(io::ladder_place(0), 50);
  EXPECT_DOUBLE_EQ(io::ladder_place(1), 95);
  EXPECT_DOUBLE_EQ(io::ladder_place(-3), 5);
  // asinh(x) is ln(x + sqrt(x^2 + 1)): asinh(1) = 0.881374, asinh(100) = 5.298342.
  EXPECT_NEAR(io::ladder_place(0.01), 50 + 45 * 0.881374 / 5.298342, 1e-4);
}

TEST(FirstScreen, WritesDifferencesInPerCent) {
  EXPECT_EQ(io::percent(0.0361), "+3.6\xC2\xA0%");
  EXPECT_EQ(io::percent(-0.714), "-71\xC2\xA0%");
  EXPECT_EQ(io::percent(-0.0034), "-0.34\xC2\xA0%");
  EXPECT_EQ(io::percent(NAN), "-");
}

}  // namespace
}  // namespace ytterby::test
