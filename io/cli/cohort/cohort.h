#pragma once
// What `ytterby cohort` finds out: patient by patient, and over all of them.

#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "io/cli/cohort/cohort_list.h"
#include "io/cli/simulate.h"
#include "io/text/warning.h"
#include "validation/limits_of_agreement.h"
#include "validation/protocol/verdict.h"

namespace ytterby::cli {

/// Where doses are compared. `normal` is perfused-normal, or normal-liver where a case has no perfused volume: what
/// the partition model takes; the lungs are all structures of that role.
inline constexpr std::array<const char*, 3> cohort_regions{"tumours", "normal", "lungs"};

/// What a mean is known to [Gy]: 95 % of an ensemble's samples; NaN where there is none.
struct Known {
  double low = std::numeric_limits<double>::quiet_NaN(), high = std::numeric_limits<double>::quiet_NaN();
  [[nodiscard]] bool drawn() const { return low <= high; }
};

/// Standard deviation of a method's difference from Monte Carlo over an ensemble's samples: what measured images and
/// activities bring of themselves. 0 where both take the same of it, or none was drawn.
struct Own {
  double gray = 0, percent = 0;  // of the mean of both
};

/// A patient's mean doses by one method [Gy]; NaN where there is none.
struct CohortDoses {
  std::string method;
  std::array<validation::Estimate, cohort_regions.size()> mean;
  std::uint64_t histories = 0;                          // of the simulation or of the kernel; 0 for other methods
  std::optional<std::uint64_t> seed;                    // of Monte Carlo
  std::array<Known, cohort_regions.size()> known = {};  // with --ensemble
  std::array<Own, cohort_regions.size()> own = {};      // of the partition model, with --ensemble
};

enum class PatientStatus { done, broken, failed };      // failed: the device or the program, not the case
std::string_view patient_status_name(PatientStatus s);  // "done", "broken", "failed"

struct PatientResult {
  CohortPatient patient;
  PatientStatus status = PatientStatus::done;
  int exit_status = 0;  // what the single verbs would have ended with: 0, 1, 3, 4 or 5
  std::string message;  // of a broken one, one line
  std::string judge, normal_structure;
  std::vector<CohortDoses> doses;  // Monte Carlo first where there is one, then the others, the partition model last
  std::vector<validation::Ruling> rulings;
  io::Warnings warnings;
  std::map<std::string, double> probability_by_method;  // that all judged rules hold; with --ensemble
  std::uint64_t samples = 0;                            // that they are of
};

/// A patient's mean doses by a method, or null.
const CohortDoses* doses_by(const PatientResult& patient, const std::string& method);

/// A patient's mean dose by Monte Carlo, or null.
const CohortDoses* monte_carlo_of(const PatientResult& patient);

/// The verdict on a rule by a method: of the structure that decides, the worst of the sessions. Empty where the rule is
/// not the protocol's.
std::optional<validation::Judgement> judged(const PatientResult& patient, const std::string& rule,
                                            const std::string& method);

/// The rules that are judged, in the order of tables. margin-dose is reported alone.
inline constexpr std::array<const char*, 8> cohort_rules{
    "lesion-count", "lesion-size",   "screening-lung-dose", "spared-liver",
    "tumour-dose",  "perfused-dose", "lung-dose-session",   "lung-dose-cumulative"};

/// A method against Monte Carlo in one region.
struct CohortAgreement {
  std::string method, region;
  std::vector<validation::MethodPair> pairs;  // of the patients that have both
  std::optional<validation::LimitsOfAgreement> gray, percent;
};

struct CohortResult {
  CohortList list;
  std::vector<PatientResult> patients;
  std::vector<CohortAgreement> agreements;  // region by region
};
std::vector<CohortAgreement> agreements_of(const std::vector<PatientResult>& patients);

/// The worst of all patients: our bug, the device, a broken case, a broken rule, in this order.
int cohort_exit_status(const std::vector<PatientResult>& patients);

/// What a patient adds to the seed of `simulate`, from the name: with one seed for all, patients would share the random
/// numbers that begin their histories, and their errors would go the same way in every patient.
std::uint64_t seed_of_name(const std::string& name);

/// Runs what is missing of one patient in `folder`, which is made where it is missing, and judges, in a process of its
/// own. `simulation` holds
/// the options of `simulate`; its files are set here. A broken case is in the result, nothing is thrown for it; `stop`
/// becomes the signal that ended the run, and the result counts for nothing then. `samples`: of an ensemble of Monte
/// Carlo's dose, or of the first method's where the list has no Monte Carlo; 0 for none.
PatientResult run_patient(const CohortPatient& patient, const std::vector<std::string>& methods,
                          SimulateOptions simulation, std::uint64_t samples, const std::filesystem::path& folder,
                          int& stop);

/// Whether an ensemble was drawn of any patient.
bool has_ensembles(const CohortResult& result);

std::string cohort_table(const CohortResult& result);
std::string cohort_csv(const CohortResult& result);   // io/FORMATS.md
std::string cohort_json(const CohortResult& result);  // io/FORMATS.md

/// The cohort's page: every patient with a link, what is broken, agreement, plots, warnings. Methods are as of `judge`.
std::string cohort_page(const CohortResult& result);

/// Bland-Altman plots, in percent: one for each region that has a pair; name and SVG.
std::vector<std::pair<std::string, std::string>> cohort_plots(const CohortResult& result);

}  // namespace ytterby::cli
