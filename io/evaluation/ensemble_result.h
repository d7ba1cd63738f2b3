#pragma once
// What an ensemble says of a case's dose.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/patient/structures.h"
#include "io/case/uncertainty_section.h"
#include "io/text/warning.h"
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
  std::optional<double> probability;   // that it holds; unset where it is not judged
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
  UncertaintySection settings;  // in force
  std::uint64_t samples = 0, seed = 0;
  std::vector<EnsembleStructure> structures;
  std::vector<EnsembleRule> rules;
  std::map<std::string, double> probability_by_method;  // that all judged rules hold
  std::optional<double> probability_all;                // the judge's
  std::vector<EnsembleCheck> checks;
  Warnings warnings;
};

/// A structure's measure; nullptr where the ensemble has none of that name.
const EnsembleMeasure* find_measure(const EnsembleResult& e, const std::string& structure, const std::string& measure);

}  // namespace ytterby::io
