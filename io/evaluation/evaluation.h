#pragma once
// What a protocol looks at, from a prepared case and its dose files.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "io/prepare/partition_case.h"
#include "io/prepare/prepare.h"
#include "io/results/dose_file.h"
#include "validation/agreement.h"
#include "validation/verdict.h"

namespace ytterby::cli {

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
  std::vector<io::PartitionCase> partition;  // one per session; empty where the case allows none
  validation::Treatment treatment;
  std::vector<MethodMetrics> methods;
  std::vector<validation::Ruling> rulings;
  io::Warnings warnings;                                                   // of the case and of the dose files
  std::map<std::string, std::vector<validation::Difference>> differences;  // method less Monte Carlo
  [[nodiscard]] bool broken() const { return validation::broken(rulings, judge); }
};

/// Judges a case. A dose file whose content_hash is not the case's, or a second one of the same method, is refused by
/// name; so is a judge that no dose file gives. Without a partition model (no tumour, no shunt) its rules say why,
/// unless it is the judge. Throws Fault::input.
Validation validate_prepared(const io::PreparedCase& prepared, const std::vector<std::string>& dose_files);

/// One method's doses as the rules need them.
validation::MethodDoses doses_of(const io::DoseFile& file, const validation::Protocol& protocol);
validation::MethodDoses doses_of(const std::vector<io::PartitionCase>& partition);

}  // namespace ytterby::cli
