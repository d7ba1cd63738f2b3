#pragma once
// The whole chain on a case: plan, doses by every method, verdict, page.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "io/cli/simulate.h"
#include "io/evaluation/evaluation.h"
#include "io/evaluation/plan.h"

namespace ytterby::cli {

/// Where the chain puts what it makes.
struct ChainFiles {
  std::filesystem::path plan, verdict, page, ensemble;  // ensemble: written where samples are drawn
  std::map<std::string, std::filesystem::path> doses;   // by the method's name
};

/// DIR/plan.json, DIR/METHOD.h5, DIR/verdict.json, DIR/ensemble.json and the page.
ChainFiles chain_files(const std::filesystem::path& folder, const std::string& page);

/// What the chain found.
struct ChainResult {
  std::string case_name;
  ActivityAccount account;
  std::optional<io::PlanResult> plan;        // none where the case allows no partition model
  std::optional<io::Validation> validation;  // none without a tumour
  std::string normal;                        // the normal liver's structure
  std::vector<io::DoseFile> doses;           // Monte Carlo first
  ChainFiles files;
  [[nodiscard]] int exit_status() const { return validation && validation->broken() ? 5 : 0; }
};

/// Runs what is missing, stage by stage. Empty where SIGINT or SIGTERM ended it: the same command goes on from there;
/// `status` is the exit status then. With `samples` an ensemble of Monte Carlo's dose goes into verdict and page;
/// `prepared` was made with Keep::images then.
std::optional<ChainResult> run_chain(const io::PreparedCase& prepared, const SimulateOptions& simulation,
                                     const ChainFiles& files, int& status, std::uint64_t samples = 0);

/// One screen: verdict, activity, mean doses of tumours, normal liver and lungs by every method, the files.
std::string chain_summary(const ChainResult& result);
/// The tables of all verbs, one after the other.
std::string chain_tables(const ChainResult& result);
std::string chain_json(const ChainResult& result);

}  // namespace ytterby::cli
