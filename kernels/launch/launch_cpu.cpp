// The CPU launcher; compiled once per instruction level, each in its own namespace.

#include "kernels/launch/launch_cpu.h"

#include "kernels/transport/history.h"

namespace ytterby::inline YTTERBY_LEVEL {

namespace {

template <class View>
PortionTotals run_all(const View& view, std::uint64_t seed, std::uint64_t first, std::uint64_t count,
                      std::int64_t* voxels) {
  ThreadTally tally{voxels, {}};
  for (std::uint64_t i = 0; i < count; ++i) run_history(view, seed, first + i, tally);
  return tally.totals;
}

}  // namespace

PortionTotals run_portion(const TransportView& view, std::uint64_t seed, std::uint64_t first, std::uint64_t count,
                          std::int64_t* voxels) {
  return run_all(view, seed, first, count, voxels);
}

PortionTotals run_shell_portion(const TransportViewOf<ShellView>& view, std::uint64_t seed, std::uint64_t first,
                                std::uint64_t count, std::int64_t* shells) {
  return run_all(view, seed, first, count, shells);
}

}  // namespace ytterby::inline YTTERBY_LEVEL
