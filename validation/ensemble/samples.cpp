// A sample's measures, and the truth that they stand for.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "validation/ensemble/ensemble.h"

namespace ytterby::validation {
namespace {

constexpr double largest_shunt = 0.999;

/// Makes numbers fall where `at` rises, from the place nearest to `middle` outwards: what lies further out gives way.
void make_falling(std::span<double> values, std::span<const double> at, std::size_t middle) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return at[a] < at[b]; });
  const auto from = std::find(order.begin(), order.end(), middle) - order.begin();
  for (auto i = from + 1; i < std::ssize(order); ++i)
    values[order[static_cast<std::size_t>(i)]] =
        std::min(values[order[static_cast<std::size_t>(i)]], values[order[static_cast<std::size_t>(i - 1)]]);
  for (auto i = from; i-- > 0;)
    values[order[static_cast<std::size_t>(i)]] =
        std::max(values[order[static_cast<std::size_t>(i)]], values[order[static_cast<std::size_t>(i + 1)]]);
}

/// Where numbers are nearest to `wanted`.
std::size_t nearest(std::span<const double> values, double wanted) {
  const auto off = [&](double a, double b) { return std::abs(a - wanted) < std::abs(b - wanted); };
  return static_cast<std::size_t>(std::min_element(values.begin(), values.end(), off) - values.begin());
}

}  // namespace

/// What multiplies each session's dose in a structure.
std::vector<double> Ensemble::factors(std::size_t structure, const Draw& draw) const {
  std::vector<double> all;
  for (std::size_t s = 0; s < input_.sessions.size(); ++s) {
    const EnsembleSession& session = input_.sessions[s];
    double outside = 1 / draw.density, in_lungs = 1, share = lung_share_[structure][s];
    if (session.relative) {
      const double shunt = std::min(largest_shunt, session.shunt * draw.shunt);
      outside *= (1 - shunt) / (1 - session.shunt);
      if (session.shunt > 0) in_lungs = shunt / session.shunt / draw.lung_mass;
    } else if (all_[structure].role == Role::lung) {  // the image's own becquerels, over a mass
      in_lungs = 1 / draw.lung_mass;
      share = 1;
    }
    all.push_back(draw.activity[s] * (outside + share * (in_lungs - outside)));
  }
  return all;
}

Ensemble::Shapes Ensemble::shapes_of(const State& state, const Draw& draw) const {
  Shapes result;
  for (std::size_t k = 0; k < state.structures.size(); ++k) {
    const Structure& structure = state.structures[k];
    std::vector<double> ratio = factors(k, draw);
    for (std::size_t s = ratio.size(); s-- > 0;) ratio[s] /= ratio[0];
    result.of.emplace_back(structure, state.dose, ratio, input_.phantom.density, input_.phantom.grid.voxel_volume(),
                           input_.tissues, input_.half_life_h);
    std::vector<double> uptake;
    for (const std::vector<double>& image : state.image) {
      double sum = 0;
      for (std::size_t v = 0; v < image.size(); ++v)
        if (structure.fraction[v] > 0) sum += static_cast<double>(structure.fraction[v]) * image[v];
      uptake.push_back(sum);
    }
    result.uptake.push_back(std::move(uptake));
  }
  return result;
}

Ensemble::State Ensemble::state(const Draw& draw, const Noise& noise, std::vector<Structure> structures) const {
  std::vector<std::vector<double>> images;
  const auto regions = regions_in(structures);
  for (std::size_t s = 0; s < input_.sessions.size(); ++s) images.push_back(image_of(s, draw, regions.get(), noise));
  return state_of(std::move(images), std::move(structures));
}

Ensemble::State Ensemble::state_of(std::vector<std::vector<double>> images, std::vector<Structure> structures) const {
  State result{std::move(structures), {}, std::move(images)};
  for (std::size_t s = 0; s < input_.sessions.size(); ++s) {
    std::vector<double> activity = activity_of(s, result.image[s], result.structures);
    result.dose.push_back(dose_of(s, activity));
    // Counts of volumes with activities of their own are to each other as what was given, not as in the image.
    if (!input_.sessions[s].positions.empty()) result.image[s] = std::move(activity);
  }
  return result;
}

/// The measures of a dose as they are.
Sample Ensemble::of_dose(Draw draw, const Shapes& dose) const {
  Sample sample{std::move(draw), {}};
  for (std::size_t k = 0; k < all_.size(); ++k) {
    const StructureShape& shape = dose.of[k];
    const std::vector<double> factor = factors(k, sample.draw);
    SampledStructure s;
    s.measures = shape.measures(names_, factor);
    for (std::size_t n = 0; n < factor.size(); ++n) s.session_mean.push_back(factor[n] * shape.session_mean(n));
    for (const double at : input_.histogram_at) s.histogram.push_back(shape.volume_above(at, factor[0]));
    s.volume = shape.volume();
    s.mass = shape.mass();
    s.uptake = dose.uptake[k];
    sample.structures.push_back(std::move(s));
  }
  return sample;
}

/// A dose that more of the volume gets is lower, and less of it gets a higher one. What was turned round measure by
/// measure keeps this to the middle of the histogram, which follows its draws most evenly.
void Ensemble::keep_order(SampledStructure& s, const SampledStructure& before) const {
  const std::span<double> doses = std::span(s.measures).subspan(1, names_.shares.size());
  make_falling(doses, names_.shares, nearest(names_.shares, 0.5));
  const std::span<double> volumes = std::span(s.measures).subspan(1 + names_.shares.size(), names_.levels.size());
  const auto seen = std::span(before.measures).subspan(1 + names_.shares.size(), names_.levels.size());
  make_falling(volumes, names_.levels, nearest(seen, 0.5));
  if (!s.histogram.empty()) make_falling(s.histogram, input_.histogram_at, nearest(before.histogram, 0.5));
}

/// V0 + (S0 - S), within what can be.
Sample Ensemble::reflected(const Draw& draw, const Shapes& drawn) const {
  const bool apart = input_.sessions.size() > 1;  // voxels add up sessions in the draw's proportions
  const Sample s = of_dose(draw, drawn),
               s0 = of_dose(draw, apart ? shapes_of(drawn_middle_state_, draw) : drawn_middle_);
  const Sample middle = of_dose(draw, apart ? shapes_of(middle_state_, draw) : middle_);
  Sample result = middle;
  const auto turn = [](double& v0, double at_middle, double at_sample, double most) {
    v0 = std::clamp(v0 + (at_middle - at_sample), 0.0, most);
  };
  constexpr double no_limit = 1e30;
  for (std::size_t k = 0; k < all_.size(); ++k) {
    SampledStructure& r = result.structures[k];
    for (std::size_t m = 0; m < r.measures.size(); ++m) {
      turn(r.measures[m], s0.structures[k].measures[m], s.structures[k].measures[m],
           names_.share_of_volume(m) ? 1 : no_limit);
    }
    for (std::size_t n = 0; n < r.session_mean.size(); ++n)
      turn(r.session_mean[n], s0.structures[k].session_mean[n], s.structures[k].session_mean[n], no_limit);
    for (std::size_t h = 0; h < r.histogram.size(); ++h)
      turn(r.histogram[h], s0.structures[k].histogram[h], s.structures[k].histogram[h], 1);
    keep_order(r, middle.structures[k]);
    r.volume = s.structures[k].volume;
    r.mass = s.structures[k].mass;
    r.uptake = s.structures[k].uptake;
  }
  return result;
}

Sample Ensemble::as_it_is() const { return of_dose(middle_draw(input_.uncertainty, sizes()), as_it_is_); }

Sample Ensemble::middle() const {
  Sample result = of_dose(middle_draw(input_.uncertainty, sizes()), middle_);
  const Sample drawn = of_dose(result.draw, drawn_middle_);  // volumes and uptake that samples compare with
  for (std::size_t k = 0; k < all_.size(); ++k) {
    result.structures[k].volume = drawn.structures[k].volume;
    result.structures[k].mass = drawn.structures[k].mass;
    result.structures[k].uptake = drawn.structures[k].uptake;
  }
  return result;
}

Sample Ensemble::sample(std::uint64_t seed, std::uint64_t i, std::optional<std::uint64_t> noise_from) const {
  const Draw draw = draw_sample(input_.uncertainty, sizes(), seed, i);
  if (!input_.uncertainty.changes_shape() && input_.sessions.size() == 1) return reflected(draw, drawn_middle_);
  const State drawn = state(draw, {seed, noise_from.value_or(i), true}, movable_.empty() ? all_ : masks(draw));
  return reflected(draw, shapes_of(drawn, draw));
}

}  // namespace ytterby::validation
