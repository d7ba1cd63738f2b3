// A tumour that holds contrast medium: what is read of its CT, against the truth by material and density.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/patient/schneider.h"
#include "engine/patient/structures.h"
#include "engine/simulation.h"
#include "io/prepare/contrast.h"
#include "io/prepare/prepare.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using test::cube;
using test::filled;
using test::TemporaryFolder;
using testing::HasSubstr;

constexpr int side = 20;       // voxels
constexpr double spacing = 3;  // [mm]
constexpr float native = 55;   // [HU]
const std::string structures =
    "[[structure]]\nname = \"liver\"\nrole = \"liver\"\nmask = \"liver.nii.gz\"\n"
    "[[structure]]\nname = \"tumour\"\nrole = \"tumour\"\nmask = \"tumour.nii.gz\"\n";

/// A ball of 30 mm in the middle of a block of liver.
Image<float> ball(float inside, float outside) {
  Image<float> image = filled(cube(side, spacing), outside);
  for (int z = 0; z < side; ++z)
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) {
        const double r = spacing * std::sqrt(std::pow(x - 9.5, 2) + std::pow(y - 9.5, 2) + std::pow(z - 9.5, 2));
        if (r <= 15) image.values[image.grid.index(x, y, z)] = inside;
      }
  return image;
}

/// The phantom, its CT of `hu` in the tumour, a layer of air and, in the liver's mask, what `change` makes of it.
struct ContrastCase {
  TemporaryFolder folder;

  explicit ContrastCase(float hu, double noise = 0) {
    Image<float> ct = ball(hu, native);
    std::mt19937 random(1);
    std::normal_distribution<double> gauss(0, noise > 0 ? noise : 1);
    if (noise > 0)
      for (float& v : ct.values) v += static_cast<float>(gauss(random));
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) ct.values[ct.grid.index(x, y, 0)] = -1000;
    write_image(folder / "ct.nii.gz", ct);
    write_image(folder / "tumour.nii.gz", ball(1, 0));
    write_image(folder / "liver.nii.gz", test::with_box(filled(ct.grid, 1), {0, 0, 0}, {side - 1, side - 1, 0}, 0));
    write_image(folder / "activity.nii.gz", ball(1e6F, 0));
  }
  [[nodiscard]] PreparedCase prepared(const std::string& medium = "", const std::string& rest = structures) const {
    std::ofstream(folder / "case.toml") << "[medium]\nct = \"ct.nii.gz\"\n"
                                        << medium << "[activity]\nimage = \"activity.nii.gz\"\nquantity = \"Bq\"\n"
                                        << rest;
    return prepare(read_case(folder / "case.toml"));
  }
};

/// Iodine in ICRU 44's soft tissue at 25 HU for 1 mg/mL: what the tumour is made of.
struct Truth {
  Material material;
  double density;
};
Truth truth_of(double hu) {
  const double iodine = std::max(0.0, hu - 55) / 25 / 1000;  // [g/cm3]
  const Material tissue = built_in_material("soft_tissue_icru44");
  const double density = 1.06 * (1 - iodine / 4.93) + iodine;
  std::vector<Component> composition;
  for (const Component& c : tissue.composition) composition.push_back({c.z, c.mass_fraction * (1 - iodine / density)});
  composition.push_back({53, iodine / density});
  return {make_material("truth", composition, density), density};
}

double tumour_dose(const Phantom& phantom, const PreparedCase& p) {
  RunOptions run;
  run.histories = 100'000;
  run.backend = Backend::cpu;
  return simulate(phantom, p.source, run, p.structures).structures.at(1).mean;
}

const Warning* contrast_warning(const PreparedCase& p, const std::string& code) {
  for (const Warning& w : p.warnings)
    if (w.code == code) return &w;
  return nullptr;
}

double number_of(const Warning& w, const std::string& name) {
  for (const auto& [key, value] : w.numbers)
    if (key == name) return value;
  return std::nan("");
}

/// Mean density of the tumour [g/cm3].
double tumour_density(const PreparedCase& p) {
  return mass_of(p.structures[1].fraction, p.phantom) / volume_of(p.structures[1].fraction, p.phantom.grid);
}

TEST(Contrast, DoseIsWithinOnePercentOfTheTruthFromNativeTissueToTheEndOfTheScale) {
  for (const float hu : {55.0F, 75.0F, 100.0F, 101.0F, 150.0F, 300.0F, 700.0F, 1700.0F, 3071.0F}) {
    const ContrastCase c(hu);
    const PreparedCase p = c.prepared();
    Phantom truth = p.phantom;
    const Truth t = truth_of(static_cast<double>(hu));
    truth.materials.push_back(t.material);
    for (std::size_t v = 0; v < truth.density.size(); ++v) {
      if (!(p.structures[1].fraction[v] > 0)) continue;
      truth.density[v] = static_cast<float>(t.density);
      truth.material[v] = static_cast<std::uint8_t>(truth.materials.size() - 1);
    }
    const double read = tumour_dose(p.phantom, p), right = tumour_dose(truth, p);
    EXPECT_NEAR(read / right, 1, 0.01) << hu << " HU";
    const Warning* warning = contrast_warning(p, "contrast-in-tumour");
    EXPECT_EQ(warning != nullptr, hu > 80) << hu << " HU";
  }
}

// What the CT number alone would have made of it: at 300 HU 9 % less, at 1700 HU 46 % less.
TEST(Contrast, WarningsHaveTheSizeOfTheError) {
  const std::string curve = "calibration = \"curve.csv\"\n";
  for (const float hu : {100.0F, 300.0F, 1700.0F}) {
    const ContrastCase c(hu);
    std::ofstream file(c.folder / "curve.csv");
    for (const SchneiderDensityNode& n : schneider_density_nodes()) file << n.hu << "," << n.density << "\n";
    file.close();
    const PreparedCase as_told = c.prepared(curve), p = c.prepared();
    const Warning* of_curve = contrast_warning(as_told, "contrast-in-tumour");
    ASSERT_NE(of_curve, nullptr);
    EXPECT_EQ(of_curve->kind, WarningClass::wrong_dose);
    const double error = 100 * (tumour_dose(as_told.phantom, as_told) / tumour_dose(p.phantom, p) - 1);
    EXPECT_NEAR(number_of(*of_curve, "dose_error_percent") / error, 1, 0.3) << hu << " HU: " << error << " %";
    EXPECT_NEAR(number_of(*contrast_warning(p, "contrast-in-tumour"), "dose_error_percent"),
                100 * (1 / (1 + error / 100) - 1), 0.3 * std::abs(error))
        << hu << " HU";
  }
}

TEST(Contrast, ReadsNoBoneAndNoMetalInOrgans) {
  for (const float hu : {150.0F, 400.0F, 1700.0F, 3071.0F}) {
    const PreparedCase p = ContrastCase(hu).prepared();
    const std::string name = p.phantom.materials[p.phantom.material[p.phantom.grid.index(9, 9, 9)]].name;
    EXPECT_TRUE(name == "schneider_softtissue" || name.starts_with("soft_tissue_iodine_")) << hu << ": " << name;
  }
  const PreparedCase p =
      ContrastCase(400).prepared("", structures.substr(0, structures.find("[[structure]]\nname = \"t")));
  EXPECT_TRUE(p.phantom.materials[p.phantom.material[p.phantom.grid.index(9, 9, 9)]].name.starts_with("soft_tissue"));
}

// Without masks there are no organs: bone is bone.
TEST(Contrast, LeavesBoneOutsideOrgans) {
  const ContrastCase c(400);
  const PreparedCase p = c.prepared("", "");
  EXPECT_THAT(p.phantom.materials[p.phantom.material[p.phantom.grid.index(9, 9, 9)]].name, HasSubstr("marrow_bone"));
  EXPECT_NEAR(static_cast<double>(p.phantom.density[p.phantom.grid.index(9, 9, 9)]), schneider_density(400), 1e-5);
}

// A rib of 9 mm of which the liver's mask takes the inner third.
TEST(Contrast, LeavesBoneThatAMaskCutsInto) {
  const Grid grid = cube(side, spacing);
  Image<float> ct = test::with_box(filled(grid, native), {12, 0, 0}, {14, side - 1, side - 1}, 800);
  std::vector<float> share(grid.voxels(), 0.0F);
  for (std::size_t i = 0; i < share.size(); ++i) share[i] = i % side <= 12 ? 1.0F : 0.0F;
  const OrganVoxels organs = find_organ_voxels(ct, {{0, 0, 0}, {side - 1, side - 1, side - 1}}, share);
  EXPECT_FALSE(organs.inside[grid.index(12, 10, 10)]);
  EXPECT_TRUE(organs.inside[grid.index(11, 10, 10)]);
  // A dense tumour of which the mask leaves out the rim stays what it is.
  ct = test::with_box(filled(grid, native), {5, 5, 5}, {14, 14, 14}, 800);
  std::fill(share.begin(), share.end(), 0.0F);
  for (int z = 6; z <= 13; ++z)
    for (int y = 6; y <= 13; ++y)
      for (int x = 6; x <= 13; ++x) share[grid.index(x, y, z)] = 1;
  EXPECT_TRUE(find_organ_voxels(ct, {{0, 0, 0}, {19, 19, 19}}, share).inside[grid.index(6, 10, 10)]);
}

// Structures of a session do not change the patient; the warning says so by what it reads there.
TEST(Contrast, IsNotTakenWhereASessionAloneHasTheOrgan) {
  const ContrastCase c(300);
  std::string own = "[[session]]\nname = \"one\"\n" + structures;
  for (std::size_t at = 0; (at = own.find("[[structure]]", at)) != std::string::npos; at += 10)
    own.replace(at, 13, "[[session.structure]]");
  const PreparedCase p = c.prepared("", own);
  EXPECT_NEAR(static_cast<double>(p.phantom.density[p.phantom.grid.index(9, 9, 9)]), schneider_density(300), 1e-5);
  const Warning* warning = contrast_warning(p, "contrast-in-tumour");
  ASSERT_NE(warning, nullptr);
  EXPECT_THAT(warning->text, HasSubstr("read as 1.19 g/cm3; if it is contrast medium"));
  EXPECT_NEAR(number_of(*warning, "dose_error_percent"), -9.2, 0.3 * 9.2);
}

// The curve's kink alone would take 0.7 % off with this noise in voxels of 3 mm: its mean above 53 HU is 7 HU. The mean
// nearby has a fifth of it.
TEST(Contrast, NoiseOfTheCtMakesLittleBias) {
  const double quiet = tumour_density(ContrastCase(native).prepared());
  const double noisy = tumour_density(ContrastCase(native, 20).prepared());
  EXPECT_NEAR(noisy / quiet, 1, 0.003);
}

TEST(Contrast, StructuresMayNameTheirMaterial) {
  const ContrastCase c(300);
  const PreparedCase p = c.prepared("", structures + "material = \"lipiodol\"\n");
  const std::size_t middle = p.phantom.grid.index(9, 9, 9);
  EXPECT_EQ(p.phantom.materials[p.phantom.material[middle]].name, "lipiodol");
  EXPECT_NEAR(static_cast<double>(p.phantom.density[middle]), 1.28, 1e-6);
  EXPECT_EQ(contrast_warning(p, "contrast-in-tumour"), nullptr);
  const PreparedCase own = c.prepared("", structures + "material = \"soft_tissue_iodine_10\"\ndensity_g_cm3 = 1.1\n");
  EXPECT_NEAR(tumour_density(own), 1.1, 1e-5);
  const auto refusal = [&](const std::string& keys) -> std::string {
    try {
      (void)c.prepared("", structures + keys);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal("material = \"kryptonite\"\n"),
              HasSubstr("\"tumour\" material: no built-in material 'kryptonite'"));
  EXPECT_THAT(refusal("material = \"platinum\"\n"), HasSubstr("needs at most 3"));
}

}  // namespace
}  // namespace ytterby::io
