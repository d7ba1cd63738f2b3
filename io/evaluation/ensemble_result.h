#pragma once
// What an ensemble says of a case's dose.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/patient/structures.h"
#include "io/case/input_file.h"
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
  /// Of the partition model's doses: standard deviation of their difference from the ensemble's method in the same
  /// samples, in the rule's unit and in percent of the mean of both; what both take alike is not in it.
  struct Difference {
    double deviation = 0, deviation_percent = 0;
  };
  std::optional<Difference> from_method = {};
};

/// Whether a rule that is judged holds in all samples or in none, with one value: nothing that is drawn moves it.
bool certain(const EnsembleRule& r);

/// A structure's mean by transport in a sample's activity and masks, against the shortcut.
struct EnsembleCheck {
  std::uint64_t sample = 0;
  std::string structure;
  double shortcut = 0, transport = 0, error = 0;  // [Gy], factors left out; one standard error of the transport
};

struct EnsembleResult {
  std::string case_name, content_hash, method, judge, program_version;
  std::string made_of;                // hash of all that decides it, by whoever made it; may be empty
  UncertaintySection settings;        // in force
  std::vector<InputFile> replicates;  // what they hold
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
