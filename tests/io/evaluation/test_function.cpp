// The liver's function: shares of it, the dose weighed by it, and what is said of them.
//
// 10 x 10 x 10 voxels of 5 mm of liver (z 5 to 14), a tumour of 4 x 4 x 4 in its middle (z 8 to 11). Perfused is z 5 to
// 8. The image of function has voxels of 10 mm whose faces cut the liver's sides and the perfused volume's end in half:
// 3 counts in a voxel of z 5 to 7 of the masks, 2 of z 8 and 9, 1 above. In voxels of the masks the normal liver has
//   perfused: 100 * (3 + 3 + 3) + 84 * 2               = 1068 in 384 of them,
//   spared:   84 * 2 + 84 * 1 + 84 * 1 + 100 * (1 + 1 + 1) = 636 in 552.
// So 1068 / 1704 = 62.676 % of the function are in 384 / 936 = 41.026 % of the volume.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/methods/local_deposition.h"
#include "io/case/case_inputs.h"
#include "io/evaluation/evaluation.h"
#include "io/evaluation/plan.h"
#include "io/evaluation/verdict_text.h"
#include "io/prepare/dose_of_case.h"
#include "io/report/report.h"
#include "tests/io/refusal.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using nlohmann::json;
using test::refusal;
using test::SmallCase;
using testing::HasSubstr;

constexpr const char* relative = SmallCase::relative_activity;
constexpr const char* with_function = "[function]\nimage = \"function.nii.gz\"\n";
const std::string lobe = "[[structure]]\nname = \"lobe\"\nrole = \"perfused\"\nmask = \"lobe.nii.gz\"\n";
const std::string masks = std::string(SmallCase::structures) + SmallCase::lungs + lobe;

constexpr double treated = 1068.0 / 1704, treated_volume = 384.0 / 936;

/// A case with a perfused volume and an image of function.
struct FunctionCase : SmallCase {
  FunctionCase() {
    write_image(folder / "lobe.nii.gz", test::with_box(test::filled(test::cube(20, 5), 0), {5, 5, 5}, {14, 14, 8}, 1));
    Image<float> function = test::filled(test::cube(10, 10, {2.5, 2.5, 2.5}), 0);
    for (int z = 2; z <= 7; ++z)
      function = test::with_box(std::move(function), {2, 2, z}, {7, 7, z}, z <= 3 ? 3.0F : z == 4 ? 2.0F : 1.0F);
    write_image(folder / "function.nii.gz", function);
  }
  [[nodiscard]] PreparedCase prepared(const std::string& rest = with_function) const {
    return prepare(read_case(write(relative, masks + rest)));
  }
};

/// The case's dose by local deposition, with `low` Gy in the perfused slices and `high` Gy elsewhere in its place.
DoseFile two_doses(const PreparedCase& prepared, float perfused, float elsewhere) {
  DoseFile f = dose_by([](const Phantom& phantom, const Source& source, std::span<const Structure> all,
                          int) { return local_deposition(phantom, source.voxels->activity, source.nuclide, all); },
                       prepared);
  const Structure& lobe_on_grid =
      *std::find_if(f.structures.begin(), f.structures.end(), [](const Structure& s) { return s.name == "lobe"; });
  for (std::size_t i = 0; i < f.map.dose.size(); ++i)
    f.map.dose[i] = lobe_on_grid.fraction[i] > 0.5F ? perfused : elsewhere;
  return f;
}

Validation judged(const PreparedCase& prepared, const DoseFile& dose) {
  Evaluation evaluation(prepared);
  evaluation.add(dose, "dose.h5");
  return evaluation.judged();
}

double measure(const Validation& v, const std::string& structure, const std::string& name) {
  for (const MethodMetrics& m : v.methods)
    for (const validation::StructureMetrics& s : m.structures) {
      if (s.name != structure) continue;
      for (const auto& [metric, estimate] : s.function) {
        if (metric == name) return estimate.value;
      }
    }
  ADD_FAILURE() << structure << " has no " << name;
  return 0;
}

TEST(Function, IsSharedOutOnTheImagesOwnVoxels) {
  const FunctionCase small;
  for (const char* grid : {"", "[grid]\nspacing_mm = [2.5, 2.5, 2.5]\n", "[grid]\nspacing_mm = [7, 7, 7]\n"}) {
    const PreparedCase p = small.prepared(std::string(with_function) + grid);
    ASSERT_TRUE(p.function);
    ASSERT_EQ(p.function->regions.size(), 3u);
    EXPECT_NEAR(find_region(p.function, "normal-liver")->share, 1, 1e-6) << grid;
    EXPECT_NEAR(find_region(p.function, "perfused-normal")->share, treated, 1e-6) << grid;
    EXPECT_NEAR(find_region(p.function, "perfused-normal")->volume_share, treated_volume, 1e-6) << grid;
    EXPECT_NEAR(find_region(p.function, "spared-liver")->share, 1 - treated, 1e-6) << grid;
    // Tumour: 16 * (2 + 2 + 1 + 1) = 96 of 1704 + 96. The image: 36 voxels a slice, 8 of the masks' each, of 3, 3, 2
    // and three of 1.
    EXPECT_NEAR(p.function->tumour_share, 96.0 / 1800, 1e-6) << grid;
    EXPECT_NEAR(p.function->outside_liver, 1 - 1800.0 / (36 * 8 * 11), 1e-6) << grid;
    EXPECT_THAT(test::texts_of(p.warnings), testing::Not(testing::Contains(HasSubstr("function.nii.gz"))));
  }
}

TEST(Function, WeighsTheDose) {
  const FunctionCase small;
  // Grids on which the perfused volume ends at a voxel's face.
  for (const char* grid : {"", "[grid]\nspacing_mm = [2.5, 2.5, 2.5]\n"}) {
    const PreparedCase p = small.prepared(std::string(with_function) + grid);
    const Validation v = judged(p, two_doses(p, 100, 10));
    EXPECT_NEAR(measure(v, "normal-liver", "function_mean_Gy"), (1068 * 100 + 636 * 10) / 1704.0, 1e-4) << grid;
    EXPECT_NEAR(measure(v, "perfused-normal", "function_mean_Gy"), 100, 1e-4) << grid;
    EXPECT_NEAR(measure(v, "spared-liver", "function_mean_Gy"), 10, 1e-4) << grid;
    for (const char* level : {"function_V40", "function_V50", "function_V70"})
      EXPECT_NEAR(measure(v, "normal-liver", level), treated, 1e-6) << grid << level;
  }
  // Where function is even it is volume: the mean by volume, within what the liver's sides weigh.
  Image<float> even = test::filled(test::cube(10, 10, {2.5, 2.5, 2.5}), 0);
  write_image(small.folder / "function.nii.gz", test::with_box(std::move(even), {2, 2, 2}, {7, 7, 7}, 5));
  const PreparedCase p = small.prepared("[function]\nimage = \"function.nii.gz\"\nabove_Gy = [99.5, 101]\n");
  const Validation v = judged(p, two_doses(p, 100, 10));
  EXPECT_NEAR(measure(v, "normal-liver", "function_mean_Gy"), (384 * 100 + 552 * 10) / 936.0, 1e-4);
  EXPECT_NEAR(measure(v, "normal-liver", "function_V99.5"), treated_volume, 1e-6);
  EXPECT_EQ(measure(v, "normal-liver", "function_V101"), 0);
}

TEST(Function, StandsInEveryResult) {
  const FunctionCase small;
  const PreparedCase p = small.prepared();
  const DoseFile dose = two_doses(p, 100, 10);
  const Validation v = judged(p, dose);
  const json verdict = json::parse(verdict_json(v));
  ASSERT_EQ(verdict["function"]["regions"].size(), 3u);
  EXPECT_NEAR(verdict["function"]["regions"][1]["share"].get<double>(), treated, 1e-6);
  EXPECT_NEAR(verdict["function"]["tumour_share"].get<double>(), 96.0 / 1800, 1e-6);
  for (const json& s : verdict["structures"]) {
    const bool weighed = s["name"] == "normal-liver" || s["name"] == "perfused-normal" || s["name"] == "spared-liver";
    EXPECT_EQ(
        s["methods"].contains("local-deposition") && s["methods"]["local-deposition"].contains("function_mean_Gy"),
        weighed)
        << s["name"];
  }
  EXPECT_THAT(verdict_csv(v), HasSubstr("normal-liver,liver,117,"));
  EXPECT_THAT(verdict_csv(v), HasSubstr("local-deposition,function_V50,0.62676"));
  EXPECT_THAT(verdict_table(v), testing::ContainsRegex("perfused-normal +62.7 % +41.0 % +local-deposition +100"));
  const json plan = json::parse(plan_json(plan_prepared(p)));
  EXPECT_NEAR(plan["function"]["regions"][2]["share"].get<double>(), 1 - treated, 1e-6);
  const json& given = plan["administered"]["dose_Gy"];
  EXPECT_NEAR(given["normal_liver_by_function"].get<double>(), treated * given["normal"].get<double>(), 1e-6);
  EXPECT_THAT(plan_table(plan_prepared(p)), HasSubstr("spared-liver: 37.3 % of the normal liver's function, 59.0 %"));
  const std::string page = report_page(report_of(p, {dose}, v));
  EXPECT_THAT(page, HasSubstr("Dose by function"));
  EXPECT_THAT(page, HasSubstr("<th>perfused-normal</th><td class=\"n\">62.7 %</td><td class=\"n\">41.0 %</td>"));
  EXPECT_THAT(page, HasSubstr("spared-function"));
}

TEST(Function, IsJudgedWhereTheCaseGivesANumber) {
  const FunctionCase small;
  const auto ruling = [&](const std::string& rest) {
    const PreparedCase p = small.prepared(rest);
    for (const validation::Ruling& r : judged(p, two_doses(p, 100, 10)).rulings) {
      if (r.id == "spared-function") return r;
    }
    return validation::Ruling{};
  };
  EXPECT_NEAR(*ruling(with_function).value, 636.0 / 1704, 1e-6);
  EXPECT_EQ(ruling(with_function).verdict, validation::Judgement::not_judged);
  EXPECT_EQ(ruling("").id, "");  // without an image there is nothing to report
  const std::string limit = "[protocol.spared-function]\nat_least = ";
  EXPECT_EQ(ruling(with_function + limit + "0.37\n").verdict, validation::Judgement::pass);
  EXPECT_EQ(ruling(with_function + limit + "0.38\n").verdict, validation::Judgement::fail);
  EXPECT_EQ(ruling(limit + "0.38\n").verdict, validation::Judgement::not_judged);
  EXPECT_THAT(ruling(limit + "0.38\n").reason, HasSubstr("[function] image"));
  // A plan says so before anything is given. Enough volume is spared (552 / 936 = 0.5897), not enough function.
  const std::string patient = "[protocol.lesion-size]\nenabled = false\n";
  const std::string volume = "[protocol.spared-liver]\nat_least = ";
  EXPECT_TRUE(plan_prepared(small.prepared(patient + volume + "0.589\n")).excluded.empty());
  EXPECT_EQ(plan_prepared(small.prepared(patient + volume + "0.590\n")).excluded,
            std::vector<std::string>{"spared-liver"});
  EXPECT_EQ(plan_prepared(small.prepared("")).excluded, std::vector<std::string>{"lesion-size"});  // of 20 mm
  EXPECT_TRUE(plan_prepared(small.prepared(with_function + patient + limit + "0.37\n")).excluded.empty());
  EXPECT_EQ(plan_prepared(small.prepared(with_function + patient + limit + "0.38\n")).excluded,
            std::vector<std::string>{"spared-function"});
}

TEST(Function, DecidesNoDose) {
  const FunctionCase small;
  const PreparedCase with = small.prepared(), without = small.prepared("");
  EXPECT_EQ(with.content_hash, without.content_hash);
  EXPECT_EQ(with.inputs.size(), without.inputs.size() + 1);
  EXPECT_EQ(with.source.voxels->activity, without.source.voxels->activity);
  EXPECT_FALSE(without.function);
  // The resolved case is a case.
  const CaseFile written =
      parse_case(write_case(with.resolved, [](const std::string& name) { return name; }), small.folder / "case.toml");
  ASSERT_TRUE(written.function);
  EXPECT_EQ(written.function->image, "function.nii.gz");
  EXPECT_EQ(written.function->above_Gy, (std::vector<double>{40, 50, 70}));
  const auto names = [](const std::vector<CaseInput>& inputs) {
    std::vector<std::string> all;
    for (const CaseInput& i : inputs) all.push_back(i.what);
    return all;
  };
  EXPECT_THAT(names(inputs_of(written)), testing::Contains("function image"));
  EXPECT_THAT(names(inputs_of_dose(written)), testing::Not(testing::Contains("function image")));
}

TEST(Function, RefusesWhatIsNone) {
  const FunctionCase small;
  const auto message = [&](const std::string& rest) {
    return refusal([&] { static_cast<void>(small.prepared(rest)); });
  };
  EXPECT_THAT(message("[function]\nabove_Gy = [40]\n"), HasSubstr("[function] needs the key image"));
  EXPECT_THAT(message("[function]\nimages = \"function.nii.gz\"\n"), HasSubstr("image"));
  EXPECT_THAT(message(std::string(with_function) + "above_Gy = []\n"), HasSubstr("needs 1 to 8 doses"));
  EXPECT_THAT(message(std::string(with_function) + "above_Gy = [40, 40]\n"), HasSubstr("twice"));
  EXPECT_THAT(message(std::string(with_function) + "above_Gy = [-1]\n"), HasSubstr("above_Gy"));
  EXPECT_THAT(message("[function]\nimage = \"none.nii.gz\"\n"), HasSubstr("case.toml:"));
  EXPECT_THAT(message("[function]\nimage = \"empty.nii.gz\"\n"), HasSubstr("holds no counts in the normal liver"));
  EXPECT_THAT(refusal([&] { parse_case(with_function, small.folder / "case.toml"); }), HasSubstr("no [activity]"));
  EXPECT_THAT(refusal([&] {
                prepare(read_case(small.write("quantity = \"Bq\"\n", std::string(SmallCase::lungs) + with_function)));
              }),
              HasSubstr("[function] needs a [[structure]] of role liver"));
}

TEST(Function, WarnsOfAnImageThatLiesElsewhere) {
  const FunctionCase small;
  Image<float> even = test::filled(test::cube(10, 10, {2.5, 2.5, 2.5}), 1);
  even.values[0] = -0.5F;
  write_image(small.folder / "function.nii.gz", even);
  const PreparedCase p = small.prepared();
  const auto told = std::find_if(p.warnings.begin(), p.warnings.end(),
                                 [](const Warning& w) { return w.code == "function-outside-liver"; });
  ASSERT_NE(told, p.warnings.end());
  EXPECT_NEAR(told->numbers.front().second, 1 - 125.0 / 999, 1e-6);
  EXPECT_THAT(p.notes, testing::Contains(HasSubstr("negative voxels, 0.05")));
}

}  // namespace
}  // namespace ytterby::io
