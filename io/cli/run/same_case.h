#pragma once
// Ranks that share a run have to have read the same case by the same program.

#include "engine/ranks/ranks.h"
#include "io/prepare/prepare.h"

namespace ytterby::cli {

/// Collective. Throws Fault::input on all ranks where one of them has another content hash than rank 0, or is of
/// another build: it names the rank, its machine and the first input that differs.
void check_same_case(Ranks& ranks, const io::PreparedCase& prepared);

}  // namespace ytterby::cli
