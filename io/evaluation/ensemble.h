#pragma once
// What a case's dose is known to: samples of all its uncertainties, summed up (io/FORMATS.md, the ensemble).

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "engine/methods/voxel_kernel.h"
#include "io/evaluation/ensemble_result.h"
#include "io/evaluation/evaluation.h"

namespace ytterby::io {

/// The [uncertainty] in force: the case's, with relative_error, shunt_relative_error and lung_mass_relative_error in
/// place of its first three.
UncertaintySection uncertainty_of(const CaseFile& c);

/// The dose of an activity by the method that the shortcut is checked against; `sample` makes a seed of it.
using Transport =
    std::function<DoseMap(const Phantom&, const Source&, std::span<const Structure>, std::uint64_t sample)>;

struct EnsembleOptions {
  std::uint64_t samples = 400, seed = 1;
  int threads = 0;           // 0: all processors
  Transport transport = {};  // empty: no check
  std::function<void(std::uint64_t done)> on_progress = {};
};

/// `prepared` was made with Keep::images; `kernel` is of the dose grid's spacing. Throws Fault::input for a dose of
/// another case and for what an ensemble cannot do (sessions with structures of their own).
EnsembleResult run_ensemble(const PreparedCase& prepared, const DoseFile& dose, const std::string& file,
                            const VoxelKernel& kernel, const EnsembleOptions& options);

std::string ensemble_table(const EnsembleResult& e);
/// Its part on structures alone: value, interval and what decides.
std::string ensemble_measures_table(const EnsembleResult& e);
std::string ensemble_json(const EnsembleResult& e);
/// Reads ENSEMBLE.json back, all but its warnings. Throws Fault::input for what is none.
EnsembleResult read_ensemble(const std::filesystem::path& path);

}  // namespace ytterby::io
