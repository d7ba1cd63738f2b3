#pragma once
// `ytterby verify`.

#include "io/cli/verbs.h"

namespace ytterby::cli {

Action add_verify(CLI::App& app);

}  // namespace ytterby::cli
