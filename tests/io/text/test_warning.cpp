// Warnings as values: they come back from JSON as they were.

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "io/text/warning.h"

namespace ytterby::io {
namespace {

const Warnings two{{"contrast-in-liver", WarningClass::wrong_dose, "structure liver: 150 HU", {{"mean_HU", 150}}},
                   {"lungs-cut-off", WarningClass::note, "the lungs \"touch\" the edge", {}}};

TEST(Warnings, ComeBackFromJson) {
  const Warnings back = parse_warnings(warnings_json(two));
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[0].code, "contrast-in-liver");
  EXPECT_EQ(back[0].kind, WarningClass::wrong_dose);
  EXPECT_EQ(back[0].numbers, two[0].numbers);
  EXPECT_EQ(back[1].kind, WarningClass::note);
  EXPECT_EQ(back[1].text, two[1].text);
  EXPECT_EQ(warnings_json({}), "[]");
}

TEST(Warnings, HaveTheFieldsOfTheirFormat) {
  const auto list = nlohmann::json::parse(warnings_json(two));
  EXPECT_EQ(list[0]["code"], "contrast-in-liver");
  EXPECT_EQ(list[0]["class"], "wrong-dose");
  EXPECT_EQ(list[0]["numbers"]["mean_HU"], 150);
  EXPECT_EQ(list[1]["class"], "note");
  EXPECT_TRUE(list[1]["numbers"].is_object());
}

TEST(Warnings, WriteWhatIsNoNumberAndNoText) {
  const Warnings odd{{"x", WarningClass::note, "caf\xe9", {{"value", std::nan("")}}}};
  const Warnings back = parse_warnings(warnings_json(odd));
  EXPECT_TRUE(std::isnan(back[0].numbers[0].second));
  EXPECT_EQ(back[0].text.substr(0, 3), "caf");
}

TEST(Warnings, RefuseWhatIsNoListOfThem) {
  for (const char* text : {"", "{}", "[1]", "[{}]", R"([{"code": 1, "class": "note", "text": "x"}])", "[[\"a\"]]"}) {
    EXPECT_THROW(parse_warnings(text), Error) << text;
  }
}

TEST(Warnings, StandBesideAVerdictThatTheyDoubt) {
  EXPECT_EQ(verdict_in_words(false, {}), "pass");
  EXPECT_EQ(verdict_in_words(false, two), "pass, with 1 warning");
  EXPECT_EQ(verdict_in_words(false, {two[0], two[1], two[0]}), "pass, with 2 warnings");
  EXPECT_EQ(verdict_in_words(false, {two[1]}), "pass");
  EXPECT_EQ(verdict_in_words(true, two), "fail");
}

TEST(Warnings, AreMergedOnce) {
  Warnings all{two[0]};
  merge_warnings(two, all);
  EXPECT_EQ(all.size(), 2u);
  EXPECT_EQ(warnings_in_short(all), "contrast-in-liver (mean_HU 150); lungs-cut-off");
}

}  // namespace
}  // namespace ytterby::io
