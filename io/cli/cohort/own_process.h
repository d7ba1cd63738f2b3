#pragma once
// A patient's run in a process of its own: one that crashes, or is ended by the system, takes no other along.

#include <functional>

#include "io/cli/cohort/cohort.h"

namespace ytterby::cli {

/// What a patient's run gives; sets the signal that ended it, else 0.
using PatientRun = std::function<PatientResult(int& stop)>;

/// Runs it in a forked process and returns its result. One that dies by a signal is a failed patient; signals to this
/// process are passed on, and `stop` becomes the one that ended the run. Throws Fault::input where the system has no
/// process to give.
PatientResult in_own_process(const CohortPatient& patient, const PatientRun& run, int& stop);

}  // namespace ytterby::cli
