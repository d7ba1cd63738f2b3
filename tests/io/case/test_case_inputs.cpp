// One list of what a case reads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "engine/base/error.h"
#include "io/case/case_inputs.h"
#include "io/case/phantom_case.h"
#include "io/prepare/prepare.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* whole = R"(
[medium]
ct = "ct"
calibration = "curve.csv"
series = "3"
[activity]
image = "pet"
quantity = "Bq"
transform = "pet.tfm"
[[structure]]
name = "liver"
role = "liver"
mask = "liver.nii.gz"
transform = "liver.tfm"
[[structure]]
name = "left"
role = "other"
image = "labels.nii.gz"
label = 1
[[structure]]
name = "right"
role = "other"
image = "labels.nii.gz"
label = 2
[[structure]]
name = "tumour"
role = "tumour"
rtstruct = "rs.dcm"
roi = "GTV"
[[structure]]
name = "lung"
role = "lung"
seg = "seg.dcm"
segment = "lung"
)";

std::vector<std::string> names(const CaseFile& c) {
  std::vector<std::string> all;
  for (const CaseInput& input : inputs_of(c)) all.push_back(input.name);
  return all;
}

TEST(CaseInputs, has_every_file_once_in_the_order_of_the_case) {
  EXPECT_THAT(names(parse_case(whole, "case.toml")), ElementsAre("ct", "curve.csv", "pet", "pet.tfm", "liver.nii.gz",
                                                                 "liver.tfm", "labels.nii.gz", "rs.dcm", "seg.dcm"));
}

TEST(CaseInputs, one_folder_with_two_series_is_there_for_each) {
  CaseFile c = parse_case(whole, "case.toml");
  c.activity->image = "ct";
  EXPECT_THAT(names(c), testing::Contains("ct").Times(2));
}

TEST(CaseInputs, sessions_add_theirs) {
  CaseFile c = parse_case(whole, "case.toml");
  SessionEntry session;
  session.name = "second";
  session.activity = *c.activity;
  session.activity.image = "pet2";
  c.sessions = {session};
  EXPECT_THAT(names(c), testing::Contains("pet2").Times(1));
}

TEST(CaseInputs, the_hashes_of_a_prepared_case_are_of_this_list) {
  const test::TemporaryFolder folder;
  const CaseFile c = read_case(write_phantom_case("slabs", folder / "p"));
  std::vector<std::string> hashed;
  for (const InputFile& input : prepare(c).inputs) hashed.push_back(input.name);
  EXPECT_EQ(hashed, names(c));
}

TEST(CaseInputs, files_read_have_the_data_of_headers_and_the_case_itself) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "ct.mhd") << "ObjectType = Image\nNDims = 3\nDimSize = 1 1 1\nElementSpacing = 1 1 1\n"
                                      "Offset = 0 0 0\nElementType = MET_UCHAR\nElementDataFile = ct.raw\n";
  std::ofstream(folder / "ct.raw") << "x";
  const CaseFile c = parse_case("[medium]\nct = \"ct.mhd\"\n", folder / "case.toml");
  std::set<std::string> files;
  for (const ReadFile& f : files_read_by(c)) files.insert(f.path.filename().string());
  EXPECT_THAT(files, ElementsAre("case.toml", "ct.mhd", "ct.raw"));
  EXPECT_THAT(inputs_as_comments(c), HasSubstr("# reads " + (folder / "ct.raw").string() + "\n"));
  fs::remove(folder / "ct.raw");
  EXPECT_THAT(inputs_as_comments(c), HasSubstr("(NOT THERE)"));
}

TEST(PhantomCase, writes_into_a_new_an_empty_or_its_own_folder_alone) {
  const test::TemporaryFolder folder;
  EXPECT_NO_THROW(write_phantom_case("sphere", folder / "new/one"));
  EXPECT_NO_THROW(write_phantom_case("sphere", folder / "new/one")) << "its own";
  EXPECT_NO_THROW(write_phantom_case("slabs", folder / "new/one")) << "another phantom's";
  std::ofstream(folder / "new/one/note.txt") << "mine";
  EXPECT_NO_THROW(write_phantom_case("sphere", folder / "new/one")) << "what is not in the way may lie there";

  const auto refused = [&](const std::string& name, const char* phantom) {
    EXPECT_THAT([&] { write_phantom_case(phantom, folder / name); },
                testing::ThrowsMessage<Error>(HasSubstr("empty folder")))
        << name;
  };
  std::ofstream(folder / "new/one/case.toml", std::ios::app) << "# edited\n";
  refused("new/one", "sphere");
  fs::create_directory(folder / "patient");
  std::ofstream(folder / "patient/liver.nii.gz") << "of a patient";
  refused("patient", "sphere");
  refused("patient", "rescue");
  EXPECT_EQ(fs::file_size(folder / "patient/liver.nii.gz"), 12U);
  EXPECT_FALSE(fs::exists(folder / "patient/case.toml")) << "nothing is half-written";
}

}  // namespace
}  // namespace ytterby::io
