#pragma once
// The reference numbers of validation/reference, part of the program itself: it needs no data folder at run time.

#include <string_view>

#include "engine/base/csv.h"

namespace ytterby::validation {

/// A table of validation/reference by its file name (`dpk_y90_water.csv`); its text lives as long as the program.
/// Throws Fault::internal for a name that is not built in.
CsvTable reference_csv(std::string_view name);

}  // namespace ytterby::validation
