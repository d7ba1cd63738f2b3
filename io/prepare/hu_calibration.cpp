#include "io/prepare/hu_calibration.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/grid/voxel_name.h"
#include "engine/patient/schneider.h"

namespace ytterby::io {
namespace {

constexpr double most_fall = 0.05;  // [g/cm3] from point to point: Schneider's own step at 100 HU is 0.043
constexpr double air_like = 0.05;   // a curve that starts below this density [g/cm3] starts in air

double interpolate(const std::vector<HuCalibration::Node>& nodes, double hu) {
  if (hu <= nodes.front().hu) return nodes.front().density;
  if (hu >= nodes.back().hu) return nodes.back().density;
  const auto above = std::upper_bound(nodes.begin(), nodes.end(), hu,
                                      [](double value, const HuCalibration::Node& node) { return value < node.hu; });
  const auto below = above - 1;
  return below->density + (above->density - below->density) * (hu - below->hu) / (above->hu - below->hu);
}

[[noreturn]] void refuse(const std::filesystem::path& path, int line, const std::string& what) {
  throw Error(Fault::input, path.string() + ":" + std::to_string(line) + ": " + what);
}

}  // namespace

HuCalibration::HuCalibration(std::string name, std::vector<Node> nodes) : name_(std::move(name)) {
  lowest_ = nodes.front().density < air_like ? HuCalibration::padding_hu : nodes.front().hu;
  highest_ = nodes.back().hu;
  for (int hu = HuCalibration::padding_hu; hu <= HuCalibration::metal_hu; ++hu) {
    density_.push_back(static_cast<float>(interpolate(nodes, hu)));
    material_.push_back(static_cast<std::uint8_t>(schneider_bin(hu)));
  }
}

HuCalibration schneider() {
  std::vector<HuCalibration::Node> nodes;
  for (const SchneiderDensityNode& node : schneider_density_nodes()) nodes.push_back({node.hu, node.density});
  return {"schneider", std::move(nodes)};
}

HuCalibration parse_calibration(const std::string& text, const std::filesystem::path& csv) {
  std::vector<HuCalibration::Node> nodes;
  std::istringstream file(text);
  std::string line;
  bool heading_allowed = true;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.size() > 1000) refuse(csv, number, "is no table of two columns, HU and density");
    line = line.substr(0, line.find('#'));
    if (line.find_first_not_of(" \t\r,;") == std::string::npos) continue;
    const std::size_t comma = line.find_first_of(",;");
    const auto hu = parse_number(std::string_view(line).substr(0, comma));
    const auto density =
        comma == std::string::npos ? std::optional<double>{} : parse_number(std::string_view(line).substr(comma + 1));
    if (!hu && !density && heading_allowed) {
      heading_allowed = false;
      continue;
    }
    if (!hu || !density) refuse(csv, number, "needs two numbers, HU and density in g/cm3, found \"" + line + "\"");
    heading_allowed = false;
    if (*density < 0 || *density > 25)
      refuse(csv, number, "density is " + to_text(*density) + ", needs to be 0 to 25 g/cm3");
    if (!nodes.empty() && *hu <= nodes.back().hu) refuse(csv, number, "HU " + to_text(*hu) + " does not ascend");
    if (!nodes.empty() && *density < nodes.back().density - most_fall) {
      refuse(csv, number,
             "density falls from " + to_text(nodes.back().density, 5) + " to " + to_text(*density, 5) +
                 " g/cm3 between " + to_text(nodes.back().hu, 5) + " and " + to_text(*hu, 5) + " HU, needs to ascend");
    }
    nodes.push_back({*hu, *density});
  }
  if (nodes.size() < 2)
    throw Error(Fault::input,
                csv.string() + ": has " + std::to_string(nodes.size()) + " points of the HU curve, needs at least 2");
  return {csv.filename().string(), std::move(nodes)};
}

HuCalibration read_calibration(const std::filesystem::path& csv) {
  std::error_code error;
  if (std::filesystem::exists(csv, error) && !std::filesystem::is_regular_file(csv, error)) {
    throw Error(Fault::input, csv.string() + ": is no regular file, needs to be a CSV of HU and density");
  }
  if (std::filesystem::file_size(csv, error) > 1'000'000 && !error) {
    throw Error(Fault::input, csv.string() + ": is too large for a CSV of HU and density");
  }
  std::ifstream file(csv);
  if (!file) throw Error(Fault::input, csv.string() + ": no such file, or it cannot be opened (HU calibration)");
  std::ostringstream text;
  text << file.rdbuf();
  return parse_calibration(text.str(), csv);
}

std::vector<Material> schneider_materials() {
  std::vector<Material> materials;
  for (const SchneiderBin& bin : schneider_bins()) materials.push_back(bin.material);
  return materials;
}

HuCounts check_hu(const Image<float>& ct, const HuCalibration& calibration, const std::filesystem::path& path) {
  HuCounts counts;
  counts.lowest = counts.highest = ct.values.empty() ? 0.0F : ct.values.front();
  for (std::size_t i = 0; i < ct.values.size(); ++i) {
    const float hu = ct.values[i];
    counts.lowest = std::min(counts.lowest, hu);
    counts.highest = std::max(counts.highest, hu);
    if (hu < static_cast<float>(HuCalibration::padding_hu)) ++counts.padding;
    if (hu >= static_cast<float>(HuCalibration::metal_hu)) ++counts.metal;
    const double clamped =
        std::clamp(static_cast<double>(hu), double{HuCalibration::padding_hu}, double{HuCalibration::metal_hu});
    if (clamped < calibration.lowest() || clamped > calibration.highest()) {
      throw Error(Fault::input, path.string() + ": " + voxel_name(ct.grid, i) + " has " + to_text(hu, 6) +
                                    " HU, the curve " + calibration.name() + " covers " +
                                    to_text(calibration.lowest(), 6) + " to " + to_text(calibration.highest(), 6) +
                                    " HU and needs to reach further");
    }
  }
  return counts;
}

}  // namespace ytterby::io
