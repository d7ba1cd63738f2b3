#include "io/case/uncertainty_section.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/nearest_name.h"
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

Replicates replicates_of(TomlTable& table, const char* key, const std::string& session) {
  constexpr std::size_t fewest = 2, most = 200;
  Replicates list{session, table.texts(key)};
  const std::string whose = "[uncertainty] replicates" + (session.empty() ? "" : " of session \"" + session + "\"");
  if (list.files.size() < fewest || list.files.size() > most) {
    table.fail(whose + " has " + std::to_string(list.files.size()) + (list.files.size() == 1 ? " image" : " images") +
               ", needs 2 to 200");
  }
  std::vector<std::string> sorted = list.files;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) table.fail(whose + " has \"" + *twice + "\" twice: its noise would be drawn too small");
  return list;
}

/// One list of files, or a table with one for each session.
void read_replicates(TomlTable& table, const std::string& file, UncertaintySection& u) {
  const toml::node* node = table.node("replicates");
  const auto are = table.word("replicates_are", {"whole", "parts"});
  u.replicates_are_parts = are.value_or("whole") == "parts";
  if (node == nullptr) {
    if (are) table.fail("[uncertainty] replicates_are needs replicates: the images that it is said of");
    return;
  }
  if (const toml::table* by_session = node->as_table()) {
    TomlTable sessions(*by_session, "[uncertainty] replicates", file);
    for (const auto& [key, value] : *by_session) {
      const std::string session(key.str());
      u.replicates.push_back(replicates_of(sessions, session.c_str(), session));
    }
  } else {
    u.replicates.push_back(replicates_of(table, "replicates", ""));
  }
  if (u.noise_relative > 0) table.fail("[uncertainty] needs one of noise_relative and replicates, not both");
}

}  // namespace

UncertaintySection read_uncertainty(TomlTable table, const std::string& file) {
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
  read_replicates(table, file, u);
  u.density_relative = table.number("density_relative", 0, 0.5).value_or(u.density_relative);
  u.respiration_mm = table.number("respiration_mm", 0, most_length).value_or(u.respiration_mm);
  u.tumour_to_normal_relative = relative(table, "tumour_to_normal_relative", u.tumour_to_normal_relative);
  table.finish();
  return u;
}

void check_replicates(const UncertaintySection& u, std::span<const std::string> sessions, bool has_activity,
                      const std::string& place) {
  const auto fail = [&](const std::string& what) {
    throw Error(Fault::input, place + "[uncertainty] replicates " + what);
  };
  for (const Replicates& r : u.replicates) {
    if (r.session.empty()) {
      if (!sessions.empty()) {
        fail("needs a list for each session that has them, e.g. replicates = { " + sessions.front() +
             " = [\"a.nii.gz\", \"b.nii.gz\"] }");
      }
      if (!has_activity) fail("are images of the activity: the case has no [activity]");
      continue;
    }
    if (sessions.empty()) fail("are of session \"" + r.session + "\": the case has no [[session]], needs one list");
    if (std::find(sessions.begin(), sessions.end(), r.session) == sessions.end()) {
      fail("are of session \"" + r.session + "\", which is no [[session]]: \"" + nearest_name(r.session, sessions) +
           "\"?");
    }
  }
}

}  // namespace ytterby::io
