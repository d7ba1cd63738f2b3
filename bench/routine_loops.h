#pragma once
// Loops over single routines of the transport; one copy per instruction level.

#include <cstdint>

#include "kernels/tables/tables_view.h"

namespace ytterby::bench {

enum class Routine { philox, deflection, moller, bremsstrahlung, compton, emit, walk, deposit };

/// Runs a routine `count` times on material 0 of the view. `tally` has one entry per voxel. Returns a number that
/// depends on all that was computed, so that nothing can be left out.
using RoutineLoop = double (*)(Routine routine, const TransportView& view, std::uint64_t count, std::int64_t* tally);

}  // namespace ytterby::bench
