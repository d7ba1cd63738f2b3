// Where the liver works: an image of its function (mebrofenin SPECT) to shares of function, and to weights of the dose.
//
// Functional share of a part of the liver: its counts over those of the whole normal liver, tumours left out (joint
// EANM/SNMMI/IHPBA guideline, Arntz et al., HPB 25 (2023), doi 10.1016/j.hpb.2023.06.001; de Graaf et al., J. Nucl.
// Med. 51 (2010) 742). Dose weighed by function: the functional histogram of Marks et al., Int. J. Radiat. Oncol. Biol.
// Phys. 33 (1995) 65.

#include <algorithm>

#include "engine/base/numbers.h"
#include "engine/grid/resample.h"
#include "engine/patient/structures.h"
#include "io/prepare/parts.h"

namespace ytterby::io {
namespace {

constexpr double much_elsewhere = 0.5;  // of the image's counts outside the liver
constexpr double much_lost = 0.01;      // of the normal liver's function outside the dose grid
constexpr float least_share = 1e-6F;    // of a voxel in a region; below it there is rounding alone

std::string percent(double share) { return to_text(100 * share, 3) + " %"; }

/// Noise of a reconstruction is no function below 0.
void remove_negative_counts(Image<double>& image, const std::string& file, Remarks& remarks) {
  double negative = 0, all = 0;
  for (double& value : image.values) {
    all += value;
    if (value < 0) negative -= value;
    value = std::max(value, 0.0);
  }
  if (negative > 0 && all > 0)
    remarks.notes.push_back(file + ": negative voxels, " + percent(negative / all) + " of its counts, set to 0");
}

/// Function of a region in each voxel of the image: its counts by the share of the voxel that is the region's.
std::vector<double> function_of(const Image<double>& image, const Grid& grid, const std::vector<float>& region) {
  const std::vector<float> share = average({grid, region}, image.grid);
  std::vector<double> result(share.size());
  for (std::size_t v = 0; v < share.size(); ++v) result[v] = image.values[v] * static_cast<double>(share[v]);
  return result;
}

double total_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum;
}

/// What the voxels of the image hold goes to the region's part of those of the dose grid. Returns weights whose
/// largest is 1, and the share that no voxel of the grid took.
std::vector<float> on_dose_grid(std::vector<double> held, const Grid& image, const std::vector<float>& region,
                                const Grid& grid, double& lost) {
  const double all = total_of(held);
  const std::vector<float> taken = average({grid, region}, image);
  for (std::size_t v = 0; v < held.size(); ++v)
    held[v] = taken[v] > least_share ? held[v] / static_cast<double>(taken[v]) : 0;
  std::vector<double> weight = redistribute({image, std::move(held)}, grid);
  for (std::size_t i = 0; i < weight.size(); ++i) weight[i] *= static_cast<double>(region[i]);
  lost = all > 0 ? 1 - total_of(weight) / all : 0;
  const double largest = *std::max_element(weight.begin(), weight.end());
  std::vector<float> result(weight.size());
  if (!(largest > 0)) return result;
  for (std::size_t i = 0; i < weight.size(); ++i) result[i] = static_cast<float>(weight[i] / largest);
  return result;
}

void warn(const MeasuredFunction& measured, double lost, const std::string& file, Remarks& remarks) {
  if (measured.outside_liver > much_elsewhere) {
    remarks.warnings.push_back({"function-outside-liver",
                                WarningClass::wrong_dose,
                                file + ": " + percent(measured.outside_liver) +
                                    " of its counts lie outside liver and tumours: does it lie on the CT, and is it of "
                                    "the phase of uptake, before bile?",
                                {{"share", measured.outside_liver}, {"limit", much_elsewhere}}});
  }
  if (lost > much_lost) {
    remarks.warnings.push_back(
        {"function-outside-grid",
         WarningClass::wrong_dose,
         file + ": " + percent(lost) + " of the normal liver's function lies outside the dose grid and weighs no dose",
         {{"share", lost}, {"limit", much_lost}}});
  }
}

}  // namespace

const FunctionRegion* find_region(const std::optional<MeasuredFunction>& function, const std::string& name) {
  if (!function) return nullptr;
  const auto found = std::find_if(function->regions.begin(), function->regions.end(),
                                  [&](const FunctionRegion& r) { return r.name == name; });
  return found == function->regions.end() ? nullptr : &*found;
}

MeasuredFunction measure_function(const CaseFile& c, const std::vector<NativeMask>& masks,
                                  const std::vector<Structure>& derived, const Grid& grid, Image<double> image,
                                  Remarks& remarks) {
  const FunctionSection& section = *c.function;
  const std::string place = c.place(section.line) + "[function] ";
  const OnGrid all = common_grid(c, masks, image.grid);
  const Structure* normal = find_filled(all.derived, "normal-liver");
  if (normal == nullptr) refuse(place, "needs a [[structure]] of role liver, with liver beside the tumours in it");
  remove_negative_counts(image, section.image, remarks);
  const double counts = total_of(image.values), whole = sum_in(image, all.grid, normal->fraction);
  if (!(whole > 0)) {
    refuse(place, section.image + " holds no counts in the normal liver: is it the image of function, on the CT?");
  }
  MeasuredFunction measured;
  double lost = 0;
  for (const char* name : {"normal-liver", "perfused-normal", "spared-liver"}) {
    const Structure *native = find_filled(all.derived, name), *own = find_filled(derived, name);
    if (native == nullptr || own == nullptr) continue;
    std::vector<double> held = function_of(image, all.grid, native->fraction);
    FunctionRegion region{name,
                          total_of(held) / whole,
                          volume_of(native->fraction, all.grid) / volume_of(normal->fraction, all.grid),
                          {}};
    double outside = 0;
    region.weight = on_dose_grid(std::move(held), image.grid, own->fraction, grid, outside);
    if (native == normal) lost = outside;
    measured.regions.push_back(std::move(region));
  }
  const std::vector<float> tumours = union_of_role(all.own, Role::tumour);
  const std::vector<float> both = larger(union_of_role(all.own, Role::liver), tumours);
  const double liver = sum_in(image, all.grid, both);
  measured.tumour_share = tumours.empty() ? 0 : sum_in(image, all.grid, tumours) / liver;
  measured.outside_liver = std::max(0.0, 1 - liver / counts);
  warn(measured, lost, section.image, remarks);
  return measured;
}

}  // namespace ytterby::io
