#pragma once
// What a case's dose is known to: samples of all its uncertainties, summed up (io/FORMATS.md, the ensemble).

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/methods/voxel_kernel.h"
#include "io/evaluation/evaluation.h"
#include "validation/ensemble/ensemble.h"
#include "validation/ensemble/shares.h"

namespace ytterby::io {

/// A number over all samples; `value` is that of the dose as it is.
struct EnsembleMeasure {
  std::string name;
  double value = 0;
  validation::Spread spread;
  std::vector<validation::VarianceShare> shares;
};

struct EnsembleStructure {
  std::string name;
  Role role = Role::other;
  std::vector<EnsembleMeasure> measures;
  std::vector<double> dose, low_95, median, high_95;  // histogram: [Gy], shares of the volume
  std::optional<double> recovery_low, recovery_high;  // tumours: recovery coefficient at both ends of the resolution
};

/// A rule over all samples. Rules that nothing drawn moves have a probability of 1 or 0.
struct EnsembleRule {
  std::string id, method, structure, session;
  std::optional<double> probability;  // that it holds; unset where it is not judged
  std::map<double, double> quantiles;  // of its value, by share of the samples
  std::vector<validation::VarianceShare> shares;
};

/// A structure's mean by transport in a sample's activity and masks, against the shortcut.
struct EnsembleCheck {
  std::uint64_t sample = 0;
  std::string structure;
  double shortcut = 0, transport = 0, error = 0;  // [Gy], factors left out; one standard error of the transport
};

struct EnsembleResult {
  std::string case_name, content_hash, method, judge, program_version;
  CaseFile settings;  // whose [uncertainty] was in force
  std::uint64_t samples = 0, seed = 0;
  std::vector<EnsembleStructure> structures;
  std::vector<EnsembleRule> rules;
  std::map<std::string, double> probability_by_method;  // that all judged rules hold
  std::optional<double> probability_all;                // the judge's
  std::vector<EnsembleCheck> checks;
  Warnings warnings;
};

/// The [uncertainty] in force: the case's, with relative_error, shunt_relative_error and lung_mass_relative_error in
/// place of its first three.
UncertaintySection uncertainty_of(const CaseFile& c);

/// The dose of an activity by the method that the shortcut is checked against; `sample` makes a seed of it.
using Transport =
    std::function<DoseMap(const Phantom&, const Source&, std::span<const Structure>, std::uint64_t sample)>;

struct EnsembleOptions {
  std::uint64_t samples = 400, seed = 1;
  int threads = 0;  // 0: all processors
  Transport transport = {};  // empty: no check
  std::function<void(std::uint64_t done)> on_progress = {};
};

/// `prepared` was made with Keep::images; `kernel` is of the dose grid's spacing. Throws Fault::input for a dose of
/// another case and for what an ensemble cannot do (sessions with structures of their own).
EnsembleResult run_ensemble(const PreparedCase& prepared, const DoseFile& dose, const std::string& file,
                            const VoxelKernel& kernel, const EnsembleOptions& options);

std::string ensemble_table(const EnsembleResult& e);
std::string ensemble_json(const EnsembleResult& e);
/// Reads ENSEMBLE.json back, all but settings. Throws Fault::input for what is none.
EnsembleResult read_ensemble(const std::filesystem::path& path);

}  // namespace ytterby::io
