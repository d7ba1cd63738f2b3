#pragma once
// A structure's dose in a sample, before what multiplies all of it.

#include <span>
#include <string>
#include <vector>

#include "engine/dose/dvh.h"
#include "engine/patient/structures.h"
#include "validation/radiobiology.h"

namespace ytterby::validation {

/// What is measured of each structure: which numbers, in which order.
struct MeasureNames {
  std::vector<double> shares;  // D: of the volume, 0 to 1
  std::vector<double> levels;  // V: [Gy]
  std::vector<std::string> names;
  [[nodiscard]] bool share_of_volume(std::size_t measure) const {  // V, in 0 to 1; all others are doses
    return measure > shares.size() && measure <= shares.size() + levels.size();
  }
};

/// "mean_Gy", "D95_Gy" ... "V400", those asked for ("D90", "V205"), "gEUD_Gy", "BED_Gy", "EQD2_Gy", as verdicts name
/// them.
MeasureNames measure_names(std::span<const std::string> asked);

/// One structure in one sample: histogram and moments of its dose. Factors that multiply the whole dose are applied
/// when it is asked, so that a sample of factors alone costs nothing.
class StructureShape {
 public:
  /// sessions: dose of each [Gy], on the grid of `density`; they add up, each times its `ratio`.
  StructureShape(const Structure& structure, std::span<const std::vector<float>> sessions,
                 std::span<const double> ratio, const std::vector<float>& density, double voxel_volume,
                 const TissueSet& tissues, double half_life_h);

  /// All measures with each session's dose times its factor; `factor[s] / factor[0]` is ratio[s].
  [[nodiscard]] std::vector<double> measures(const MeasureNames& names, std::span<const double> factor) const;
  /// Mean dose of a session alone, energy over mass [Gy].
  [[nodiscard]] double session_mean(std::size_t session) const { return session_mean_[session]; }
  /// Share of the volume with `dose` [Gy] or more, with the whole dose times `factor`.
  [[nodiscard]] double volume_above(double dose, double factor) const { return histogram_.volume_above(dose / factor); }
  [[nodiscard]] double volume() const { return volume_; }  // [cm3]
  [[nodiscard]] double mass() const { return mass_; }      // [g]

 private:
  DoseVolume histogram_;
  std::vector<double> session_mean_, first_, second_;  // mean; over the volume, mean of D and D^2 of each session
  double volume_ = 0, mass_ = 0, geud_ = 0;
  Tissue tissue_;
  double half_life_h_ = 0;
};

}  // namespace ytterby::validation
