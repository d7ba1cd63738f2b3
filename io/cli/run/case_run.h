#pragma once
// What every verb that computes a dose of a case does before and after.

#include <functional>

#include "io/case/case_file.h"
#include "io/prepare/prepare.h"

namespace ytterby::cli {

/// What --dry-run prints: the case with every default, itself a valid case, and what it reads, as comments.
void print_resolved(const io::CaseFile& c);

/// What a run on a dose grid takes at least, beside the prepared case [byte].
using RunMemory = std::function<double(const Grid&)>;

/// Prepares the case and logs its notes and warnings. Where neither that nor the run to follow fits into memory, it is
/// refused before anything of the dose grid's size is made.
io::PreparedCase prepare_aloud(const io::CaseFile& c, const RunMemory& run = {}, io::Keep keep = io::Keep::result);

/// Logs the warnings from the given one on, each text once in a process.
void tell_warnings(const io::Warnings& warnings, std::size_t from = 0);

}  // namespace ytterby::cli
