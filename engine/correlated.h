#pragma once
// The correlated estimator: most of a liver is nearly uniform, so that most of its dose is known.
//
// Source voxels whose electrons meet soft tissue alone form a set S. Their histories run twice with the same random
// numbers, in the patient and in a uniform reference medium without bounds, and
//   D = K A_S + mean(patient - reference) + plain Monte Carlo of the other sources,
// where K is the dose kernel of the reference runs (electrons alone; photons are the patient's). The mean of the
// reference runs is K A_S whatever the reference medium is, so that D is unbiased; the closer it is to the patient, the
// smaller the variance of the difference. It is a control variate (Lavenberg, Welch, Manage. Sci. 27 (1981) 322).

#include <cstdint>
#include <span>
#include <vector>

#include "engine/dose/dose_map.h"
#include "engine/methods/voxel_kernel.h"
#include "engine/patient/phantom.h"
#include "engine/patient/source.h"
#include "engine/patient/structures.h"
#include "engine/run/run_options.h"
#include "engine/tables/transport_tables.h"

namespace ytterby {

/// Densities of soft tissue [g/cm3].
inline constexpr float soft_tissue_from = 0.9f, soft_tissue_to = 1.15f;

/// A single voxel of soft tissue in a noisy CT.
inline constexpr float noisy_tissue_from = 0.75f, noisy_tissue_to = 1.3f;

/// How far electrons go in soft tissue, for this purpose [cm]: less than a thousandth of their energy goes farther.
inline constexpr double electron_reach = 0.9;

/// Voxels that belong to S if they emit: soft tissue by the mean density of a voxel and its neighbours, and by its own
/// within noise (one noisy voxel would take its whole neighbourhood out of S), with no gas (below 0.05 g/cm3) within
/// electron_reach. One value a voxel, 0 or 1.
///
/// S decides about the variance, never about the mean.
std::vector<std::uint8_t> coupled_voxels(const Phantom& phantom);

/// A source voxel has 2^k times the histories that its activity has: few serve deep in S, more where the two runs of a
/// history part, most where they run once. Chosen by the real CT: with these the worst voxels of a tumour are known
/// alike, wherever they lie.
inline constexpr std::uint8_t multiplicity_outside = 5;

/// k of a voxel of S depends on what lies within this along each axis [cm].
inline constexpr double multiplicity_reach = 0.3;

/// The share of voxels there that are not of the reference medium's material, or beyond the grid's faces, from which on
/// k is 1, 2, ...; a voxel that is itself of another material has at least 1.
inline constexpr float multiplicity_shares[] = {0.13f, 0.28f, 0.46f, 0.65f};

/// k at least where something other than soft tissue lies there.
inline constexpr std::uint8_t multiplicity_at_edges = 3;

/// Of a batch at most: its energy has to fit into 63 bits with the weights of its histories.
inline constexpr std::uint64_t most_correlated_histories = std::uint64_t{1} << (31 - multiplicity_outside);

/// k at most of voxels whose electrons do not reach the structure whose voxels are a run's goal, where there is one.
inline constexpr std::uint8_t multiplicity_far = 3;

/// k of every voxel of a correlated run whose reference medium is of that material: a function of S, the phantom and
/// the goal alone, so that nothing is biased. `goal` is null where voxels are no goal.
std::vector<std::uint8_t> multiplicities(const Phantom& phantom, const Material& reference,
                                         const Structure* goal = nullptr);

/// The kernel that a run needs, on the phantom's grid: in the material that has most of the mass of S, by activity, at
/// the mean density of S rounded to 0.01 g/cm3. Patients with like livers share it. It has at least the run's
/// histories, up to 2e7, so that its error is small beside that of the run. Throws Fault::input where S is empty.
KernelOptions reference_kernel_options(const Phantom& phantom, const Source& source, const RunOptions& run);

/// True where some activity lies in S.
bool can_couple(const Phantom& phantom, const Source& source);

/// Which histories run twice, how often each counts, and where the second run is.
struct Coupling {
  std::vector<std::uint8_t> entries;  // [entry of the source], as ReferenceView has them
  UniformGridView grid;

  /// Valid as long as this lives and stays where it is.
  [[nodiscard]] ReferenceView view() const {
    return {grid, {entries.data(), static_cast<std::uint32_t>(entries.size())}};
  }
};

/// `coupled`: 1 in voxels whose histories run twice. `tables` have the reference medium as their last material; its
/// density [g/cm3]. The grid has `margin` voxels more on every side than the phantom's; throws Fault::input where that
/// is too large.
Coupling couple(const Phantom& phantom, std::span<const std::uint8_t> coupled, const TransportTables& tables,
                double density, int margin);

/// The margin beyond which no electron of that medium comes [voxels].
int margin_of(const KernelOptions& reference);

/// What a correlated run has beside the plain one's tables.
struct CorrelatedRun {
  Coupling coupling;
  DoseMap known;        // K A_S, nothing in gas, with the structures' means; its uncertainty is in `part`
  CorrelatedPart part;  // for the result

  [[nodiscard]] ReferenceView view() const { return coupling.view(); }
};

/// `tables` are those of phantom and source with the kernel's medium as reference. Throws Fault::input where the kernel
/// is not of electrons or has other voxels than the phantom, or the grid is too large to be padded.
CorrelatedRun prepare_correlated(const Phantom& phantom, const Source& source, const TransportTables& tables,
                                 const VoxelKernel& kernel, const RunOptions& options,
                                 std::span<const Structure> structures);

}  // namespace ytterby
