#pragma once
// Foreign libraries crash, loop or allocate without bound on some damaged files: what they do with one is done in a
// process of its own.

#include <sys/types.h>

#include <cstdint>

namespace ytterby::io {

/// What a forked process may take.
struct ProcessLimits {
  std::uint64_t memory = 0;    // of addresses in all [byte]; 0: as its parent
  std::uint64_t seconds = 10;  // of processor time
  unsigned wait = 60;          // by the clock [s]: a slow disk, or a lock that another thread held at the fork
};

/// Addresses of this process [byte]; 0 where that is not to be had. Called before the fork.
std::uint64_t address_space();

/// In the child: signals that crash end it, a terminal's Ctrl-C is its parent's to answer, nothing it prints is seen,
/// and the limits hold.
void confine(const ProcessLimits& limits);

/// The child's exit status where it ran out of memory.
inline constexpr int out_of_memory_status = 3;

/// How a child ended. `greedy`: at a limit of memory or time; `other` says nothing about the file.
enum class ProcessEnd { well, crashed, greedy, other };
ProcessEnd wait_for(pid_t child);

}  // namespace ytterby::io
