#pragma once
// Device threads that are host threads: what a kernel does, run under sanitizers.

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "kernels/launch/device_body.h"

namespace ytterby::test {

inline constexpr std::uint32_t block_threads = 4, poison = 0xdeadbeefu;

/// A thread of a launch: real atomics, and a slot of a "block's" shared memory.
struct HostThread {
  std::uint32_t index = 0, count = 1;
  std::uint32_t* block = nullptr;

  [[nodiscard]] std::uint32_t thread() const { return index; }
  [[nodiscard]] std::uint32_t threads() const { return count; }
  unsigned long long add(unsigned long long* p, unsigned long long v) const {
    return std::atomic_ref<unsigned long long>(*p).fetch_add(v, std::memory_order_relaxed);
  }
  void add_from_all(unsigned long long* p, unsigned long long v) const { add(p, v); }
  void set_bits(std::uint32_t* p, std::uint32_t bits) const {
    std::atomic_ref<std::uint32_t>(*p).fetch_or(bits, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint32_t& shared(std::uint32_t w) const {
    return block[w * block_threads + index % block_threads];
  }
};

/// Runs body(thread) for all threads of a launch at once; shared memory starts poisoned.
template <class Body>
void run_threads(std::uint32_t blocks, Body body) {
  std::vector<std::vector<std::uint32_t>> shared(
      blocks, std::vector<std::uint32_t>(block_threads * shared_words_with_photon, poison));
  const std::uint32_t count = blocks * block_threads;
  std::vector<std::jthread> threads;
  for (std::uint32_t i = 0; i < count; ++i)
    threads.emplace_back([&, i] { body(HostThread{i, count, shared[i / block_threads].data()}); });
}

}  // namespace ytterby::test
