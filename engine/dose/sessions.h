#pragma once
// Doses of several sessions add up.

#include <span>

#include "engine/dose/dose_map.h"

namespace ytterby {

/// One of the sessions of a treatment: dose and what belongs to it alone.
struct SessionDose {
  std::string name;
  DoseMap map;  // structures in the session's own order
};

/// Sum of the sessions' doses: errors in quadrature (sessions have random numbers of their own), structures by the
/// first `structures` entries of each map, which have to be the same ones. Ledgers, histories, decays and times add up.
/// A voxel's uncertainty is NaN where no session's history scored. Throws Fault::input where grids differ.
DoseMap sum_of_sessions(std::span<const SessionDose> sessions, std::size_t structures);

}  // namespace ytterby
