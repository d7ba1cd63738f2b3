#pragma once
// [uncertainty] of a case: what a dose is known to, beside its statistical error.

#include <array>
#include <span>
#include <string>
#include <vector>

#include "engine/grid/grid.h"

namespace ytterby::io {

class TomlTable;

/// Images of what the activity image is of, which differ by its noise.
struct Replicates {
  std::string session;             // whose; empty: the case's one activity
  std::vector<std::string> files;  // as written in the case
  bool operator==(const Replicates&) const = default;
};

/// One standard deviation each; 0 switches a source off. The defaults and where they come from are in io/FORMATS.md.
struct UncertaintySection {
  int line = 0;
  double activity_relative = 0.05;          // calibrator and scanner; lognormal, one draw a session
  double shunt_relative = 0.2;              // lognormal
  double lung_mass_relative = 0.1;          // lognormal
  Vector3 registration_mm{3, 3, 5};         // x, y, z of the patient; activity against masks, one draw a session
  double contour_mm = 1.5;                  // one draw a structure
  std::array<double, 2> psf_fwhm_mm{5, 7};  // resolution of the image, uniform between the two
  bool yang = false;                        // partial_volume = "yang"
  double noise_relative = 0;                // of a voxel in a uniform liver
  std::vector<Replicates> replicates;       // noise from them instead; one list, or one a session
  bool replicates_are_parts = false;        // replicates_are = "parts": the image is their sum or mean
  double density_relative = 0.01;           // lognormal
  double respiration_mm = 0;                // along the patient, one draw for all sessions
  double tumour_to_normal_relative = 0;     // of the partition model; lognormal
};

/// Throws Fault::input, led by file and line, for unknown keys, wrong types and values out of range.
UncertaintySection read_uncertainty(TomlTable table, const std::string& file);

/// Replicates are of the one activity, or of sessions that there are. Throws Fault::input, led by `place`.
void check_replicates(const UncertaintySection& u, std::span<const std::string> sessions, bool has_activity,
                      const std::string& place);

}  // namespace ytterby::io
