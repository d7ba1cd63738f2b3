// Writing dose files.

#include <array>
#include <cmath>
#include <ctime>

#include "engine/base/error.h"
#include "engine/base/units.h"
#include "engine/base/version.h"
#include "engine/correlated.h"
#include "engine/dose/voxel_uncertainty.h"
#include "engine/run/run_options.h"
#include "io/hdf5/hdf5.h"
#include "io/results/dose_file.h"
#include "io/results/dose_format.h"

namespace ytterby::io {
namespace {

constexpr double quantum_MeV = 1.0 / (1 << 30);  // of the energy ledger

std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text;
  const std::size_t n = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), n};
}

std::string to_decimal(__int128 value) {
  const bool negative = value < 0;
  std::string digits;
  unsigned __int128 rest = negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest > 0);
  return negative ? "-" + digits : digits;
}

class Writer {
 public:
  Writer(Hdf5File& file, const Grid& grid) : file_(file) {
    for (std::size_t a = 3; a-- > 0;) shape_.push_back(static_cast<std::uint64_t>(grid.shape[a]));
  }
  template <class T>
  void image(const std::string& path, const std::vector<T>& values, const char* unit) {
    file_.write(path, std::span<const T>(values), shape_);
    file_.attribute(path, "unit", std::string(unit));
  }

 private:
  Hdf5File& file_;
  std::vector<std::uint64_t> shape_;
};

void write_grid(Hdf5File& h5, const Grid& grid) {
  const auto in_mm = [](const Vector3& v) {
    std::vector<double> mm;
    for (const double component : v) mm.push_back(component / cm_per_mm);
    return mm;
  };
  h5.make_group("/grid");
  h5.attribute("/grid", "shape_xyz", std::vector<int>(grid.shape.begin(), grid.shape.end()));
  h5.attribute("/grid", "spacing_mm", in_mm(grid.spacing));
  h5.attribute("/grid", "origin_mm", in_mm(grid.origin));
  h5.attribute("/grid", "direction", std::vector<double>(grid.direction.begin(), grid.direction.end()));
  h5.attribute("/grid", "frame", std::string("LPS"));
}

void write_ledger(Hdf5File& h5, const DoseMap& map) {
  if (map.histories == 0) return;
  for (const dose_format::LedgerEntry& entry : dose_format::ledger) {
    const __int128 quanta = map.ledger.*entry.value;
    const double per_decay =
        static_cast<double>(quanta) * quantum_MeV * quanta_weight(map) / static_cast<double>(map.histories);
    h5.attribute("/provenance", std::string(entry.name) + "_MeV_per_decay", per_decay);
    h5.attribute("/provenance", std::string(entry.name) + "_quanta", to_decimal(quanta));
  }
}

void write_account(Hdf5File& h5, const std::string& at, const ActivityAccount& a) {
  h5.attribute(at, "administered_Bq", a.administered > 0 ? a.administered : std::nan(""));
  h5.attribute(at, "activity_on_grid_Bq", a.on_grid);
  h5.attribute(at, "activity_in_lungs_Bq", a.in_lungs);
  h5.attribute(at, "activity_off_image_Bq", a.off_image);
  h5.attribute(at, "activity_off_grid_Bq", a.off_grid);
  h5.attribute(at, "activity_overhang_Bq", a.overhang);
  h5.attribute(at, "dropped_count_share", a.dropped_share);
  h5.attribute(at, "lung_shunt_fraction", a.lung_shunt_fraction.value_or(std::nan("")));
  h5.attribute(at, "lungs_cut_off", std::uint64_t{a.lungs_cut_off ? 1U : 0U});
  h5.attribute(at, "lung_mass_kg", a.lung_mass / 1000);
}

/// UIDs alone; the case's images have a patient's name, dose files never.
void write_patient(Hdf5File& h5, const PatientReferences& p) {
  const auto put = [&](const char* name, const std::string& uid) {
    if (!uid.empty()) h5.attribute("/provenance", name, uid);
  };
  put("frame_of_reference_uid", p.frame.uid);
  put("study_instance_uid", p.study);
  put("referenced_series_uid", p.ct_series);
  put("referenced_sop_class_uid", p.ct_class);
  put("referenced_structure_set_uid", p.structure_set);
  if (!p.ct_instances.empty()) {
    // A dataset would change the layout; an attribute holds 64 KiB, about 1000 UIDs. More are left out.
    constexpr std::size_t most = 900;
    if (p.ct_instances.size() <= most) h5.attribute("/provenance", "referenced_sop_instance_uids", p.ct_instances);
  }
}

void write_provenance(Hdf5File& h5, const DoseFile& f) {
  const std::string at = "/provenance";
  h5.make_group(at);
  h5.attribute(at, "case_name", f.case_name);
  h5.attribute(at, "case", f.resolved_case);
  h5.attribute(at, "content_hash", f.content_hash);
  h5.attribute(at, "method", f.map.method);
  h5.attribute(at, "seed", f.map.seed);
  h5.attribute(at, "histories", f.map.histories);
  h5.attribute(at, "batches", static_cast<std::uint64_t>(f.map.batches));
  h5.attribute(at, "device", f.map.device);
  h5.attribute(at, "seconds_tables", f.map.seconds_tables);
  h5.attribute(at, "seconds_transport", f.map.seconds_transport);
  h5.attribute(at, "half_life_h", f.half_life_h);
  h5.attribute(at, "mean_energy_MeV", f.mean_energy);
  h5.attribute(at, "decays", f.map.decays);
  h5.attribute(at, "electron_cutoff_keV", f.electron_cutoff * 1000);
  h5.attribute(at, "photon_cutoff_keV", f.photon_cutoff * 1000);
  h5.attribute(at, "dose_to", std::string(f.dose_to_water ? "water" : "medium"));
  h5.attribute(at, "git_commit", std::string(git_commit()));
  h5.attribute(at, "build", std::string(build_description()));
  std::vector<std::string> names, hashes;
  for (const InputFile& input : f.inputs) {
    names.push_back(input.name);
    hashes.push_back(input.sha256);
  }
  if (!names.empty()) {
    h5.attribute(at, "input_names", names);
    h5.attribute(at, "input_sha256", hashes);
  }
  if (f.map.histories > 0) {
    h5.attribute(at, "estimator",
                 std::string(estimator_name(f.map.correlated ? Estimator::correlated : Estimator::plain)));
  }
  if (f.goal) {
    h5.attribute(at, "goal_structure", f.goal->structure);
    h5.attribute(at, "goal_uncertainty", f.goal->error);
    h5.attribute(at, "goal_voxel_uncertainty", f.goal->voxel_error);
  }
  h5.attribute(at, "warnings", warnings_json(f.warnings));
  write_patient(h5, f.patient);
  write_ledger(h5, f.map);
  write_account(h5, at, f.account);
}

void write_structures(Hdf5File& h5, Writer& writer, const DoseFile& f) {
  h5.make_group("/structures");
  h5.make_group("/dvh");
  std::vector<std::string> order;
  for (std::size_t s = 0; s < f.structures.size(); ++s) {
    const Structure& structure = f.structures[s];
    const std::string path = "/structures/" + structure.name;
    writer.image(path, structure.fraction, "1");
    h5.attribute(path, "role", std::string(role_name(structure.role)));
    for (const StructureDose& dose : f.map.structures) {
      if (dose.name != structure.name) continue;
      h5.attribute(path, "volume_mL", dose.volume);
      h5.attribute(path, "mass_kg", dose.mass / 1000);
      h5.attribute(path, "mean_Gy", dose.mean);
      h5.attribute(path, "mean_error_Gy", dose.mean_error);
      if (f.map.correlated) h5.attribute(path, "kernel_error_Gy", dose.kernel_error);
      if (f.map.uncertainty.empty()) continue;
      const VoxelUncertainty voxels = voxel_uncertainty(f.map, structure, dose.mean);
      h5.attribute(path, "voxel_uncertainty_median", voxels.median);
      h5.attribute(path, "voxel_uncertainty_p95", voxels.p95);
      h5.attribute(path, "voxel_uncertainty_worst", voxels.worst);
    }
    order.push_back(structure.name);
  }
  if (!order.empty()) h5.attribute("/structures", "order", order);
  for (const Dvh& dvh : f.dvhs) {
    h5.write_table("/dvh/" + dvh.name, {"dose_Gy", "volume_fraction"}, {dvh.dose, dvh.volume_fraction});
    h5.attribute("/dvh/" + dvh.name, "unit", std::string("Gy, 1"));
  }
}

/// Mean doses of a session's structures, side by side.
void write_session_structures(Hdf5File& h5, const std::string& at, const std::vector<StructureDose>& structures) {
  std::vector<std::string> names;
  std::vector<double> mass, volume, mean, error;
  for (const StructureDose& s : structures) {
    names.push_back(s.name);
    mass.push_back(s.mass / 1000);
    volume.push_back(s.volume);
    mean.push_back(s.mean);
    error.push_back(s.mean_error);
  }
  if (names.empty()) return;
  h5.attribute(at, "structure_names", names);
  h5.attribute(at, "structure_mass_kg", mass);
  h5.attribute(at, "structure_volume_mL", volume);
  h5.attribute(at, "structure_mean_Gy", mean);
  h5.attribute(at, "structure_mean_error_Gy", error);
}

void write_sessions(Hdf5File& h5, Writer& writer, const DoseFile& f) {
  if (f.sessions.empty()) return;
  h5.make_group("/sessions");
  std::vector<std::string> order;
  for (const SessionRecord& session : f.sessions) {
    const std::string at = "/sessions/" + session.dose.name;
    h5.make_group(at);
    writer.image(at + "/dose", session.dose.map.dose, "Gy");
    if (!session.dose.map.uncertainty.empty()) writer.image(at + "/uncertainty", session.dose.map.uncertainty, "Gy");
    writer.image(at + "/activity", session.activity, "Bq");
    h5.attribute(at, "decays", session.dose.map.decays);
    write_account(h5, at, session.account);
    write_session_structures(h5, at, session.dose.map.structures);
    if (!session.structures.empty()) h5.make_group(at + "/structures");
    for (const Structure& s : session.structures) {
      writer.image(at + "/structures/" + s.name, s.fraction, "1");
      h5.attribute(at + "/structures/" + s.name, "role", std::string(role_name(s.role)));
    }
    order.push_back(session.dose.name);
  }
  h5.attribute("/sessions", "order", order);
}

void write_kernel(Hdf5File& h5, const KernelRecord& kernel) {
  const std::string at = "/provenance";
  h5.attribute(at, "kernel_material", kernel.material);
  h5.attribute(at, "kernel_density_g_cm3", kernel.density);
  h5.attribute(at, "kernel_extent_mm", kernel.extent / cm_per_mm);
  h5.attribute(at, "kernel_energy_fraction", kernel.energy_fraction);
  h5.attribute(at, "kernel_relative_error", kernel.relative_error);
  h5.attribute(at, "kernel_histories", kernel.histories);
}

void write_correlated(Hdf5File& h5, Writer& writer, const CorrelatedPart& part) {
  writer.image("/coupled", part.coupled, "1");
  writer.image("/kernel_uncertainty", part.kernel_error, "Gy");
  const std::string at = "/provenance";
  h5.attribute(at, "coupled_share", part.share);
  h5.attribute(at, "history_weight", part.weight);
  h5.attribute(at, "reference_density_g_cm3", part.density);
  h5.attribute(at, "reference_histories", part.kernel_histories);
}

void write_all(Hdf5File& h5, const DoseFile& f) {
  h5.attribute("/", "format", std::string(dose_format::name));
  h5.attribute("/", "format_version", std::string(dose_format::version));
  h5.attribute("/", "program_version", std::string(program_version()));
  h5.attribute("/", "created", now_utc());
  h5.attribute("/", "method", f.map.method);
  write_grid(h5, f.map.grid);
  Writer writer(h5, f.map.grid);
  writer.image("/dose", f.map.dose, "Gy");
  if (!f.map.uncertainty.empty()) writer.image("/uncertainty", f.map.uncertainty, "Gy");
  if (!f.map.hits.empty()) writer.image("/hits", f.map.hits, "1");
  writer.image("/density", f.phantom.density, "g/cm3");
  writer.image("/material", f.phantom.material, "1");
  std::vector<std::string> names;
  for (const Material& m : f.phantom.materials) names.push_back(m.name);
  if (!names.empty()) h5.attribute("/material", "names", names);
  writer.image("/activity", f.activity, "Bq");
  if (!f.validity.empty()) writer.image("/validity", f.validity, "1");
  write_structures(h5, writer, f);
  write_sessions(h5, writer, f);
  write_provenance(h5, f);
  if (f.kernel) write_kernel(h5, *f.kernel);
  if (f.map.correlated) write_correlated(h5, writer, *f.map.correlated);
}

}  // namespace

void write_dose(const std::filesystem::path& path, const DoseFile& file) {
  write_hdf5(path, [&](Hdf5File& h5) { write_all(h5, file); });
}

}  // namespace ytterby::io
