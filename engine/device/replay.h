#pragma once
// One history's events, for looking at: on the CPU and on a device by the same code (kernels/launch/replay_body.h).

#include <string_view>
#include <vector>

#include "engine/device/device.h"

namespace ytterby {

/// The kind's name: "emitted", "crossed", ...
std::string_view name_of(ReplayKind kind);

/// The only thread of its launch, on the host.
struct LoneThread {
  std::uint32_t* words;  // shared_words_per_thread of them
  [[nodiscard]] std::uint32_t thread() const { return 0; }
  [[nodiscard]] std::uint32_t threads() const { return 1; }
  unsigned long long add(unsigned long long* p, unsigned long long v) const {
    const unsigned long long old = *p;
    *p += v;
    return old;
  }
  void add_from_all(unsigned long long* p, unsigned long long v) const { add(p, v); }
  void set_bits(std::uint32_t* p, std::uint32_t bits) const { *p |= bits; }
  [[nodiscard]] std::uint32_t& shared(std::uint32_t w) const { return words[w]; }
};

/// All events of history `history`, the very one that any run with that seed has.
std::vector<ReplayEvent> replay(const TransportView& view, std::uint64_t seed, std::uint64_t history);

/// The same on a device. Throws Fault::device.
std::vector<ReplayEvent> replay_on(Device& device, const TransportView& view, std::uint64_t seed,
                                   std::uint64_t history);

}  // namespace ytterby
