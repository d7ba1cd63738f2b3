#pragma once
// CT number -> density and material.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/grid/image.h"
#include "engine/grid/resample.h"
#include "engine/patient/phantom.h"

namespace ytterby::io {

/// A curve from CT number to density; the material is that of Schneider's bin for the CT number.
///
/// CT numbers below -1050 (padding) are air, those of 3000 and above the last bin.
class HuCalibration {
 public:
  struct Node {
    double hu;
    double density;  // [g/cm3]
  };
  static constexpr int padding_hu = -1050;  // below: outside the scanner's field of view
  static constexpr int metal_hu = 3000;     // from here: the last bin

  HuCalibration(std::string name, std::vector<Node> nodes);

  [[nodiscard]] const std::string& name() const { return name_; }
  /// True for a scanner's own curve, false for Schneider's.
  [[nodiscard]] bool of_scanner() const { return name_ != "schneider"; }
  /// Density and index of the material (of `materials()`) of a CT number; the number must be finite.
  [[nodiscard]] VoxelMedium operator()(float hu) const {  // here, because it is called for every voxel of a CT
    const float clamped = std::clamp(hu, static_cast<float>(padding_hu), static_cast<float>(metal_hu));
    const auto i = static_cast<std::size_t>(clamped - static_cast<float>(padding_hu));
    const std::size_t next = std::min(i + 1, density_.size() - 1);
    const float above = clamped - static_cast<float>(padding_hu) - static_cast<float>(i);
    return {density_[i] + (density_[next] - density_[i]) * above, material_[i]};
  }
  /// CT numbers that the curve can answer for, after padding and metal have been clamped.
  [[nodiscard]] double lowest() const { return lowest_; }
  [[nodiscard]] double highest() const { return highest_; }

 private:
  std::string name_;
  double lowest_ = 0, highest_ = 0;
  std::vector<float> density_;          // at whole CT numbers from -1050 to 3000, linear between
  std::vector<std::uint8_t> material_;  // of [n, n + 1)
};

/// Schneider's curve.
HuCalibration schneider();

/// A scanner's curve: two columns, HU and density in g/cm3, ascending in HU; comments begin with '#', one heading line
/// is allowed. Throws Fault::input with the line for what is no number, and for densities that fall.
HuCalibration read_calibration(const std::filesystem::path& csv);

/// The same from text; `csv` leads messages.
HuCalibration parse_calibration(const std::string& text, const std::filesystem::path& csv);

/// Schneider's materials, in the order of the indices.
std::vector<Material> schneider_materials();

/// CT numbers at the ends of the curve.
struct HuCounts {
  std::size_t padding = 0;  // below -1050
  std::size_t metal = 0;    // 3000 and above
  float lowest = 0, highest = 0;
};

/// Counts, and checks that the curve covers the image. Throws Fault::input naming a voxel beyond the curve.
HuCounts check_hu(const Image<float>& ct, const HuCalibration& calibration, const std::filesystem::path& path);

}  // namespace ytterby::io
