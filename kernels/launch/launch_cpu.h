#pragma once
// One declaration of the CPU launcher per instruction level.

#include "kernels/launch/launch.h"

namespace ytterby::inline YTTERBY_LEVEL {

PortionTotals run_portion(const TransportView& view, std::uint64_t seed, std::uint64_t first, std::uint64_t count,
                          std::int64_t* voxels);
PortionTotals run_shell_portion(const TransportViewOf<ShellView>& view, std::uint64_t seed, std::uint64_t first,
                                std::uint64_t count, std::int64_t* shells);

PortionTotals run_correlated_portion(const TransportView& view, const ReferenceView& reference, std::uint64_t seed,
                                     std::uint64_t first, std::uint64_t count, std::int64_t* voxels);
PortionTotals run_reference_portion(const TransportView& view, const ReferenceView& reference, std::uint64_t seed,
                                    std::uint64_t first, std::uint64_t count, std::int64_t* voxels);

}  // namespace ytterby::inline YTTERBY_LEVEL
