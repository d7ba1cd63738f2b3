#include "io/case/uncertainty_section.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/base/numbers.h"
#include "io/text/toml_table.h"

namespace ytterby::io {
namespace {

constexpr double most_relative = 2;  // a dose that is known to a factor of e is not known
constexpr double most_length = 50;   // [mm]
constexpr double widest_psf = 40;    // [mm] of full width at half maximum

double relative(TomlTable& table, const char* key, double otherwise) {
  return table.number(key, 0, most_relative).value_or(otherwise);
}

Vector3 registration(TomlTable& table, const Vector3& otherwise) {
  const std::vector<double> values = table.numbers("registration_mm", 0, most_length);
  if (table.node("registration_mm") == nullptr) return otherwise;
  if (values.size() == 1) return {values[0], values[0], values[0]};
  if (values.size() != 3)
    table.fail("[uncertainty] registration_mm needs one number or three (x, y, z), e.g. [3, 3, 5]");
  return {values[0], values[1], values[2]};
}

std::array<double, 2> psf(TomlTable& table, const std::array<double, 2>& otherwise) {
  const std::vector<double> values = table.numbers("psf_fwhm_mm", 0, widest_psf, TomlTable::Low::open);
  if (table.node("psf_fwhm_mm") == nullptr) return otherwise;
  if (values.size() == 1) return {values[0], values[0]};
  if (values.size() != 2 || values[0] > values[1]) {
    table.fail("[uncertainty] psf_fwhm_mm needs one number, or the smallest and the largest, e.g. [5, 7]");
  }
  return {values[0], values[1]};
}

}  // namespace

UncertaintySection read_uncertainty(TomlTable table) {
  UncertaintySection u;
  u.line = table.line();
  u.activity_relative = relative(table, "activity_relative", u.activity_relative);
  u.shunt_relative = relative(table, "shunt_relative", u.shunt_relative);
  u.lung_mass_relative = relative(table, "lung_mass_relative", u.lung_mass_relative);
  u.registration_mm = registration(table, u.registration_mm);
  u.contour_mm = table.number("contour_mm", 0, most_length).value_or(u.contour_mm);
  u.psf_fwhm_mm = psf(table, u.psf_fwhm_mm);
  u.yang = table.word("partial_volume", {"none", "yang"}).value_or("none") == "yang";
  u.noise_relative = relative(table, "noise_relative", u.noise_relative);
  u.density_relative = table.number("density_relative", 0, 0.5).value_or(u.density_relative);
  u.respiration_mm = table.number("respiration_mm", 0, most_length).value_or(u.respiration_mm);
  u.tumour_to_normal_relative = relative(table, "tumour_to_normal_relative", u.tumour_to_normal_relative);
  table.finish();
  return u;
}

}  // namespace ytterby::io
