#pragma once
// What tools/gpu-check does in each of its stages that runs this program.

#include <string>
#include <vector>

#include "record.h"

namespace ytterby::gpu_check {

struct Settings {
  std::string stage = "full";         // smoke, quick, full, variants, correlated or load
  std::string folder;                 // of the record; empty: none
  bool require_gpu = false;           // no GPU is a failure
  std::vector<std::string> variants;  // to be compared and timed; empty: all
  std::vector<std::string> cases;     // of stages variants, correlated and load; empty: all
};

/// Runs a stage. The record is on disk after every finding, so that one that is killed leaves what it found.
/// Returns 0, 4 where there has to be a GPU and none can be used, or 5 where a check failed.
int run_stage(const Settings& settings);

/// Prints the GPUs; 0, or 4 where there is none, with the reason.
int tell_gpus();

}  // namespace ytterby::gpu_check
