#include "io/prepare/dose_of_case.h"

#include <utility>

#include "engine/base/numbers.h"
#include "engine/dose/dose_to_water.h"
#include "engine/dose/dvh.h"

namespace ytterby::io {
namespace {

/// Beyond this a mean dose is a mistake of units (kBq for Bq, MBq for GBq) more often than a dose.
constexpr double largest_likely_mean = 5000;  // [Gy]

/// Warns of mean doses of the case's tumours, livers and lungs that hardly can be. Single voxels may be as hot.
void warn_of_means(DoseFile& f) {
  for (const Structure& s : f.structures) {
    const bool derived = s.name == "tumours" || s.name == "normal-liver";
    if (derived || (s.role != Role::tumour && s.role != Role::liver && s.role != Role::lung)) continue;
    for (const StructureDose& dose : f.map.structures) {
      if (dose.name != s.name || !(dose.mean > largest_likely_mean)) continue;
      f.warnings.push_back({"mean-dose-unlikely",
                            WarningClass::wrong_dose,
                            "structure " + s.name + ": its mean dose is " + to_text(dose.mean, 4) +
                                " Gy, above 5000 Gy: are the units of the activity right?",
                            {{"mean_Gy", dose.mean}, {"limit_Gy", largest_likely_mean}}});
    }
  }
}

}  // namespace

DoseFile make_dose_file(PreparedCase prepared, DoseMap map, std::vector<SessionDose> sessions) {
  DoseFile f;
  for (const Structure& s : prepared.structures) {
    f.dvhs.push_back(DoseVolume(map.dose, s, prepared.phantom.density).histogram(s.name));
  }
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    PreparedSession& session = prepared.sessions[i];
    f.sessions.push_back({std::move(sessions[i]), std::move(session.source.voxels->activity), session.account,
                          std::move(session.structures)});
  }
  f.map = std::move(map);
  f.phantom = std::move(prepared.phantom);
  f.activity = std::move(prepared.source.voxels->activity);
  f.structures = std::move(prepared.structures);
  f.case_name = prepared.resolved.name;
  f.resolved_case = write_case(prepared.resolved, [](const std::string& as_written) { return as_written; });
  f.content_hash = prepared.content_hash;
  f.inputs = std::move(prepared.inputs);
  f.patient = std::move(prepared.patient);
  f.warnings = std::move(prepared.warnings);
  f.account = prepared.account;
  f.half_life_h = prepared.source.nuclide.half_life_h;
  f.mean_energy = prepared.source.nuclide.mean_energy;
  f.electron_cutoff = prepared.resolved.transport.electron_cutoff_keV / 1000;
  f.photon_cutoff = prepared.resolved.transport.photon_cutoff_keV / 1000;
  f.dose_to_water = prepared.resolved.transport.dose_to_water;
  warn_of_means(f);
  return f;
}

DoseFile dose_by(const Method& method, PreparedCase prepared) {
  const bool to_water = prepared.resolved.transport.dose_to_water;
  if (prepared.sessions.empty()) {
    DoseMap map = method(prepared.phantom, prepared.source, prepared.structures, 0);
    if (to_water) convert_to_water(map, prepared.phantom, prepared.source.nuclide, prepared.structures);
    if (map.histories > 0) prepared.resolved.transport.histories = map.histories;  // rounded up
    return make_dose_file(std::move(prepared), std::move(map));
  }
  std::vector<SessionDose> sessions;
  for (std::size_t s = 0; s < prepared.sessions.size(); ++s) {
    const PreparedSession& session = prepared.sessions[s];
    std::vector<Structure> structures = prepared.structures;
    structures.insert(structures.end(), session.structures.begin(), session.structures.end());
    sessions.push_back({session.name, method(prepared.phantom, session.source, structures, static_cast<int>(s))});
    if (to_water) convert_to_water(sessions.back().map, prepared.phantom, session.source.nuclide, structures);
  }
  DoseMap sum = sum_of_sessions(sessions, prepared.structures.size());
  return make_dose_file(std::move(prepared), std::move(sum), std::move(sessions));
}

}  // namespace ytterby::io
