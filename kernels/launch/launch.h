#pragma once
// Launchers: loops over histories, and nothing else. The engine owns memory, threads and checks.

#include <cstdint>

#include "kernels/tables/tables_view.h"
#include "kernels/tally/deposit.h"

namespace ytterby {

/// Runs histories first .. first + count - 1 on the calling thread, adding to `tally` (one int64 per voxel, quanta).
using RunPortion = PortionTotals (*)(const TransportView& view, std::uint64_t seed, std::uint64_t first,
                                     std::uint64_t count, std::int64_t* tally);

/// The same in concentric shells, one int64 per shell.
using RunShellPortion = PortionTotals (*)(const TransportViewOf<ShellView>& view, std::uint64_t seed,
                                          std::uint64_t first, std::uint64_t count, std::int64_t* tally);

/// Histories first .. first + count - 1 in the patient, less those of coupled sources in the reference medium
/// (run_correlated), or the latter alone, added (run_reference).
using RunReferencePortion = PortionTotals (*)(const TransportView& view, const ReferenceView& reference,
                                              std::uint64_t seed, std::uint64_t first, std::uint64_t count,
                                              std::int64_t* tally);

/// A CPU launcher compiled for one instruction level.
struct CpuLauncher {
  const char* level;  // "baseline", "avx2", "avx512"
  RunPortion run;
  RunShellPortion run_shells;
  RunReferencePortion run_correlated, run_reference;
};

/// The best launcher that this processor can run; the environment variable YTTERBY_LEVEL may name a lower one.
CpuLauncher best_cpu_launcher();

}  // namespace ytterby
