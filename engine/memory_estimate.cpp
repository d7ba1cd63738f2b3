#include "engine/memory_estimate.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/methods/convolve.h"

namespace ytterby {
namespace {

// Bytes a voxel; which arrays these are is in the comment.
constexpr double words = 4;                // TransportTables::words
constexpr double batch_sums = 8 + 16 + 2;  // BatchSums: sum, square and hits
constexpr double tally = 8;                // one a thread
constexpr double dose_and_error = 4 + 4;   // DoseMap
constexpr double hits = 2;                 // DoseMap
constexpr double one_double = 8;
constexpr double one_float = 4;
constexpr double one_byte = 1;
constexpr double source_entry = 18;    // SourceTables: voxel, activity below, guide, of each voxel that emits
constexpr double structure_entry = 8;  // SparseStructure: voxel and weight, of each voxel that a structure touches
/// Cross sections and electron tables with what builds them; measured, 10 and 20 materials.
constexpr double physics_tables = 12.0 * (1 << 20);

/// Of the validity's kernel in tissue [cm]; its exact density matters little.
constexpr double electron_reach = 1.1;

double voxels_of(const Grid& grid) { return static_cast<double>(grid.voxels()); }

double kernel_voxels(const KernelHalf& half) {
  double voxels = 1;
  for (const int h : half) voxels *= 2.0 * h + 1;
  return voxels;
}

/// Kernel voxels further off than the grid is wide are left out.
KernelHalf on_grid(KernelHalf half, const Grid& grid) {
  for (std::size_t a = 0; a < 3; ++a) half[a] = std::min(half[a], grid.shape[a] - 1);
  return half;
}

/// The second of the two convolutions of kernel_dose_map(), for the variance.
std::vector<MemoryTerm> convolution_terms(const Grid& grid, const KernelHalf& half) {
  const double n = voxels_of(grid);
  const KernelHalf reach = on_grid(half, grid);
  return {{"decays", one_double * n},
          {"dose", one_float * n},
          {"convolved", one_double * n},
          {"kernel", one_double * kernel_voxels(reach)},
          {"transform", convolution_memory(grid, reach)}};
}

void append(std::vector<MemoryTerm>& terms, const std::vector<MemoryTerm>& more) {
  terms.insert(terms.end(), more.begin(), more.end());
}

}  // namespace

double MemoryPhase::bytes() const {
  double sum = 0;
  for (const MemoryTerm& term : terms) sum += term.bytes;
  return sum;
}

double most_bytes(const std::vector<MemoryPhase>& phases) {
  double most = 0;
  for (const MemoryPhase& phase : phases) most = std::max(most, phase.bytes());
  return most;
}

std::vector<MemoryPhase> simulation_memory(const SimulationSize& size) {
  const double n = voxels_of(size.grid), sources = static_cast<double>(size.source_voxels);
  const std::vector<MemoryTerm> tables{{"physics tables", physics_tables},
                                       {"voxel words", words * n},
                                       {"source tables", source_entry * sources},
                                       {"structures", structure_entry * static_cast<double>(size.structure_voxels)}};
  std::vector<MemoryPhase> phases;
  MemoryPhase transport{"transport", tables}, result{"result", tables};
  if (size.correlated) {
    MemoryPhase known{"known dose", tables};
    append(known.terms, {{"coupled voxels", one_byte * (n + sources)}, {"activity of coupled", one_double * n}});
    append(known.terms, convolution_terms(size.grid, size.half));
    phases.push_back(std::move(known));
    const std::vector<MemoryTerm> kept{{"coupled voxels", one_byte * (n + sources)},
                                       {"known dose and its error", dose_and_error * n}};
    append(transport.terms, kept);
    append(result.terms, kept);
  }
  append(transport.terms, {{"sums of batches", batch_sums * n}, {"tallies", tally * n * size.threads}});
  // A state's file is written array by array, each from a copy in words.
  if (size.last_state) transport.terms.push_back({"last state", (batch_sums + one_double) * n});
  // A checkpoint is of the middle of a batch, and has a tally.
  if (size.checkpoint) transport.terms.push_back({"checkpoint", (batch_sums + tally + one_double) * n});
  append(result.terms, {{"sums of batches", batch_sums * n}, {"dose, error and hits", (dose_and_error + hits) * n}});
  phases.push_back(std::move(transport));
  phases.push_back(std::move(result));
  return phases;
}

std::vector<MemoryPhase> kernel_dose_memory(const Grid& grid, const KernelHalf& half) {
  const double n = voxels_of(grid);
  KernelHalf near = on_grid(half, grid);
  for (std::size_t a = 0; a < 3; ++a)
    near[a] = std::min(near[a], static_cast<int>(std::min(1e6, std::ceil(electron_reach / grid.spacing[a]))));
  return {{"dose", convolution_terms(grid, half)},
          {"validity",
           {{"dose and error", dose_and_error * n},
            {"likeness", one_double * n},
            {"convolved", one_double * n},
            {"transform", convolution_memory(grid, near)}}}};
}

std::vector<MemoryPhase> voxel_kernel_memory(const KernelHalf& half, int threads) {
  Grid grid;
  for (std::size_t a = 0; a < 3; ++a) grid.shape[a] = 2 * half[a] + 1;
  const double n = kernel_voxels(half);
  std::vector<MemoryPhase> phases = simulation_memory({grid, 1, grid.voxels(), threads, false, {}, false, false});
  const MemoryTerm block{"block", (one_float + one_byte + one_double + one_float) * n};  // density to structure
  for (MemoryPhase& phase : phases) phase.terms.push_back(block);
  return phases;
}

}  // namespace ytterby
