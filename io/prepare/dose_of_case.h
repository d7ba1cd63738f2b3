#pragma once
// From a prepared case to its dose by a method, and to all that a dose file holds.

#include <functional>
#include <span>
#include <vector>

#include "engine/dose/dose_map.h"
#include "engine/dose/sessions.h"
#include "io/prepare/prepare.h"
#include "io/results/dose_file.h"

namespace ytterby::io {

/// Gathers a file's content; the histograms are made here. With sessions, `sessions` holds one dose for each, and `map`
/// their sum.
DoseFile make_dose_file(PreparedCase prepared, DoseMap map, std::vector<SessionDose> sessions = {});

/// A method: the dose of a source in the case's phantom; `session` counts from 0, for random numbers.
using Method = std::function<DoseMap(const Phantom& phantom, const Source& source,
                                     std::span<const Structure> structures, int session)>;

/// The dose of a case by a method: of each session, added up.
DoseFile dose_by(const Method& method, PreparedCase prepared);

}  // namespace ytterby::io
