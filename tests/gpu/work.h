#pragma once
// What a history asks of the machine, counted on the host by the device's own code.

#include "cases.h"

namespace ytterby::gpu_check {

/// Means per history.
struct Work {
  double flights = 0;        // straight flights of electrons
  double hinges = 0;         // with a block of random numbers each
  double events = 0;         // tentative events, with one block or two
  double crossings = 0;      // of voxel faces
  double moller = 0;         // secondaries that are followed; each lets an electron wait in shared memory
  double photons = 0;        // photons of the queue
  double deposits = 0;       // atomic additions to the tally, after merging
  double other_atomics = 0;  // histories and photons handed out, and the queue
};

Work count_work(const Case& c, std::uint32_t histories);

/// One line.
std::string text_of(const Work& work);

}  // namespace ytterby::gpu_check
