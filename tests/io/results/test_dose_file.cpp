// The dose file: what is written is read back, and damage is refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/error.h"
#include "io/hdf5/hdf5.h"
#include "io/results/dose_file.h"
#include "tests/io/small_dose.h"

namespace ytterby::io {
namespace {

using test::SmallCase;
using testing::HasSubstr;

std::string refusal(const std::filesystem::path& path) {
  try {
    read_dose(path);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    return error.what();
  }
  return "accepted";
}

TEST(DoseFile, reads_back_what_it_writes) {
  const SmallCase small;
  const DoseFile file = test::small_dose(small);
  write_dose(small.folder / "d.h5", file);
  const DoseFile back = read_dose(small.folder / "d.h5");
  EXPECT_EQ(back.map.dose, file.map.dose);
  ASSERT_EQ(back.map.uncertainty.size(), file.map.uncertainty.size());
  EXPECT_TRUE(std::isnan(back.map.uncertainty[0]));
  EXPECT_EQ(back.map.uncertainty[1], 0.5F);
  EXPECT_EQ(back.phantom.density, file.phantom.density);
  EXPECT_EQ(back.phantom.material, file.phantom.material);
  EXPECT_EQ(back.phantom.materials.size(), 30u);
  EXPECT_EQ(back.activity, file.activity);
  ASSERT_EQ(back.structures.size(), 4u);  // liver, tumour, tumours, normal-liver
  EXPECT_EQ(back.structures[3].name, "normal-liver");
  EXPECT_EQ(back.structures[3].fraction, file.structures[3].fraction);
  EXPECT_EQ(back.structures[1].role, Role::tumour);
  EXPECT_EQ(back.dvhs[0].volume_fraction, file.dvhs[0].volume_fraction);
  EXPECT_EQ(back.map.structures[0].mean, 40.5);
  EXPECT_EQ(back.map.seed, file.map.seed);
  EXPECT_TRUE(back.map.ledger.emitted == file.map.ledger.emitted);
  EXPECT_TRUE(back.map.ledger.balanced());
  EXPECT_EQ(back.resolved_case, file.resolved_case);
  EXPECT_EQ(back.content_hash, file.content_hash);
  EXPECT_EQ(back.inputs.size(), 4u);
  EXPECT_EQ(back.inputs[0].sha256.size(), 64u);
  for (std::size_t a = 0; a < 3; ++a) EXPECT_NEAR(back.map.grid.spacing[a], 0.5, 1e-7);
}

TEST(DoseFile, keeps_every_name_of_its_format_page) {
  const SmallCase small;
  write_dose(small.folder / "d.h5", test::small_dose(small));
  const Hdf5File h5 = Hdf5File::open(small.folder / "d.h5");
  EXPECT_EQ(h5.text("/", "format"), "ytterby-dose");
  for (const char* name : {"format_version", "program_version", "created", "method"}) EXPECT_NE(h5.text("/", name), "");
  for (const char* name : {"/dose", "/uncertainty", "/density", "/material", "/activity", "/structures/liver"}) {
    EXPECT_NE(h5.text(name, "unit"), "") << name;
    EXPECT_EQ(h5.shape(name), (std::vector<std::uint64_t>{20, 20, 20})) << name;
  }
  for (const char* name : {"shape_xyz", "spacing_mm", "origin_mm", "direction"})
    EXPECT_TRUE(h5.has_attribute("/grid", name));
  for (const char* name :
       {"case", "seed", "histories", "batches", "device", "seconds_transport", "input_sha256", "half_life_h",
        "mean_energy_MeV", "decays", "content_hash", "method", "emitted_MeV_per_decay", "deposited_MeV_per_decay",
        "escaped_MeV_per_decay", "discarded_MeV_per_decay"}) {
    EXPECT_TRUE(h5.has_attribute("/provenance", name)) << name;
  }
  EXPECT_EQ(h5.column("/dvh/liver", "dose_Gy").size(), h5.column("/dvh/liver", "volume_fraction").size());
}

TEST(DoseFile, reads_any_shape_back_across_chunks) {
  const test::TemporaryFolder folder;
  std::vector<float> values(70 * 130 * 90);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i * 2654435761U % 1000);
  {
    Hdf5File h5 = Hdf5File::create(folder / "a.h5");
    h5.write("/a", std::span<const float>(values), {70, 130, 90});
    h5.write("/wide", std::span<const float>(values), {1, 3, 273000});
    h5.close();
  }
  const Hdf5File h5 = Hdf5File::open(folder / "a.h5");
  EXPECT_EQ(h5.floats("/a", {70, 130, 90}), values);
  EXPECT_EQ(h5.floats("/wide", {1, 3, 273000}), values);
}

TEST(DoseFile, refuses_damage_and_newer_versions) {
  const SmallCase small;
  const auto path = small.folder / "d.h5";
  write_dose(path, test::small_dose(small));
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_NE(refusal(path), "accepted");
  std::ofstream(path) << "no HDF5";
  EXPECT_THAT(refusal(path), HasSubstr("no HDF5 file"));
  {
    Hdf5File h5 = Hdf5File::create(path);
    h5.attribute("/", "format", std::string("ytterby-dose"));
    h5.attribute("/", "format_version", std::string("2.0"));
    h5.close();
  }
  EXPECT_THAT(refusal(path), HasSubstr("format_version 2.0"));
  EXPECT_THAT(refusal(small.folder / "none.h5"), HasSubstr("no such file"));
}

TEST(DoseFile, leaves_the_older_file_until_the_new_one_is_whole) {
  const SmallCase small;
  const DoseFile file = test::small_dose(small);
  std::ofstream(small.folder / "d.h5") << "older";
  write_dose(small.folder / "d.h5", file);
  EXPECT_EQ(read_dose(small.folder / "d.h5").map.dose, file.map.dose);
  EXPECT_THROW(write_dose(small.folder / "no/d.h5", file), Error);
  EXPECT_THROW(write_dose(small.folder.path(), file), Error);
}

}  // namespace
}  // namespace ytterby::io
