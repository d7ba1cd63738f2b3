#pragma once
// What is timed on a GPU, put into the record as tools/bench has it. Each returns a line.

#include <span>
#include <string>
#include <vector>

#include "nvml.h"
#include "stage_record.h"

namespace ytterby::gpu_check {

/// Histories per second on `devices` under histories/CASE/LEVEL/COUNT, with clocks, power and joules of the first of
/// them beside it.
Rate bench_histories(Stage& stage, std::span<Device* const> devices, const Case& c, const Nvml& nvml, int runs,
                     const std::string& level);
/// e.g. 2.1e8 histories/s (2.0e8 to 2.2e8).
std::string text_of(const Rate& rate);

/// Device time of each kernel.
std::string bench_kernels(Stage& stage, Device& device, const Case& c, std::uint64_t histories,
                          const std::string& level);

/// All cases on 1, 2, 4 ... and all devices, and each kernel by itself.
void bench_cases(Stage& stage, std::span<Device* const> devices, const std::vector<Case>& cases, const Nvml& nvml);
/// The same machine's processor.
void bench_host(Stage& stage, const std::vector<Case>& cases);

/// The parts of a run of 1e7 histories in the 1 mm patient, plain and correlated. The context is the process's first in
/// the plain one alone: to be called before all else.
void bench_parts(Stage& stage, int index);

/// Seconds to the first history. A process makes its context but once: to be called before all else.
void bench_start_up(Stage& stage, int index);

}  // namespace ytterby::gpu_check
