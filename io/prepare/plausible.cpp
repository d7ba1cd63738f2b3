#include "io/prepare/plausible.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/patient/structures.h"

namespace ytterby::io {
namespace {

constexpr double least_liver = 0.6;  // mean density [g/cm3]: a fatty liver has 0.95, collapsed lung up to 0.6
constexpr double most_lung = 0.8;    // mean density [g/cm3]
constexpr double curve_share = 0.2, curve_density = 0.05;  // departure from Schneider's curve
constexpr double least_inside = 0.5;                       // share of a tumour in the liver's mask
constexpr double least_beside = 0.25;                      // share of a tumour's neighbours that are liver or tumour

[[noreturn]] void refuse(const std::string& place, const std::string& what) { throw Error(Fault::input, place + what); }

struct Unit {
  const char* name;
  double ratio;
};
/// What an image holds over what was given, where its values are in another unit than stated.
constexpr std::array<Unit, 6> units{{{"its values are in MBq", 1e-6},
                                     {"its values are in kBq", 1e-3},
                                     {"a factor of 10 is missing", 0.1},
                                     {"there is a factor of 10 too many", 10},
                                     {"administered_GBq is in TBq, or its values are in mBq", 1e3},
                                     {"its values are in uBq", 1e6}}};

double sum_in(const std::vector<double>& activity, const std::vector<float>& fraction) {
  double sum = 0;
  for (std::size_t i = 0; i < fraction.size(); ++i) sum += activity[i] * static_cast<double>(fraction[i]);
  return sum;
}

/// Mean density of the union of a role [g/cm3]; 0 without one on the grid.
double mean_density(const std::vector<Structure>& own, Role role, const Phantom& medium) {
  const std::vector<float> all = union_of_role(own, role);
  if (all.empty()) return 0;
  const double volume = volume_of(all, medium.grid);
  return volume > 0 ? mass_of(all, medium) / volume : 0;
}

/// Calls `visit` with the six neighbours of a voxel that lie on the grid.
template <class Visit>
void neighbours(const Grid& grid, int x, int y, int z, const Visit& visit) {
  const std::array<std::array<int, 3>, 6> steps{{{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}}};
  for (const auto& s : steps) {
    const std::array<int, 3> at{x + s[0], y + s[1], z + s[2]};
    bool inside = true;
    for (std::size_t a = 0; a < 3; ++a) inside = inside && at[a] >= 0 && at[a] < grid.shape[a];
    if (inside) visit(grid.index(at[0], at[1], at[2]));
  }
}

/// Share of the voxels next to a tumour that are liver or another tumour.
double share_beside(const std::vector<float>& tumour, const std::vector<float>& liver_or_tumour, const Grid& grid) {
  std::size_t all = 0, beside = 0;
  for (int z = 0; z < grid.shape[2]; ++z) {
    for (int y = 0; y < grid.shape[1]; ++y) {
      for (int x = 0; x < grid.shape[0]; ++x) {
        if (tumour[grid.index(x, y, z)] <= 0) continue;
        neighbours(grid, x, y, z, [&](std::size_t i) {
          if (tumour[i] > 0) return;
          ++all;
          beside += liver_or_tumour[i] > 0 ? 1 : 0;
        });
      }
    }
  }
  return all == 0 ? 1 : static_cast<double>(beside) / static_cast<double>(all);
}

}  // namespace

std::string unit_slip(double ratio) {
  for (const Unit& u : units) {
    if (ratio > u.ratio * 0.7 && ratio < u.ratio * 1.3) return u.name;
  }
  return {};
}

void check_curve(const HuCalibration& curve, const std::string& name, Warnings& warnings) {
  const HuCalibration usual = schneider();
  double worst = 0, at = 0;
  for (int hu = -900; hu <= 1500; hu += 20) {
    if (hu < curve.lowest() || hu > curve.highest()) continue;
    const auto mine = static_cast<double>(curve(static_cast<float>(hu)).density);
    const auto theirs = static_cast<double>(usual(static_cast<float>(hu)).density);
    const double off = mine / theirs - 1;
    if (std::abs(mine - theirs) < curve_density || std::abs(off) <= std::max(curve_share, std::abs(worst))) continue;
    worst = off;
    at = hu;
  }
  if (worst == 0) return;
  const auto found = static_cast<double>(curve(static_cast<float>(at)).density);
  warnings.push_back({"calibration-unlikely",
                      WarningClass::wrong_dose,
                      "calibration " + name + " has " + to_text(found, 4) + " g/cm3 at " + to_text(at, 5) + " HU, " +
                          to_text(100 * worst, 3) + " % from Schneider's curve: is it in g/cm3?",
                      {{"HU", at}, {"density_g_cm3", found}, {"departure", worst}}});
}

void check_densities(const CaseFile& c, const std::vector<Structure>& own, const Phantom& medium, Warnings& warnings) {
  const double liver = mean_density(own, Role::liver, medium), lung = mean_density(own, Role::lung, medium);
  const bool thin_liver = liver > 0 && liver<least_liver, dense_lung = lung> most_lung;
  const auto text = [](double density) { return to_text(density, 3) + " g/cm3"; };
  if (thin_liver && dense_lung) {
    const auto entry = std::find_if(c.structures.begin(), c.structures.end(),
                                    [](const StructureEntry& s) { return s.role == Role::liver; });
    refuse(c.place(entry == c.structures.end() ? 1 : entry->line),
           "the structures of role liver have a mean density of " + text(liver) + ", those of role lung of " +
               text(lung) + ": liver and lungs are exchanged");
  }
  if (thin_liver) {
    warnings.push_back({"liver-not-dense",
                        WarningClass::wrong_dose,
                        "the structures of role liver have a mean density of " + text(liver) +
                            ", a liver has about 1.05: is the mask in its place?",
                        {{"density_g_cm3", liver}, {"limit_g_cm3", least_liver}}});
  }
  if (dense_lung) {
    warnings.push_back({"lungs-dense",
                        WarningClass::wrong_dose,
                        "the structures of role lung have a mean density of " + text(lung) +
                            ", lungs have about 0.3: is the mask in its place?",
                        {{"density_g_cm3", lung}, {"limit_g_cm3", most_lung}}});
  }
}

void check_tumour_places(const std::vector<Structure>& own, const Grid& grid, Warnings& warnings) {
  const std::vector<float> liver = union_of_role(own, Role::liver);
  if (liver.empty()) return;
  const std::vector<float> either = larger(liver, union_of_role(own, Role::tumour));
  for (const Structure& s : own) {
    const double volume = volume_of(s.fraction, grid);
    if (s.role != Role::tumour || !(volume > 0)) continue;
    double common = 0;
    for (std::size_t i = 0; i < liver.size(); ++i) common += static_cast<double>(std::min(s.fraction[i], liver[i]));
    const double inside = common * grid.voxel_volume() / volume;
    if (inside >= least_inside) continue;
    const double beside = share_beside(s.fraction, either, grid);
    if (beside >= least_beside) continue;
    warnings.push_back({"tumour-outside-liver",
                        WarningClass::wrong_dose,
                        "structure " + s.name + ": " + to_text(100 * inside, 3) +
                            " % of it lies in the liver, and the liver does not enclose it: is the mask in "
                            "its place?",
                        {{"share_inside", inside}, {"share_beside", beside}}});
  }
}

void check_negative_sums(const CaseFile& c, const std::vector<Structure>& own, const std::vector<double>& activity,
                         Warnings& warnings) {
  const ActivitySection& a = *c.activity;
  const auto normalised = [&](const Structure& s) {
    return a.quantity == Quantity::relative &&
           std::any_of(a.normalise_to.begin(), a.normalise_to.end(), [&](const std::string& name) {
             return name == s.name || name == role_name(s.role) || (name == "tumours" && s.role == Role::tumour);
           });
  };
  for (const Structure& s : own) {
    const double sum = sum_in(activity, s.fraction);
    if (!(sum < 0)) continue;
    const std::string what =
        "the activity image is negative in sum (" + to_text(sum, 4) + ") in the structure \"" + s.name + "\"";
    if (normalised(s)) {
      refuse(c.place(a.line), "[activity] " + a.image + ": " + what + ", which counts are normalised to");
    }
    warnings.push_back(
        {"negative-in-structure", WarningClass::wrong_dose, what + ": its activity is set to 0", {{"sum", sum}}});
  }
}

}  // namespace ytterby::io
