// Lists of patients, and what a cohort says of results worked by hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/base/error.h"
#include "io/cli/cohort/cohort.h"
#include "tests/io/small_case.h"

namespace ytterby::cli {
namespace {

using testing::HasSubstr;
using validation::Estimate;
using validation::Judgement;

std::string refusal(const std::string& text) {
  try {
    parse_cohort_list(text, "folder/list.toml");
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    return error.what();
  }
  return "accepted";
}

std::string patient(const std::string& name) {
  return "[[patient]]\nname = \"" + name + "\"\ncase = \"a/case.toml\"\n";
}

TEST(CohortList, IsReadWithPathsFromItsFolder) {
  const CohortList list = parse_cohort_list(patient("Jörg M") + patient("b"), "folder/list.toml");
  EXPECT_EQ(list.name, "list");
  EXPECT_EQ(list.methods, cohort_methods());
  ASSERT_EQ(list.patients.size(), 2u);
  EXPECT_EQ(list.patients[0].name, "Jörg M");
  EXPECT_EQ(list.patients[0].case_file, "folder/a/case.toml");
}

TEST(CohortList, WritesItselfWithEveryDefault) {
  const CohortList list = parse_cohort_list(
      "[cohort]\nname = \"of \\\"two\\\"\"\nmethods = [\"local-deposition\", \"monte-carlo\"]\n" + patient("a"),
      "/x/list.toml");
  EXPECT_EQ(list.methods, (std::vector<std::string>{"monte-carlo", "local-deposition"}));
  const std::string text = write_cohort_list(list);
  const CohortList again = parse_cohort_list(text, "/elsewhere/list.toml");
  EXPECT_EQ(again.name, list.name);
  EXPECT_EQ(again.methods, list.methods);
  EXPECT_EQ(again.patients[0].case_file, "/x/a/case.toml");
  EXPECT_EQ(write_cohort_list(again), text);
}

TEST(CohortList, RefusesWithFileAndLine) {
  EXPECT_THAT(refusal(patient("a") + patient("a")), HasSubstr("list.toml:4: [[patient]] name \"a\" is that of line 1"));
  EXPECT_THAT(refusal("[cohort]\nname = \"c\"\n"), HasSubstr("has no [[patient]]"));
  EXPECT_THAT(refusal("[[patient]]\nname = \"a\"\n"), HasSubstr("needs the key case"));
  EXPECT_THAT(refusal("[cohort]\nmethods = [\"kernel\"]\n" + patient("a")), HasSubstr("needs to be of monte-carlo"));
  EXPECT_THAT(refusal("[cohort]\nmethod = \"kernel\"\n" + patient("a")), HasSubstr("nearest known is \"methods\""));
  EXPECT_THAT(refusal("[[patient\n"), HasSubstr("list.toml:1: is no valid TOML"));
  for (const char* name : {"../a", "a/b", ".", "..", ".a", " a", "a ", "a\\\\b", "a\\tb", "cohort.csv"}) {
    EXPECT_THAT(refusal(patient(name)), HasSubstr("becomes a folder's name")) << name;
  }
}

TEST(CohortList, NamesCasesByThemselvesElseByTheirFolder) {
  const test::TemporaryFolder folder;
  const auto write = [&](const std::string& name, const std::string& text) {
    std::filesystem::create_directories(folder / name);
    const std::string path = (folder / (name + "/case.toml")).string();
    std::ofstream(path) << text;
    return path;
  };
  const std::string a = write("a", "[case]\nname = \"first\"\n"), b = write("b", "[case]\nname = \"same\"\n");
  const std::string c = write("c", "[case]\nname = \"same\"\n"), d = write("d", "no TOML");
  const CohortList list = read_cohort({a, b, c, d});
  std::vector<std::string> names;
  for (const CohortPatient& p : list.patients) names.push_back(p.name);
  EXPECT_EQ(names, (std::vector<std::string>{"first", "b", "c", "d"}));
  EXPECT_THROW(read_cohort({a, a}), Error);
  EXPECT_THROW(read_cohort({a, write("list", patient("x"))}), Error);
  EXPECT_EQ(read_cohort({write("list", patient("x"))}).patients[0].name, "x");
}

PatientResult done(const std::string& name, double truth, double partition) {
  PatientResult p;
  p.patient = {name, name + "/case.toml"};
  p.judge = "partition";
  p.normal_structure = "normal-liver";
  p.doses.push_back({"monte-carlo", {Estimate{truth, 3}, Estimate{}, Estimate{10, 0.1}}, 1000, 7});
  p.doses.push_back({"partition", {Estimate{partition}, Estimate{20}, Estimate{12}}, 0, {}});
  return p;
}

TEST(Cohort, ComparesMethodsOverThePatientsThatHaveBoth) {
  PatientResult broken;
  broken.patient.name = "x";
  broken.status = PatientStatus::broken;
  const std::vector<PatientResult> patients{done("a", 100, 110), broken, done("b", 300, 330)};
  const auto all = agreements_of(patients);
  ASSERT_EQ(all.size(), 3u);  // the partition model in three regions
  EXPECT_EQ(all[0].region, "tumours");
  ASSERT_TRUE(all[0].gray);
  EXPECT_EQ(all[0].gray->pairs, 2u);
  EXPECT_DOUBLE_EQ(all[0].gray->bias.value, 20);  // partition less Monte Carlo
  EXPECT_DOUBLE_EQ(all[0].gray->noise, 3);
  EXPECT_NEAR(all[0].percent->bias.value, 200.0 / 21, 1e-12);
  EXPECT_FALSE(all[1].gray);  // Monte Carlo has no normal tissue here
  EXPECT_TRUE(all[1].pairs.empty());
}

// Differences of 4, 20 and 36 Gy: bias 20, s = 16. Own 6 Gy beside Monte Carlo's 3: sqrt(256 - 36 - 9) = 14.526 is
// left.
TEST(Cohort, TellsLimitsWithoutWhatIsMeasuredEverywhere) {
  std::vector<PatientResult> patients{done("a", 100, 104), done("b", 300, 320), done("c", 500, 536)};
  for (PatientResult& p : patients) p.doses[1].own[0] = {6, 4};
  const CohortResult result{{"c", cohort_methods(), {}}, patients, agreements_of(patients)};
  const auto& gray = *result.agreements[0].gray;
  EXPECT_NEAR(gray.own, std::sqrt(45.0), 1e-12);
  EXPECT_NEAR(gray.lower_without_own, 20 - 1.96 * std::sqrt(211.0), 1e-9);
  const auto json = nlohmann::json::parse(cohort_json(result));
  EXPECT_NEAR(json["agreement"][0]["Gy"]["upper_limit_without_own"].get<double>(), 20 + 1.96 * std::sqrt(211.0), 1e-9);
  EXPECT_EQ(json["agreement"][0]["Gy"]["own_is_all"], false);
  EXPECT_EQ(json["patients"][0]["methods"]["partition"]["tumours"]["difference_own_Gy"], 6.0);
  EXPECT_THAT(cohort_csv(result),
              HasSubstr("tumours_difference_own_Gy,normal_difference_own_Gy,lungs_difference_own_Gy\n"));
  EXPECT_THAT(cohort_csv(result), HasSubstr(",6,,\n"));
  EXPECT_THAT(cohort_table(result), HasSubstr("-8.47 to +48.47"));
  // In percent of the mean of both 3.922, 6.452 and 6.950, s = 1.624: less than 4 brings of itself.
  EXPECT_THAT(cohort_table(result), HasSubstr("+5.77, no spread left"));
  EXPECT_THAT(cohort_page(result), HasSubstr("+5.8: nothing is left"));
}

TEST(Cohort, EndsWithTheWorstStatus) {
  std::vector<PatientResult> patients{done("a", 1, 1), done("b", 1, 1)};
  EXPECT_EQ(cohort_exit_status(patients), 0);
  patients[0].exit_status = 5;
  EXPECT_EQ(cohort_exit_status(patients), 5);
  patients[1].exit_status = 3;
  EXPECT_EQ(cohort_exit_status(patients), 3);
  patients[0].exit_status = 4;
  EXPECT_EQ(cohort_exit_status(patients), 4);
}

TEST(Cohort, JudgesByTheRowsThatDecide) {
  PatientResult p = done("a", 1, 1);
  const auto add = [&](const char* method, const char* structure, Judgement verdict) {
    validation::Ruling r;
    r.id = "tumour-dose";
    r.method = method;
    r.structure = structure;
    r.verdict = verdict;
    p.rulings.push_back(r);
  };
  EXPECT_FALSE(judged(p, "tumour-dose", "partition"));
  add("partition", "lesion", Judgement::not_judged);
  EXPECT_EQ(judged(p, "tumour-dose", "partition"), Judgement::not_judged);
  add("partition", "tumours", Judgement::pass);
  add("partition", "another", Judgement::not_judged);
  EXPECT_EQ(judged(p, "tumour-dose", "partition"), Judgement::pass);
  add("", "of no method", Judgement::fail);
  add("partition", "again", Judgement::pass);
  EXPECT_EQ(judged(p, "tumour-dose", "partition"), Judgement::fail);
  EXPECT_EQ(judged(p, "tumour-dose", "monte-carlo"), Judgement::fail);
}

TEST(Cohort, CsvHasAsManyCellsInEveryRow) {
  PatientResult broken;
  broken.patient = {"x", "x.toml"};
  broken.status = PatientStatus::broken;
  broken.message = "bad";
  const std::string csv = cohort_csv({{"c", cohort_methods(), {}}, {done("a", 100, 110), broken}, {}});
  std::istringstream lines(csv);
  std::string line;
  std::vector<std::string> rows;
  while (std::getline(lines, line)) rows.push_back(line);
  ASSERT_EQ(rows.size(), 4u);
  const auto cells = [](const std::string& row) { return std::count(row.begin(), row.end(), ','); };
  for (const std::string& row : rows) EXPECT_EQ(cells(row), cells(rows[0])) << row;
  EXPECT_THAT(rows[1], HasSubstr(",monte-carlo,1000,7,100,3,,,,"));
  EXPECT_THAT(rows[2], HasSubstr(",partition,,,110,,10,3,10,20,,"));
  EXPECT_THAT(rows[3], HasSubstr("x,x.toml,broken,bad,"));
}

TEST(Cohort, JsonSaysWhereLimitsAreNotKnown) {
  const std::vector<PatientResult> one{done("a", 100, 110)};
  const auto json = nlohmann::json::parse(cohort_json({{"c", cohort_methods(), {}}, one, agreements_of(one)}));
  EXPECT_EQ(json["agreement"][0]["patients"], 1);
  EXPECT_TRUE(json["agreement"][0]["Gy"].is_null());
  EXPECT_EQ(json["patients"][0]["methods"]["partition"]["tumours"]["difference_Gy"], 10.0);
  EXPECT_THAT(cohort_table({{"c", cohort_methods(), {}}, one, agreements_of(one)}),
              HasSubstr("not available: needs at least 2 patients"));
}

TEST(Cohort, SeedsGoByTheName) {
  EXPECT_EQ(seed_of_name("a"), seed_of_name("a"));
  EXPECT_NE(seed_of_name("a"), seed_of_name("b"));
  EXPECT_LT(seed_of_name("a"), std::uint64_t{1} << 32);
}

}  // namespace
}  // namespace ytterby::cli
