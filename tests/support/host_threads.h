#pragma once
// Device threads that are host threads: what a kernel does, run under sanitizers.

#include <array>
#include <atomic>
#include <barrier>
#include <cstdint>
#include <thread>
#include <vector>

#include "kernels/launch/device_pool.h"

namespace ytterby::test {

inline constexpr std::uint32_t block_threads = 4, poison = 0xdeadbeefu;

/// A thread of a launch: real atomics, a slot of a "block's" shared memory, and a warp of one lane.
struct HostThread {
  static constexpr std::uint32_t lanes = 1;
  std::uint32_t index = 0, count = 1;
  std::uint32_t* block = nullptr;
  Quad* own_pool = nullptr;

  [[nodiscard]] std::uint32_t thread() const { return index; }
  [[nodiscard]] std::uint32_t threads() const { return count; }
  unsigned long long add(unsigned long long* p, unsigned long long v) const {
    return std::atomic_ref<unsigned long long>(*p).fetch_add(v, std::memory_order_relaxed);
  }
  void add_from_all(unsigned long long* p, unsigned long long v) const { add(p, v); }
  void set_bits(std::uint32_t* p, std::uint32_t bits) const {
    std::atomic_ref<std::uint32_t>(*p).fetch_or(bits, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint32_t lane() const { return 0; }
  [[nodiscard]] std::uint32_t warp() const { return index; }
  [[nodiscard]] std::uint32_t ballot(bool x) const { return x ? 1u : 0u; }
  [[nodiscard]] unsigned long long broadcast(unsigned long long x) const { return x; }
  void sync_warp() const {}
  [[nodiscard]] Quad* pool() const { return own_pool; }
  [[nodiscard]] std::uint32_t& shared(std::uint32_t w) const {
    return block[w * block_threads + index % block_threads];
  }
};

/// Threads that are a warp together: what one of them says, all hear.
struct HostWarp {
  static constexpr std::uint32_t lanes = 4;
  std::barrier<> all{lanes};
  std::array<unsigned long long, lanes> said{};
  std::vector<Quad> pool = std::vector<Quad>(pool_bytes / sizeof(Quad), Quad{poison, poison, poison, poison});
};

/// A lane of such a warp.
struct HostLane : HostThread {
  static constexpr std::uint32_t lanes = HostWarp::lanes;
  HostWarp* together = nullptr;

  [[nodiscard]] std::uint32_t lane() const { return index % lanes; }
  [[nodiscard]] std::uint32_t warp() const { return index / lanes; }
  [[nodiscard]] std::array<unsigned long long, lanes> hear(unsigned long long x) const {
    together->said[lane()] = x;
    together->all.arrive_and_wait();
    const auto heard = together->said;
    together->all.arrive_and_wait();
    return heard;
  }
  [[nodiscard]] std::uint32_t ballot(bool x) const {
    const auto heard = hear(x ? 1u : 0u);
    std::uint32_t mask = 0;
    for (std::uint32_t i = 0; i < lanes; ++i) mask |= static_cast<std::uint32_t>(heard[i]) << i;
    return mask;
  }
  [[nodiscard]] unsigned long long broadcast(unsigned long long x) const { return hear(x)[0]; }
  void sync_warp() const { together->all.arrive_and_wait(); }
};

/// Runs body(lane) for all lanes of `warps` warps.
template <class Body>
void run_warps(std::uint32_t warps, Body body) {
  std::vector<HostWarp> all(warps);
  std::vector<std::jthread> threads;
  for (std::uint32_t i = 0; i < warps * HostWarp::lanes; ++i)
    threads.emplace_back([&, i] {
      HostWarp& warp = all[i / HostWarp::lanes];
      body(HostLane{{i, warps * HostWarp::lanes, nullptr, warp.pool.data()}, &warp});
    });
}

/// Runs body(thread) for all threads of a launch at once; shared memory starts poisoned.
template <class Body>
void run_threads(std::uint32_t blocks, Body body) {
  std::vector<std::vector<std::uint32_t>> shared(
      blocks, std::vector<std::uint32_t>(block_threads * shared_words_with_photon, poison));
  const std::uint32_t count = blocks * block_threads;
  std::vector<std::vector<Quad>> pools(count);
  std::vector<std::jthread> threads;
  for (std::uint32_t i = 0; i < count; ++i)
    threads.emplace_back([&, i] {
      pools[i].assign(pool_bytes / sizeof(Quad), Quad{poison, poison, poison, poison});
      body(HostThread{i, count, shared[i / block_threads].data(), pools[i].data()});
    });
}

}  // namespace ytterby::test
