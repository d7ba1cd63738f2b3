#pragma once
// Device threads that are host threads: what a kernel does, run under sanitizers.

#include <array>
#include <atomic>
#include <barrier>
#include <cstdint>
#include <thread>
#include <vector>

#include "kernels/launch/device_correlated.h"

namespace ytterby::test {

inline constexpr std::uint32_t block_threads = 4, poison = 0xdeadbeefu;

/// A thread of a launch: real atomics, a slot of a "block's" shared memory; for pools a block and a warp of its own.
struct HostThread {
  static constexpr std::uint32_t lanes = 1;
  std::uint32_t index = 0, count = 1;
  std::uint32_t* words = nullptr;  // of the block
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
  std::uint32_t add(std::uint32_t* p, std::uint32_t v) const {
    return std::atomic_ref<std::uint32_t>(*p).fetch_add(v, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint32_t lane() const { return 0; }
  [[nodiscard]] std::uint32_t ballot(bool x) const { return x ? 1u : 0u; }
  template <class T>
  [[nodiscard]] T from_lane(T x, std::uint32_t) const {
    return x;
  }
  void sync_warp() const {}
  [[nodiscard]] std::uint32_t block() const { return index; }
  [[nodiscard]] std::uint32_t block_thread() const { return 0; }
  [[nodiscard]] std::uint32_t block_size() const { return 1; }
  void sync_block() const {}
  [[nodiscard]] Quad* pool() const { return own_pool; }
  [[nodiscard]] std::uint32_t& shared(std::uint32_t w) const {
    return words[w * block_threads + index % block_threads];
  }
};

/// Threads that are a warp together: what one of them says, all hear.
struct HostWarp {
  static constexpr std::uint32_t lanes = 4;
  std::barrier<> all{lanes};
  std::array<unsigned long long, lanes> said{};
};

/// Warps that are a block together, with a pool in poisoned shared memory.
struct HostBlock {
  static constexpr std::uint32_t warps = 2, threads = warps * HostWarp::lanes;
  std::barrier<> all{threads};
  std::array<HostWarp, warps> warp;
  std::vector<Quad> pool = std::vector<Quad>(weighted_pool_bytes / sizeof(Quad), Quad{poison, poison, poison, poison});
};

/// A lane of such a warp.
struct HostLane : HostThread {
  static constexpr std::uint32_t lanes = HostWarp::lanes;
  HostBlock* together = nullptr;

  [[nodiscard]] std::uint32_t lane() const { return index % lanes; }
  [[nodiscard]] std::uint32_t block() const { return index / HostBlock::threads; }
  [[nodiscard]] std::uint32_t block_thread() const { return index % HostBlock::threads; }
  [[nodiscard]] std::uint32_t block_size() const { return HostBlock::threads; }
  [[nodiscard]] HostWarp& warp() const { return together->warp[block_thread() / lanes]; }
  [[nodiscard]] std::array<unsigned long long, lanes> hear(unsigned long long x) const {
    warp().said[lane()] = x;
    warp().all.arrive_and_wait();
    const auto heard = warp().said;
    warp().all.arrive_and_wait();
    return heard;
  }
  [[nodiscard]] std::uint32_t ballot(bool x) const {
    const auto heard = hear(x ? 1u : 0u);
    std::uint32_t mask = 0;
    for (std::uint32_t i = 0; i < lanes; ++i) mask |= static_cast<std::uint32_t>(heard[i]) << i;
    return mask;
  }
  template <class T>
  [[nodiscard]] T from_lane(T x, std::uint32_t lane) const {
    return static_cast<T>(hear(x)[lane]);
  }
  void sync_warp() const { warp().all.arrive_and_wait(); }
  void sync_block() const { together->all.arrive_and_wait(); }
};

/// Runs body(lane) for all lanes of `blocks` blocks.
template <class Body>
void run_blocks(std::uint32_t blocks, Body body) {
  std::vector<HostBlock> all(blocks);
  std::vector<std::jthread> threads;
  for (std::uint32_t i = 0; i < blocks * HostBlock::threads; ++i)
    threads.emplace_back([&, i] {
      HostBlock& block = all[i / HostBlock::threads];
      body(HostLane{{i, blocks * HostBlock::threads, nullptr, block.pool.data()}, &block});
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
      pools[i].assign(weighted_pool_bytes / sizeof(Quad), Quad{poison, poison, poison, poison});
      body(HostThread{i, count, shared[i / block_threads].data(), pools[i].data()});
    });
}

}  // namespace ytterby::test
