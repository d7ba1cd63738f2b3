#pragma once
// The data files of engine/data, part of the program itself: it needs no data folder at run time.

#include <string_view>

namespace ytterby {

/// Content of a file of engine/data, by its name (`xcom.csv`). Lives as long as the program.
/// Throws Fault::internal for a name that is not built in.
std::string_view embedded_file(std::string_view name);

}  // namespace ytterby
