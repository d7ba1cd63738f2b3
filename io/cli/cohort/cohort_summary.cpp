// What all patients of a cohort say together.

#include <algorithm>
#include <cmath>

#include "io/cli/cohort/cohort.h"

namespace ytterby::cli {
namespace {

using validation::DifferenceUnit;
using validation::Judgement;

constexpr const char* monte_carlo = "monte-carlo";

bool known(const validation::Estimate& e) { return std::isfinite(e.value); }

}  // namespace

std::string_view patient_status_name(PatientStatus s) {
  if (s == PatientStatus::done) return "done";
  return s == PatientStatus::broken ? "broken" : "failed";
}

const CohortDoses* doses_by(const PatientResult& patient, const std::string& method) {
  for (const CohortDoses& d : patient.doses) {
    if (d.method == method) return &d;
  }
  return nullptr;
}

const CohortDoses* monte_carlo_of(const PatientResult& patient) { return doses_by(patient, monte_carlo); }

std::optional<Judgement> judged(const PatientResult& patient, const std::string& rule, const std::string& method) {
  std::optional<Judgement> worst;
  for (const validation::Ruling& r : patient.rulings) {
    if (r.id != rule || (!r.method.empty() && r.method != method)) continue;
    // not-judged rows inform (the lesions beside the pooled tumours): they count where there is nothing else.
    const bool worse = !worst || *worst == Judgement::not_judged || r.verdict == Judgement::fail;
    if (worse) worst = r.verdict;
  }
  return worst;
}

std::vector<CohortAgreement> agreements_of(const std::vector<PatientResult>& patients) {
  std::vector<std::string> methods = cohort_methods();
  methods.front() = "partition";  // in the place of Monte Carlo
  std::vector<CohortAgreement> all;
  for (std::size_t region = 0; region < cohort_regions.size(); ++region) {
    for (const std::string& method : methods) {
      CohortAgreement agreement{method, cohort_regions[region], {}, {}, {}};
      bool used = false;
      for (const PatientResult& p : patients) {
        const CohortDoses *own = doses_by(p, method), *truth = monte_carlo_of(p);
        used = used || own != nullptr;
        if (own == nullptr || truth == nullptr) continue;
        if (known(own->mean[region]) && known(truth->mean[region])) {
          agreement.pairs.push_back(
              {own->mean[region], truth->mean[region], own->own[region].gray, own->own[region].percent});
        }
      }
      if (!used) continue;
      agreement.gray = validation::limits_of_agreement(agreement.pairs, DifferenceUnit::gray);
      agreement.percent = validation::limits_of_agreement(agreement.pairs, DifferenceUnit::percent);
      all.push_back(std::move(agreement));
    }
  }
  return all;
}

bool has_ensembles(const CohortResult& result) {
  return std::any_of(result.patients.begin(), result.patients.end(),
                     [](const PatientResult& p) { return !p.probability_by_method.empty(); });
}

int cohort_exit_status(const std::vector<PatientResult>& patients) {
  for (const int status : {1, 4, 3, 5}) {
    const bool found =
        std::any_of(patients.begin(), patients.end(), [&](const PatientResult& p) { return p.exit_status == status; });
    if (found) return status;
  }
  return 0;
}

}  // namespace ytterby::cli
