// What the activity image says of tumours and normal liver, before anything is moved to a dose grid: blur by the dose
// grid's voxels would lower the tumour-to-normal ratio.

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/base/units.h"
#include "engine/grid/morphology.h"
#include "engine/grid/resample.h"
#include "engine/patient/structures.h"
#include "io/prepare/parts.h"

namespace ytterby::io {
namespace {

bool counts(Role role) { return role == Role::liver || role == Role::tumour || role == Role::perfused; }

/// Takes what lies within `width` [cm] of a tumour voxel's centre out of a region.
std::vector<float> beyond_ring(std::vector<float> region, const OnGrid& all, double width) {
  if (!(width > 0)) return region;
  const std::vector<float> tumours = union_of_role(all.own, Role::tumour);
  std::vector<std::uint8_t> set(tumours.size());
  std::transform(tumours.begin(), tumours.end(), set.begin(),
                 [](float v) { return static_cast<std::uint8_t>(v >= 0.5F ? 1 : 0); });
  const std::vector<double> distance = squared_distance(set, all.grid);
  for (std::size_t v = 0; v < region.size(); ++v) {
    if (distance[v] <= width * width) region[v] = 0;
  }
  return region;
}

/// Share of the counts within the medium's image that lies outside liver, tumours and lungs. Without lungs the given
/// shunt is taken as theirs.
std::optional<double> extrahepatic_share(const CaseFile& c, const std::vector<NativeMask>& masks, const OnGrid& all,
                                         const MediumImage& medium, const Image<double>& activity) {
  const std::vector<float> liver = union_of_role(all.own, Role::liver);
  if (liver.empty()) return {};
  const std::vector<float> treated =
      average({all.grid, larger(liver, union_of_role(all.own, Role::tumour))}, activity.grid);
  std::vector<float> lungs;
  for (std::size_t s = 0; s < masks.size(); ++s) {
    if (c.structures[s].role == Role::lung) lungs = larger(std::move(lungs), average(masks[s].inside, activity.grid));
  }
  const std::vector<float> covered = coverage(medium.grid, activity.grid);
  double counts = 0, inside = 0;
  for (std::size_t v = 0; v < treated.size(); ++v) {
    // Liver and lungs lie side by side in a voxel.
    const double known = static_cast<double>(treated[v]) + (lungs.empty() ? 0.0 : static_cast<double>(lungs[v]));
    counts += activity.values[v] * static_cast<double>(covered[v]);
    inside += activity.values[v] * std::min(1.0, known);
  }
  if (!(counts > 0)) return {};
  const double shunt = lungs.empty() ? c.activity->lung_shunt_fraction.value_or(0) : 0;
  return std::clamp(1 - inside / counts - shunt, 0.0, 1.0);
}

/// The activity in a region as the case gives it: of its parts in the volumes of [[perfused]], each weighed.
class WeighedActivity {
 public:
  WeighedActivity(const CaseFile& c, const OnGrid& all, const Image<double>& activity)
      : grid_(all.grid), activity_(activity) {
    if (c.activity->perfused.empty()) return;
    shares_ = position_shares(c, all.own, union_of_names(c, all.own));
    std::vector<double> counts;
    for (const std::vector<float>& share : shares_) counts.push_back(sum_in(activity, grid_, share));
    scales_ = position_scales(c, counts);
  }
  [[nodiscard]] double in(const std::vector<float>& region) const {
    if (shares_.empty()) return sum_in(activity_, grid_, region);
    double sum = 0;
    for (std::size_t p = 0; p < shares_.size(); ++p)
      sum += scales_[p] * sum_in(activity_, grid_, smaller(region, shares_[p]));
    return sum;
  }

 private:
  const Grid& grid_;
  const Image<double>& activity_;
  std::vector<std::vector<float>> shares_;
  std::vector<double> scales_;
};

}  // namespace

OnGrid common_grid(const CaseFile& c, const std::vector<NativeMask>& masks, const Grid& image) {
  const NativeMask* first = nullptr;
  bool shared = true;
  Box box;
  for (std::size_t s = 0; s < masks.size(); ++s) {
    if (!counts(c.structures[s].role)) continue;
    box = first == nullptr ? masks[s].box : join(box, masks[s].box);
    if (first == nullptr) first = &masks[s];
    shared = shared && same_grid(masks[s].grid, first->grid);
  }
  OnGrid result;
  if (first == nullptr) return result;
  result.grid = shared ? cut(first->grid, box) : image;
  for (std::size_t s = 0; s < masks.size(); ++s) {
    const NativeMask& m = masks[s];
    const bool own = shared && same_grid(m.grid, first->grid);
    result.own.push_back({c.structures[s].name, c.structures[s].role,
                          own ? cut(m.inside, m.box, box).values : average(m.inside, result.grid)});
  }
  result.derived = derived_structures(result.own);
  return result;
}

const Structure* find_filled(const std::vector<Structure>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Structure& s) {
    return s.name == name && std::any_of(s.fraction.begin(), s.fraction.end(), [](float v) { return v > 0; });
  });
  return found == all.end() ? nullptr : &*found;
}

double sum_in(const Image<double>& image, const Grid& grid, const std::vector<float>& region) {
  const std::vector<float> share = average({grid, region}, image.grid);
  double sum = 0;
  for (std::size_t v = 0; v < share.size(); ++v) {
    if (share[v] > 0) sum += static_cast<double>(share[v]) * image.values[v];
  }
  return sum;
}

MeasuredUptake measure_uptake(const CaseFile& c, const std::vector<NativeMask>& masks, const MediumImage& medium,
                              const Image<double>& activity) {
  MeasuredUptake result;
  const OnGrid all = common_grid(c, masks, activity.grid);
  result.extrahepatic = extrahepatic_share(c, masks, all, medium, activity);
  const Structure* normal = find_filled(all.derived, "perfused-normal");
  if (normal == nullptr) normal = find_filled(all.derived, "normal-liver");
  const bool tumours =
      std::any_of(all.own.begin(), all.own.end(), [](const Structure& s) { return s.role == Role::tumour; });
  if (normal == nullptr || !tumours) return result;
  Phantom phantom = phantom_on(all.grid, medium);
  override_medium(c, all.own, phantom);
  const double ring = c.plan.value_or(PlanSection{}).guard_ring_mm * cm_per_mm;
  const WeighedActivity weighed(c, all, activity);
  const auto measure = [&](const Structure& s, const std::vector<float>& region) {
    result.compartments.push_back({s.name, mass_of(s.fraction, phantom), mass_of(region, phantom), weighed.in(region)});
  };
  for (const Structure& s : all.own) {
    if (s.role == Role::tumour) measure(s, s.fraction);
  }
  measure(*normal, beyond_ring(normal->fraction, all, ring));
  if (const std::vector<float> perfused = union_of_role(all.own, Role::perfused); !perfused.empty()) {
    std::vector<float> treated = larger(union_of_role(all.own, Role::liver), union_of_role(all.own, Role::tumour));
    const double whole = sum_in(activity, all.grid, treated);
    treated = smaller(std::move(treated), perfused);
    if (whole > 0) result.spared = std::clamp(1 - sum_in(activity, all.grid, treated) / whole, 0.0, 1.0);
  }
  return result;
}

}  // namespace ytterby::io
