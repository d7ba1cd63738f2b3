// The patient of a sample: masks, image, activity and dose.

#include "validation/ensemble/ensemble.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/patient/activity.h"
#include "engine/physics/nuclide.h"
#include "validation/ensemble/departures.h"
#include "validation/ensemble/fields.h"

namespace ytterby::validation {
namespace {

/// Reach of the kernel that changes of shape go by [cm]: twice an electron's longest way. The bremsstrahlung beyond has
/// 1 % of the energy, and what is taken from one place is put beside it.
constexpr double reach = 2.0;
constexpr double least_validity = 0.1;    // mean departure of the density from which the kernel does not hold
constexpr double most_scaled = 5;         // and 1/5: of what is next to nothing a ratio says nothing
constexpr double farthest_contour = 3.5;  // standard deviations that a surface is prepared to move by
constexpr int plausible_draws = 12;       // of what draws do to departures
constexpr std::uint64_t plausible_seed = 0x5eed;

void check(const EnsembleInput& in) {
  const std::size_t voxels = in.phantom.grid.voxels();
  const auto need = [&](std::size_t size, const char* what) {
    if (size != voxels) {
      throw Error(Fault::input, std::string(what) + " has " + std::to_string(size) + " voxels, the grid has " +
                                    std::to_string(voxels));
    }
  };
  if (in.sessions.empty()) throw Error(Fault::input, "an ensemble needs a session");
  for (const EnsembleSession& s : in.sessions) {
    need(s.image.size(), "the activity image");
    need(s.dose.size(), "the dose");
    for (const std::vector<float>& field : s.noise) need(field.size(), "a field of noise");
  }
  for (const Structure& s : in.own) need(s.fraction.size(), "a structure");
}

/// Weights with which the counts of several volumes are to each other as what each was given.
std::vector<float> weighed_by_positions(const std::vector<float>& region, std::span<const Structure> own,
                                        const std::vector<double>& counts,
                                        const std::vector<EnsemblePosition>& positions) {
  std::vector<std::vector<float>> shares;
  std::vector<double> scale;
  for (const EnsemblePosition& p : positions) {
    const auto of = std::find_if(own.begin(), own.end(), [&](const Structure& s) { return s.name == p.structure; });
    if (of == own.end()) throw Error(Fault::input, "no structure \"" + p.structure + "\" for what was given there");
    shares.push_back(smaller(region, of->fraction));
    const double held = weighted_sum(counts, shares.back());
    scale.push_back(held > 0 ? p.given / held : 0);
  }
  const double largest = *std::max_element(scale.begin(), scale.end());
  std::vector<float> weights(region.size());
  for (std::size_t p = 0; p < shares.size() && largest > 0; ++p)
    for (std::size_t v = 0; v < weights.size(); ++v)
      weights[v] += static_cast<float>(scale[p] / largest * static_cast<double>(shares[p][v]));
  return weights;
}

std::array<int, 3> half_within_reach(const VoxelKernel& kernel, const Grid& grid) {
  std::array<int, 3> half{};
  for (std::size_t a = 0; a < 3; ++a) {
    half[a] = std::min({kernel.half[a], grid.shape[a] - 1, static_cast<int>(std::ceil(reach / grid.spacing[a]))});
  }
  return half;
}

}  // namespace

Ensemble::Ensemble(EnsembleInput input) : input_(std::move(input)), names_(measure_names(input_.asked)) {
  check(input_);
  all_ = input_.own;
  all_.insert(all_.end(), input_.derived.begin(), input_.derived.end());
  for (const Structure& s : all_) structure_names_.push_back(s.name);
  const Grid& grid = input_.phantom.grid;
  const std::array<int, 3> half = half_within_reach(input_.kernel, grid);
  convolver_.emplace(grid, kernel_core(input_.kernel, input_.kernel.dose, half), half);
  for (std::size_t s = 0; s < input_.sessions.size(); ++s)
    activity_.push_back(activity_of(s, input_.sessions[s].image, all_));
  take_lung_shares();
  if (input_.uncertainty.contour > 0) {
    for (const Structure& s : input_.own)
      movable_.emplace_back(s.fraction, grid, farthest_contour * input_.uncertainty.contour);
  }
  const Draw middle_of_all = middle_draw(input_.uncertainty, sizes());
  State as_it_is{all_, {}, {}};
  for (const EnsembleSession& s : input_.sessions) {
    as_it_is.dose.push_back(s.dose);
    as_it_is.image.push_back(s.positions.empty() ? s.image : activity_[as_it_is.image.size()]);
  }
  as_it_is_ = shapes_of(as_it_is, middle_of_all);
  const bool corrected = input_.uncertainty.partial_volume == PartialVolume::yang;
  take_plausible();
  State middle = corrected ? state_of(corrected_, all_) : std::move(as_it_is);
  middle_ = corrected ? shapes_of(middle, middle_of_all) : as_it_is_;
  const bool as_middle = movable_.empty() && !corrected;
  State drawn = as_middle ? middle : state_of(plausible_, movable_.empty() ? all_ : masks(middle_of_all));
  drawn_middle_ = as_middle ? middle_ : shapes_of(drawn, middle_of_all);
  if (input_.sessions.size() == 1) return;
  middle_state_ = std::move(middle);
  drawn_middle_state_ = std::move(drawn);
}

/// What draws are laid on: the image, or where it is corrected what the truth may look like.
void Ensemble::take_plausible() {
  for (const EnsembleSession& s : input_.sessions) plausible_.push_back(s.image);
  const Uncertainty& u = input_.uncertainty;
  if (u.partial_volume == PartialVolume::none) return;
  const Grid& grid = input_.phantom.grid;
  const Regions regions = regions_of(input_.own, grid.voxels());
  regions_ = std::make_shared<const BlurredRegions>(regions, grid, middle_draw(u, sizes()).psf);
  const Vector3 spread{u.registration[0], u.registration[1], std::hypot(u.registration[2], u.respiration)};
  for (std::size_t s = 0; s < plausible_.size(); ++s) {
    const std::vector<double>& image = input_.sessions[s].image;
    corrected_.push_back(regions_->corrected(image));
    const Vector3 shift = fitting_shift(image, *regions_, grid, spread);
    const std::vector<double> back = shifted(image, grid, in_voxels({-shift[0], -shift[1], -shift[2]}, grid));
    take_departures(s, regions_->corrected(back), regions);
  }
}

/// The image with the share of its departures that brings, by the image's way without a shift, those that it has.
void Ensemble::take_departures(std::size_t session, const std::vector<double>& image, const Regions& regions) {
  constexpr std::array shares{0.0, 0.5, 1.0};
  Uncertainty u = input_.uncertainty;
  u.registration = {0, 0, 0};
  u.respiration = 0;
  std::vector<std::array<double, shares.size()>> brings(regions.size());
  for (std::size_t k = 0; k < shares.size(); ++k) {
    plausible_[session] = with_departures(image, regions, std::vector<double>(regions.size(), shares[k]));
    std::array<std::vector<double>, plausible_draws> found;
    parallel_for(
        plausible_draws,
        [&](int i) {
          const auto at = static_cast<std::uint64_t>(i);
          const Draw draw = draw_sample(u, sizes(), plausible_seed, at);
          found[at] = departures_of(image_of(session, draw, regions_.get(), {plausible_seed, at, true}), regions);
        },
        input_.threads);
    for (const std::vector<double>& square : found)
      for (std::size_t r = 0; r < regions.size(); ++r) brings[r][k] += square[r] / plausible_draws;
  }
  const std::vector<double> seen = departures_of(image, regions);
  std::vector<double> kept;
  for (std::size_t r = 0; r < regions.size(); ++r) kept.push_back(share_that_gives(seen[r], brings[r]));
  plausible_[session] = with_departures(image, regions, kept);
}

/// K * A of each session, its share from the lungs, and what changes are scaled by.
void Ensemble::take_lung_shares() {
  const Phantom& phantom = input_.phantom;
  const std::vector<float> lungs = union_of_role(input_.own, Role::lung);
  lung_share_.assign(all_.size(), std::vector<double>(input_.sessions.size()));
  for (std::size_t s = 0; s < input_.sessions.size(); ++s) {
    const EnsembleSession& session = input_.sessions[s];
    const std::vector<double> whole = (*convolver_)(activity_[s]);
    std::vector<double> of_lungs(whole.size());
    if (session.relative && !lungs.empty() && session.shunt > 0) {
      const double mass = session.whole_lung_mass > 0 ? session.whole_lung_mass : mass_of(lungs, phantom);
      const double per_volume = session.administered * session.shunt / mass * phantom.grid.voxel_volume();
      for (std::size_t v = 0; v < of_lungs.size(); ++v)
        of_lungs[v] = per_volume * static_cast<double>(lungs[v]) * static_cast<double>(phantom.density[v]);
      of_lungs = (*convolver_)(of_lungs);
    }
    for (std::size_t k = 0; k < all_.size(); ++k) {
      double part = 0, sum = 0;
      for (std::size_t v = 0; v < whole.size(); ++v) {
        const double m = static_cast<double>(all_[k].fraction[v]) * static_cast<double>(phantom.density[v]);
        part += m * of_lungs[v];
        sum += m * whole[v];
      }
      lung_share_[k][s] = sum > 0 ? std::clamp(part / sum, 0.0, 1.0) : 0;
    }
    std::vector<float> local(whole.size(), 1.0F);
    const double decays = yttrium_90().decays_per_becquerel();
    for (std::size_t v = 0; v < local.size() && !input_.validity.empty(); ++v) {
      if (static_cast<double>(input_.validity[v]) <= least_validity || !(whole[v] > 0)) continue;
      const double ratio = static_cast<double>(session.dose[v]) / (whole[v] * decays);
      local[v] = static_cast<float>(std::clamp(ratio, 1 / most_scaled, most_scaled));
    }
    local_.push_back(std::move(local));
  }
}

/// The case's structures as drawn, then the derived ones that the case has.
std::vector<Structure> Ensemble::masks(const Draw& draw) const {
  std::vector<Structure> own = input_.own;
  for (std::size_t k = 0; k < own.size(); ++k) own[k].fraction = movable_[k].moved(draw.contour[k]);
  const std::vector<Structure> derived = derived_structures(own);
  std::vector<Structure> result = std::move(own);
  for (const Structure& wanted : input_.derived) {
    const auto found =
        std::find_if(derived.begin(), derived.end(), [&](const Structure& d) { return d.name == wanted.name; });
    result.push_back(found == derived.end() ? wanted : *found);
  }
  return result;
}

/// The regions that a sample's image is corrected by: the case's own where contours are not drawn.
std::shared_ptr<const BlurredRegions> Ensemble::regions_in(std::span<const Structure> structures) const {
  if (!regions_ || movable_.empty()) return regions_;
  const Grid& grid = input_.phantom.grid;
  return std::make_shared<const BlurredRegions>(regions_of(structures.first(input_.own.size()), grid.voxels()), grid,
                                                regions_->fwhm());
}

std::vector<double> Ensemble::image_of(std::size_t session, const Draw& draw, const BlurredRegions* regions,
                                       const Noise& noise) const {
  const Grid& grid = input_.phantom.grid;
  const Uncertainty& u = input_.uncertainty;
  std::vector<double> image = shifted(plausible_[session], grid, in_voxels(draw.shift[session], grid));
  if (regions != nullptr) image = blurred(image, grid, draw.psf * sigma_per_fwhm);
  const std::vector<std::vector<float>>& fields = input_.sessions[session].noise;
  if (noise.drawn && !fields.empty()) {
    const std::vector<double> z =
        normal_field(noise.seed, noise.sample, static_cast<std::uint32_t>(session), fields.size());
    for (std::size_t j = 0; j < fields.size(); ++j)
      for (std::size_t v = 0; v < image.size(); ++v) image[v] += z[j] * static_cast<double>(fields[j][v]);
  }
  if (noise.drawn && u.noise > 0) {
    const std::vector<double> field =
        correlated_noise(grid, draw.psf, noise.seed, noise.sample, static_cast<std::uint32_t>(session));
    for (std::size_t v = 0; v < image.size(); ++v) image[v] *= 1 + u.noise * field[v];
  }
  return regions != nullptr ? regions->corrected(image) : image;
}

std::vector<double> Ensemble::activity_of(std::size_t session, const std::vector<double>& image,
                                          std::span<const Structure> structures) const {
  const EnsembleSession& s = input_.sessions[session];
  std::vector<double> activity = image;
  if (!s.relative) {
    for (double& a : activity) a *= s.unit;
    return activity;
  }
  const std::span<const Structure> own = structures.first(input_.own.size());
  const std::vector<float> lungs = union_of_role(own, Role::lung);
  double mass = s.whole_lung_mass;
  if (mass > 0) mass = std::max(mass, mass_of(lungs, input_.phantom));  // a drawn mask may be larger than what was told
  std::vector<float> region = s.normalise_to(own);
  if (!s.positions.empty()) region = weighed_by_positions(region, own, activity, s.positions);
  ActivityAccount account;
  scale_relative(activity, input_.phantom, {s.administered, s.shunt, std::move(region), lungs, mass}, account);
  return activity;
}

std::vector<float> Ensemble::dose_of(std::size_t session, const std::vector<double>& activity) const {
  const std::vector<float>& own = input_.sessions[session].dose;
  if (activity == activity_[session]) return own;
  const double decays = yttrium_90().decays_per_becquerel();
  std::vector<double> change(activity.size());
  for (std::size_t v = 0; v < change.size(); ++v) change[v] = (activity[v] - activity_[session][v]) * decays;
  change = (*convolver_)(change);
  std::vector<float> dose(own.size());
  for (std::size_t v = 0; v < dose.size(); ++v) {
    const double d = static_cast<double>(own[v]) + static_cast<double>(local_[session][v]) * change[v];
    dose[v] = input_.phantom.density[v] > 0 ? static_cast<float>(std::max(0.0, d)) : 0.0F;
  }
  return dose;
}

SampledPatient Ensemble::patient(std::uint64_t seed, std::uint64_t i) const {
  const Draw draw = draw_sample(input_.uncertainty, sizes(), seed, i);
  SampledPatient p;
  p.structures = movable_.empty() ? all_ : masks(draw);
  const auto regions = regions_in(p.structures);
  for (std::size_t s = 0; s < input_.sessions.size(); ++s) {
    p.activity.push_back(activity_of(s, image_of(s, draw, regions.get(), {seed, i, true}), p.structures));
    p.dose.push_back(dose_of(s, p.activity.back()));
    for (double& a : p.activity.back()) a = std::max(0.0, a);
  }
  return p;
}

}  // namespace ytterby::validation
