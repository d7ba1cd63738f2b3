#pragma once
// What a verb reads and writes, looked at before it does either.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/results/finished_work.h"
#include "io/system/check_outputs.h"
#include "io/system/output_file.h"

namespace CLI {
class App;
}

namespace ytterby::cli {

/// --force, as every verb that writes has it.
void add_force_flag(CLI::App& app, bool& force);
inline io::Force force_option(bool given) { return given ? io::Force::yes : io::Force::no; }

/// The output's place while a verb works for it: checked before hours of work, and this run's alone. Warns where that
/// cannot be had. Throws Fault::input.
std::unique_ptr<io::OutputFile> hold_output(const std::string& path);

/// The inputs and dose files.
std::vector<io::ReadFile> with_doses(std::vector<io::ReadFile> inputs, const std::vector<std::string>& doses);

/// Refuses outputs that take the place of inputs or of each other (io/system/check_outputs.h), or of finished work that
/// `run` does not replace (io/results/finished_work.h); empty paths are passed over. Throws Fault::input.
void check_files(const std::vector<io::WrittenFile>& outputs, const std::vector<io::ReadFile>& inputs, io::Force force,
                 const std::optional<io::DoseClaim>& run = {});

}  // namespace ytterby::cli
