// Protocols from their data files, and verdicts of a small case.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <tuple>

#include "engine/base/numbers.h"
#include "engine/methods/local_deposition.h"
#include "engine/physics/nuclide.h"
#include "io/evaluation/evaluation.h"
#include "io/evaluation/protocol_of.h"
#include "io/evaluation/verdict_text.h"
#include "io/prepare/dose_of_case.h"
#include "io/report/report.h"
#include "tests/io/refusal.h"
#include "tests/io/small_case.h"

namespace ytterby::cli {
namespace {

using nlohmann::json;
using test::refusal;
using test::SmallCase;
using testing::HasSubstr;

constexpr const char* relative = SmallCase::relative_activity;
const std::string perfused = "[[structure]]\nname = \"lobe\"\nrole = \"perfused\"\nmask = \"tumour.nii.gz\"\n";
const std::string with_all = std::string(SmallCase::structures) + SmallCase::lungs + perfused;

/// Writes the case's dose by local deposition.
std::string local_dose(const SmallCase& small, const std::filesystem::path& case_file,
                       const std::string& name = "local.h5") {
  const std::string path = (small.folder / name).string();
  io::write_dose(
      path,
      io::dose_by([](const Phantom& phantom, const Source& source, std::span<const Structure> structures,
                     int) { return local_deposition(phantom, source.voxels->activity, source.nuclide, structures); },
                  io::prepare(io::read_case(case_file))));
  return path;
}

json rule(const json& verdict, const std::string& id, const json& method = nullptr, const std::string& structure = "") {
  for (const json& r : verdict["rules"]) {
    if (r["id"] == id && r["method"] == method && (structure.empty() || r["structure"] == structure)) return r;
  }
  throw std::runtime_error("no rule " + id);
}

TEST(Protocols, come_from_their_data_files) {
  const SmallCase small;
  const auto of = [&](const std::string& text) {
    return io::protocol_of(io::read_case(small.write(relative, with_all + text)));
  };
  const validation::Protocol rescue = of("");
  EXPECT_EQ(rescue.name, "rescue");
  EXPECT_DOUBLE_EQ(rescue.tumour_dose->range.low, 280);
  EXPECT_DOUBLE_EQ(rescue.tumour_dose->range.high, 520);
  EXPECT_DOUBLE_EQ(rescue.lung_session->limit, 15);
  EXPECT_FALSE(rescue.lung_session->at_limit_passes);
  EXPECT_DOUBLE_EQ(rescue.lung_cumulative->limit, 25);
  EXPECT_DOUBLE_EQ(rescue.spared_liver->limit, 0.30);
  EXPECT_TRUE(rescue.spared_liver->at_limit_passes);
  const validation::Protocol glass = of("[protocol]\npreset = \"glass-lobar\"\n");
  EXPECT_FALSE(glass.tumour_dose);
  EXPECT_DOUBLE_EQ(glass.perfused_dose->high, 150);
  EXPECT_DOUBLE_EQ(glass.lung_session->limit, 30);
  const validation::Protocol changed =
      of("[protocol.tumour-dose]\nlow_Gy = 300\nof = \"each\"\n[protocol.lesion-count]\nenabled = false\n");
  EXPECT_DOUBLE_EQ(changed.tumour_dose->range.low, 300);
  EXPECT_TRUE(changed.tumour_dose->each);
  EXPECT_FALSE(changed.lesion_count);
}

TEST(Protocols, have_the_numbers_of_their_sources) {
  const SmallCase small;
  const auto of = [&](const std::string& name) {
    return protocol_of(io::read_case(small.write(relative, with_all + "[protocol]\npreset = \"" + name + "\"\n")));
  };
  for (const std::string& name : validation::preset_names()) EXPECT_EQ(of(name).name, name);
  // EANM guideline of 2022 (Eur. J. Nucl. Med. Mol. Imaging 49:1682), table 3: resin microspheres.
  EXPECT_DOUBLE_EQ(of("eanm-2022-resin-segmentectomy").perfused_dose->low, 150);
  EXPECT_FALSE(std::isfinite(of("eanm-2022-resin-segmentectomy").perfused_dose->high));
  EXPECT_DOUBLE_EQ(of("eanm-2022-resin-lobectomy").normal_dose->perfused.low, 70);
  EXPECT_DOUBLE_EQ(of("eanm-2022-resin-lobectomy").spared_liver->limit, 0.30);
  EXPECT_DOUBLE_EQ(of("eanm-2022-resin-unilobar").normal_dose->perfused.high, 40);
  EXPECT_DOUBLE_EQ(of("eanm-2022-resin-bilobar").normal_dose->perfused.high, 40);
  EXPECT_DOUBLE_EQ(of("eanm-2022-resin-bilobar").tumour_dose->range.low, 100);
  // A plan stops at the normal liver's limit.
  const auto limits = validation::plan_limits(of("eanm-2022-resin-unilobar"));
  const bool normal = std::any_of(limits.begin(), limits.end(), [](const DoseLimit& l) {
    return l.rule == "normal-dose" && l.compartment == Compartment::normal && l.dose == 40;
  });
  EXPECT_TRUE(normal);
}

TEST(Protocols, refuse_what_they_do_not_know) {
  const SmallCase small;
  const auto message = [&](const std::string& text) {
    return refusal([&] { io::protocol_of(io::read_case(small.write(relative, with_all + text))); });
  };
  const std::string unknown = message("[protocol.tumor-dose]\nlow_Gy = 300\n");
  EXPECT_THAT(unknown, HasSubstr("case.toml:"));
  EXPECT_THAT(unknown, HasSubstr("tumour-dose"));
  EXPECT_THAT(message("[protocol.tumour-dose]\nlow = 300\n"), HasSubstr("low_Gy"));
  EXPECT_THAT(message("[protocol.tumour-dose]\nlow_Gy = \"many\"\n"), HasSubstr("number"));
  EXPECT_THAT(message("[protocol.lung-dose-session]\nat_limit = \"maybe\"\n"), HasSubstr("\"pass\" or \"fail\""));
  EXPECT_THAT(message("[protocol]\npreset = \"resuce\"\n"), HasSubstr("rescue, glass-lobar"));
  EXPECT_THAT(message("[protocol]\npreset = \"glass-lobar\"\n[protocol.tumour-dose]\nlow_Gy = 1\n"),
              HasSubstr("no rule of the preset"));
}

TEST(Validate, has_the_fields_of_the_contract) {
  const SmallCase small;
  const auto path = small.write(relative, with_all);
  const io::PreparedCase prepared = io::prepare(io::read_case(path));
  const io::Validation v = io::validate_prepared(prepared, {local_dose(small, path)});
  const json verdict = json::parse(io::verdict_json(v));
  for (const json& r : verdict["rules"]) {
    for (const char* field : {"id", "method", "structure", "session", "value", "unit", "limit_low", "limit_high",
                              "margin", "verdict", "reason", "probability", "settings"}) {
      EXPECT_TRUE(r.contains(field)) << r["id"] << " " << field;
    }
    EXPECT_TRUE(r["settings"].is_object());
  }
  // One tumour of 4 x 4 x 4 voxels of 5 mm, whose centres are 15 mm and faces 20 mm apart along each axis: in a slice
  // the body is between hypot(15, 15) and hypot(20, 20) mm.
  EXPECT_EQ(rule(verdict, "lesion-count")["value"], 1);
  EXPECT_GT(rule(verdict, "lesion-size")["value"], std::hypot(15, 15));
  EXPECT_LT(rule(verdict, "lesion-size")["value"], std::hypot(20, 20));
  EXPECT_NEAR(rule(verdict, "lesion-size")["probability"], 0, 1e-6);
  EXPECT_EQ(rule(verdict, "lesion-size")["verdict"], "fail");
  EXPECT_NEAR(rule(verdict, "spared-liver")["value"], 1, 1e-6);  // the lobe is the tumour
  EXPECT_EQ(rule(verdict, "tumour-dose", "partition", "tumours")["settings"]["low_Gy"], 280);
  EXPECT_EQ(rule(verdict, "lung-dose-session", "local-deposition")["verdict"], "not-judged");
  EXPECT_THAT(rule(verdict, "lung-dose-session", "local-deposition")["reason"].get<std::string>(),
              HasSubstr("cut off"));
  const double k = yttrium_90().dose_constant();
  EXPECT_NEAR(rule(verdict, "lung-dose-session", "partition")["value"], k * 0.1 * 0.1 / 1.0, 1e-6);
  EXPECT_EQ(verdict["verdict"], "fail");  // too small a lesion
  EXPECT_TRUE(v.broken());
  bool tumour = false;
  for (const json& s : verdict["structures"]) {
    if (s["name"] != "tumour") continue;
    tumour = true;
    EXPECT_EQ(s["role"], "tumour");
    EXPECT_NEAR(s["volume_mL"], 8, 1e-5);
    // Uniform uptake and density in each: local deposition is the partition model.
    EXPECT_NEAR(s["methods"]["local-deposition"]["mean_Gy"], s["methods"]["partition"]["mean_Gy"].get<double>(), 1e-3);
    EXPECT_NEAR(s["methods"]["local-deposition"]["D95_Gy"], s["methods"]["partition"]["mean_Gy"].get<double>(), 1e-3);
    EXPECT_TRUE(s["methods"]["local-deposition"]["mean_error_Gy"].is_null());
  }
  EXPECT_TRUE(tumour);
  EXPECT_THAT(io::verdict_table(v), HasSubstr("verdict: fail"));
  EXPECT_THAT(io::verdict_csv(v), HasSubstr("tumour,tumour,"));
}

TEST(Validate, follows_overrides_and_the_judge) {
  const SmallCase small;
  const std::string off = "[protocol.lesion-size]\nenabled = false\n[protocol.tumour-dose]\n";
  const auto verdict = [&](const std::string& limits) {
    return io::validate_prepared(io::prepare(io::read_case(small.write(relative, with_all + off + limits))), {})
        .broken();
  };
  EXPECT_TRUE(verdict("low_Gy = 2000\nhigh_Gy = 3000\n"));
  EXPECT_FALSE(verdict("low_Gy = 1\nhigh_Gy = 3000\n"));
  EXPECT_THAT(
      refusal([&] {
        io::validate_prepared(
            io::prepare(io::read_case(small.write(relative, with_all + "[protocol]\njudge = \"monte-carlo\"\n"))), {});
      }),
      HasSubstr("needs a dose file of that method"));
}

TEST(Validate, refuses_doses_of_another_case) {
  const SmallCase small;
  const std::string other = local_dose(
      small, small.write("quantity = \"relative\"\nadministered_GBq = 0.2\nlung_shunt_fraction = 0.1\n", with_all));
  const auto path = small.write(relative, with_all);
  const io::PreparedCase prepared = io::prepare(io::read_case(path));
  const std::string message = refusal([&] { io::validate_prepared(prepared, {other}); });
  EXPECT_THAT(message, HasSubstr("local.h5"));
  EXPECT_THAT(message, HasSubstr(prepared.content_hash));
  EXPECT_THAT(message, HasSubstr(io::read_dose(other).content_hash));
  const std::string own = local_dose(small, path, "own.h5");
  EXPECT_THAT(refusal([&] { io::validate_prepared(prepared, {own, own}); }), HasSubstr("needs to be one of each"));
}

TEST(Validate, tells_of_counts_in_the_bowel) {
  // 1128 counts in liver and tumour, x in a corner: x / (1128 + x) is 30 % for 3384 / 7, 6 % for 72.
  const SmallCase small;
  const auto prepared = [&](double counts) {
    Image<float> activity = test::with_box(test::filled(test::cube(20, 5), 0), {5, 5, 5}, {14, 14, 14}, 1);
    activity = test::with_box(std::move(activity), {8, 8, 8}, {11, 11, 11}, 3);
    io::write_image(small.folder / "activity.nii.gz",
                    test::with_box(std::move(activity), {18, 18, 18}, {19, 19, 19}, static_cast<float>(counts / 8)));
    return io::prepare(io::read_case(small.write(relative, with_all)));
  };
  for (const auto& [counts, share, verdict] :
       {std::tuple(3384.0 / 7, 0.30, "not-judged"), std::tuple(72.0, 0.06, "pass")}) {
    const io::PreparedCase p = prepared(counts);
    const std::string dose = local_dose(small, small.folder / "case.toml", "bowel" + io::to_text(counts, 3) + ".h5");
    const io::Validation v = io::validate_prepared(p, {dose});
    const auto told = std::find_if(v.warnings.begin(), v.warnings.end(),
                                   [](const io::Warning& w) { return w.code == "counts-outside-liver"; });
    ASSERT_NE(told, v.warnings.end()) << share;
    EXPECT_EQ(told->kind, io::WarningClass::wrong_dose);
    EXPECT_NEAR(told->numbers.front().second, share, 1e-6);
    const json r = rule(json::parse(io::verdict_json(v)), "extrahepatic");
    EXPECT_NEAR(r["value"].get<double>(), share, 1e-6);
    EXPECT_EQ(r["verdict"].get<std::string>(), verdict);
    // On the first screen of the page.
    const std::string page = io::report_page(io::report_of(p, {io::read_dose(dose)}, v));
    EXPECT_THAT(page.substr(0, page.find("id=\"methods\"")), HasSubstr("counts-outside-liver"));
  }
}

TEST(Validate, judges_two_sessions) {
  const SmallCase small;
  const auto path = small.write(relative, with_all +
                                              "[[session]]\nname = \"first\"\n[[session]]\nname = \"second\"\n"
                                              "activity = { administered_GBq = 3.0 }\n");
  const json verdict =
      json::parse(io::verdict_json(io::validate_prepared(io::prepare(io::read_case(path)), {local_dose(small, path)})));
  const double k = yttrium_90().dose_constant();
  int sessions = 0;
  for (const json& r : verdict["rules"]) {
    if (r["id"] != "lung-dose-session" || r["method"] != "partition") continue;
    ++sessions;
    const bool first = r["session"] == "first";
    EXPECT_NEAR(r["value"], k * (first ? 0.1 : 3.0) * 0.1, 1e-6);
    EXPECT_EQ(r["verdict"], first || k * 0.3 < 15 ? "pass" : "fail");
  }
  EXPECT_EQ(sessions, 2);
  EXPECT_NEAR(rule(verdict, "lung-dose-cumulative", "partition")["value"], k * 3.1 * 0.1, 1e-6);
}

}  // namespace
}  // namespace ytterby::cli
