#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "validation/comparison.h"
#include "validation/plot_svg.h"
#include "validation/plots.h"
#include "validation/report.h"

namespace ytterby::validation {
namespace {

Comparison example(double ours, double our_error, double stated) {
  Comparison c{"case", "group", "quantity", "unit"};
  c.reference = 100;
  c.reference_error = 0.3;
  c.ours = ours;
  c.our_error = our_error;
  c.percent_of = 100;
  c.stated = stated;
  return c;
}

TEST(Comparison, ToleranceIsTheLargerOfStatedAndThreeErrors) {
  EXPECT_DOUBLE_EQ(example(100, 0.4, 2).tolerance_percent(), 2);
  EXPECT_DOUBLE_EQ(example(100, 0.4, 1).tolerance_percent(), 1.5);  // 3 * hypot(0.3, 0.4)
}

TEST(Comparison, VerdictFollowsTheTolerance) {
  EXPECT_EQ(example(101.9, 0.4, 2).verdict(), Verdict::pass);
  EXPECT_EQ(example(98.1, 0.4, 2).verdict(), Verdict::pass);
  EXPECT_EQ(example(102.1, 0.4, 2).verdict(), Verdict::fail);
  EXPECT_EQ(example(97.9, 0.4, 2).verdict(), Verdict::fail);
  EXPECT_EQ(example(std::numeric_limits<double>::quiet_NaN(), 0.4, 2).verdict(), Verdict::fail);
  EXPECT_EQ(example(200, 0.4, std::numeric_limits<double>::quiet_NaN()).verdict(), Verdict::not_judged);
}

TEST(Comparison, SummaryNamesTheWorstAndFailsWithIt) {
  const std::vector<Comparison> list{example(100.5, 0.4, 2), example(97, 0.4, 2), example(101, 0.4, 2)};
  const std::vector<GroupSummary> groups = summarise(list);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].points, 3);
  EXPECT_DOUBLE_EQ(groups[0].worst.ours, 97);
  EXPECT_DOUBLE_EQ(groups[0].largest_percent, -3);
  EXPECT_DOUBLE_EQ(groups[0].largest_in_errors, -6);
  EXPECT_EQ(groups[0].verdict, Verdict::fail);
}

TEST(Comparison, LedgerIsJudgedByItsIntegers) {
  RunRecord run{"run", 10, 1, {1'000'000'000'000'000'000, 999'999'999'999'999'998, 1, 1}};
  EXPECT_EQ(ledger_comparison(run).verdict(), Verdict::pass);
  run.ledger.discarded += 1;  // one quantum of 1e18: less than the last bit of a double
  EXPECT_EQ(ledger_comparison(run).verdict(), Verdict::fail);
}

TEST(Report, CsvHasOneLineForEachComparison) {
  const std::vector<Comparison> list{example(100.5, 0.4, 2), example(97, 0.4, 2)};
  const std::string csv = to_csv(list);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 2 + 1 + 2);
  EXPECT_NE(csv.find(",FAIL\n"), std::string::npos);
}

TEST(PlotSvg, EscapesTextAndLeavesOutWhatHasNoPlace) {
  Figure figure{"a < b & c", "", "x", {}, {}, {}};
  Panel panel{"y", Scale::logarithmic, {}, 1, false, {}, {}, {}};
  panel.series = {{"s", colour::blue, Mark::circle, {1, 2, 3}, {1e-3, 0, 1e-1}, {}}};
  figure.panels = {panel};
  const std::string svg = to_svg(figure);
  EXPECT_NE(svg.find("a &lt; b &amp; c"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
  std::size_t circles = 0;
  for (std::size_t at = svg.find("<circle"); at != std::string::npos; at = svg.find("<circle", at + 1)) ++circles;
  EXPECT_EQ(circles, 2u + 1u);  // two points and the legend's sample
}

}  // namespace
}  // namespace ytterby::validation
