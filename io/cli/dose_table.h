#pragma once
// The table of structures and the energy ledger, as text and as JSON.

#include <string>

#include "io/results/dose_file.h"

namespace ytterby::cli {

/// One row per structure (volume, mass, mean dose with its error, D95, D70, D50; three digits) and the ledger below.
std::string dose_table(const io::DoseFile& file);

/// The same, with all of the activity's account, as one JSON object.
std::string dose_table_json(const io::DoseFile& file);

/// Prints the table, as text or as JSON, to stdout.
void print_dose(const io::DoseFile& file, bool json);

}  // namespace ytterby::cli
