#include "io/results/dose_check.h"

#include <cmath>
#include <string>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/grid/voxel_name.h"

namespace ytterby::io {
namespace {

constexpr double densest = 30;            // [g/cm3]; osmium has 22.6
constexpr double share_tolerance = 1e-3;  // of volume fractions
constexpr double largest_spacing = 10;    // [cm]
constexpr double orthonormal_tolerance = 1e-3;

class Check {
 public:
  Check(const std::filesystem::path& path, const Grid& grid) : path_(path), grid_(grid) {}

  template <class T, class Good>
  void values(const std::string& name, const std::vector<T>& all, const char* needed, Good good) const {
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto value = static_cast<double>(all[i]);
      if (!good(value)) refuse(name + " " + voxel_name(grid_, i), value, needed);
    }
  }
  template <class T>
  void finite(const std::string& name, const std::vector<T>& all) const {
    values(name, all, "a number", [](double v) { return std::isfinite(v); });
  }
  /// The correlated estimator's differences may fall below 0.
  void doses(const std::string& name, const std::vector<float>& all, bool may_be_negative) const {
    values(name, all, may_be_negative ? "a number" : "at least 0",
           [=](double v) { return std::isfinite(v) && (may_be_negative || v >= 0); });
  }
  void errors(const std::string& name, const std::vector<float>& all) const {
    values(name, all, "at least 0, or NaN where it is unknown", [](double v) { return std::isnan(v) || is_size(v); });
  }
  void shares(const std::string& name, const std::vector<float>& all) const {
    values(name, all, "in 0 to 1", [](double v) { return v >= -share_tolerance && v <= 1 + share_tolerance; });
  }
  void size(const std::string& name, double value) const {
    if (!is_size(value)) refuse(name, value, "at least 0");
  }
  void above_0(const std::string& name, double value) const {
    if (!is_size(value) || value == 0) refuse(name, value, "above 0");
  }
  [[noreturn]] void refuse(const std::string& what, double value, const char* needed) const {
    throw Error(Fault::input, path_.string() + ": " + what + " is " + to_text(value) + ", needs to be " + needed);
  }

 private:
  static bool is_size(double v) { return v >= 0 && std::isfinite(v); }
  const std::filesystem::path& path_;
  const Grid& grid_;
};

void check_grid(const Check& check, const Grid& g) {
  for (std::size_t a = 0; a < 3; ++a) {
    if (!(g.spacing[a] > 0 && g.spacing[a] <= largest_spacing)) {
      check.refuse("/grid spacing_mm", g.spacing[a] * 10, "above 0 and at most 100");
    }
    if (!(std::abs(g.origin[a]) < 1e6)) check.refuse("/grid origin_mm", g.origin[a] * 10, "below 1e7");
    for (std::size_t b = a; b < 3; ++b) {
      double dot = 0;
      for (std::size_t row = 0; row < 9; row += 3) dot += g.direction[row + a] * g.direction[row + b];
      if (!(std::abs(dot - (a == b ? 1 : 0)) < orthonormal_tolerance)) {
        check.refuse("/grid direction, the product of axes " + std::to_string(a) + " and " + std::to_string(b), dot,
                     a == b ? "1" : "0");
      }
    }
  }
}

void check_structures(const Check& check, const std::string& at, const std::vector<Structure>& structures,
                      const std::vector<StructureDose>& doses) {
  for (const Structure& s : structures) check.shares(at + "/" + s.name, s.fraction);
  for (const StructureDose& d : doses) {
    check.size("mass_kg of " + d.name, d.mass / 1000);
    check.size("volume_mL of " + d.name, d.volume);
    if (std::isinf(d.mean)) check.refuse("mean_Gy of " + d.name, d.mean, "a number");
    if (std::isinf(d.mean_error) || d.mean_error < 0)
      check.refuse("mean_error_Gy of " + d.name, d.mean_error, "at least 0");
  }
}

void check_session(const Check& check, const SessionRecord& session, bool correlated) {
  const std::string at = "/sessions/" + session.dose.name;
  check.doses(at + "/dose", session.dose.map.dose, correlated);
  check.errors(at + "/uncertainty", session.dose.map.uncertainty);
  check.finite(at + "/activity", session.activity);
  check.size(at + " decays", session.dose.map.decays);
  check_structures(check, at + "/structures", session.structures, session.dose.map.structures);
}

}  // namespace

void check_dose_values(const std::filesystem::path& path, const DoseFile& f) {
  const Check check(path, f.map.grid);
  check_grid(check, f.map.grid);
  check.doses("/dose", f.map.dose, f.map.correlated.has_value());
  check.errors("/uncertainty", f.map.uncertainty);
  check.values("/density", f.phantom.density, "in 0 to 30 g/cm3", [](double v) { return v >= 0 && v <= densest; });
  const auto materials = static_cast<double>(f.phantom.materials.size());
  check.values("/material", f.phantom.material, "the index of one of its names",
               [=](double v) { return materials == 0 || v < materials; });
  check.finite("/activity", f.activity);
  check.finite("/validity", f.validity);
  check_structures(check, "/structures", f.structures, f.map.structures);
  for (const Dvh& dvh : f.dvhs) {
    for (const float dose : dvh.dose) {
      if (!std::isfinite(dose)) check.refuse("/dvh/" + dvh.name + " dose_Gy", dose, "a number");
    }
    for (const float share : dvh.volume_fraction) {
      if (!(share >= 0 && share <= 1.001F)) check.refuse("/dvh/" + dvh.name + " volume_fraction", share, "in 0 to 1");
    }
  }
  for (const SessionRecord& session : f.sessions) check_session(check, session, f.map.correlated.has_value());
  if (f.map.correlated) check.errors("/kernel_uncertainty", f.map.correlated->kernel_error);
  check.size("/provenance decays", f.map.decays);
  check.above_0("/provenance half_life_h", f.half_life_h);
  check.above_0("/provenance mean_energy_MeV", f.mean_energy);
}

}  // namespace ytterby::io
