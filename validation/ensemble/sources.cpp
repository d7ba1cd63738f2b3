#include "validation/ensemble/sources.h"

#include <algorithm>

namespace ytterby::validation {

std::string_view source_name(UncertaintySource source) {
  constexpr std::array<std::string_view, uncertainty_sources.size()> names{
      "activity", "shunt", "lung-mass", "registration", "contour",
      "psf",      "noise", "density",   "respiration",  "tumour-to-normal"};
  return names[static_cast<std::size_t>(source)];
}

bool Uncertainty::drawn(UncertaintySource source) const {
  switch (source) {
    case UncertaintySource::activity:
      return activity > 0;
    case UncertaintySource::shunt:
      return shunt > 0;
    case UncertaintySource::lung_mass:
      return lung_mass > 0;
    case UncertaintySource::registration:
      return std::any_of(registration.begin(), registration.end(), [](double s) { return s > 0; });
    case UncertaintySource::contour:
      return contour > 0;
    case UncertaintySource::psf:  // without a correction it is how far noise reaches, and no source of its own
      return psf[1] > psf[0] && partial_volume == PartialVolume::yang;
    case UncertaintySource::noise:
      return noise > 0 || replicates;
    case UncertaintySource::density:
      return density > 0;
    case UncertaintySource::respiration:
      return respiration > 0;
    case UncertaintySource::tumour_to_normal:
      return tumour_to_normal > 0;
  }
  return false;
}

bool Uncertainty::changes_shape() const {
  return partial_volume == PartialVolume::yang || drawn(UncertaintySource::registration) ||
         drawn(UncertaintySource::respiration) || drawn(UncertaintySource::contour) || drawn(UncertaintySource::noise);
}

}  // namespace ytterby::validation
