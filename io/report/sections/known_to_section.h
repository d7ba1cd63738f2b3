#pragma once
// What the dose is known to, on the page.

#include <string>

#include "io/evaluation/evaluation.h"

namespace ytterby::io {

/// How likely all judged rules hold, how likely each does and which source decides, and every structure's interval;
/// empty where no ensemble was made.
std::string known_to_section(const Validation& v);

}  // namespace ytterby::io
