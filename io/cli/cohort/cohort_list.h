#pragma once
// Which patients a cohort has: LIST.toml (io/FORMATS.md), or case files on the command line.

#include <filesystem>
#include <string>
#include <vector>

namespace ytterby::cli {

struct CohortPatient {
  std::string name;  // unique, and of the patient's folder
  std::filesystem::path case_file;
};

struct CohortList {
  std::string name;
  std::vector<std::string> methods;  // with voxels, in the order in which they run; the partition model runs always
  std::vector<CohortPatient> patients;
};

/// The methods that a cohort can have, Monte Carlo first; all of them by default.
const std::vector<std::string>& cohort_methods();

/// One list, or any number of cases: a file with [[patient]] or [cohort] is a list. Throws Fault::input with file and
/// line; case files are read for their names alone, and may be broken.
CohortList read_cohort(const std::vector<std::string>& files);

/// The same from text, for tests; `file` is what messages and relative paths start from.
CohortList parse_cohort_list(const std::string& text, const std::filesystem::path& file);

/// Cases by their [case] name. Where that is missing, not fit for a folder, or shared by several, by their folder's.
/// Throws Fault::input where names still collide.
CohortList cohort_of_cases(const std::vector<std::string>& files);

/// Every default filled in and all paths absolute: itself a valid list.
std::string write_cohort_list(const CohortList& list);

}  // namespace ytterby::cli
