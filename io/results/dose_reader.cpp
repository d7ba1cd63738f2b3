// Reading dose files; damage is refused, whatever the file says.

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "io/hdf5/hdf5.h"
#include "io/results/dose_check.h"
#include "io/results/dose_file.h"
#include "io/results/dose_format.h"

namespace ytterby::io {
namespace {

__int128 from_decimal(const std::filesystem::path& path, const std::string& text) {
  const std::string digits = text.starts_with('-') ? text.substr(1) : text;
  const bool good = !digits.empty() && digits.size() <= 38 && digits.find_first_not_of("0123456789") == digits.npos;
  if (!good)
    throw Error(Fault::input, path.string() + ": its energy ledger is damaged: \"" + text.substr(0, 60) + "\"");
  __int128 value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return text.starts_with('-') ? -value : value;
}

/// Names of a list, each of them once: they are parts of paths.
std::vector<std::string> names_of(const std::filesystem::path& path, const Hdf5File& h5, const std::string& at,
                                  const std::string& list) {
  std::vector<std::string> names = h5.texts(at, list);
  const std::set<std::string> once(names.begin(), names.end());
  for (const std::string& name : names) {
    if (once.size() != names.size() || name.empty() || name.find('/') != name.npos) {
      throw Error(Fault::input,
                  path.string() + ": " + at + " " + list + " is damaged: names are missing or there twice");
    }
  }
  return names;
}

Grid read_grid(const std::filesystem::path& path, const Hdf5File& h5) {
  const auto exactly = [&](const char* name, std::size_t count) {
    std::vector<double> values = h5.numbers("/grid", name);
    bool finite = values.size() == count;
    for (const double v : values) finite = finite && std::isfinite(v);
    if (!finite) throw Error(Fault::input, path.string() + ": /grid " + name + " is damaged");
    return values;
  };
  Grid grid;
  const std::vector<double> shape = exactly("shape_xyz", 3), spacing = exactly("spacing_mm", 3);
  const std::vector<double> origin = exactly("origin_mm", 3), direction = exactly("direction", 9);
  double voxels = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    const bool whole = shape[a] == std::floor(shape[a]);
    if (!whole || !(shape[a] >= 1) || !(shape[a] < 1e6) || !(spacing[a] > 0) || !((voxels *= shape[a]) < 4e9)) {
      throw Error(Fault::input, path.string() + ": /grid is damaged: shape or spacing out of range");
    }
    grid.shape[a] = static_cast<int>(shape[a]);
    grid.spacing[a] = spacing[a] * cm_per_mm;
    grid.origin[a] = origin[a] * cm_per_mm;
  }
  std::copy(direction.begin(), direction.end(), grid.direction.begin());
  return grid;
}

void check_format(const std::filesystem::path& path, const Hdf5File& h5) {
  if (!h5.has_attribute("/", "format") || h5.text("/", "format") != dose_format::name) {
    throw Error(Fault::input, path.string() + ": is no dose file: its format attribute is not " + dose_format::name);
  }
  const std::string version = h5.text("/", "format_version");
  const auto major = parse_number(std::string_view(version).substr(0, version.find('.')));
  if (!major || !(*major >= 1 && *major <= dose_format::major)) {
    throw Error(Fault::input, path.string() + ": is of format_version " + version + ", this program reads up to " +
                                  std::to_string(dose_format::major));
  }
}

void read_patient(const Hdf5File& h5, PatientReferences& p) {
  const auto get = [&](const char* name) {
    return h5.has_attribute("/provenance", name) ? h5.text("/provenance", name) : std::string();
  };
  p.frame.uid = get("frame_of_reference_uid");
  p.study = get("study_instance_uid");
  p.ct_series = get("referenced_series_uid");
  p.ct_class = get("referenced_sop_class_uid");
  p.structure_set = get("referenced_structure_set_uid");
  if (h5.has_attribute("/provenance", "referenced_sop_instance_uids")) {
    p.ct_instances = h5.texts("/provenance", "referenced_sop_instance_uids");
  }
}

void read_provenance(const std::filesystem::path& path, const Hdf5File& h5, DoseFile& f) {
  const std::string at = "/provenance";
  f.case_name = h5.text(at, "case_name");
  f.resolved_case = h5.text(at, "case");
  f.content_hash = h5.text(at, "content_hash");
  f.map.seed = h5.count(at, "seed");
  f.map.histories = h5.count(at, "histories");
  const std::uint64_t batches = h5.count(at, "batches");
  if (batches > 100'000'000)
    throw Error(Fault::input, path.string() + ": /provenance batches is " + std::to_string(batches));
  f.map.batches = static_cast<int>(batches);
  f.map.device = h5.text(at, "device");
  f.map.seconds_tables = h5.number(at, "seconds_tables");
  f.map.seconds_transport = h5.number(at, "seconds_transport");
  f.map.decays = h5.number(at, "decays");
  f.half_life_h = h5.number(at, "half_life_h");
  f.mean_energy = h5.number(at, "mean_energy_MeV");
  f.electron_cutoff = h5.number(at, "electron_cutoff_keV") / 1000;
  f.photon_cutoff = h5.number(at, "photon_cutoff_keV") / 1000;
  f.dose_to_water = h5.has_attribute(at, "dose_to") && h5.text(at, "dose_to") == "water";
  f.git_commit = h5.text(at, "git_commit");
  f.build = h5.text(at, "build");
  if (h5.has_attribute(at, "input_names")) {
    const std::vector<std::string> names = h5.texts(at, "input_names"), hashes = h5.texts(at, "input_sha256");
    for (std::size_t i = 0; i < std::min(names.size(), hashes.size()); ++i) f.inputs.push_back({names[i], hashes[i]});
  }
  if (h5.has_attribute(at, "goal_structure")) f.goal = dose_format::read_goal(h5, at);
  if (h5.has_attribute(at, "warnings")) {  // not in files of earlier versions
    try {
      f.warnings = parse_warnings(h5.text(at, "warnings"));
    } catch (const Error& error) {
      throw Error(error.fault(), path.string() + ": " + error.what());
    }
  }
  read_patient(h5, f.patient);
  for (const dose_format::LedgerEntry& entry : dose_format::ledger) {
    const std::string name = std::string(entry.name) + "_quanta";
    if (h5.has_attribute(at, name)) f.map.ledger.*entry.value = from_decimal(path, h5.text(at, name));
  }
}

void read_account(const Hdf5File& h5, const std::string& at, ActivityAccount& a) {
  const double administered = h5.number(at, "administered_Bq"), shunt = h5.number(at, "lung_shunt_fraction");
  a.administered = std::isfinite(administered) ? administered : 0;
  if (std::isfinite(shunt)) a.lung_shunt_fraction = shunt;
  a.on_grid = h5.number(at, "activity_on_grid_Bq");
  a.in_lungs = h5.number(at, "activity_in_lungs_Bq");
  a.outside_lungs = a.on_grid - a.in_lungs;
  a.off_image = h5.number(at, "activity_off_image_Bq");
  a.off_grid = h5.number(at, "activity_off_grid_Bq");
  a.overhang = h5.number(at, "activity_overhang_Bq");
  a.dropped_share = h5.number(at, "dropped_count_share");
  a.lungs_cut_off = h5.count(at, "lungs_cut_off") != 0;
  a.lung_mass = h5.number(at, "lung_mass_kg") * 1000;
}

void read_structures(const std::filesystem::path& path, const Hdf5File& h5, const Hdf5Shape& shape, DoseFile& f) {
  if (!h5.has_attribute("/structures", "order")) return;
  for (const std::string& name : names_of(path, h5, "/structures", "order")) {
    const std::string at = "/structures/" + name;
    f.structures.push_back({name, role_of(h5.text(at, "role")).value_or(Role::other), h5.floats(at, shape)});
    if (h5.has_attribute(at, "mean_Gy")) {
      f.map.structures.push_back({name, h5.number(at, "mass_kg") * 1000, h5.number(at, "volume_mL"),
                                  h5.number(at, "mean_Gy"), h5.number(at, "mean_error_Gy")});
      if (h5.has_attribute(at, "kernel_error_Gy")) {
        f.map.structures.back().kernel_error = h5.number(at, "kernel_error_Gy");
      }
    }
    if (const std::string dvh = "/dvh/" + name; h5.has(dvh)) {
      f.dvhs.push_back({name, h5.column(dvh, "dose_Gy"), h5.column(dvh, "volume_fraction")});
    }
  }
}

std::vector<StructureDose> read_session_structures(const std::filesystem::path& path, const Hdf5File& h5,
                                                   const std::string& at) {
  std::vector<StructureDose> structures;
  if (!h5.has_attribute(at, "structure_names")) return structures;
  const std::vector<std::string> names = h5.texts(at, "structure_names");
  const auto column = [&](const char* name) {
    std::vector<double> values = h5.numbers(at, name);
    if (values.size() != names.size())
      throw Error(Fault::input, path.string() + ": " + at + " " + name + " is damaged");
    return values;
  };
  const std::vector<double> mass = column("structure_mass_kg"), volume = column("structure_volume_mL");
  const std::vector<double> mean = column("structure_mean_Gy"), error = column("structure_mean_error_Gy");
  for (std::size_t i = 0; i < names.size(); ++i) {
    structures.push_back({names[i], mass[i] * 1000, volume[i], mean[i], error[i]});
  }
  return structures;
}

void read_sessions(const std::filesystem::path& path, const Hdf5File& h5, const Hdf5Shape& shape, DoseFile& f) {
  if (!h5.has("/sessions") || !h5.has_attribute("/sessions", "order")) return;
  for (const std::string& name : names_of(path, h5, "/sessions", "order")) {
    const std::string at = "/sessions/" + name;
    SessionRecord session;
    session.dose.name = name;
    DoseMap& map = session.dose.map;
    map.method = f.map.method;
    map.grid = f.map.grid;
    map.dose = h5.floats(at + "/dose", shape);
    if (h5.has(at + "/uncertainty")) map.uncertainty = h5.floats(at + "/uncertainty", shape);
    map.decays = h5.number(at, "decays");
    map.structures = read_session_structures(path, h5, at);
    session.activity = h5.doubles(at + "/activity", shape);
    read_account(h5, at, session.account);
    if (h5.has(at + "/structures")) {
      for (const std::string& own : h5.members(at + "/structures")) {
        const std::string dataset = at + "/structures/" + own;
        session.structures.push_back(
            {own, role_of(h5.text(dataset, "role")).value_or(Role::other), h5.floats(dataset, shape)});
      }
    }
    f.sessions.push_back(std::move(session));
  }
}

void read_kernel(const Hdf5File& h5, DoseFile& f) {
  const std::string at = "/provenance";
  if (!h5.has_attribute(at, "kernel_material")) return;
  f.kernel = KernelRecord{h5.text(at, "kernel_material"),
                          h5.number(at, "kernel_density_g_cm3"),
                          h5.number(at, "kernel_extent_mm") * cm_per_mm,
                          h5.number(at, "kernel_energy_fraction"),
                          h5.number(at, "kernel_relative_error"),
                          h5.count(at, "kernel_histories")};
}

void read_correlated(const Hdf5File& h5, const Hdf5Shape& shape, DoseMap& map) {
  if (!h5.has("/coupled")) return;
  const std::string at = "/provenance";
  const double share = h5.number(at, "coupled_share");
  // Files that lack it are of histories that counted 1 outside S and 32 inside, where there was an outside.
  const double of_older = share < 1 ? share / 32 + 1 - share : 1;
  map.correlated = CorrelatedPart{h5.bytes("/coupled", shape),
                                  h5.floats("/kernel_uncertainty", shape),
                                  share,
                                  h5.has_attribute(at, "history_weight") ? h5.number(at, "history_weight") : of_older,
                                  h5.number(at, "reference_density_g_cm3"),
                                  h5.count(at, "reference_histories")};
}

}  // namespace

GoalRecord dose_format::read_goal(const Hdf5File& h5, const std::string& at) {
  GoalRecord goal{h5.text(at, "goal_structure"), h5.number(at, "goal_uncertainty")};
  if (h5.has_attribute(at, "goal_voxel_uncertainty")) goal.voxel_error = h5.number(at, "goal_voxel_uncertainty");
  return goal;
}

bool as_near(const GoalRecord& reached, const GoalRecord& wanted) {
  const auto near = [](double has, double wants) { return wants == 0 || (has > 0 && has <= wants); };
  return reached.structure == wanted.structure && near(reached.error, wanted.error) &&
         near(reached.voxel_error, wanted.voxel_error);
}

DoseFile read_dose(const std::filesystem::path& path, Trust trust) {
  const Hdf5File h5 = Hdf5File::open(path);
  check_format(path, h5);
  DoseFile f;
  f.program_version = h5.text("/", "program_version");
  f.created = h5.text("/", "created");
  f.map.method = h5.text("/", "method");
  f.map.grid = f.phantom.grid = read_grid(path, h5);
  const auto extent = [&](std::size_t axis) { return static_cast<std::uint64_t>(f.map.grid.shape[axis]); };
  const Hdf5Shape shape{extent(2), extent(1), extent(0)};
  f.map.dose = h5.floats("/dose", shape);
  if (h5.has("/uncertainty")) f.map.uncertainty = h5.floats("/uncertainty", shape);
  if (h5.has("/hits")) f.map.hits = h5.half_words("/hits", shape);
  f.phantom.density = h5.floats("/density", shape);
  f.phantom.material = h5.bytes("/material", shape);
  if (h5.has_attribute("/material", "names")) {
    for (std::string& name : h5.texts("/material", "names")) {
      f.phantom.materials.emplace_back().name = std::move(name);
    }
  }
  f.activity = h5.doubles("/activity", shape);
  read_structures(path, h5, shape, f);
  read_provenance(path, h5, f);
  read_account(h5, "/provenance", f.account);
  if (h5.has("/validity")) f.validity = h5.floats("/validity", shape);
  read_sessions(path, h5, shape, f);
  read_kernel(h5, f);
  read_correlated(h5, shape, f.map);
  check_dose_values(path, f);
  if (auto warning = check_seal(h5, path, trust)) f.warnings.push_back(std::move(*warning));
  return f;
}

}  // namespace ytterby::io
