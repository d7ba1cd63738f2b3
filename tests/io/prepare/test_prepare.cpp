// From a case to phantom, source and structures: the rules of io/FORMATS.md with numbers that can be checked by hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/base/error.h"
#include "engine/patient/schneider.h"
#include "engine/patient/structures.h"
#include "io/prepare/prepare.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using test::cube;
using test::filled;
using test::SmallCase;
using test::with_box;
using testing::Contains;
using testing::HasSubstr;

const std::string relative = "quantity = \"relative\"\nadministered_GBq = 2\n";
const std::string shunt = "lung_shunt_fraction = 0.1\n";
const std::string in_Bq = "quantity = \"Bq\"\n";
const std::string structures = SmallCase::structures;
const std::string lungs = SmallCase::lungs;
constexpr double voxel_mL = 0.125;

PreparedCase prepared(const std::filesystem::path& file) { return prepare(read_case(file)); }

std::string refusal(const std::filesystem::path& file) {
  try {
    prepared(file);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    EXPECT_THAT(error.what(), HasSubstr("case.toml:"));
    return error.what();
  }
  return "accepted";
}

const Structure& find(const PreparedCase& p, const std::string& name) {
  for (const Structure& s : p.structures) {
    if (s.name == name) return s;
  }
  throw std::runtime_error("no structure " + name);
}

double activity_in(const PreparedCase& p, const std::string& name) {
  double sum = 0;
  const Structure& s = find(p, name);
  for (std::size_t i = 0; i < s.fraction.size(); ++i) {
    sum += static_cast<double>(s.fraction[i]) * p.source.voxels->activity[i];
  }
  return sum;
}

TEST(Prepare, shares_relative_activity_by_counts_and_shunt_by_mass) {
  const SmallCase small;
  const PreparedCase p = prepared(small.write(relative + shunt, structures + lungs));
  // A (1 - L) = 1.8 GBq over 64 tumour voxels of 3 and 936 liver voxels of 1.
  EXPECT_NEAR(activity_in(p, "tumour"), 1.8e9 * 192 / 1128, 1e3);
  EXPECT_NEAR(activity_in(p, "normal-liver"), 1.8e9 * 936 / 1128, 1e3);
  // The lungs touch the edge: A L m / 1 kg, the rest off-image.
  const double mass = 160 * voxel_mL * schneider_density(-700);
  EXPECT_NEAR(p.account.in_lungs, 0.2e9 * mass / 1000, 10);
  EXPECT_NEAR(p.account.off_image, 0.2e9 * (1 - mass / 1000), 10);
  EXPECT_NEAR(p.account.on_grid + p.account.off_image, 2e9, 10);
  EXPECT_NEAR(p.account.dropped_share, 4.0 / 1132, 1e-6);
  EXPECT_TRUE(p.account.lungs_cut_off);
}

TEST(Prepare, takes_lung_mass_of_cut_off_lungs_from_the_protocol) {
  const SmallCase small;
  const auto p = prepared(small.write(relative + shunt, structures + lungs + "[protocol]\nlung_mass_kg = 0.5\n"));
  EXPECT_NEAR(p.account.in_lungs, 0.2e9 * 160 * voxel_mL * schneider_density(-700) / 500, 10);
  EXPECT_THAT(refusal(small.write(relative + shunt, structures + lungs + "[protocol]\nlung_mass_kg = \"ct\"\n")),
              HasSubstr("whole lungs"));
  EXPECT_THAT(refusal(small.write(relative + shunt, structures + lungs + "[protocol]\nlung_mass_kg = 0.001\n")),
              HasSubstr("more than lung_mass_kg"));
}

TEST(Prepare, wants_the_shunt_where_the_lungs_are_cut_off_or_missing) {
  const SmallCase small;
  EXPECT_THAT(refusal(small.write(relative, structures + lungs)), HasSubstr("lung_shunt_fraction has to be given"));
  EXPECT_THAT(refusal(small.write(relative, structures)), HasSubstr("lung_shunt_fraction has to be given"));
  EXPECT_EQ(refusal(small.write(in_Bq, structures + lungs)), "accepted");
}

TEST(Prepare, takes_the_shunt_from_whole_lungs) {
  const SmallCase small;
  // 1 g/cm3 of water as "lungs" of 14 x 14 x 3 voxels... are light: 73.5 mL; so voxels of 20 mm make 4.7 kg whole ones.
  const Grid grid = cube(20, 20);
  const Image<float> empty = filled(grid, 0);
  write_image(small.folder / "ct.nii.gz", filled(grid, 0));
  write_image(small.folder / "liver.nii.gz", with_box(empty, {2, 2, 8}, {5, 5, 11}, 1));
  write_image(small.folder / "lungs.nii.gz", with_box(empty, {2, 2, 14}, {15, 15, 16}, 1));
  Image<float> counts = with_box(empty, {2, 2, 8}, {5, 5, 11}, 9);
  write_image(small.folder / "activity.nii.gz", with_box(std::move(counts), {2, 2, 14}, {5, 5, 14}, 4));
  const std::string liver = "[[structure]]\nname = \"liver\"\nrole = \"liver\"\nmask = \"liver.nii.gz\"\n";
  const PreparedCase p = prepared(small.write(relative, liver + lungs));
  const double expected = 64.0 / (64 * 9 + 64);
  EXPECT_TRUE(p.account.shunt_from_image);
  EXPECT_NEAR(*p.account.lung_shunt_fraction, expected, 1e-9);
  EXPECT_NEAR(p.account.in_lungs, 2e9 * expected, 1);
  EXPECT_NEAR(p.account.off_image, 0, 1);
}

TEST(Prepare, uses_becquerel_as_they_are_and_rescales_when_asked) {
  const SmallCase small;
  EXPECT_NEAR(prepared(small.write(in_Bq)).account.on_grid, 1132, 1e-3);
  EXPECT_NEAR(prepared(small.write("quantity = \"Bq/mL\"\n")).account.on_grid, 1132 * voxel_mL, 1e-3);
  EXPECT_NEAR(prepared(small.write(in_Bq + "administered_GBq = 3\n")).account.on_grid, 1132, 1e-3);
  EXPECT_NEAR(prepared(small.write(in_Bq + "administered_GBq = 3\nrescale_to_administered = true\n")).account.on_grid,
              3e9, 10);
}

TEST(Prepare, brings_activity_to_the_time_of_administration) {
  const SmallCase small;
  const std::string times = "administration_time = 2026-01-05T10:00:00\nreference_time = 2026-01-08T02:03:00\n";
  EXPECT_NEAR(prepared(small.write(in_Bq + times)).account.on_grid, 2 * 1132, 1e-3);  // 64.05 h later
}

TEST(Prepare, keeps_totals_on_another_grid) {
  const SmallCase small;
  const PreparedCase p = prepared(small.write(in_Bq, "[grid]\nspacing_mm = [3, 4, 7]\n" + structures));
  EXPECT_EQ(p.phantom.grid.shape, (std::array{34, 25, 15}));
  EXPECT_NEAR(p.account.on_grid, 1132, 1132e-6);
  EXPECT_NEAR(volume_of(find(p, "tumour").fraction, p.phantom.grid), 64 * voxel_mL, 1e-4);
  EXPECT_NEAR(volume_of(find(p, "normal-liver").fraction, p.phantom.grid), 936 * voxel_mL, 1e-3);
  const std::vector<float> all(p.phantom.density.size(), 1.0F);
  const double mass = 7840 * voxel_mL * schneider_density(0) + 160 * voxel_mL * schneider_density(-700);
  EXPECT_NEAR(mass_of(all, p.phantom), mass, 1e-5 * mass);
}

TEST(Prepare, keeps_the_totals_of_structures_with_negative_voxels) {
  const SmallCase small;
  Image<float> activity = read_image(small.folder / "activity.nii.gz");
  activity.values[activity.grid.index(9, 9, 9)] = -6;   // in the tumour
  activity.values[activity.grid.index(17, 2, 2)] = -1;  // in the background
  write_image(small.folder / "activity.nii.gz", activity);
  const PreparedCase p = prepared(small.write(in_Bq));
  EXPECT_NEAR(activity_in(p, "tumour"), 192 - 9, 1e-4);
  EXPECT_NEAR(p.account.on_grid, 1132 - 9 - 1, 1e-3);
  for (const double a : p.source.voxels->activity) ASSERT_GE(a, 0);
}

TEST(Prepare, overrides_density_inside_a_structure) {
  const SmallCase small;
  const PreparedCase p = prepared(small.write(in_Bq, structures + "density_g_cm3 = 1.5\n"));
  EXPECT_NEAR(mass_of(find(p, "tumour").fraction, p.phantom), 64 * voxel_mL * 1.5, 1e-3);
  EXPECT_NEAR(mass_of(find(p, "normal-liver").fraction, p.phantom), 936 * voxel_mL * schneider_density(0), 1e-2);
}

TEST(Prepare, makes_a_phantom_of_labels) {
  const SmallCase small;
  const Image<float> labels = with_box(filled(cube(20, 5), 1), {0, 0, 0}, {9, 19, 19}, 7);
  write_image(small.folder / "labels.nii.gz", labels);
  const auto write = [&](const std::string& materials) {
    const auto path = small.folder / "case.toml";
    std::ofstream(path) << "[medium]\nlabels = \"labels.nii.gz\"\n"
                        << materials << "[activity]\nimage = \"activity.nii.gz\"\nquantity = \"Bq\"\n";
    return path;
  };
  const std::string water = "[[material]]\nlabel = 1\nname = \"water\"\n";
  const PreparedCase p = prepared(write(
      water + "[[material]]\nlabel = 7\nname = \"foam\"\ncomposition = { H = 0.1, C = 0.9 }\ndensity_g_cm3 = 0.3\n"));
  EXPECT_EQ(p.phantom.materials[p.phantom.material[0]].name, "foam");
  EXPECT_FLOAT_EQ(p.phantom.density[0], 0.3F);
  EXPECT_EQ(p.phantom.materials[p.phantom.material[15]].name, "water");
  EXPECT_THAT(refusal(write(water)), HasSubstr("label 7"));
  EXPECT_THAT(refusal(write(water + "[[material]]\nlabel = 7\nname = \"unobtainium\"\n")), HasSubstr("unobtainium"));
}

TEST(Prepare, warns_of_edges_and_of_contrast) {
  const SmallCase small;
  write_image(small.folder / "ct.nii.gz", with_box(filled(cube(20, 5), 100), {0, 0, 0}, {3, 3, 9}, -700));
  const PreparedCase p = prepared(small.write(in_Bq, structures + lungs));
  EXPECT_THAT(test::texts_of(p.warnings), Contains(HasSubstr("contrast")));
  EXPECT_THAT(test::texts_of(p.warnings), Contains(HasSubstr("lungs 0 mm")));
}

TEST(Prepare, refuses_what_does_not_fit_together) {
  const SmallCase small;
  const auto structure = [&](const std::string& keys) {
    return refusal(small.write(in_Bq, structures + "[[structure]]\nname = \"x\"\n" + keys));
  };
  EXPECT_THAT(structure("mask = \"missing.nii\"\n"), HasSubstr("no such file"));
  EXPECT_THAT(structure("mask = \"empty.nii.gz\"\n"), HasSubstr("is empty"));
  EXPECT_THAT(structure("image = \"liver.nii.gz\"\nlabel = 4\n"), HasSubstr("no voxel with label 4"));
  EXPECT_THAT(structure("role = \"tumour\"\nmask = \"liver.nii.gz\"\n"), HasSubstr("overlaps the tumour \"tumour\""));
  EXPECT_THAT(structure("rtstruct = \"rt.dcm\"\nroi = \"x\"\n"), HasSubstr("rt.dcm: no such file"));
  write_image(small.folder / "far.nii.gz", filled(cube(3, 5, {500, 0, 0}), 1));
  EXPECT_THAT(structure("mask = \"far.nii.gz\"\n"), HasSubstr("misses the CT"));
  EXPECT_THAT(refusal(small.write(relative + shunt + "normalise_to = [\"spleen\"]\n")), HasSubstr("\"spleen\""));
  EXPECT_THAT(refusal(small.write(relative + shunt, "")), HasSubstr("normalise_to"));
}

TEST(Prepare, refuses_activity_that_is_none_or_elsewhere) {
  const SmallCase small;
  const Grid grid = cube(20, 5);
  write_image(small.folder / "activity.nii.gz", filled(grid, 0));
  EXPECT_THAT(refusal(small.write(in_Bq)), HasSubstr("holds no activity"));
  write_image(small.folder / "activity.nii.gz", filled(cube(20, 5, {50, 0, 0}), 1));  // half of it beside the CT
  EXPECT_THAT(refusal(small.write(in_Bq, "")), HasSubstr("at most 5 %"));
  write_image(small.folder / "activity.nii.gz", with_box(filled(grid, 0), {18, 18, 18}, {19, 19, 19}, 1));
  EXPECT_THAT(refusal(small.write(relative + shunt)), HasSubstr("no activity in normalise_to"));
  write_image(small.folder / "ct.nii.gz", filled(grid, -1000));
  EXPECT_THAT(refusal(small.write(in_Bq, "")), HasSubstr("in gas"));  // a liver of -1000 HU is refused before
}

TEST(Prepare, hashes_content_and_not_paths) {
  const SmallCase small;
  const std::string hash = prepared(small.write(in_Bq)).content_hash;
  std::filesystem::copy(small.folder / "ct.nii.gz", small.folder / "copy.nii.gz");
  const auto path = small.write(in_Bq);
  std::ofstream(path) << "[medium]\nct = \"copy.nii.gz\"\n[activity]\nimage = \"activity.nii.gz\"\n"
                      << in_Bq << structures;
  EXPECT_EQ(prepared(path).content_hash, hash);
  EXPECT_NE(prepared(small.write("quantity = \"Bq/mL\"\n")).content_hash, hash);
}

class PrepareRealCt : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(YTTERBY_SOURCE_DIR) / "../shared/data/case_rescue_real_ct";
    if (!std::filesystem::exists(folder_)) GTEST_SKIP() << folder_ << " is not here";
  }
  std::filesystem::path folder_;
};

TEST_F(PrepareRealCt, meets_the_masses_and_activities_of_its_truth) {
  const PreparedCase p = prepared(folder_ / "case_truth.toml");
  const auto mass = [&](const std::string& name) { return mass_of(find(p, name).fraction, p.phantom) / 1000; };
  // truth.json; its masses are by Schneider's curve alone, and some of this liver has more than 53 HU.
  EXPECT_NEAR(mass("tumour"), 0.3243811947, 1e-4 * 0.324);
  EXPECT_NEAR(mass("perfused-normal"), 0.4539299758, 3e-4 * 0.454);
  EXPECT_NEAR(mass("lungs"), 0.0281914932, 1e-6);
  EXPECT_NEAR(volume_of(find(p, "tumour").fraction, p.phantom.grid), 307.287, 1e-2);
  EXPECT_NEAR(activity_in(p, "tumour"), 2.6122906763e9, 2e3);
  EXPECT_NEAR(activity_in(p, "perfused-normal"), 0.9138916364e9, 2e3);
  const double spared = mass("spared-liver"), normal = mass("normal-liver");
  EXPECT_NEAR(volume_of(find(p, "spared-liver").fraction, p.phantom.grid) /
                  volume_of(find(p, "normal-liver").fraction, p.phantom.grid),
              0.4734914717, 1e-6);
  EXPECT_LT(spared, normal);
}

TEST_F(PrepareRealCt, scales_the_spect_to_the_administered_activity) {
  const PreparedCase p = prepared(folder_ / "case.toml");
  EXPECT_NEAR(p.account.on_grid + p.account.off_image, 3.7118e9, 1e3);
  EXPECT_NEAR(p.account.in_lungs, 3.7118e9 * 0.05 * 0.0281914932, 2e3);
  EXPECT_TRUE(p.account.lungs_cut_off);
}

}  // namespace
}  // namespace ytterby::io
