// Case files and HU curves that mean harm: each is refused in one line, with little memory and time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/case/case_file.h"
#include "io/prepare/hu_calibration.h"
#include "tests/io/hostile.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string minimal = "[medium]\nct = \"ct.nii\"\n[activity]\nimage = \"a.nii\"\nquantity = \"Bq\"\n";

std::string repeated(const std::string& what, std::size_t times) {
  std::string text;
  text.reserve(what.size() * times);
  for (std::size_t i = 0; i < times; ++i) text += what;
  return text;
}

class HostileText : public testing::Test {
 protected:
  /// Of a case file of this text; it names the file.
  std::string refusal(const std::string& text) {
    const auto path = folder / "case.toml";
    std::ofstream(path, std::ios::binary) << text;
    std::string found = test::refusal_of([&] { read_case(path); });
    EXPECT_THAT(found, HasSubstr(path.string())) << text.substr(0, 60);
    EXPECT_LT(found.size(), 1000u);
    return found;
  }
  test::TemporaryFolder folder;
};

TEST_F(HostileText, is_accepted_where_it_is_a_case) {
  const auto path = folder / "case.toml";
  std::ofstream(path) << minimal;
  EXPECT_EQ(test::refusal_of([&] { read_case(path); }), "accepted");
}

TEST_F(HostileText, nests_without_end) {
  for (const std::size_t depth : {300UL, 100'000UL, 4'000'000UL}) {
    EXPECT_THAT(refusal(minimal + "x = " + repeated("[", depth)), HasSubstr("no valid TOML")) << depth;
    EXPECT_THAT(refusal(minimal + "x = " + repeated("[", depth) + repeated("]", depth)), HasSubstr("case.toml"))
        << depth;
    EXPECT_THAT(refusal(minimal + "x = " + repeated("{a=", depth)), HasSubstr("case.toml")) << depth;
    EXPECT_THAT(refusal(minimal + "x = {" + repeated("a . ", depth) + "a = 1}"), HasSubstr("case.toml")) << depth;
    EXPECT_THAT(refusal(minimal + "x = {" + repeated("'a'.", depth) + "a = 1}"), HasSubstr("case.toml")) << depth;
    EXPECT_THAT(refusal(minimal + "[" + repeated("a.", depth) + "a]\n"), HasSubstr("case.toml")) << depth;
    EXPECT_THAT(refusal(minimal + repeated("a.", depth) + "a = 1\n"), HasSubstr("case.toml")) << depth;
  }
}

/// Quotes hide what is no end of a part; each bracket may hold as many parts again.
TEST_F(HostileText, nests_without_end_behind_quotes) {
  const auto too_many = HasSubstr("a key has more than 16 parts");
  for (const char* part : {"'#'.", "\"=\".", "\"\\\"\".", "\"\" . ", "'{'.", "'\"'.", "\"'\"."}) {
    EXPECT_THAT(refusal(minimal + repeated(part, 100'000) + "a = 1\n"), too_many) << part;
  }
  const std::string deep = ", {" + repeated("a.", 100'000) + "a = 1}]\n";
  EXPECT_THAT(refusal(minimal + "x = [\"\"\"a\n\"\"\"\"" + deep), too_many);
  EXPECT_THAT(refusal(minimal + "x = ['''a\n'''''" + deep), too_many);
  refusal(minimal + "x = " + repeated("{" + repeated("a.", 15) + "a = ", 250) + "1" + repeated("}", 250) + "\n");
}

TEST_F(HostileText, has_dots_that_are_no_key) {
  const auto path = folder / "case.toml";
  const std::string dots(300, '.');
  std::ofstream(path) << "# " << dots << "\n[case]\nname = \"" << dots << "\" # " << dots << "\n" << minimal;
  EXPECT_EQ(test::refusal_of([&] { read_case(path); }), "accepted");
}

TEST_F(HostileText, is_too_large) {
  EXPECT_THAT(refusal(repeated("key", 100'000'000 / 3) + " = 1\n"), HasSubstr("too large"));
  EXPECT_THAT(refusal(minimal + repeated("k", 9'000'000) + " = 1\n"), HasSubstr("unknown"));
  EXPECT_THAT(refusal("[case]\nname = \"" + repeated("n", 9'000'000) + "\"\nx = 1\n" + minimal), HasSubstr("unknown"));
  EXPECT_THAT(test::refusal_of([] { read_case("/dev/zero"); }), HasSubstr("/dev/zero: is too large"));
  EXPECT_THAT(test::refusal_of([&] { read_case(folder.path()); }), HasSubstr("is a folder"));
}

TEST_F(HostileText, has_numbers_that_no_case_has) {
  for (const char* number : {"9223372036854775807", "-9223372036854775808", "99999999999999999999999", "1e308", "1e309",
                             "-1e308", "inf", "-inf", "nan", "0x7fffffffffffffff", "5e-324", "-1"}) {
    const std::string n(number);
    refusal(minimal + "[transport]\nhistories = " + n + "\n");
    refusal(minimal + "[transport]\nelectron_cutoff_keV = " + n + "\n");
    refusal(minimal + "[grid]\nspacing_mm = [2, " + n + ", 2]\n");
    if (n == "5e-324") continue;  // in [0, 1]
    refusal(minimal + "lung_shunt_fraction = " + n + "\n");
    refusal("[[material]]\nlabel = 1\ncomposition = { H = " + n +
            " }\ndensity_g_cm3 = 1\n[medium]\nlabels = \"l.nii\"\n");
  }
}

TEST_F(HostileText, holds_bytes_that_are_no_text) {
  using namespace std::string_literals;
  EXPECT_THAT(refusal("[medium]\nct = \"ct\\u0000.nii\"\n"), HasSubstr("zero byte"));
  EXPECT_THAT(refusal("[medium]\nct = \"ct\0.nii\"\n"s), HasSubstr("no valid TOML"));
  EXPECT_THAT(refusal("\0\0\0\0"s), HasSubstr("no valid TOML"));
  for (const std::string& bytes :
       {"\xff\xfe"s, "\xc3\x28"s, "\xed\xa0\x80"s, "\xf8\x88\x80\x80\x80"s, "\xc0\xaf"s, "\x80"s}) {
    EXPECT_THAT(refusal("[medium]\nct = \"" + bytes + "\"\n"), HasSubstr("no valid TOML"));
    EXPECT_THAT(refusal(bytes + " = 1\n"), HasSubstr("no valid TOML"));
  }
  EXPECT_THAT(refusal(minimal + "x = \"\x1b[2J\"\n"), HasSubstr("no valid TOML"));
}

TEST_F(HostileText, has_other_types) {
  for (const char* value : {"[]", "[[]]", "[1, \"a\", {}]", "{}", "1979-05-27", "true", "[nan]", "\"\""}) {
    const std::string v(value);
    refusal("[medium]\nct = " + v + "\n");
    refusal(minimal + "lung_shunt_fraction = " + v + "\n");
    refusal(minimal + "[transport]\nseed = " + v + "\n");
    refusal(minimal + "[grid]\nspacing_mm = " + v + "\n");
    refusal(minimal + "[[structure]]\nname = " + v + "\n");
  }
  refusal("medium = 5\n");
  refusal("medium = [1]\n");
  refusal("structure = 5\n" + minimal);
}

TEST_F(HostileText, names_structures_that_cannot_be_stored) {
  for (const char* name : {"a/b", ".", "..", "tumours", "a\\u0000b", "\\n"}) {
    refusal(minimal + "[[structure]]\nname = \"" + name + "\"\nmask = \"m.nii\"\n");
  }
}

TEST_F(HostileText, is_a_curve_that_is_none) {
  const auto curve = [&](const std::string& text) {
    const auto path = folder / "curve.csv";
    std::ofstream(path, std::ios::binary) << text;
    std::string found = test::refusal_of([&] { read_calibration(path); });
    EXPECT_THAT(found, HasSubstr(path.string()));
    return found;
  };
  EXPECT_THAT(curve(""), HasSubstr("0 points"));
  EXPECT_THAT(curve("-1000, nan\n0, 1\n"), HasSubstr(":1"));
  EXPECT_THAT(curve("-1000, 0\n0, inf\n"), HasSubstr(":2"));
  EXPECT_THAT(curve("-1000, 0\n1e400, 1\n"), HasSubstr(":2"));
  EXPECT_THAT(curve("-1000, 0\n0, -1\n"), HasSubstr("density is -1"));
  EXPECT_THAT(curve("-1000; 0\n0; 1,5\n"), HasSubstr("two numbers"));
  EXPECT_THAT(curve(repeated("1", 2'000'000)), HasSubstr("too large"));
  EXPECT_THAT(curve(repeated("1", 20'000)), HasSubstr("no table"));
  EXPECT_THAT(test::refusal_of([] { read_calibration("/dev/zero"); }), HasSubstr("no regular file"));
}

}  // namespace
}  // namespace ytterby::io
