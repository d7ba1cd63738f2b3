// Times and isotopes of a PET header: the factor that brings its values to administration.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/error.h"
#include "io/dicom/decay.h"
#include "io/dicom/dicom_time.h"

namespace ytterby::io {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr double half_life_h = 64.05;

/// A Y-90 scan of 2026-01-05: injected at 08:00, series and acquisition at 10:00.
DicomTiming timing(const std::string& correction) {
  DicomTiming t;
  t.units = "BQML";
  t.decay_correction = correction;
  t.series_date = t.acquisition_date = "20260105";
  t.series_time = t.acquisition_time = "100000";
  t.injection_date_time = "20260105080000";
  t.half_life_s = half_life_h * 3600;
  return t;
}

DecayResult decay(const DicomTiming& t, const std::string& administration = "", bool correct = false,
                  bool times_given = false) {
  DicomOrigin origin;
  origin.timing = {t};
  return decay_to_administration(origin, {half_life_h, correct, administration, times_given});
}

double factor(const DicomTiming& t, const std::string& administration = "") {
  return decay(t, administration).factors.at(0);
}

double over(double hours) { return std::exp2(hours / half_life_h); }

std::string codes(const DecayResult& result) {
  std::string all;
  for (const Warning& w : result.warnings) all += w.code + " ";
  return all;
}

std::string refusal(const DicomTiming& t, const std::string& administration = "", bool correct = false) {
  try {
    decay(t, administration, correct);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    return error.what();
  }
  return "accepted";
}

TEST(Decay, OfAdminFollowsTheCasesTime) {
  EXPECT_NEAR(factor(timing("ADMIN")), 1, 1e-12);
  EXPECT_NEAR(factor(timing("ADMIN"), "2026-01-04T08:00:00"), over(24), 1e-9);
  EXPECT_NEAR(factor(timing("ADMIN"), "2026-01-05T09:00:00"), over(-1), 1e-9);
  DicomTiming unknown = timing("ADMIN");
  unknown.injection_date_time.clear();
  EXPECT_NEAR(factor(unknown, "2026-01-04T08:00:00"), 1, 1e-12);  // administration is what ADMIN means
}

TEST(Decay, HonoursOffsetsFromUtc) {
  DicomTiming west = timing("START");  // 10:00 at -05:00, injected at 13:00 UTC: 08:00 local
  west.zone = "-0500";
  west.injection_date_time = "20260105130000+0000";
  EXPECT_NEAR(factor(west), over(2), 1e-9);
  EXPECT_EQ(codes(decay(west)), "");
  EXPECT_NEAR(factor(west, "2026-01-05T07:00:00"), over(3), 1e-9);          // local
  EXPECT_NEAR(factor(west, "2026-01-05T13:30:00+01:00"), over(2.5), 1e-9);  // 12:30 UTC
  DicomTiming east = timing("NONE");
  east.zone = "+0530";
  east.acquisition_date_time = "20260105073000.000000+0300";  // 04:30 UTC, 10:00 at +05:30
  east.acquisition_time = "999999";
  EXPECT_NEAR(factor(east), over(2), 1e-9);
  DicomTiming half_stated = timing("START");
  half_stated.injection_date_time = "20260105080000+0100";
  EXPECT_NEAR(factor(half_stated), over(2), 1e-9);
  EXPECT_EQ(codes(decay(half_stated)), "time-zone-unstated ");
  EXPECT_THAT(refusal(timing("START"), "2026-01-05T08:00:00Z"), HasSubstr("leave the zone out"));
}

TEST(Decay, AsksForADayThatIsNotStated) {
  DicomTiming t = timing("START");
  t.injection_date_time.clear();
  t.injection_time = "090000";
  EXPECT_NEAR(factor(t), over(1), 1e-9);
  EXPECT_EQ(codes(decay(t)), "administration-day-unstated ");
  EXPECT_THAT(decay(t).warnings[0].text, HasSubstr("administration_time"));
  EXPECT_EQ(codes(decay(t, "2026-01-04T09:00:00")), "");
  EXPECT_NEAR(factor(t, "2026-01-04T09:00:00"), over(25), 1e-9);
  t.injection_date_time = "20260104";  // the day alone, and the time beside it
  EXPECT_NEAR(factor(t), over(25), 1e-9);
  EXPECT_EQ(codes(decay(t)), "");
  t.injection_date_time.clear();
  t.injection_time = "230000";  // the evening before
  EXPECT_NEAR(factor(t), over(11), 1e-9);
}

TEST(Decay, RefusesAnImageBeforeAdministrationAndWarnsOfALateOne) {
  for (const char* word : {"START", "ADMIN", "NONE"}) {
    EXPECT_THAT(refusal(timing(word), "2026-01-05T11:00:00"), HasSubstr("needs to be 0 to 1000 h")) << word;
    EXPECT_EQ(codes(decay(timing(word), "2026-01-03T10:30:00")), "") << word;
    EXPECT_EQ(codes(decay(timing(word), "2026-01-03T09:30:00")), "late-image ") << word;
  }
}

TEST(Decay, DoesNotCorrectByAFactorOfOne) {
  DicomTiming t = timing("ADMIN");
  t.decay_factor = 1;
  EXPECT_EQ(factor(t), 1);  // what ADMIN says stands
  EXPECT_EQ(codes(decay(t)), "decay-factor-one ");
  t.decay_factor = over(2);
  EXPECT_EQ(codes(decay(t)), "");
  t.half_life_s = 6586.2;  // another isotope's correction cannot be undone then
  t.positron_fraction = 0.967;
  EXPECT_EQ(refusal(t, "", true), "accepted");
  t.decay_factor = 1;
  EXPECT_THAT(refusal(t, "", true), AllOf(HasSubstr("DecayFactor"), HasSubstr("reference_time")));
  DicomTiming start = timing("START");  // the first bed position
  start.decay_factor = 1;
  EXPECT_NEAR(factor(start), over(2), 1e-9);
}

TEST(Decay, RepairsHalfLifeAndBranchingRatioTogether) {
  DicomTiming t = timing("ADMIN");
  t.half_life_s = 6586.2;
  t.decay_factor = 2;  // over one wrong half-life
  t.positron_fraction = 0.967;
  const double right = std::exp2(6586.2 / 3600 / half_life_h) / 2 * 0.967 / 31.86e-6;
  EXPECT_NEAR(decay(t, "", true).factors[0] / right, 1, 1e-9);
  t.positron_fraction = 0;
  EXPECT_THAT(refusal(t, "", true), HasSubstr("RadionuclidePositronFraction"));
  EXPECT_THAT(refusal(t), HasSubstr("correct_half_life"));
  DicomTiming odd = timing("ADMIN");
  odd.positron_fraction = 1;
  EXPECT_EQ(codes(decay(odd)), "positron-fraction-unlikely ");
}

TEST(Decay, FindsTheDayByTheFactor) {
  DicomTiming t = timing("ADMIN");
  t.injection_date_time.clear();
  t.injection_time = "080000";
  t.decay_factor = over(26);  // injected at 08:00 of the day before
  EXPECT_NEAR(factor(t), 1, 1e-9);
  EXPECT_EQ(codes(decay(t)), "");
  EXPECT_NEAR(factor(t, "2026-01-04T08:00:00"), 1, 1e-9);
  EXPECT_NEAR(factor(t, "2026-01-04T10:00:00"), over(-2), 1e-9);
  t.decay_factor = over(12);  // fits no day
  EXPECT_EQ(codes(decay(t, "2026-01-04T08:00:00")), "administration-day-unstated ");
  t.decay_factor = 1;  // says nothing
  EXPECT_NEAR(factor(t, "2026-01-04T08:00:00"), over(24), 1e-9);
}

TEST(Decay, AsksForOneTimeOfSeveralInjections) {
  DicomTiming t = timing("START");
  t.several_injections = true;
  EXPECT_THAT(refusal(t), AllOf(HasSubstr("several injections"), HasSubstr("administration_time")));
  EXPECT_NEAR(factor(t, "2026-01-05T09:00:00"), over(1), 1e-9);
}

TEST(Decay, NamesTheTimeThatLacks) {
  DicomTiming t = timing("START");
  t.series_date = t.series_time = t.acquisition_date = t.acquisition_time = "";
  EXPECT_THAT(refusal(t, "2026-01-05T09:00:00"), HasSubstr("needs reference_time"));
}

TEST(DicomTime, ReadsWhatIsWritten) {
  EXPECT_EQ(dicom_seconds("19700102", "08"), 86400 + 8 * 3600);
  EXPECT_TRUE(std::isnan(dicom_seconds("19700102", "080")));
  EXPECT_EQ(dicom_zone("+0100"), 3600);
  EXPECT_EQ(dicom_zone("-0330"), -12600);
  EXPECT_FALSE(dicom_zone("0100"));
  EXPECT_FALSE(dicom_zone("+2500"));
  EXPECT_EQ(dicom_seconds("19700102", "000001.5"), 86401.5);
  EXPECT_EQ(dicom_seconds("1970.01.02", "00:00:01"), 86401);
  EXPECT_TRUE(std::isnan(dicom_seconds("19700102", "")));
  EXPECT_TRUE(std::isnan(dicom_seconds("19701302", "0000")));
}

}  // namespace
}  // namespace ytterby::io
