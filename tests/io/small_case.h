#pragma once
// A case of a few voxels, written to a temporary folder.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/grid/image.h"
#include "io/images/image_file.h"
#include "io/text/warning.h"

namespace ytterby::test {

/// A folder that is gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("ytterby-test-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline Grid cube(int voxels, double spacing_mm, Vector3 origin_mm = {0, 0, 0}) {
  Grid grid;
  grid.shape = {voxels, voxels, voxels};
  for (std::size_t a = 0; a < 3; ++a) {
    grid.spacing[a] = spacing_mm / 10;
    grid.origin[a] = origin_mm[a] / 10;
  }
  return grid;
}

inline Image<float> filled(const Grid& grid, float value) { return {grid, std::vector<float>(grid.voxels(), value)}; }

/// Sets the voxels of a box, both ends included.
inline Image<float> with_box(Image<float> image, std::array<int, 3> low, std::array<int, 3> high, float value) {
  for (int z = low[2]; z <= high[2]; ++z) {
    for (int y = low[1]; y <= high[1]; ++y) {
      for (int x = low[0]; x <= high[0]; ++x) image.values[image.grid.index(x, y, z)] = value;
    }
  }
  return image;
}

/// What the warnings say, to be matched.
inline std::vector<std::string> texts_of(const io::Warnings& warnings) {
  std::vector<std::string> texts;
  for (const io::Warning& w : warnings) texts.push_back(w.text);
  return texts;
}

/// 20 x 20 x 20 voxels of 5 mm of tissue of 0 HU. The liver is a box of 10 x 10 x 10 voxels with a tumour of 4 x 4 x 4;
/// activity is 3 in the tumour, 1 in the liver, 0.5 in a corner elsewhere. Lungs of 4 x 4 x 10 voxels lie at the edge.
class SmallCase {
 public:
  SmallCase() {
    const Grid grid = cube(20, 5);
    const Image<float> empty = filled(grid, 0);
    io::write_image(folder / "ct.nii.gz", with_box(filled(grid, 0), {0, 0, 0}, {3, 3, 9}, -700));
    io::write_image(folder / "liver.nii.gz", with_box(empty, {5, 5, 5}, {14, 14, 14}, 1));
    io::write_image(folder / "tumour.nii.gz", with_box(empty, {8, 8, 8}, {11, 11, 11}, 1));
    io::write_image(folder / "lungs.nii.gz", with_box(empty, {0, 0, 0}, {3, 3, 9}, 1));
    io::write_image(folder / "empty.nii.gz", empty);
    Image<float> activity = with_box(empty, {5, 5, 5}, {14, 14, 14}, 1);
    activity = with_box(std::move(activity), {8, 8, 8}, {11, 11, 11}, 3);
    io::write_image(folder / "activity.nii.gz", with_box(std::move(activity), {18, 18, 18}, {19, 19, 19}, 0.5F));
  }

  static constexpr const char* relative_activity =
      "quantity = \"relative\"\nadministered_GBq = 0.1\nlung_shunt_fraction = 0.1\n";
  static constexpr const char* structures =
      "[[structure]]\nname = \"liver\"\nrole = \"liver\"\nmask = \"liver.nii.gz\"\n"
      "[[structure]]\nname = \"tumour\"\nrole = \"tumour\"\nmask = \"tumour.nii.gz\"\n";
  static constexpr const char* lungs = "[[structure]]\nname = \"lungs\"\nrole = \"lung\"\nmask = \"lungs.nii.gz\"\n";

  /// Writes case.toml: the CT, the given [activity] keys and whatever follows.
  std::filesystem::path write(const std::string& activity_keys, const std::string& rest = structures) const {
    const std::filesystem::path path = folder / "case.toml";
    std::ofstream(path) << "[medium]\nct = \"ct.nii.gz\"\n[activity]\nimage = \"activity.nii.gz\"\n"
                        << activity_keys << rest;
    return path;
  }

  TemporaryFolder folder;
};

}  // namespace ytterby::test
