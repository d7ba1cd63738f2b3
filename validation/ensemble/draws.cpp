#include "validation/ensemble/draws.h"

#include <cmath>

#include "engine/physics/constants.h"
#include "kernels/rng/philox.h"
#include "validation/probability.h"

namespace ytterby::validation {
namespace {

constexpr double per_word = 1.0 / 4294967296.0;  // 2^-32

double open_uniform(std::uint32_t word) { return (static_cast<double>(word) + 0.5) * per_word; }

/// Two standard normal numbers of two words: Box, Muller, Ann. Math. Stat. 29 (1958) 610.
struct Pair {
  double first, second;
};
Pair normal_pair(std::uint32_t a, std::uint32_t b) {
  const double radius = std::sqrt(-2 * std::log(open_uniform(a))), angle = 2 * constants::pi * open_uniform(b);
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

/// The stream of a sample; sources and places are its lineages, so that each has numbers of its own.
std::uint32_t lineage_of(UncertaintySource source, std::uint32_t place) {
  return (static_cast<std::uint32_t>(source) << 24) | place;
}

}  // namespace

double standard_normal(std::uint64_t seed, UncertaintySource source, std::uint64_t sample, std::uint32_t place) {
  const Block block = stream_of(seed, sample).draw(lineage_of(source, place), 0);
  return normal_pair(block.w[0], block.w[1]).first;
}

double uniform_number(std::uint64_t seed, UncertaintySource source, std::uint64_t sample, std::uint32_t place) {
  return open_uniform(stream_of(seed, sample).draw(lineage_of(source, place), 0).w[0]);
}

std::vector<double> normal_field(std::uint64_t seed, std::uint64_t sample, std::uint32_t place, std::size_t count) {
  const Stream stream = stream_of(seed, sample);
  const std::uint32_t lineage = lineage_of(UncertaintySource::noise, place);
  std::vector<double> field(count);
  for (std::size_t i = 0; i < count; i += 4) {
    const Block block = stream.draw(lineage, static_cast<std::uint32_t>(i / 4));
    const Pair a = normal_pair(block.w[0], block.w[1]), b = normal_pair(block.w[2], block.w[3]);
    const double four[4] = {a.first, a.second, b.first, b.second};
    for (std::size_t k = 0; k < 4 && i + k < count; ++k) field[i + k] = four[k];
  }
  return field;
}

Draw middle_draw(const Uncertainty& u, const DrawSizes& sizes) {
  Draw d;
  d.activity.assign(sizes.sessions, 1);
  d.shift.assign(sizes.sessions, {0, 0, 0});
  d.contour.assign(sizes.structures, 0);
  d.psf = (u.psf[0] + u.psf[1]) / 2;
  return d;
}

Draw draw_sample(const Uncertainty& u, const DrawSizes& sizes, std::uint64_t seed, std::uint64_t sample) {
  using Source = UncertaintySource;
  Draw d = middle_draw(u, sizes);
  const auto normal = [&](Source source, std::size_t place) {
    const double z = standard_normal(seed, source, sample, static_cast<std::uint32_t>(place));
    d.numbers.push_back({source, z});
    return z;
  };
  const auto factor = [&](Source source, double relative, std::size_t place) {
    return std::exp(lognormal_sigma(relative) * normal(source, place));
  };
  for (std::size_t s = 0; s < sizes.sessions && u.drawn(Source::activity); ++s)
    d.activity[s] = factor(Source::activity, u.activity, s);
  if (u.drawn(Source::shunt)) d.shunt = factor(Source::shunt, u.shunt, 0);
  if (u.drawn(Source::lung_mass)) d.lung_mass = factor(Source::lung_mass, u.lung_mass, 0);
  for (std::size_t s = 0; s < sizes.sessions; ++s) {
    for (std::size_t a = 0; a < 3; ++a)
      if (u.registration[a] > 0) d.shift[s][a] = u.registration[a] * normal(Source::registration, 3 * s + a);
  }
  for (std::size_t k = 0; k < sizes.structures && u.drawn(Source::contour); ++k)
    d.contour[k] = u.contour * normal(Source::contour, k);
  if (u.drawn(Source::psf)) {
    const double at = uniform_number(seed, Source::psf, sample, 0);
    d.psf = u.psf[0] + at * (u.psf[1] - u.psf[0]);
    d.numbers.push_back({Source::psf, std::sqrt(12.0) * (at - 0.5)});
  }
  if (u.drawn(Source::density)) d.density = factor(Source::density, u.density, 0);
  if (u.drawn(Source::respiration)) {
    const double along = u.respiration * normal(Source::respiration, 0);
    for (Vector3& shift : d.shift) shift[2] += along;
  }
  if (u.drawn(Source::tumour_to_normal)) d.tumour_to_normal = factor(Source::tumour_to_normal, u.tumour_to_normal, 0);
  return d;
}

}  // namespace ytterby::validation
