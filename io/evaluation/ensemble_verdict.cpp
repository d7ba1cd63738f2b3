// An ensemble laid beside a verdict.

#include <algorithm>
#include <utility>

#include "engine/base/error.h"
#include "io/evaluation/ensemble_result.h"
#include "io/evaluation/evaluation.h"

namespace ytterby::io {

bool certain(const EnsembleRule& r) {
  const auto low = r.quantiles.find(0.025), high = r.quantiles.find(0.975);
  const bool wide = low != r.quantiles.end() && high != r.quantiles.end() && low->second < high->second;
  return !wide && r.probability && (*r.probability == 0 || *r.probability == 1);
}

const EnsembleMeasure* find_measure(const EnsembleResult& e, const std::string& structure, const std::string& measure) {
  for (const EnsembleStructure& s : e.structures) {
    if (s.name != structure) continue;
    for (const EnsembleMeasure& m : s.measures)
      if (m.name == measure) return &m;
  }
  return nullptr;
}

void take_ensemble(EnsembleResult ensemble, const std::string& file, Validation& v) {
  if (ensemble.content_hash != v.content_hash) {
    throw Error(Fault::input, file + ": is the ensemble of another case: its content_hash is " + ensemble.content_hash +
                                  ", that of " + v.case_name + " is " + v.content_hash);
  }
  for (validation::Ruling& r : v.rulings) {
    const auto found = std::find_if(ensemble.rules.begin(), ensemble.rules.end(), [&](const EnsembleRule& e) {
      return e.id == r.id && e.method == r.method && e.structure == r.structure && e.session == r.session;
    });
    if (found != ensemble.rules.end() && found->probability) r.probability = found->probability;
  }
  v.ensemble = std::move(ensemble);
}

}  // namespace ytterby::io
