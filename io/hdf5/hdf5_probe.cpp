#include "io/hdf5/hdf5_probe.h"

#include <unistd.h>

#include <new>

#include "engine/base/error.h"
#include "io/system/own_process.h"

namespace ytterby::io {
namespace {

constexpr std::uint64_t more_memory = std::uint64_t{1} << 30;

[[noreturn]] void in_child(const std::function<void()>& read, std::uint64_t memory) {
  ProcessLimits limits;  // 10 s: the structure of a large dose file takes some milliseconds
  if (memory > 0) limits.memory = memory + more_memory;
  confine(limits);
  int status = 0;
  try {
    read();
  } catch (const std::bad_alloc&) {
    status = out_of_memory_status;
  } catch (...) {
    status = 0;  // the caller meets it again
  }
  ::_exit(status);
}

}  // namespace

void probe_hdf5(const std::filesystem::path& path, const std::function<void()>& read) {
  const std::uint64_t memory = address_space();
  const pid_t child = ::fork();
  if (child < 0) return;  // no process to be had: as without the probe
  if (child == 0) in_child(read, memory);
  const ProcessEnd end = wait_for(child);
  if (end == ProcessEnd::well || end == ProcessEnd::other) return;  // what else ended it says nothing about the file
  throw Error(Fault::input, path.string() + ": is damaged: the HDF5 library " +
                                (end == ProcessEnd::crashed ? "crashes on it"
                                                            : "needs more memory or time for it than it can be worth"));
}

}  // namespace ytterby::io
