#pragma once
// Counter-based random numbers: a particle's numbers depend on the seed and its parentage, never on the order of work.

#include "kernels/portability.h"

namespace ytterby::inline YTTERBY_LEVEL {

struct Block {
  std::uint32_t w[4];
};

/// Philox4x32 of seven rounds, the fewest that pass all of TestU01's BigCrush (Salmon, Moraes, Dror, Shaw, SC'11
/// (2011), doi 10.1145/2063384.2063405); libraries mostly run ten.
template <int rounds = 7>
YTTERBY_HD Block philox4x32(Block counter, std::uint32_t key0, std::uint32_t key1) {
  Block c = counter;
  for (int round = 0; round < rounds; ++round) {
    const std::uint64_t p0 = static_cast<std::uint64_t>(0xD2511F53u) * c.w[0];
    const std::uint64_t p1 = static_cast<std::uint64_t>(0xCD9E8D57u) * c.w[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c.w[1] ^ key0, static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c.w[3] ^ key1, static_cast<std::uint32_t>(p0)};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return c;
}

/// The stream of one history: key = seed, counter = history (48 bit), block (16), lineage (32), step (32).
struct Stream {
  std::uint32_t key0, key1;
  std::uint32_t history_low, history_high;  // history_high < 2^16

  YTTERBY_HD Block draw(std::uint32_t lineage, std::uint32_t step, std::uint32_t block = 0) const {
    return philox4x32({{history_low, history_high | (block << 16), lineage, step}}, key0, key1);
  }
};

YTTERBY_HD Stream stream_of(std::uint64_t seed, std::uint64_t history) {
  return {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), static_cast<std::uint32_t>(history),
          static_cast<std::uint32_t>(history >> 32) & 0xffffu};
}

/// The numbers of one vertex, one after the other: block 0 first, later blocks as they are needed.
struct Draws {
  Stream stream;
  std::uint32_t lineage, step;
  std::uint32_t used = 0;
  Block block{};

  /// Selects rather than indexes, which would put the block into memory on a device.
  YTTERBY_HD std::uint32_t word() {
    const std::uint32_t place = used & 3u;
    if (place == 0) block = stream.draw(lineage, step, used >> 2);
    ++used;
    return place < 2 ? (place == 0 ? block.w[0] : block.w[1]) : (place == 2 ? block.w[2] : block.w[3]);
  }
};

/// Uniform in [0, 1), 24 bits.
YTTERBY_HD float uniform(std::uint32_t w) { return static_cast<float>(w >> 8) * 5.9604645e-8f; }

/// Uniform in (0, 1], 24 bits: safe under a logarithm.
YTTERBY_HD float uniform_open(std::uint32_t w) { return (static_cast<float>(w >> 8) + 1.0f) * 5.9604645e-8f; }

}  // namespace ytterby::inline YTTERBY_LEVEL
