#include <gtest/gtest.h>

#include "io/draft/guess_role.h"

namespace ytterby::io {
namespace {

void expect_role(Role role, std::initializer_list<const char*> names) {
  for (const char* name : names) EXPECT_EQ(guess_role(name), (RoleGuess{role, false, false})) << name;
}

TEST(GuessRole, FindsWholeOrgans) {
  expect_role(Role::liver,
              {"Liver", "LIVER", "whole liver", "wholeLiver", "Leber", "foie", "Hígado", "fegato", "liver_CT 3"});
  expect_role(Role::lung, {"Lungs", "lung", "Lunge", "both lungs", "poumons", "Pulmón"});
  expect_role(Role::perfused, {"Perfused volume", "perfusion territory", "treated liver", "PerfusedLiver", "Perf_Vol"});
}

TEST(GuessRole, FindsTumoursInEitherSpelling) {
  expect_role(Role::tumour,
              {"Tumour", "tumor", "TUMORS", "liver_tumor", "liver lesion 2", "lesion1 liver R lobe", "GTV", "GTV-1",
               "gtv_right", "HCC seg VIII", "Met 3", "Läsion 1", "tumeur hépatique", "tumour-1"});
}

TEST(GuessRole, KnowsAnImageOfFunction) {
  for (const char* name : {"Tc-99m Mebrofenin SPECT", "mebrofenin", "HIDA_SPECT_CT", "Hepatobiliary 3D", "BRIDA-tomo"})
    EXPECT_TRUE(names_function(name)) << name;
  for (const char* name : {"MAA SPECT", "Ida", "liver", "Y90 PET", "lung perfusion", ""})
    EXPECT_FALSE(names_function(name)) << name;
}

TEST(GuessRole, UnitesPiecesOfLungs) {
  for (const char* name : {"Lung_L", "lung_r", "Left lung", "lung right", "LungL", "lung_upper_lobe_left",
                           "lung_middle_lobe_right", "Lunge links", "poumon droit"}) {
    EXPECT_EQ(guess_role(name), (RoleGuess{Role::lung, true, false})) << name;
  }
}

TEST(GuessRole, KnowsALiverWithoutItsTumours) {
  for (const char* name : {"liver - tumor", "Liver-GTV", "liver minus tumour", "Normal liver", "healthy liver",
                           "Leber ohne Tumor", "non-tumorous liver"}) {
    EXPECT_EQ(guess_role(name), (RoleGuess{Role::liver, false, true})) << name;
  }
}

TEST(GuessRole, LeavesOutWhatIsOnlyNear) {
  expect_role(Role::other, {"liver_vessels", "liver_segment_4", "lung_nodules", "lung tumour", "Spleen", "kidney_left",
                            "External", "PTV", "tumour ring 5 mm", "Spared liver", "right liver lobe", "not tumour", "",
                            "123", "deliver", "metal", "Aorta", "portal vein"});
}

TEST(StructureName, IsForCases) {
  EXPECT_EQ(structure_name("GTV 1 (left)"), "gtv-1-left");
  EXPECT_EQ(structure_name("Läsion_2"), "laesion-2");
  EXPECT_EQ(structure_name("Tumours"), "tumour") << "reserved";
  EXPECT_EQ(structure_name("---"), "tumour");
}

}  // namespace
}  // namespace ytterby::io
