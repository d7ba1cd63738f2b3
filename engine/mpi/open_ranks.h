#pragma once
// The one function of the library that has MPI in it.

#include "engine/ranks/ranks.h"

/// Starts MPI, which ends when the object is deleted; the program looks this name up with dlsym(). Throws
/// Fault::device.
extern "C" __attribute__((visibility("default"))) ytterby::Ranks* ytterby_open_ranks();

namespace ytterby {
using OpenRanks = Ranks* (*)();
inline constexpr const char* open_ranks_name = "ytterby_open_ranks";
}  // namespace ytterby
