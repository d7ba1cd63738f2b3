#pragma once
// Whether a finished dose is what this program would write again.

#include <string>

#include "io/cli/run/run_flags.h"
#include "io/results/dose_file.h"

namespace CLI {
class App;
}

namespace ytterby::cli {

/// --keep-older, as every verb that takes up earlier doses has it.
void add_keep_older_flag(CLI::App& app, bool& keep_older);

/// "made by 0123456789ab" and the like, where another commit or build of the program, another instruction level or
/// another kind of device wrote the file; empty where this program would write the same bits.
std::string made_otherwise(const io::DoseFile& file, const RunFlags& run);

/// May the dose stay, of which everything else fits? With `keep_older` one that was made otherwise does, says so and
/// has it among its warnings.
bool may_stay(io::DoseFile& file, const std::string& name, const RunFlags& run, bool keep_older);

}  // namespace ytterby::cli
