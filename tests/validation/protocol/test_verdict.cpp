#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "validation/protocol/verdict.h"

namespace ytterby::validation {
namespace {

/// RESCUE's rules as plain numbers.
Protocol rescue() {
  Protocol p;
  p.lesion_count = LesionCount{5};
  p.lesion_size = LesionSizeRule{{80, false}, false};
  p.screening = Screening{150, {15, true}};
  p.spared_liver = OneSided{0.30, true};
  p.tumour_dose = TumourDose{{280, 520, true}, false, true, 0.01, 0.10};
  p.lung_session = OneSided{15, false};
  p.lung_cumulative = OneSided{25, false};
  p.margin = Margin{{5, 10}, {}, false};
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

TEST(Verdict, holds_the_range_and_the_lungs_at_their_ends) {
  Treatment t = treatment();
  const auto of = [&](double tumour, double lung, const char* id) {
    t.methods = {method("partition", tumour, lung)};
    t.partition = {{"", 5.4, 1.0}};
    return find(apply(rescue(), t), id, "partition").verdict;
  };
  EXPECT_EQ(of(280, 1, "tumour-dose"), Judgement::pass);  // 400 Gy - 30 %
  EXPECT_EQ(of(279.999, 1, "tumour-dose"), Judgement::fail);
  EXPECT_EQ(of(520, 1, "tumour-dose"), Judgement::pass);  // 400 Gy + 30 %
  EXPECT_EQ(of(520.001, 1, "tumour-dose"), Judgement::fail);
  EXPECT_EQ(of(400, 14.999, "lung-dose-session"), Judgement::pass);  // "below 15 Gy"
  EXPECT_EQ(of(400, 15, "lung-dose-session"), Judgement::fail);
  EXPECT_EQ(of(400, 24.999, "lung-dose-cumulative"), Judgement::pass);
  EXPECT_EQ(of(400, 25, "lung-dose-cumulative"), Judgement::fail);
  t.lesions.assign(5, {"l", 9, 9});
  EXPECT_EQ(find(apply(rescue(), t), "lesion-count").verdict, Judgement::pass);
  t.lesions.assign(6, {"l", 9, 9});
  EXPECT_EQ(find(apply(rescue(), t), "lesion-count").verdict, Judgement::fail);
  t.lesions = {{"l", 8.0, 9}};  // "8 cm or less"
  EXPECT_EQ(find(apply(rescue(), t), "lesion-size").verdict, Judgement::fail);
  t.lesions = {{"l", 8.001, 9}};
  EXPECT_EQ(find(apply(rescue(), t), "lesion-size").verdict, Judgement::pass);
}

TEST(Verdict, says_where_a_limit_lies_within_the_error_of_a_size) {
  // 80 mm against 81 +- 1: Phi(1) = 0.8413; against 83 +- 1: Phi(3) = 0.99865, and nothing to say.
  Treatment t = treatment();
  t.lesions = {{"a", 8.1, 9, 0.1, 0.1}};
  const Ruling near = find(apply(rescue(), t), "lesion-size");
  EXPECT_EQ(near.verdict, Judgement::pass);
  EXPECT_NEAR(*near.probability, 0.84134, 1e-5);
  EXPECT_THAT(near.reason, testing::HasSubstr("79.0 to 83.0 mm (95 %): the limit lies between"));
  t.lesions = {{"a", 7.81, 9, 0.1, 0.1}};
  EXPECT_EQ(find(apply(rescue(), t), "lesion-size").verdict, Judgement::fail);
  EXPECT_THAT(find(apply(rescue(), t), "lesion-size").reason, testing::HasSubstr("lies between"));
  t.lesions = {{"a", 8.3, 9, 0.1, 0.1}};
  EXPECT_NEAR(*find(apply(rescue(), t), "lesion-size").probability, 0.99865, 1e-5);
  EXPECT_EQ(find(apply(rescue(), t), "lesion-size").reason, "3D: 90 mm");
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

TEST(Verdict, takes_a_delivery_as_lung_limited_within_its_own_tolerance) {
  // 10 % below 15 Gy: 13.5 Gy. The plan's tolerance of 1 % is 14.85 Gy.
  Treatment t = treatment();
  t.methods = {method("partition", 250, 13.5)};
  t.partition = {{"", 5.4, 13.5}};
  const auto of = [&] { return find(apply(rescue(), t), "tumour-dose", "partition", "tumours").verdict; };
  EXPECT_EQ(of(), Judgement::fail);
  t.delivered = true;
  EXPECT_EQ(of(), Judgement::pass);
  t.partition = {{"", 5.4, 13.49}};
  EXPECT_EQ(of(), Judgement::fail);
  t.delivered = false;
  t.partition = {{"", 5.4, 14.85}};
  EXPECT_EQ(of(), Judgement::pass);
  t.partition = {{"", 5.4, 14.849}};
  EXPECT_EQ(of(), Judgement::fail);
}

TEST(Verdict, screens_once_on_the_first_session) {
  Treatment t = treatment();
  t.partition = {{"first", 14.0, 8.0}, {"second", 20.0, 8.0}};  // the second shunt is no exclusion
  const std::vector<Ruling> all = apply(rescue(), t);
  const auto screenings =
      std::count_if(all.begin(), all.end(), [](const Ruling& r) { return r.id == "screening-lung-dose"; });
  EXPECT_EQ(screenings, 1);
  EXPECT_EQ(find(all, "screening-lung-dose").session, "first");
  EXPECT_EQ(find(all, "screening-lung-dose").verdict, Judgement::pass);
  t.partition[0].screening = 15.01;
  EXPECT_EQ(find(apply(rescue(), t), "screening-lung-dose").verdict, Judgement::fail);
}

TEST(Verdict, counts_sessions) {
  Protocol p = rescue();
  p.session_count = SessionLimit{2};
  Treatment t = treatment();
  t.sessions = {{"a", 0.0, 0.1, 3e9}, {"b", 0.0, 0.1, 3e9}};
  EXPECT_EQ(find(apply(p, t), "session-count").verdict, Judgement::pass);
  EXPECT_DOUBLE_EQ(*find(apply(p, t), "session-count").margin, 0);
  t.sessions.push_back({"c", 0.0, 0.1, 3e9});
  EXPECT_EQ(find(apply(p, t), "session-count").verdict, Judgement::fail);
  EXPECT_TRUE(broken(apply(p, t), "partition"));
}

TEST(Verdict, does_not_judge_counts_outside_liver_and_lungs) {
  Protocol p = rescue();
  p.extrahepatic = Extrahepatic{0.05, 0.10};
  Treatment t = treatment();
  const auto of = [&](std::optional<double> share) {
    t.sessions = {{"", share, 0.1, 3e9}};
    return find(apply(p, t), "extrahepatic");
  };
  EXPECT_EQ(of(0.0499).verdict, Judgement::pass);
  EXPECT_EQ(of(0.0499).reason, "");
  EXPECT_EQ(of(0.05).verdict, Judgement::pass);
  EXPECT_THAT(of(0.05).reason, testing::HasSubstr("5 % of the counts"));
  EXPECT_EQ(of(0.10).verdict, Judgement::pass);
  EXPECT_EQ(of(0.1001).verdict, Judgement::not_judged);
  EXPECT_THAT(of(0.3).reason, testing::HasSubstr("30 % of the counts"));
  EXPECT_EQ(of({}).verdict, Judgement::not_judged);
}

TEST(Verdict, holds_the_spared_share_of_function_at_its_limit) {
  Protocol p = rescue();
  Treatment t = treatment();
  p.spared_function = SparedFunction{};
  const auto has = [](const std::vector<Ruling>& all) {
    return std::any_of(all.begin(), all.end(), [](const Ruling& r) { return r.id == "spared-function"; });
  };
  EXPECT_FALSE(has(apply(p, t)));  // no image of function
  t.function = true;
  t.spared_function = 0.30;
  EXPECT_EQ(find(apply(p, t), "spared-function").verdict, Judgement::not_judged);
  EXPECT_THAT(find(apply(p, t), "spared-function").reason, testing::HasSubstr("states no number"));
  p.spared_function->at_least = 0.30;
  EXPECT_EQ(find(apply(p, t), "spared-function").verdict, Judgement::pass);
  t.spared_function = std::nextafter(0.30, 0.0);
  EXPECT_EQ(find(apply(p, t), "spared-function").verdict, Judgement::fail);
  t.spared_function.reset();
  EXPECT_THAT(find(apply(p, t), "spared-function").reason, testing::HasSubstr("perfused"));
  t.function = false;
  EXPECT_EQ(find(apply(p, t), "spared-function").verdict, Judgement::not_judged);
}

TEST(Verdict, reports_or_judges_what_the_protocol_gives_a_number) {
  constexpr double none = std::numeric_limits<double>::infinity();
  Protocol p = rescue();
  p.normal_dose = NormalDose{{-none, none, false}, {-none, none, false}};
  p.spared_activity = SparedActivity{};
  p.sphere_count = SphereCount{50, {}};
  Treatment t = treatment();
  t.sessions = {{"", 0.0, 0.12, 3e9}};
  t.methods[0].perfused_normal = Estimate{40, NAN};
  t.methods[0].normal_liver = Estimate{25, NAN};
  t.methods[0].margins = {{0.5, {90, NAN}, {140, NAN}}};
  std::vector<Ruling> all = apply(p, t);
  for (const char* id : {"spared-activity", "sphere-count"}) {
    EXPECT_EQ(find(all, id).verdict, Judgement::not_judged) << id;
    EXPECT_THAT(find(all, id).reason, testing::HasSubstr("states no number")) << id;
  }
  // 3 GBq are 40 to 80 million resin spheres of 50 Bq, 1.2 million glass spheres of 2500 Bq (World J. Hepatol. 7 (2015)
  // 738, table 1).
  EXPECT_DOUBLE_EQ(*find(all, "sphere-count").value, 6e7);
  p.sphere_count = SphereCount{2500, {}};
  EXPECT_DOUBLE_EQ(*find(apply(p, t), "sphere-count").value, 1.2e6);
  p.sphere_count = SphereCount{50, {}};
  EXPECT_EQ(find(all, "normal-dose", "partition", "perfused-normal").verdict, Judgement::not_judged);
  EXPECT_EQ(find(all, "margin-dose", "partition").verdict, Judgement::not_judged);

  p.normal_dose->perfused.high = 40;  // exactly at it fails
  p.normal_dose->whole.high = 25.1;
  p.spared_activity->at_most = 0.12;
  p.sphere_count->at_most = 5.9e7;
  p.margin->at_least = 90;
  all = apply(p, t);
  EXPECT_EQ(find(all, "normal-dose", "partition", "perfused-normal").verdict, Judgement::fail);
  EXPECT_EQ(find(all, "normal-dose", "partition", "normal-liver").verdict, Judgement::pass);
  EXPECT_EQ(find(all, "spared-activity").verdict, Judgement::pass);
  EXPECT_EQ(find(all, "sphere-count").verdict, Judgement::fail);
  EXPECT_EQ(find(all, "margin-dose", "partition").verdict, Judgement::pass);  // D95
  p.margin->by_mean = true;
  p.margin->at_least = 140.1;
  all = apply(p, t);
  const auto mean = std::find_if(all.begin(), all.end(), [](const Ruling& r) { return r.reason == "mean"; });
  ASSERT_NE(mean, all.end());
  EXPECT_EQ(mean->verdict, Judgement::fail);
}

}  // namespace
}  // namespace ytterby::validation
