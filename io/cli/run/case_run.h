#pragma once
// What every verb that computes a dose of a case does before and after.

#include <filesystem>
#include <functional>
#include <string>

#include "io/case/case_file.h"
#include "io/prepare/prepare.h"

namespace ytterby::cli {

/// Refuses an output that would replace one of the case's inputs. Throws Fault::input.
void check_output(const io::CaseFile& c, const std::filesystem::path& output);

/// What a run on a dose grid takes at least, beside the prepared case [byte].
using RunMemory = std::function<double(const Grid&)>;

/// Prepares the case and logs its notes and warnings. Where neither that nor the run to follow fits into memory, it is
/// refused before anything of the dose grid's size is made.
io::PreparedCase prepare_aloud(const io::CaseFile& c, const RunMemory& run = {});

/// Logs the warnings from the given one on.
void tell_warnings(const io::Warnings& warnings, std::size_t from = 0);

}  // namespace ytterby::cli
