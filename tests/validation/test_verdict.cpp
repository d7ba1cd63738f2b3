#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "validation/verdict.h"

namespace ytterby::validation {
namespace {

/// RESCUE's rules as plain numbers.
Protocol rescue() {
  Protocol p;
  p.lesion_count = LesionCount{5};
  p.lesion_size = LesionSizeRule{{80, false}, false};
  p.screening = Screening{150, {15, true}};
  p.spared_liver = OneSided{0.30, true};
  p.tumour_dose = TumourDose{{280, 520, true}, false, true, 0.01};
  p.lung_session = OneSided{15, false};
  p.lung_cumulative = OneSided{25, false};
  p.margin = Margin{{5, 10}};
  return p;
}

MethodDoses method(const std::string& name, double tumour, double lung, double error = NAN) {
  MethodDoses m;
  m.method = name;
  m.lesions = {{"a", {tumour, error}}, {"b", {tumour / 2, error}}};
  m.tumours = Estimate{tumour, error};
  m.lungs = {{"", Estimate{lung, error}, ""}};
  m.lung_sum = Estimate{lung, error};
  return m;
}

Treatment treatment() {
  Treatment t;
  t.lesions = {{"a", 9.0, 10.2}, {"b", 3.0, 3.1}};
  t.spared_share = 0.4;
  t.partition = {{"", 5.4, 14.0}};
  t.methods = {method("partition", 400, 14), method("monte-carlo", 390, 13, 2)};
  return t;
}

const Ruling& find(const std::vector<Ruling>& all, const std::string& id, const std::string& of = "",
                   const std::string& structure = "") {
  for (const Ruling& r : all) {
    if (r.id == id && r.method == of && (structure.empty() || r.structure == structure)) return r;
  }
  throw std::runtime_error("no ruling " + id + " of " + of);
}

TEST(Verdict, passes_a_good_treatment) {
  const std::vector<Ruling> all = apply(rescue(), treatment());
  EXPECT_FALSE(broken(all, "partition"));
  EXPECT_FALSE(broken(all, "monte-carlo"));
  const Ruling& size = find(all, "lesion-size");
  EXPECT_EQ(size.verdict, Judgement::pass);
  EXPECT_EQ(size.structure, "a");
  EXPECT_DOUBLE_EQ(*size.value, 90);
  EXPECT_DOUBLE_EQ(*size.margin, 10);
  EXPECT_EQ(size.reason, "3D: 102 mm");
  EXPECT_EQ(find(all, "lesion-count").verdict, Judgement::pass);
  EXPECT_DOUBLE_EQ(*find(all, "lesion-count").margin, 3);
  const Ruling& pooled = find(all, "tumour-dose", "partition", "tumours");
  EXPECT_EQ(pooled.verdict, Judgement::pass);
  EXPECT_DOUBLE_EQ(*pooled.margin, 120);
  EXPECT_FALSE(pooled.probability.has_value());
  const Ruling& lesion = find(all, "tumour-dose", "partition", "b");  // 200 Gy: informs alone
  EXPECT_EQ(lesion.verdict, Judgement::not_judged);
  EXPECT_THAT(lesion.reason, testing::HasSubstr("outside"));
  EXPECT_TRUE(find(all, "tumour-dose", "monte-carlo", "tumours").probability.has_value());
}

TEST(Verdict, counts_rules_of_no_method_and_of_the_judge) {
  Treatment t = treatment();
  t.methods[1] = method("monte-carlo", 250, 13, 2);
  EXPECT_FALSE(broken(apply(rescue(), t), "partition"));
  EXPECT_TRUE(broken(apply(rescue(), t), "monte-carlo"));
  t = treatment();
  t.lesions[0].axial = 7.9;
  EXPECT_TRUE(broken(apply(rescue(), t), "partition"));
  t = treatment();
  t.lesions.resize(6, t.lesions[1]);
  EXPECT_EQ(find(apply(rescue(), t), "lesion-count").verdict, Judgement::fail);
}

TEST(Verdict, follows_the_settings_exactly_at_the_limits) {
  Treatment t = treatment();
  t.partition = {{"", 15.0, 15.0}};
  t.spared_share = 0.30;
  t.methods = {method("partition", 280, 15)};
  t.lesions[0].axial = 8.0;
  for (const bool passes : {true, false}) {
    Protocol p = rescue();
    p.lesion_size->above.at_limit_passes = p.screening->lung.at_limit_passes = p.spared_liver->at_limit_passes = passes;
    p.tumour_dose->range.at_limit_passes = p.lung_session->at_limit_passes = passes;
    p.tumour_dose->lung_limited_passes = false;
    const Judgement expected = passes ? Judgement::pass : Judgement::fail;
    const std::vector<Ruling> all = apply(p, t);
    for (const char* id : {"lesion-size", "screening-lung-dose", "spared-liver"}) {
      EXPECT_EQ(find(all, id).verdict, expected) << id;
      EXPECT_THAT(find(all, id).reason, testing::HasSubstr("exactly at the limit")) << id;
    }
    EXPECT_EQ(find(all, "tumour-dose", "partition", "tumours").verdict, expected);
    EXPECT_EQ(find(all, "lung-dose-session", "partition").verdict, expected);
  }
  // A hair on either side does not ask for the setting.
  t.partition[0].screening = std::nextafter(15.0, 20.0);
  t.spared_share = std::nextafter(0.30, 1.0);
  const std::vector<Ruling> all = apply(rescue(), t);
  EXPECT_EQ(find(all, "screening-lung-dose").verdict, Judgement::fail);
  EXPECT_EQ(find(all, "spared-liver").verdict, Judgement::pass);
}

TEST(Verdict, lets_a_lung_limited_tumour_dose_pass) {
  Treatment t = treatment();
  t.methods = {method("partition", 250, 14.99)};
  t.partition = {{"", 5.4, 14.99}};
  const Ruling limited = find(apply(rescue(), t), "tumour-dose", "partition", "tumours");
  EXPECT_EQ(limited.verdict, Judgement::pass);
  EXPECT_EQ(limited.reason, "lung-limited");
  t.partition = {{"", 5.4, 14.0}};  // more could have been given
  EXPECT_EQ(find(apply(rescue(), t), "tumour-dose", "partition", "tumours").verdict, Judgement::fail);
  t.partition = {{"first", 5.4, 14.9}, {"second", 5.4, 10.0}};  // the sum is at its limit
  EXPECT_EQ(find(apply(rescue(), t), "tumour-dose", "partition", "tumours").reason, "lung-limited");
}

TEST(Verdict, says_why_it_does_not_judge) {
  Treatment t = treatment();
  t.spared_share.reset();
  t.methods[1].lungs = {{"", {}, "the lungs are cut off by the image"}};
  t.methods[1].lung_sum.reset();
  const std::vector<Ruling> all = apply(rescue(), t);
  EXPECT_EQ(find(all, "spared-liver").verdict, Judgement::not_judged);
  for (const char* id : {"lung-dose-session", "lung-dose-cumulative"}) {
    EXPECT_EQ(find(all, id, "monte-carlo").verdict, Judgement::not_judged);
    EXPECT_EQ(find(all, id, "monte-carlo").reason, "the lungs are cut off by the image");
    EXPECT_FALSE(find(all, id, "monte-carlo").value.has_value());
  }
  EXPECT_FALSE(broken(all, "monte-carlo"));
}

TEST(Verdict, judges_sessions_and_their_sum) {
  Treatment t = treatment();
  MethodDoses m = method("partition", 400, 0);
  m.lungs = {{"first", Estimate{14, NAN}, ""}, {"second", Estimate{12, NAN}, ""}};
  m.lung_sum = Estimate{26, NAN};
  t.methods = {m};
  const std::vector<Ruling> all = apply(rescue(), t);
  int sessions = 0;
  for (const Ruling& r : all) sessions += r.id == "lung-dose-session" && r.verdict == Judgement::pass ? 1 : 0;
  EXPECT_EQ(sessions, 2);
  EXPECT_EQ(find(all, "lung-dose-cumulative", "partition").verdict, Judgement::fail);
  EXPECT_DOUBLE_EQ(*find(all, "lung-dose-cumulative", "partition").margin, -1);
}

TEST(Verdict, has_the_probability_that_sampling_finds) {
  const StatedErrors errors{0.08, 0.2, 0.1, 0.05};
  const Estimate tumour{300, 6}, lung{13, 0.4};
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal;
  const int n = 200000;
  int tumour_holds = 0, lung_holds = 0;
  for (int i = 0; i < n; ++i) {
    const double a = 1 + errors.activity * normal(random), shunt = 0.05 * (1 + errors.shunt * normal(random));
    const double mass = 1 + errors.lung_mass * normal(random);
    const double d = (tumour.value * a * (1 - shunt) / 0.95) + tumour.error * normal(random);
    const double l = lung.value * a * (shunt / 0.05) / mass + lung.error * normal(random);
    tumour_holds += d >= 280 && d <= 520 ? 1 : 0;
    lung_holds += l < 15 ? 1 : 0;
  }
  EXPECT_NEAR(probability_within(tumour, tumour_relative_error(errors), 280, 520), double(tumour_holds) / n, 0.005);
  // To first order: products of three and 1/m are not quite normal.
  EXPECT_NEAR(probability_within(lung, lung_relative_error(errors), -INFINITY, 15), double(lung_holds) / n, 0.02);
  EXPECT_EQ(probability_within({15.0, NAN}, 0, 15, 20), 1);
  EXPECT_EQ(probability_within({14.9, NAN}, 0, 15, 20), 0);
}

}  // namespace
}  // namespace ytterby::validation
