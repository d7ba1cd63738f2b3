// What is said while a case is prepared is found again in everything that is made of it.

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/methods/local_deposition.h"
#include "io/dicom/rtdose.h"
#include "io/evaluation/evaluation.h"
#include "io/evaluation/verdict_text.h"
#include "io/hdf5/hdf5.h"
#include "io/prepare/dose_of_case.h"
#include "io/report/report.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using nlohmann::json;
using test::SmallCase;
using testing::HasSubstr;
using testing::Not;

constexpr const char* relative = SmallCase::relative_activity;
const std::string lenient =
    "[protocol.lesion-size]\nenabled = false\n[protocol.tumour-dose]\nlow_Gy = 1\nhigh_Gy = 3000\n";

io::DoseFile local_dose(const std::filesystem::path& case_file) {
  return io::dose_by([](const Phantom& phantom, const Source& source, std::span<const Structure> structures,
                        int) { return local_deposition(phantom, source.voxels->activity, source.nuclide, structures); },
                     io::prepare(io::read_case(case_file)));
}

/// A liver of 150 HU: contrast medium.
struct WithContrast {
  SmallCase small;
  std::filesystem::path case_file;
  WithContrast() {
    const Image<float> tissue = test::with_box(test::filled(test::cube(20, 5), 0), {0, 0, 0}, {3, 3, 9}, -700);
    io::write_image(small.folder / "ct.nii.gz", test::with_box(tissue, {5, 5, 5}, {14, 14, 14}, 150));
    case_file = small.write(relative, std::string(SmallCase::structures) + SmallCase::lungs + lenient);
  }
};

const io::Warning* contrast(const io::Warnings& warnings) {
  for (const io::Warning& w : warnings) {
    if (w.code == "contrast-in-liver") return &w;
  }
  return nullptr;
}

TEST(WarningsKept, InTheDoseFile) {
  const WithContrast c;
  io::write_dose(c.small.folder / "d.h5", local_dose(c.case_file));
  const io::Warnings back = io::read_dose(c.small.folder / "d.h5").warnings;
  ASSERT_NE(contrast(back), nullptr);
  EXPECT_EQ(contrast(back)->kind, io::WarningClass::wrong_dose);
  EXPECT_NEAR(contrast(back)->numbers.at(0).second, 150, 1e-3);
  const auto list = json::parse(io::Hdf5File::open(c.small.folder / "d.h5").text("/provenance", "warnings"));
  EXPECT_EQ(list.size(), back.size());
}

TEST(WarningsKept, InTheVerdictAndItsTable) {
  const WithContrast c;
  const std::string file = (c.small.folder / "d.h5").string();
  io::DoseFile dose = local_dose(c.case_file);
  dose.warnings.push_back({"of-the-dose", io::WarningClass::note, "said while it was computed", {}});
  io::write_dose(file, dose);
  const Validation v = validate_prepared(io::prepare(io::read_case(c.case_file)), {file});
  ASSERT_FALSE(v.broken());
  const json verdict = json::parse(verdict_json(v));
  EXPECT_EQ(verdict["verdict"], "pass");  // keeps its values
  std::string codes;
  for (const json& w : verdict["warnings"]) codes += w["code"].get<std::string>() + " ";
  EXPECT_THAT(codes, HasSubstr("contrast-in-liver"));
  EXPECT_THAT(codes, HasSubstr("of-the-dose"));
  const std::size_t n = io::wrong_dose_count(v.warnings);
  ASSERT_GE(n, 1u);
  EXPECT_THAT(verdict_table(v), HasSubstr("verdict: pass, with " + std::to_string(n) + " warning"));
  EXPECT_THAT(verdict_table(v), HasSubstr("warning (wrong-dose): structure liver: its mean is 150 HU"));
}

TEST(WarningsKept, OnTheFirstScreenOfThePage) {
  const WithContrast c;
  io::ReportInput input;
  input.case_name = "small";
  input.doses.push_back(local_dose(c.case_file));
  input.verdict = validate_prepared(io::prepare(io::read_case(c.case_file)), {});
  const std::string page = io::report_page(input);
  const std::size_t banner = page.find("pass, with "), list = page.find("id=\"warnings\""),
                    rules = page.find("id=\"rules\"");
  ASSERT_NE(banner, std::string::npos);
  EXPECT_LT(banner, list);
  EXPECT_LT(list, rules);
  EXPECT_THAT(page.substr(list, rules - list), HasSubstr("its mean is 150 HU"));
  input.doses.front().warnings.clear();
  EXPECT_THAT(io::report_page(input), Not(HasSubstr("id=\"warnings\"")));
}

TEST(WarningsKept, InTheCommentOfRtdoseWithoutFileNames) {
  const WithContrast c;
  const io::DoseFile dose = local_dose(c.case_file);
  const std::filesystem::path file = c.small.folder / "d.dcm";
  io::write_rtdose(file, {dose.map.grid, dose.map.dose}, io::DoseType::physical, dose.patient, "test", dose.warnings);
  DcmFileFormat written;
  ASSERT_TRUE(written.loadFile(file.string().c_str()).good());
  OFString comment, all;
  written.getDataset()->findAndGetOFStringArray(DCM_DoseComment, comment);
  written.getDataset()->findAndGetOFStringArray(DCM_ImageComments, all);
  EXPECT_THAT(comment.c_str(), HasSubstr("contrast-in-liver"));
  EXPECT_LE(comment.size(), 64u);
  EXPECT_THAT(all.c_str(), HasSubstr("contrast-in-liver (mean_HU 150, limit_HU 80, dose_error_percent "));
  EXPECT_THAT(all.c_str(), Not(HasSubstr(".nii")));
}

TEST(WarningsKept, OfAMeanDoseThatHardlyCanBe) {
  const SmallCase small;
  // Quantity Bq: 3 Bq in each voxel of the tumour would be far below; 1e9 times as much is not.
  const auto codes = [&](double factor) {
    Image<float> activity = io::read_image(small.folder / "activity.nii.gz");
    for (float& v : activity.values) v *= static_cast<float>(factor);
    io::write_image(small.folder / "a.nii.gz", activity);
    const auto path = small.folder / "case.toml";
    std::ofstream(path) << "[medium]\nct = \"ct.nii.gz\"\n[activity]\nimage = \"a.nii.gz\"\nquantity = \"Bq\"\n"
                        << SmallCase::structures;
    std::string all;
    for (const io::Warning& w : local_dose(path).warnings) all += w.code + " " + w.text + "\n";
    return all;
  };
  // 192 Bq in 8 mL of soft tissue: 49.4 Gy kg/GBq gives about 1.2e-6 Gy.
  EXPECT_THAT(codes(1e6), Not(HasSubstr("mean-dose-unlikely")));
  EXPECT_THAT(codes(1e10), HasSubstr("mean-dose-unlikely structure tumour"));
}

}  // namespace
}  // namespace ytterby::io
