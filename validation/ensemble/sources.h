#pragma once
// What a dose is not known by: the sources of an ensemble, and how wide each is.

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/grid/grid.h"

namespace ytterby::validation {

/// In the order that results list them. Numbers are part of the random streams: add at the end.
enum class UncertaintySource : std::uint32_t {
  activity,
  shunt,
  lung_mass,
  registration,
  contour,
  psf,
  noise,
  density,
  respiration,
  tumour_to_normal
};
inline constexpr std::array uncertainty_sources{UncertaintySource::activity,    UncertaintySource::shunt,
                                                UncertaintySource::lung_mass,   UncertaintySource::registration,
                                                UncertaintySource::contour,     UncertaintySource::psf,
                                                UncertaintySource::noise,       UncertaintySource::density,
                                                UncertaintySource::respiration, UncertaintySource::tumour_to_normal};

/// "activity", "shunt", "lung-mass", ...
std::string_view source_name(UncertaintySource source);

/// Whether the activity is corrected for the image's resolution.
enum class PartialVolume { none, yang };

/// One standard deviation of each source; 0 switches it off. What is relative is lognormal about the stated value as
/// median.
struct Uncertainty {
  double activity = 0, shunt = 0, lung_mass = 0, density = 0, tumour_to_normal = 0;  // relative
  Vector3 registration{0, 0, 0};    // shift of the activity along the patient's axes [cm]; one draw a session
  double respiration = 0;           // along z of the patient [cm]; one draw for all sessions
  double contour = 0;               // of a structure's surface along its normal [cm]; one draw a structure
  std::array<double, 2> psf{0, 0};  // full width at half maximum [cm], uniform between the two
  PartialVolume partial_volume = PartialVolume::none;
  double noise = 0;         // relative, of a voxel where the activity is uniform; correlated over the resolution
  bool replicates = false;  // noise is drawn from replicates of the sessions' images instead

  [[nodiscard]] bool drawn(UncertaintySource source) const;
  /// Whether anything changes where the dose is, rather than how much of it there is.
  [[nodiscard]] bool changes_shape() const;
};

}  // namespace ytterby::validation
