// From a prepared case and its dose to what an ensemble samples, cut to where structures are.

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/units.h"
#include "engine/methods/kernel_dose.h"
#include "io/evaluation/ensemble_parts.h"
#include "validation/ensemble/fields.h"

namespace ytterby::io {
namespace {

using validation::ReplicatesAre;

constexpr double beyond = 2.5;        // [cm] of the box around structures: what reaches them by the kernel, and more
constexpr double farthest_shift = 4;  // standard deviations that the activity is moved by, and the box is wider
constexpr int histogram_points = 101;
constexpr double becquerel_per_GBq = 1e9;

template <class T>
std::vector<T> cut_values(const std::vector<T>& values, const Grid& grid, const Box& box) {
  std::vector<T> result;
  if (values.empty()) return result;
  for (int z = box.low[2]; z <= box.high[2]; ++z)
    for (int y = box.low[1]; y <= box.high[1]; ++y) {
      const auto row = values.begin() + static_cast<std::ptrdiff_t>(grid.index(box.low[0], y, z));
      result.insert(result.end(), row, row + (box.high[0] - box.low[0] + 1));
    }
  return result;
}

Box box_of(const PreparedCase& prepared, const UncertaintySection& u) {
  const Grid& grid = prepared.phantom.grid;
  Box box{grid.shape, {-1, -1, -1}};
  for (const Structure& s : prepared.structures) box = join(box, content_box({grid, s.fraction}));
  if (box.empty()) throw Error(Fault::input, "an ensemble needs a [[structure]]");
  const double shift = *std::max_element(u.registration_mm.begin(), u.registration_mm.end()) + u.respiration_mm;
  const double margin = beyond + farthest_shift * cm_per_mm * (shift + u.contour_mm) + u.psf_fwhm_mm[1] * cm_per_mm;
  for (std::size_t a = 0; a < 3; ++a) {
    const int voxels = static_cast<int>(std::ceil(margin / grid.spacing[a]));
    box.low[a] = std::max(0, box.low[a] - voxels);
    box.high[a] = std::min(grid.shape[a] - 1, box.high[a] + voxels);
  }
  return box;
}

validation::Uncertainty in_cm(const UncertaintySection& u) {
  validation::Uncertainty r;
  r.activity = u.activity_relative;
  r.shunt = u.shunt_relative;
  r.lung_mass = u.lung_mass_relative;
  r.density = u.density_relative;
  r.tumour_to_normal = u.tumour_to_normal_relative;
  for (std::size_t a = 0; a < 3; ++a) r.registration[a] = u.registration_mm[a] * cm_per_mm;
  r.respiration = u.respiration_mm * cm_per_mm;
  r.contour = u.contour_mm * cm_per_mm;
  for (std::size_t i = 0; i < 2; ++i) r.psf[i] = u.psf_fwhm_mm[i] * cm_per_mm;
  r.partial_volume = u.yang ? validation::PartialVolume::yang : validation::PartialVolume::none;
  r.noise = u.noise_relative;
  r.replicates = !u.replicates.empty();
  return r;
}

double total(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

/// One session: how its image became the activity that it has.
validation::EnsembleSession session_of(const std::string& name, const ActivitySection& section,
                                       const ActivityAccount& account, const std::vector<double>& image,
                                       const std::vector<double>& activity, const std::vector<float>& dose,
                                       const std::vector<std::vector<float>>& replicates, ReplicatesAre replicates_are,
                                       const Grid& grid, const Box& box) {
  validation::EnsembleSession s;
  s.name = name;
  s.image = cut_values(image, grid, box);
  s.dose = cut_values(dose, grid, box);
  s.relative = section.quantity == Quantity::relative;
  s.shunt = account.lung_shunt_fraction.value_or(0);
  s.administered = account.administered;
  // Where the lungs are whole the mass is what the grid shows, which a drawn mask changes with them.
  s.whole_lung_mass = account.lungs_cut_off ? account.lung_mass : 0;
  s.normalise_to = [names = section.normalise_to](std::span<const Structure> own) {
    return normalisation_region(names, own);
  };
  for (const PerfusedEntry& p : section.perfused)
    s.positions.push_back({p.structure, p.administered_GBq * becquerel_per_GBq});
  std::vector<std::vector<float>> within;
  for (const std::vector<float>& r : replicates) within.push_back(cut_values(r, grid, box));
  if (!within.empty()) s.noise = validation::noise_fields(std::move(within), replicates_are);
  s.unit = s.relative ? 1 : total(activity) / total(image);
  return s;
}

std::vector<double> histogram_doses(const DoseFile& dose) {
  double most = 0;
  for (const Structure& s : dose.structures) {
    const DoseVolume volume(dose.map.dose, s, dose.phantom.density);
    if (!volume.empty()) most = std::max(most, volume.dose_to(0.002));
  }
  std::vector<double> at;
  for (int i = 0; i < histogram_points; ++i) at.push_back(1.2 * most * i / (histogram_points - 1));
  return at;
}

void take_sessions(const PreparedCase& prepared, const DoseFile& dose, const Box& box,
                   validation::EnsembleInput& input) {
  const Grid& grid = prepared.phantom.grid;
  const CaseFile& c = prepared.resolved;
  const bool parts = c.uncertainty && c.uncertainty->replicates_are_parts;
  const ReplicatesAre are = parts ? ReplicatesAre::parts : ReplicatesAre::whole;
  if (prepared.sessions.empty()) {
    input.sessions.push_back(session_of("", *c.activity, prepared.account, prepared.image,
                                        prepared.source.voxels->activity, dose.map.dose, prepared.replicates, are, grid,
                                        box));
    return;
  }
  for (std::size_t s = 0; s < prepared.sessions.size(); ++s) {
    const PreparedSession& session = prepared.sessions[s];
    if (!session.structures.empty()) {
      throw Error(Fault::input, c.place(c.sessions[s].line) + "[[session]] \"" + session.name +
                                    "\" has structures of its own, an ensemble needs sessions that share the case's");
    }
    input.sessions.push_back(session_of(session.name, c.sessions[s].activity, session.account, session.image,
                                        session.source.voxels->activity, dose.sessions[s].dose.map.dose,
                                        session.replicates, are, grid, box));
  }
}

}  // namespace

UncertaintySection uncertainty_of(const CaseFile& c) {
  UncertaintySection u = c.uncertainty.value_or(UncertaintySection{});
  const ActivitySection* activity = !c.sessions.empty() ? &c.sessions.front().activity
                                    : c.activity        ? &*c.activity
                                                        : nullptr;
  if (activity != nullptr) {
    u.activity_relative = activity->relative_error.value_or(u.activity_relative);
    u.shunt_relative = activity->shunt_relative_error.value_or(u.shunt_relative);
  }
  if (c.protocol) u.lung_mass_relative = c.protocol->lung_mass_relative_error.value_or(u.lung_mass_relative);
  return u;
}

EnsembleCase ensemble_case(const PreparedCase& prepared, const DoseFile& dose, const VoxelKernel& kernel,
                           const validation::Protocol& protocol) {
  const UncertaintySection u = uncertainty_of(prepared.resolved);
  const Grid& grid = prepared.phantom.grid;
  EnsembleCase result;
  result.box = box_of(prepared, u);
  validation::EnsembleInput& input = result.input;
  input.phantom.grid = cut(grid, result.box);
  input.phantom.density = cut_values(prepared.phantom.density, grid, result.box);
  input.phantom.material = cut_values(prepared.phantom.material, grid, result.box);
  input.phantom.materials = prepared.phantom.materials;
  for (const Structure& s : prepared.structures) {
    (is_reserved(s.name) ? input.derived : input.own)
        .push_back({s.name, s.role, cut_values(s.fraction, grid, result.box)});
  }
  take_sessions(prepared, dose, result.box, input);
  input.kernel = kernel;
  input.validity = kernel_validity(input.phantom, kernel);
  input.uncertainty = in_cm(u);
  input.tissues = protocol.tissues;
  input.half_life_h = dose.half_life_h;
  input.asked = prepared.resolved.protocol.value_or(ProtocolSection{}).metrics;
  input.histogram_at = histogram_doses(dose);
  return result;
}

}  // namespace ytterby::io
