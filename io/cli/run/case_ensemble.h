#pragma once
// What a case's dose is known to, as `ensemble` and the verbs with --ensemble make it.

#include <cstdint>
#include <filesystem>
#include <string>

#include "io/cli/run/run_flags.h"
#include "io/evaluation/ensemble.h"

namespace ytterby::cli {

struct CaseEnsembleOptions : RunFlags {  // seed: of the draws, 1 by default; histories: of a kernel that is made
  std::filesystem::path kernel;          // a kernel file; empty: made for the grid, or from the cache
  std::uint64_t samples = 0;
  bool check = true;  // every hundredth sample by transport
};

/// Number of samples that an option says; `option` names it. Throws Fault::usage.
std::uint64_t samples_option(const char* option, const std::string& text);

/// Memory beside the prepared case [bytes]: fields of a sample on each thread, its transform, and the case's
/// replicates.
double ensemble_bytes(const io::CaseFile& c, const Grid& grid, int threads);

/// What a verb that simulates draws with: the kernel that its own doses by kernel have, and seed 1 of the draws.
CaseEnsembleOptions ensemble_options(const RunFlags& simulation, const io::PreparedCase& prepared,
                                     std::uint64_t samples);

/// The ensemble of a case that was prepared with Keep::images, with progress; `file` names the dose.
io::EnsembleResult ensemble_of_case(const io::PreparedCase& prepared, const io::DoseFile& dose, const std::string& file,
                                    const CaseEnsembleOptions& options);

/// The same in a file: as it is there where this program made it of the same case, protocol, inputs, dose file and
/// options, else drawn and written.
io::EnsembleResult ensemble_in(const std::filesystem::path& ensemble, const io::PreparedCase& prepared,
                               const io::DoseFile& dose, const std::string& file, const CaseEnsembleOptions& options);

}  // namespace ytterby::cli
