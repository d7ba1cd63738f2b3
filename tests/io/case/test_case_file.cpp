// The case file: every field of the contract is read, everything else is refused with its line.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <clocale>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "io/case/case_file.h"

namespace ytterby::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

CaseFile parse(const std::string& text) { return parse_case(text, "folder/case.toml"); }

std::string refusal(const std::string& text) {
  try {
    parse(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return "accepted";
}

const std::string minimal = "[medium]\nct = \"ct.nii\"\n[activity]\nimage = \"a.nii\"\nquantity = \"Bq\"\n";

constexpr const char* everything = R"([case]
name = "patient-07"
[medium]
labels = "labels.nii.gz"
outside = "vacuum"
[[material]]
label = 1
name = "lung_icru44"
density_g_cm3 = 0.26
condensed_density_g_cm3 = 1.05
mean_excitation_eV = 75.2
[[material]]
label = 2
composition = { H = 0.103, O = 0.897 }
density_g_cm3 = 1
[activity]
image = "maa/"
quantity = "relative"
administered_GBq = 5.1
lung_shunt_fraction = 0.041
reference_time = 2026-01-05T08:30:00
administration_time = "2026-01-05T10:00:00"
relative_error = 0.1
shunt_relative_error = 0.2
[grid]
spacing_mm = [2, 2, 2.5]
[[structure]]
name = "liver"
role = "liver"
image = "labels.nii.gz"
label = 5
[[structure]]
name = "tumour-1"
role = "tumour"
mask = "tumour1.nii.gz"
density_g_cm3 = 1.05
[[structure]]
name = "perfused"
role = "perfused"
rtstruct = "rt.dcm"
roi = "Perfused volume"
[[structure]]
name = "lungs"
role = "lung"
seg = "seg.dcm"
segment = "Lungs"
[transport]
electron_cutoff_keV = 20
photon_cutoff_keV = 15
histories = 1e8
seed = 7
[protocol]
preset = "rescue"
judge = "partition"
lung_mass_kg = "ct"
tumour_to_normal = "image"
lung_mass_relative_error = 0.1
[plan]
tumour_Gy = 400
sessions = "auto"
[partition]
tumour_mass_kg = [0.6, 0.1]
normal_mass_kg = 0.8
lung_mass_kg = 1.0
tumour_to_normal = 3
lung_shunt_fraction = 0.04
dose_constant_Gy_kg_per_GBq = 49.39
[[session]]
name = "first"
activity = { image = "pet1/", quantity = "Bq/mL", administered_GBq = 3.1, normalise_to = [] }
)";

TEST(CaseFile, reads_every_field_of_the_contract) {
  const CaseFile c = parse(everything);
  EXPECT_EQ(c.name, "patient-07");
  EXPECT_EQ(c.medium->labels, "labels.nii.gz");
  ASSERT_EQ(c.materials.size(), 2u);
  EXPECT_EQ(c.materials[0].density, 0.26);
  EXPECT_EQ(c.materials[1].composition.size(), 2u);
  EXPECT_EQ(c.activity->administered_GBq, 5.1);
  EXPECT_EQ(c.activity->reference_time, "2026-01-05T08:30:00");
  EXPECT_THAT(c.activity->normalise_to, ElementsAre("liver", "tumour-1"));
  EXPECT_THAT(c.grid.spacing_mm, ElementsAre(2, 2, 2.5));
  ASSERT_EQ(c.structures.size(), 4u);
  EXPECT_THAT(c.structures[0].label, ElementsAre(NameOrNumber(5)));
  EXPECT_EQ(c.structures[1].density, 1.05);
  EXPECT_THAT(c.structures[2].roi, ElementsAre(NameOrNumber("Perfused volume")));
  EXPECT_EQ(c.structures[3].role, Role::lung);
  EXPECT_EQ(c.transport.histories, 100'000'000u);
  EXPECT_TRUE(c.protocol->lung_mass_from_ct);
  EXPECT_THAT(c.partition->tumour_mass_kg, ElementsAre(0.6, 0.1));
  ASSERT_EQ(c.sessions.size(), 1u);
  EXPECT_EQ(c.sessions[0].activity.quantity, Quantity::becquerel_per_mL);
}

TEST(CaseFile, unites_lists_of_labels_regions_and_segments) {
  const auto with = [](const std::string& keys) {
    return std::string(minimal) + "[[structure]]\nname = \"s\"\n" + keys + "\n";
  };
  const CaseFile c = parse(with("rtstruct = \"rt\"\nroi = [\"a\", 7, \"b\"]\nfill_gaps = true"));
  EXPECT_THAT(c.structures.back().roi, ElementsAre(NameOrNumber("a"), NameOrNumber(7), NameOrNumber("b")));
  EXPECT_TRUE(c.structures.back().fill_gaps);
  const auto as_written = [](const std::string& path) { return path; };
  EXPECT_THAT(write_case(c, as_written), AllOf(HasSubstr("roi = [\"a\", 7, \"b\"]"), HasSubstr("fill_gaps = true")));
  EXPECT_THAT(parse(with("image = \"i\"\nlabel = [10, 11]")).structures.back().label,
              ElementsAre(NameOrNumber(10), NameOrNumber(11)));
  EXPECT_THAT(parse(with("seg = \"s\"\nsegment = 3")).structures.back().segment, ElementsAre(NameOrNumber(3)));
  EXPECT_THAT(refusal(with("image = \"i\"\nlabel = [10, 10]")), HasSubstr("twice"));
  EXPECT_THAT(refusal(with("image = \"i\"\nlabel = []")), HasSubstr("empty list"));
  EXPECT_THAT(refusal(with("image = \"i\"\nlabel = 1.5")), HasSubstr("whole number"));
  EXPECT_THAT(refusal(with("mask = \"i\"\nfill_gaps = true")), HasSubstr("fill_gaps"));
}

TEST(CaseFile, writes_what_it_reads_to_the_same_case) {
  std::string text = everything;
  text.erase(text.find("[[session]]"));
  const auto as_written = [](const std::string& path) { return path; };
  const std::string once = write_case(parse(text), as_written);
  EXPECT_EQ(write_case(parse(once), as_written), once);
  EXPECT_THAT(write_case(parse(minimal), as_written), HasSubstr("histories = 100000000"));
}

TEST(CaseFile, prints_paths_that_work_from_any_folder) {
  const CaseFile c = parse_case(minimal, "/data/patient/../case.toml");
  EXPECT_THAT(write_case(c, absolute_paths(c)), HasSubstr("ct = \"/data/ct.nii\""));
}

TEST(CaseFile, takes_counts_in_every_spelling) {
  for (const char* spelling : {"400000", "4e5", "400000.0", "400_000"}) {
    EXPECT_EQ(parse(minimal + "[transport]\nhistories = " + spelling).transport.histories, 400'000u) << spelling;
  }
  EXPECT_EQ(parse_count("20000000"), 20'000'000u);
  EXPECT_EQ(parse_count("2e7"), 20'000'000u);
  EXPECT_EQ(parse_count("400000.0"), 400'000u);
  for (const char* wrong : {"", "-1", "1.5", "1e300", "nan", "12x", "1,000"}) EXPECT_FALSE(parse_count(wrong)) << wrong;
}

TEST(CaseFile, refuses_unknown_keys_with_line_and_nearest_known_one) {
  const std::string message = refusal("[medium]\nct = \"a\"\ncalibraton = \"schneider\"\n");
  EXPECT_THAT(message, HasSubstr("folder/case.toml:3: "));
  EXPECT_THAT(message, HasSubstr("\"calibraton\""));
  EXPECT_THAT(message, HasSubstr("\"calibration\""));
  EXPECT_THAT(refusal(minimal + "[transprot]\n"), HasSubstr("\"transport\""));
  EXPECT_THAT(refusal(minimal + "[[structure]]\nname=\"a\"\nmask=\"b\"\ncolour=1\n"), HasSubstr(":9: unknown key"));
}

TEST(CaseFile, refuses_wrong_types_and_values_out_of_range_with_their_line) {
  EXPECT_THAT(refusal(minimal + "[grid]\nspacing_mm = [-3, 3, 3]\n"), HasSubstr(":7: [grid] spacing_mm is -3"));
  EXPECT_THAT(refusal(minimal + "[grid]\nspacing_mm = [3, 3]\n"), HasSubstr("three numbers"));
  EXPECT_THAT(refusal(minimal + "[grid]\nlike = \"ct\"\nspacing_mm = [3, 3, 3]\n"), HasSubstr("not both"));
  EXPECT_THAT(refusal(minimal + "[transport]\nhistories = 0\n"), HasSubstr("histories is 0"));
  EXPECT_THAT(refusal(minimal + "[transport]\nhistories = 1.5\n"), HasSubstr("whole number"));
  EXPECT_THAT(refusal(minimal + "[transport]\nelectron_cutoff_keV = nan\n"), HasSubstr("electron_cutoff_keV"));
  EXPECT_THAT(refusal("[medium]\nct = 3\n"), HasSubstr("needs to be text"));
  EXPECT_THAT(refusal("[medium]\n"), HasSubstr("one of ct and labels"));
  EXPECT_THAT(refusal("[medium]\nct=\"a\"\noutside=\"water\"\n"), HasSubstr("vacuum"));
  EXPECT_THAT(refusal("[activity]\nimage = \"a\"\n"), HasSubstr("quantity"));
  EXPECT_THAT(refusal("[activity]\nimage = \"a\"\nquantity = \"MBq\"\n"), HasSubstr("relative, Bq, Bq/mL"));
  EXPECT_THAT(refusal("[activity]\nimage = \"a\"\nquantity = \"relative\"\n"), HasSubstr("administered_GBq"));
  EXPECT_THAT(refusal("[activity\n"), HasSubstr("folder/case.toml:1: is no valid TOML"));
}

TEST(CaseFile, refuses_structures_that_cannot_be) {
  const auto structure = [](const std::string& keys) { return refusal(minimal + "[[structure]]\n" + keys); };
  EXPECT_THAT(structure("name = \"tumours\"\nmask = \"a\"\n"), HasSubstr("reserved"));
  EXPECT_THAT(structure("name = \"a/b\"\nmask = \"a\"\n"), HasSubstr("cannot be used"));
  EXPECT_THAT(structure("name = \"a\"\n"), HasSubstr("needs one of mask"));
  EXPECT_THAT(structure("name = \"a\"\nimage = \"a\"\n"), HasSubstr("image and label"));
  EXPECT_THAT(structure("name = \"a\"\nmask = \"a\"\nrole = \"lesion\"\n"), HasSubstr("liver, tumour"));
  EXPECT_THAT(structure("name = \"a\"\nmask = \"a\"\n[[structure]]\nname = \"a\"\nmask = \"b\"\n"), HasSubstr("twice"));
}

TEST(CaseFile, reads_numbers_alike_in_every_locale) {
  const char* const before = std::setlocale(LC_ALL, "de_DE.UTF-8");  // may not be installed, which is fine
  EXPECT_EQ(parse(minimal + "[transport]\nelectron_cutoff_keV = 12.5\n").transport.electron_cutoff_keV, 12.5);
  EXPECT_EQ(parse_number(" 12.5 "), 12.5);
  if (before != nullptr) std::setlocale(LC_ALL, "C");
}

TEST(CaseFile, names_files_from_its_folder) {
  const CaseFile c = parse_case(minimal, "patients/doe/plan/case.toml");
  EXPECT_EQ(c.from_here("patients/doe/plan/dose.h5"), "dose.h5");
  EXPECT_EQ(c.from_here(std::filesystem::absolute("patients/doe/results/dose.h5")), "../results/dose.h5");
  EXPECT_EQ(parse_case(minimal, "case.toml").from_here("dose.h5"), "dose.h5");
}

}  // namespace
}  // namespace ytterby::io
