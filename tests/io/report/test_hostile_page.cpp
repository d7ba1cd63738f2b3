// Names from files of strangers are text on the page, and nothing but the page's own script runs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "io/report/content_policy.h"
#include "io/report/html.h"
#include "io/report/report.h"
#include "io/report/verify_page.h"
#include "tests/io/report/chromium.h"
#include "tests/io/small_dose.h"

namespace ytterby::test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Leaves a mark on the document wherever it is taken for markup or script.
const std::string attack =
    "--></script></style></title><script>document.documentElement.dataset.owned=1</script><img src=x "
    "onerror=\"document.documentElement.dataset.owned=2\">'\" {{data}} <!--<script>";

/// A dose whose every text is hostile.
io::ReportInput hostile_input() {
  const SmallCase small;
  io::DoseFile dose = small_dose(small);
  io::DoseFile other = dose;
  for (io::DoseFile* f : {&dose, &other}) {
    f->map.device = f->map.device_note = f->case_name = f->resolved_case = f->content_hash = attack;
    f->program_version = f->git_commit = f->build = f->created = attack;
    for (Structure& s : f->structures) s.name += attack;
    for (StructureDose& s : f->map.structures) s.name += attack;
    for (io::InputFile& i : f->inputs) i.name = i.sha256 = attack;
    f->warnings.push_back({attack, io::WarningClass::wrong_dose, attack, {{attack, 1}}});
    f->map.correlated = CorrelatedPart{};
  }
  other.map.method = attack;
  dose.map.method = "constructor";  // what every object of the script has
  io::ReportInput input;
  input.case_name = attack;
  input.doses = {dose, other};
  return input;
}

nlohmann::json hostile_verify() {
  const nlohmann::json named{{"case", attack}, {"verdict", attack}};
  return {{"plan", named},
          {"delivered", named},
          {"protocol", {{"title", attack}}},
          {"judge", attack},
          {"program_version", attack},
          {"warnings", {{{"code", attack}, {"class", attack}, {"text", attack}}}},
          {"activity", nlohmann::json::object()},
          {"uptake", nullptr},
          {"no_isodoses", attack},
          {"structures",
           {{{"name", attack}, {"methods", {{attack, {{"mean_Gy", {{"planned", attack}, {"delivered", 1}}}}}}}}}},
          {"rules", {{{"id", attack}, {"method", attack}, {"structure", attack}, {"reason", attack}}}}};
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++n;
  return n;
}

TEST(HostilePage, EscapesMarkupAndWhatCannotBeSeen) {
  EXPECT_EQ(io::escaped("<a href=\"x\" b='y'>&"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
  EXPECT_EQ(io::escaped("a\x1b[31m\tb\nc\x7f"), "a\xEF\xBF\xBD[31m\tb\nc\xEF\xBF\xBD");
  EXPECT_EQ(io::escaped("a\xE2\x80\xAE"
                        "b\xE2\x81\xA6\xC2\x85"),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(io::escaped("a\xFF"), "a\xEF\xBF\xBD");
  EXPECT_EQ(io::escaped("H\xC3\xA4mangiom \xE2\x80\x93 5"), "H\xC3\xA4mangiom \xE2\x80\x93 5");
}

TEST(HostilePage, JsonStaysTheSameAndEndsNoScript) {
  const nlohmann::json value{{"name</script><!--", attack}};
  const std::string text = io::safe_in_script(value.dump());
  EXPECT_THAT(text, Not(HasSubstr("<")));
  EXPECT_EQ(nlohmann::json::parse(text), value);
}

// SHA-256 in base64 of "alert('Hello, world.');", the example of the W3C's Content Security Policy, section 6.7.3.
TEST(HostilePage, PolicyNamesTheScriptByItsHash) {
  const std::string policy = io::content_policy("alert('Hello, world.');", "");
  EXPECT_THAT(policy, HasSubstr("script-src 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"));
  EXPECT_THAT(policy, HasSubstr("style-src 'none'"));
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
}

TEST(HostilePage, NoTextBecomesMarkup) {
  for (const std::string& page : {io::report_page(hostile_input()), io::verify_page(hostile_verify().dump())}) {
    EXPECT_THAT(page, Not(HasSubstr("<img")));
    EXPECT_THAT(page, Not(HasSubstr("<script>document.documentElement")));
    EXPECT_THAT(page, HasSubstr("&lt;img src=x onerror=&quot;"));
    EXPECT_EQ(count(page, "<script"), count(page, "</script"));
    EXPECT_LE(count(page, "<script"), 2U);  // data and script
    EXPECT_EQ(count(page, "</style"), 1U);
    EXPECT_EQ(count(page, "</title"), 1U);
    EXPECT_FALSE(std::regex_search(page, std::regex("<[a-z][^>]* (style|on[a-z]+)=")));  // the policy would kill them
  }
}

TEST(HostilePage, RunsNothingInChromium) {
  if (chromium().empty()) GTEST_SKIP() << "SKIPPED: no Chromium is installed";
  const std::string page = document_in_chromium(io::report_page(hostile_input()));
  EXPECT_THAT(page, HasSubstr("data-ready=\"yes\""));
  EXPECT_THAT(page, Not(HasSubstr("data-owned")));
  const std::string verify = document_in_chromium(io::verify_page(hostile_verify().dump()));
  EXPECT_THAT(verify, HasSubstr("Plan against delivery"));
  EXPECT_THAT(verify, Not(HasSubstr("data-owned")));
}

// Were some text not escaped, the policy still keeps it from running.
TEST(HostilePage, PolicyStopsAForeignScriptInChromium) {
  if (chromium().empty()) GTEST_SKIP() << "SKIPPED: no Chromium is installed";
  std::string page = io::report_page(hostile_input());
  const std::string foreign = "<script>document.documentElement.dataset.owned=1</script>";
  page.insert(page.find("</header>"), foreign);
  EXPECT_THAT(document_in_chromium(page), Not(HasSubstr("data-owned")));
  const std::size_t policy = page.find("<meta http-equiv");
  page.erase(policy, page.find('>', policy) + 1 - policy);
  EXPECT_THAT(document_in_chromium(page), HasSubstr("data-owned"));  // the test can fail
}

}  // namespace
}  // namespace ytterby::test
