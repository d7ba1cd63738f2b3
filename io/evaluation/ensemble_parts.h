#pragma once
// The steps of run_ensemble(); for its own files and their tests alone.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/grid/crop.h"
#include "io/evaluation/ensemble.h"
#include "validation/ensemble/ensemble.h"

namespace ytterby::io {

/// The part of the dose grid that an ensemble works on, and what it works with.
struct EnsembleCase {
  Box box;
  validation::EnsembleInput input;
};
EnsembleCase ensemble_case(const PreparedCase& prepared, const DoseFile& dose, const VoxelKernel& kernel,
                           const validation::Protocol& protocol);

/// Rules over samples: what the protocol looks at in each, from the case's own treatment. What a draw does to masses,
/// sizes and uptake is turned round, as Ensemble does with doses.
class SampledRules {
 public:
  /// `v` judges the dose as it is, and outlives this.
  SampledRules(const Validation& v, const validation::Ensemble& ensemble, std::string method);
  /// Every rule of the protocol on a sample, in the order of v.rulings.
  [[nodiscard]] std::vector<validation::Ruling> judged(const validation::Sample& sample) const;

 private:
  /// Place of a structure in samples; empty where there is none of that name.
  [[nodiscard]] std::optional<std::size_t> place_of(const std::string& name) const;
  [[nodiscard]] PartitionCase partition(const validation::Sample& sample, std::size_t session) const;
  void take_method(const validation::Sample& sample, validation::MethodDoses& m) const;
  void take_patient(const validation::Sample& sample, validation::Treatment& t) const;

  const Validation& v_;
  const validation::Ensemble& ensemble_;
  validation::Sample as_it_is_, middle_;
  std::string method_;
};

}  // namespace ytterby::io
