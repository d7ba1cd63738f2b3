#pragma once
// What a protocol looks at, from a prepared case and its dose files.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/evaluation/ensemble_result.h"
#include "io/prepare/partition_case.h"
#include "io/prepare/prepare.h"
#include "io/results/dose_file.h"
#include "validation/agreement.h"
#include "validation/protocol/verdict.h"

namespace ytterby::io {

/// Metrics of all structures by one method.
struct MethodMetrics {
  std::string method;
  std::string file;  // empty for the partition model
  std::vector<validation::StructureMetrics> structures;
};

/// Everything that `validate` says.
struct Validation {
  std::string case_name, content_hash, judge;
  validation::Protocol protocol;
  std::vector<PartitionCase> partition;  // one per session; empty where the case allows none
  validation::Treatment treatment;
  ManualActivities manual;                   // of the first session
  std::optional<MeasuredFunction> function;  // where the case has [function]; without its weights
  std::vector<MethodMetrics> methods;
  std::vector<validation::Ruling> rulings;
  io::Warnings warnings;                                                   // of the case and of the dose files
  std::map<std::string, std::vector<validation::Difference>> differences;  // method less Monte Carlo
  std::optional<EnsembleResult> ensemble;                                  // where one was made
  [[nodiscard]] bool broken() const { return validation::broken(rulings, judge); }
};

/// A case under its protocol: doses are added one by one, as they are read, then all is judged. Without a partition
/// model (no tumour, no shunt) its rules say why, unless it is the judge. Throws Fault::input.
class Evaluation {
 public:
  /// `prepared` outlives it.
  explicit Evaluation(const PreparedCase& prepared);
  /// `file` names the dose in messages and results. Refuses one whose content_hash is not the case's, and a second one
  /// of a method.
  void add(const DoseFile& dose, const std::string& file);
  /// All rulings and differences; refuses a judge of which there is no dose. The object is used up.
  Validation judged();

 private:
  const PreparedCase& prepared_;
  Validation v_;
};

/// The same of dose files, each of which is in memory alone.
Validation validate_prepared(const PreparedCase& prepared, const std::vector<std::string>& dose_files);

/// Takes an ensemble of the case: rules that it has sampled get its probability. `file` names it. Throws Fault::input
/// for one of another case.
void take_ensemble(EnsembleResult ensemble, const std::string& file, Validation& v);

/// Throws Fault::input where a dose, which `name` names, is not of this case.
void check_same_case(const PreparedCase& prepared, const DoseFile& dose, const std::string& name);

/// Lesions as the rules need them.
std::vector<validation::LesionExtent> lesion_extents(const PreparedCase& prepared);

/// The shares of function, without their weights, where the case has [function]; the rules get what they need of them.
std::optional<MeasuredFunction> function_shares(const PreparedCase& prepared, validation::Treatment& treatment);

/// Counts outside liver and lungs, where the protocol has them told; the doses are then of what reaches the liver.
std::optional<Warning> extrahepatic_warning(const validation::Protocol& protocol, const std::string& session,
                                            const std::optional<double>& share);

/// A structure and what every method says of it.
struct StructureByMethods {
  const validation::StructureMetrics* first;  // name, role, volume and mass
  std::vector<std::pair<std::string, const validation::StructureMetrics*>> methods;
};

/// All structures in the order of the first method that has each; methods with voxels know more of them. They point
/// into `v`.
std::vector<StructureByMethods> structures_of(const Validation& v);

/// One method's doses as the rules need them.
validation::MethodDoses doses_of(const DoseFile& file, const validation::Protocol& protocol);
validation::MethodDoses doses_of(const std::vector<PartitionCase>& partition);

}  // namespace ytterby::io
