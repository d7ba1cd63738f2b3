#pragma once
// The dose of a case as it might be: samples of what it is not known by.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/methods/convolve.h"
#include "engine/methods/voxel_kernel.h"
#include "engine/patient/phantom.h"
#include "engine/patient/structures.h"
#include "validation/ensemble/blurred_regions.h"
#include "validation/ensemble/draws.h"
#include "validation/ensemble/moved_mask.h"
#include "validation/ensemble/sources.h"
#include "validation/ensemble/structure_shape.h"

namespace ytterby::validation {

/// A volume that was given an activity of its own ([[perfused]] of a case).
struct EnsemblePosition {
  std::string structure;
  double given = 0;  // [Bq]
};

/// How a session's image becomes becquerels.
struct EnsembleSession {
  std::string name;
  std::vector<double> image;  // on the grid, before it was shared out or scaled
  std::vector<float> dose;    // [Gy] of the method
  bool relative = false;    // A (1 - L) is shared over normalise_to and A L over the lungs; else the image times `unit`
  double administered = 0;  // A [Bq]; relative
  double shunt = 0;         // L; relative
  double whole_lung_mass = 0;                                                       // [g] m; 0: what the grid shows
  std::function<std::vector<float>(std::span<const Structure>)> normalise_to = {};  // of the case's structures
  std::vector<EnsemblePosition> positions = {};  // where A is given to several volumes; shared by the image in each
  double unit = 1;                               // [Bq] of a value of the image
  std::vector<std::vector<float>> noise = {};    // noise_fields() of replicates; of all sessions, or of some
};

/// A case and its dose by a method; all values are of one grid.
struct EnsembleInput {
  Phantom phantom;
  std::vector<Structure> own, derived;  // as the case has them
  std::vector<EnsembleSession> sessions;
  VoxelKernel kernel;
  std::vector<float> validity;  // of the kernel (KernelDose); empty: it holds everywhere
  Uncertainty uncertainty;
  TissueSet tissues;
  double half_life_h = 0;
  std::vector<std::string> asked;    // D and V beside the usual ones
  std::vector<double> histogram_at;  // [Gy] where bands of histograms are wanted
  int threads = 1;                   // that an ensemble is made ready with; 0: all processors
};

/// One structure in one sample. Measures, means and histogram are of the dose that the sample stands for: see
/// Ensemble.
struct SampledStructure {
  std::vector<double> measures;      // as Ensemble::names() has them
  std::vector<double> session_mean;  // [Gy], energy over mass
  std::vector<double> histogram;     // share of the volume at histogram_at
  double volume = 0, mass = 0;       // [cm3], [g], as drawn
  std::vector<double> uptake;        // of each session's image, in its unit, as drawn
};

struct Sample {
  Draw draw;
  std::vector<SampledStructure> structures;  // in the order of Ensemble::structures()
};

/// Activity and masks of a sample, for a transport of their own.
struct SampledPatient {
  std::vector<std::vector<double>> activity;  // [Bq] of each session
  std::vector<Structure> structures;          // own, then derived
  std::vector<std::vector<float>> dose;       // [Gy] of each session by the shortcut, without factors
};

/// Samples of a case's dose.
///
/// What multiplies a dose as a whole (activity, 1 - L, L over the mass of the lungs, density) multiplies the dose D of
/// the method itself, structure by structure: by the share w of a structure's mean dose that comes from activity in the
/// lungs, (1 - w) c (1 - L')/(1 - L) / rho + w c L'/L / m. What changes the shape of the activity goes by
/// D + K * (A' - A) with the voxel kernel K, so that D is its own control variate; where the kernel does not hold
/// (`validity` above 0.1) the change is scaled by D / (K * A) of the voxel. Masks move by their signed distance.
///
/// A draw is laid on an image that has an error of its own. What the draws do to a measure, S - S0, is what the image's
/// own error has done to it already, with its sign turned: a shift lowers the dose of whatever mask it meets. Samples
/// of the truth are therefore V0 + (S0 - S), the reverse percentile interval (Davison, Hinkley, Bootstrap Methods and
/// their Application, 1997, section 5.2), and percentiles of S itself would count the error twice. V0 is the measure of
/// the dose in the case's masks, without draws (with `yang`: corrected by the middle of the resolution), S0 that of
/// what the draws are laid on, in masks that are drawn but not moved. Factors are lognormal, whose inverse has the same
/// distribution; they multiply afterwards. What is turned round stays a histogram: D95 is not above D70, nor V300 above
/// V200 (keep_order).
///
/// Without a correction draws are laid on the image itself. With `yang` they are laid on what the truth may look like,
/// and a sample goes the image's whole way: moved, blurred by the drawn resolution, made noisy, corrected by the middle
/// one. On the image itself a second shift and a second noise lower a D95 by a third of what the first ones did, and
/// intervals lie too low. The plausible truth is the corrected image, moved back to where it fits regions of one
/// activity best (fitting_shift), with so much of its departures from them that the image's way brings those that the
/// image has (`kept` of take_plausible). It says how large the bias is; how wide intervals are is by the stated errors
/// alone, and V0 is not moved.
class Ensemble {
 public:
  /// Throws Fault::input where sizes do not match.
  explicit Ensemble(EnsembleInput input);

  [[nodiscard]] const std::vector<std::string>& structures() const { return structure_names_; }
  [[nodiscard]] const MeasureNames& names() const { return names_; }
  [[nodiscard]] const EnsembleInput& input() const { return input_; }
  [[nodiscard]] DrawSizes sizes() const { return {input_.sessions.size(), input_.own.size()}; }
  /// The dose of the method, nothing drawn and nothing corrected.
  [[nodiscard]] Sample as_it_is() const;
  /// Nothing drawn; corrected for the resolution where that is asked for.
  [[nodiscard]] Sample middle() const;
  /// Sample i of a seed; `noise_from` draws the noise of another sample, all else stays.
  [[nodiscard]] Sample sample(std::uint64_t seed, std::uint64_t i, std::optional<std::uint64_t> noise_from = {}) const;
  /// What sample i would be transported in.
  [[nodiscard]] SampledPatient patient(std::uint64_t seed, std::uint64_t i) const;

 private:
  struct Shapes {
    std::vector<StructureShape> of;           // each structure
    std::vector<std::vector<double>> uptake;  // [structure][session]
  };
  /// Masks, dose and image that shapes are made of.
  struct State {
    std::vector<Structure> structures;
    std::vector<std::vector<float>> dose;    // of each session
    std::vector<std::vector<double>> image;  // of each session
  };
  struct Noise {
    std::uint64_t seed = 0, sample = 0;
    bool drawn = false;
  };
  [[nodiscard]] std::vector<Structure> masks(const Draw& draw) const;
  [[nodiscard]] std::shared_ptr<const BlurredRegions> regions_in(std::span<const Structure> structures) const;
  /// regions: that the image is corrected by; nullptr where it is not.
  [[nodiscard]] std::vector<double> image_of(std::size_t session, const Draw& draw, const BlurredRegions* regions,
                                             const Noise& noise) const;
  [[nodiscard]] std::vector<double> activity_of(std::size_t session, const std::vector<double>& image,
                                                std::span<const Structure> structures) const;
  [[nodiscard]] std::vector<float> dose_of(std::size_t session, const std::vector<double>& activity) const;
  [[nodiscard]] State state(const Draw& draw, const Noise& noise, std::vector<Structure> structures) const;
  [[nodiscard]] State state_of(std::vector<std::vector<double>> images, std::vector<Structure> structures) const;
  [[nodiscard]] Shapes shapes_of(const State& state, const Draw& draw) const;
  [[nodiscard]] std::vector<double> factors(std::size_t structure, const Draw& draw) const;
  [[nodiscard]] Sample reflected(const Draw& draw, const Shapes& drawn) const;
  [[nodiscard]] Sample of_dose(Draw draw, const Shapes& dose) const;
  void keep_order(SampledStructure& s, const SampledStructure& before) const;
  void take_lung_shares();
  void take_plausible();
  void take_departures(std::size_t session, const std::vector<double>& image, const Regions& regions);

  EnsembleInput input_;
  MeasureNames names_;
  std::vector<std::string> structure_names_;
  std::vector<Structure> all_;        // own, then derived
  std::vector<MovableMask> movable_;  // of own; empty where contours are not drawn
  std::optional<KernelConvolver> convolver_;
  std::shared_ptr<const BlurredRegions> regions_;  // of own by the middle of the resolution; nullptr without correction
  std::vector<std::vector<double>> corrected_;     // [session] image, corrected by the middle of the resolution
  std::vector<std::vector<double>> plausible_;     // [session] what draws are laid on
  std::vector<std::vector<double>> activity_;      // [session] nominal [Bq]
  std::vector<std::vector<float>> local_;          // [session] what a change of K * A is scaled by
  std::vector<std::vector<double>> lung_share_;    // [structure][session]
  Shapes as_it_is_, middle_, drawn_middle_;
  State middle_state_, drawn_middle_state_;  // kept where sessions are drawn apart
};

}  // namespace ytterby::validation
