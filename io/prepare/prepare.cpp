#include "io/prepare/prepare.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "engine/base/numbers.h"
#include "engine/grid/resample.h"
#include "engine/physics/internal_bremsstrahlung.h"
#include "engine/physics/internal_pair.h"
#include "engine/physics/microsphere.h"
#include "io/case/case_inputs.h"
#include "io/prepare/case_images.h"
#include "io/prepare/parts.h"
#include "io/prepare/plausible.h"
#include "io/system/sha256.h"
#include "io/system/unchanged.h"

namespace ytterby::io {
namespace {

/// Parts of the contract that cannot be carried out yet are refused, never passed over.
void check_complete(const CaseFile& c) {
  if (!c.medium) refuse(c.place(1), "the case has no [medium], which this needs");
  if (!c.activity && c.sessions.empty()) refuse(c.place(1), "the case has no [activity], which this needs");
}

/// The case as one session sees it.
CaseFile as_session(const CaseFile& c, const SessionEntry& session) {
  CaseFile view = c;
  view.activity = session.activity;
  if (!session.structures.empty()) view.structures = session.structures;
  view.sessions.clear();
  return view;
}

/// Adds a session's account to the sum; what is a share or a mass stays that of the first.
void add_account(const ActivityAccount& a, ActivityAccount& sum) {
  sum.image_total += a.image_total;
  sum.administered += a.administered;
  sum.on_grid += a.on_grid;
  sum.outside_lungs += a.outside_lungs;
  sum.in_lungs += a.in_lungs;
  sum.off_image += a.off_image;
  sum.off_grid += a.off_grid;
  sum.overhang += a.overhang;
  sum.negative += a.negative;
  sum.dropped_share = std::max(sum.dropped_share, a.dropped_share);
  sum.lungs_cut_off = sum.lungs_cut_off || a.lungs_cut_off;
  if (sum.lung_shunt_fraction != a.lung_shunt_fraction) sum.lung_shunt_fraction.reset();
}

/// Sum of all sessions' sources and accounts.
void add_up_sessions(PreparedCase& result) {
  result.account = result.sessions.front().account;
  std::vector<double> sum = result.sessions.front().source.voxels->activity;
  for (std::size_t s = 1; s < result.sessions.size(); ++s) {
    const std::vector<double>& activity = result.sessions[s].source.voxels->activity;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += activity[i];
    add_account(result.sessions[s].account, result.account);
  }
  result.source.voxels = VoxelSource{std::move(sum)};
}

/// Hashes every file that the case names, once.
std::vector<InputFile> hash_inputs(const CaseFile& c) {
  std::vector<InputFile> inputs;
  for (const CaseInput& input : inputs_of(c)) {
    inputs.push_back({input.name, at_place(c.place(input.line), [&] { return hash_of_input(c, input); })});
  }
  return inputs;
}

/// Two cases with the same hash ask for the same dose: file names are replaced by the hashes of what they hold.
std::string hash_content(const CaseFile& c, const std::vector<InputFile>& inputs) {
  std::string text = write_case_content(c, [&](const std::string& name) {
    const auto found = std::find_if(inputs.begin(), inputs.end(), [&](const InputFile& f) { return f.name == name; });
    return found == inputs.end() ? name : found->sha256;
  });
  // A folder that holds several series in use has one name and several hashes.
  const std::vector<CaseInput> all = inputs_of(c), deciding = inputs_of_dose(c);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (std::find(deciding.begin(), deciding.end(), all[i]) != deciding.end()) text += inputs[i].sha256 + "\n";
  }
  return sha256(text);
}

void warn_of_units(const Remarks& remarks, Warnings& warnings) {
  if (remarks.without_unit.empty()) return;
  std::string list;
  for (const std::string& name : remarks.without_unit) list += (list.empty() ? "" : ", ") + name;
  warnings.push_back({"length-unit-unstated",
                      WarningClass::note,
                      "the unit of length is not stated and taken as mm in " + list,
                      {{"files", static_cast<double>(remarks.without_unit.size())}}});
}

/// Results go elsewhere than the folders of the case, whose names are often a patient's.
void name_from_case(const CaseFile& c, Warnings& warnings) {
  const std::string folder = c.file.parent_path().string() + "/";
  if (folder == "/") return;
  for (Warning& warning : warnings) {
    for (std::size_t at = 0; (at = warning.text.find(folder, at)) != std::string::npos;) {
      warning.text.erase(at, folder.size());
    }
  }
}

/// What is not the default: k, and what photons and pairs that leave with the beta take and bring.
void tell_source(const Source& source, double photon_cutoff, Remarks& remarks) {
  const Nuclide& nuclide = source.nuclide;
  if (!nuclide.variant.empty()) {
    remarks.notes.push_back("source: " + nuclide.variant + ", " + to_text(1000 * nuclide.mean_energy, 5) +
                            " keV a decay, k = " + to_text(nuclide.dose_constant(), 5) + " Gy kg/GBq (" +
                            to_text(100 * (nuclide.mean_energy / yttrium_90().mean_energy - 1), 3) +
                            " % from the default)");
  }
  if (source.internal_bremsstrahlung) {
    const InternalBremsstrahlung photons = internal_bremsstrahlung(nuclide, photon_cutoff);
    remarks.notes.push_back("source: internal bremsstrahlung, " + to_text(photons.number, 3) + " photons of " +
                            to_text(1000 * photons.energy, 3) + " keV in all a decay, " +
                            to_text(100 * photons.energy / nuclide.mean_energy, 2) + " % of its energy");
  }
  if (source.internal_pairs) {
    const InternalPairs pairs = internal_pairs(nuclide);
    remarks.notes.push_back("source: internal pair production, " + to_text(pairs_per_decay, 3) + " pairs of " +
                            to_text(1000 * pairs.emitted, 2) + " keV in all a decay, " +
                            to_text(1000 * pairs.photons, 2) + " keV of it as photons of 511 keV; a decay has " +
                            to_text(100 * pairs.more / nuclide.mean_energy, 2) + " % more energy, k stays");
  }
}

/// A session's remarks say whose they are.
void take_remarks(const Remarks& own, const std::string& whose, Remarks& all) {
  for (Warning warning : own.warnings) {
    warning.text = whose + warning.text;
    all.warnings.push_back(std::move(warning));
  }
  for (const std::string& note : own.notes) all.notes.push_back(whose + note);
  all.without_unit.insert(all.without_unit.end(), own.without_unit.begin(), own.without_unit.end());
}

/// The case's own structures, then the derived ones.
std::vector<Structure> joined(LoadedStructures loaded) {
  std::vector<Structure> all = std::move(loaded.own);
  std::move(loaded.derived.begin(), loaded.derived.end(), std::back_inserter(all));
  return all;
}

/// Masks are read again only where a session has its own, or scales to others or otherwise than the case.
bool shares_structures(const SessionEntry& session, const CaseFile& whole) {
  return session.structures.empty() && session.activity.normalise_to == whole.activity->normalise_to &&
         session.activity.perfused == whole.activity->perfused;
}

/// What the sessions of a case have in common.
struct Common {
  const CaseFile& whole;  // with the activity that structures are read for
  const LoadedStructures& structures;
  MediumImage& medium;
  const std::vector<float>& medium_share;
  const Phantom& phantom;
  const Image<double>& first;  // activity that the structures were read with
  Keep keep;
};

std::vector<double> kept_image(Keep keep, const Image<double>& image, const Grid& grid,
                               const std::vector<Structure>& own) {
  double negative = 0;
  return keep == Keep::images ? activity_image_on(image, grid, own, negative) : std::vector<double>{};
}

PreparedSession prepare_session(const SessionEntry& entry, const Image<double>& image, const Common& common,
                                Remarks& remarks) {
  const CaseFile view = as_session(common.whole, entry);
  const bool shared = shares_structures(entry, common.whole);
  PreparedSession session;
  session.name = entry.name;
  LoadedStructures own;
  if (!shared) {
    own = load_structures(view, common.medium, image, common.phantom.grid, FindOrgans::no, remarks);
    session.uptake = std::move(own.uptake);
  } else if (&image == &common.first) {
    session.uptake = common.structures.uptake;
  } else {
    Remarks said_before;
    said_before.patient = remarks.patient;
    session.uptake =
        load_structures(view, common.medium, image, common.phantom.grid, FindOrgans::no, said_before).uptake;
  }
  session.source.voxels = VoxelSource{activity_on(view, image, common.phantom, shared ? common.structures : own,
                                                  common.medium_share, session.account, remarks)};
  session.image = kept_image(common.keep, image, common.phantom.grid, shared ? common.structures.own : own.own);
  if (common.keep == Keep::images)
    session.replicates = read_replicates(view, entry.name, image, common.phantom.grid, remarks);
  if (!entry.structures.empty()) session.structures = joined(std::move(own));
  return session;
}

/// The first session's image is there already: the grid may be made like it.
void prepare_sessions(PreparedCase& result, const Common& common, Remarks& remarks) {
  for (const SessionEntry& entry : common.whole.sessions) {
    Remarks own;
    own.patient = remarks.patient;
    const bool is_first = result.sessions.empty();
    const Image<double> read = is_first ? Image<double>{} : read_activity(as_session(common.whole, entry), own);
    result.sessions.push_back(prepare_session(entry, is_first ? common.first : read, common, own));
    take_remarks(own, "session " + entry.name + ": ", remarks);
  }
  add_up_sessions(result);
}

PreparationSize size_of(const CaseFile& c, const MediumImage& medium, const Image<double>& activity, const Grid& grid) {
  const std::size_t bytes = medium.ct.values.size() * sizeof(float) + medium.index.size();
  return {grid, static_cast<double>(bytes), static_cast<double>(activity.values.size()), structure_count(c),
          c.sessions.size()};
}

/// With what planar views say of the lung shunt. What a session has from the case is measured once.
CaseFile with_shunts(CaseFile c, Remarks& remarks) {
  if (c.activity && c.sessions.empty()) measure_lung_shunt(c, *c.activity, remarks);
  std::map<std::string, std::optional<double>> measured;
  for (SessionEntry& session : c.sessions) {
    if (!session.activity.lung_shunt_from) continue;
    const auto as_written = [](const std::string& name) { return name; };
    std::optional<double>& shunt = measured[planar_shunt_text(*session.activity.lung_shunt_from, as_written)];
    if (!shunt) {
      measure_lung_shunt(c, session.activity, remarks);
      shunt = session.activity.lung_shunt_fraction;
    }
    session.activity.lung_shunt_fraction = shunt;
  }
  if (!c.sessions.empty()) c.activity = c.sessions.front().activity;
  return c;
}

}  // namespace

Nuclide nuclide_of(const CaseFile& c) {
  const Nuclide& bare = yttrium_90(c.source.spectrum == "ddep" ? BetaSpectrum::ddep : BetaSpectrum::first_forbidden);
  return behind_sphere(bare, c.source.microsphere == "resin"   ? Microsphere::resin
                             : c.source.microsphere == "glass" ? Microsphere::glass
                                                               : Microsphere::none);
}

PreparedCase prepare(const CaseFile& case_file, const std::function<void(const PreparationSize&)>& on_grid, Keep keep) {
  check_complete(case_file);
  const Unchanged inputs(files_read_by(case_file));
  Remarks remarks;
  const CaseFile whole = with_shunts(case_file, remarks);
  PreparedCase result;
  result.resolved = case_file;
  MediumImage medium = read_medium(whole, remarks);
  const Image<double> image = read_activity(whole, remarks);
  const Grid grid = dose_grid(whole, image.grid, medium.grid);
  if (on_grid) on_grid(size_of(whole, medium, image, grid));
  LoadedStructures structures = load_structures(whole, medium, image, grid, FindOrgans::yes, remarks);
  result.phantom = phantom_on(grid, medium);
  check_densities(whole, structures.own, result.phantom, remarks.warnings);
  check_tumour_places(structures.own, grid, remarks.warnings);
  override_medium(whole, structures.own, result.phantom);
  const std::vector<float> medium_share = coverage(medium.grid, grid);
  if (whole.sessions.empty()) {
    medium = {};  // its memory is not needed any more
    result.source.voxels =
        VoxelSource{activity_on(whole, image, result.phantom, structures, medium_share, result.account, remarks)};
    result.image = kept_image(keep, image, grid, structures.own);
    if (keep == Keep::images) result.replicates = read_replicates(whole, "", image, grid, remarks);
  } else {
    prepare_sessions(result, {whole, structures, medium, medium_share, result.phantom, image, keep}, remarks);
  }
  result.source.nuclide = nuclide_of(whole);
  result.source.internal_bremsstrahlung = whole.source.internal_bremsstrahlung;
  result.source.internal_pairs = whole.source.internal_pair_production;
  for (PreparedSession& session : result.sessions) {
    session.source.nuclide = result.source.nuclide;
    session.source.internal_bremsstrahlung = result.source.internal_bremsstrahlung;
    session.source.internal_pairs = result.source.internal_pairs;
  }
  tell_source(result.source, whole.transport.photon_cutoff_keV / 1000, remarks);
  result.lesions = std::move(structures.lesions);
  result.uptake = std::move(structures.uptake);
  result.spared_share = structures.spared_share;
  result.function = std::move(structures.function);
  result.structures = joined(std::move(structures));
  result.inputs = hash_inputs(case_file);
  inputs.check();
  result.content_hash = hash_content(case_file, result.inputs);
  merge_warnings(remarks.warnings, result.warnings);  // a file that several structures use is warned of once
  warn_of_units(remarks, result.warnings);
  name_from_case(case_file, result.warnings);
  result.notes = std::move(remarks.notes);
  result.patient = std::move(remarks.patient);
  return result;
}

}  // namespace ytterby::io
