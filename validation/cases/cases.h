#pragma once
// The reference cases: each runs the engine and compares with numbers of validation/reference.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "validation/comparison.h"

namespace ytterby::validation {

/// How to run the cases.
struct CaseOptions {
  double effort = 1;  // histories are each case's own number times this
  std::uint64_t seed = 1;
  int threads = 0;           // 0: all processors
  double step_fraction = 0;  // as in RunOptions; for telling step-size artefacts from physics
};

struct CaseResult {
  std::vector<Comparison> comparisons;
  std::vector<RunRecord> runs;
};

/// A code whose numbers are laid beside ours: its name, and what its cases and its files in validation/reference begin
/// with.
struct Yardstick {
  std::string_view code, cases, files;
};

/// EGSnrc, and PENELOPE's physics, which shares neither data nor code with it.
inline constexpr Yardstick egsnrc{"EGSnrc", "", ""}, penelope{"PENELOPE", "penelope-", "penelope_"};

/// 90Y voxel S values in water, cubic voxels of 2, 3 or 4 mm. The voxels of a class that the cube's 48 symmetries map
/// onto each other are correlated; each class gets its own batch statistics.
CaseResult voxel_s_values(int voxel_mm, const CaseOptions& options);

/// EGSnrc against PENELOPE in what both have: what the yardsticks themselves are uncertain by. No histories, not
/// judged. EGSnrc stands where ours does elsewhere.
CaseResult code_against_code(const CaseOptions& options);

/// Published self-doses from other codes.
CaseResult published_s_values(const CaseOptions& options);

/// 90Y point source in shells of water: every shell, as a share of the r^2-weighted maximum.
CaseResult point_kernel_y90(const CaseOptions& options);

/// Energy beyond the electrons' range: 15 to 50 mm from a 90Y point source, and in 5 mm shells of it.
CaseResult bremsstrahlung_tail(const CaseOptions& options);

/// Mono-energetic point sources in shells of water; energies [MeV] that the reference file has.
CaseResult point_kernel_mono(double energy, const CaseOptions& options);

enum class Neighbour { lung, bone };

/// Tissue slab with 90Y against lung or cortical bone; 0.5 mm layers.
CaseResult slab(Neighbour neighbour, const CaseOptions& options);

/// Collision and radiative stopping powers and CSDA ranges against ESTAR; no histories.
CaseResult stopping_powers(const CaseOptions& options);

/// First transport coefficients of elastic scattering against partial waves; no histories. A change of the cross
/// section by 2 % is seen here, where doses do not show it.
CaseResult elastic_transport(const CaseOptions& options);

/// FFT convolution of a simulated voxel kernel against the plain sum.
CaseResult convolution(const CaseOptions& options);

/// A case by name.
struct Case {
  std::string name, title;
  double quick_effort;  // of the quick subset; 0: not in it
  std::function<CaseResult(const CaseOptions&)> run;
};

/// All cases, in the order of the report.
std::span<const Case> all_cases();

}  // namespace ytterby::validation
