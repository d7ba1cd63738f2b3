// Where a case's organs lie in its CT, and what contrast medium in them does to the dose.

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/base/numbers.h"
#include "engine/grid/grid_overlap.h"
#include "engine/grid/resample.h"
#include "engine/patient/structures.h"
#include "io/prepare/contrast.h"
#include "io/prepare/parts.h"

namespace ytterby::io {
namespace {

constexpr double same_density = 0.01;  // nearer than this: read as contrast medium

/// The voxels of `grid` that another grid may reach into; empty where it reaches none.
Box covering_box(const Grid& grid, const Grid& other) {
  Box box{grid.shape, {-1, -1, -1}};
  const Vector3 first = position(grid, 0, 0, 0);
  for (std::size_t a = 0; a < 3; ++a) {
    const Vector3 along = axis_vector(grid, static_cast<int>(a));
    double low = 1e30, high = -1e30;
    for (int corner = 0; corner < 8; ++corner) {
      const Vector3 p =
          position(other, (corner & 1) != 0 ? other.shape[0] - 0.5 : -0.5,
                   (corner & 2) != 0 ? other.shape[1] - 0.5 : -0.5, (corner & 4) != 0 ? other.shape[2] - 0.5 : -0.5);
      const double at = (along[0] * (p[0] - first[0]) + along[1] * (p[1] - first[1]) + along[2] * (p[2] - first[2])) /
                        grid.spacing[a];
      low = std::min(low, at);
      high = std::max(high, at);
    }
    const double last = grid.shape[a] - 1;
    box.low[a] = static_cast<int>(std::clamp(std::floor(low + 0.5), 0.0, last));
    box.high[a] = high < -0.5 || low > last + 0.5 ? -1 : static_cast<int>(std::clamp(std::ceil(high - 0.5), 0.0, last));
  }
  return box;
}

}  // namespace

bool is_organ(Role role) { return role == Role::liver || role == Role::tumour || role == Role::perfused; }

void find_organs(const CaseFile& c, const std::vector<NativeMask>& masks, MediumImage& medium, Remarks& remarks) {
  if (!medium.calibration) return;
  std::optional<Box> box;
  for (std::size_t s = 0; s < masks.size(); ++s) {
    if (!is_organ(c.structures[s].role)) continue;
    const Box own = covering_box(medium.grid, masks[s].inside.grid);
    if (!own.empty()) box = box ? join(*box, own) : own;
  }
  if (!box) return;
  const Grid grid = cut(medium.grid, *box);
  std::vector<float> share;
  for (std::size_t s = 0; s < masks.size(); ++s) {
    if (is_organ(c.structures[s].role)) share = larger(std::move(share), average(masks[s].inside, grid));
  }
  medium.organs = find_organ_voxels(medium.ct, *box, share);
  if (medium.organs.metal > 0) {
    remarks.notes.push_back(
        std::to_string(medium.organs.metal) +
        " voxels of the CT above 1600 HU in liver, tumours or perfused volumes are taken as contrast "
        "medium; metal wants a [[structure]] of its own with material");
  }
}

void warn_of_contrast(const StructureEntry& s, const Image<float>& inside, const MediumImage& medium,
                      Warnings& warnings) {
  if (!medium.calibration || !is_organ(s.role) || s.density || !s.material.empty()) return;
  const HuCalibration& calibration = *medium.calibration;
  const std::vector<float> hu = average(medium.ct, inside.grid);
  const auto mean_of = [&](const auto& value) {
    double volume = 0, sum = 0;
    for (std::size_t i = 0; i < inside.values.size(); ++i) {
      if (!(inside.values[i] > 0)) continue;
      volume += static_cast<double>(inside.values[i]);
      sum += static_cast<double>(inside.values[i]) * value(i);
    }
    return sum / volume;
  };
  const double mean = mean_of([&](std::size_t i) { return static_cast<double>(hu[i]); });
  if (!(mean > contrast_limit_hu)) return;
  const Phantom phantom = phantom_on(inside.grid, medium);
  const double read = mean_of([&](std::size_t i) { return static_cast<double>(phantom.density[i]); });
  const double as_contrast = mean_of([&](std::size_t i) { return contrast_density(static_cast<double>(hu[i])); });
  const double by_curve = mean_of([&](std::size_t i) { return static_cast<double>(calibration(hu[i]).density); });
  const auto density = [](double rho) { return to_text(rho, 3) + " g/cm3"; };
  const auto percent = [](double error) { return to_text(100 * std::abs(error), 2) + " %"; };
  // Mean dose goes with 1 / density where the activity is what the image says.
  const bool taken = !calibration.of_scanner() && std::abs(as_contrast / read - 1) < same_density;
  const double error = taken ? by_curve / read - 1 : as_contrast / read - 1;
  const std::string found = "structure " + s.name + ": its mean is " + to_text(mean, 4) + " HU, above 80: ";
  const std::string text = taken ? found + "taken as contrast medium in soft tissue, " + density(read) +
                                       ", as its CT number would read too dense (" + density(by_curve) +
                                       "); where it is that dense its dose is about " + percent(error) +
                                       " too high, and density_g_cm3 or material is the remedy"
                                 : found + "read as " + density(read) + "; if it is contrast medium (" +
                                       density(as_contrast) + ") its dose is about " + percent(error) +
                                       " too low, and density_g_cm3 or material is the remedy";
  warnings.push_back({"contrast-in-" + std::string(role_name(s.role)),
                      WarningClass::wrong_dose,
                      text,
                      {{"mean_HU", mean}, {"limit_HU", contrast_limit_hu}, {"dose_error_percent", 100 * error}}});
}

}  // namespace ytterby::io
