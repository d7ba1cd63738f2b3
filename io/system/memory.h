#pragma once
// How much memory this process has, and may still have.

#include <filesystem>

namespace ytterby::io {

/// Of this process, by /proc/self/status [byte]; 0 where that is not to be had.
struct MemoryUse {
  double resident = 0;  // now
  double peak = 0;      // so far
  double space = 0;     // of addresses
};
MemoryUse memory_use(const std::filesystem::path& root = "/");

/// What this process may take beyond what it has [byte]: the least of what the machine has available, what the limits
/// of its control groups (v2 and v1, and of their parents) leave, where pages of files that were read count as free,
/// and what the limit of its address space leaves (ulimit -v). Infinite where none of them is known. `root` is where
/// /proc and /sys are.
double memory_available(const std::filesystem::path& root = "/");

/// Throws Fault::input naming the file where reading it takes more than is available.
void check_room(const std::filesystem::path& file, double bytes);

}  // namespace ytterby::io
