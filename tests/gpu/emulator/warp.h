#pragma once
// Runs kernels that translate.py made C++ of: blocks of warps of 32 lanes, each with a place in the program. A warp's
// next step is the foremost place at which one of its lanes is, for all lanes that are there; warps take turns.

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace ytterby::emulator {

/// What a lane has beside its registers.
struct LaneBase {
  std::uint32_t thread = 0, threads = 0, block = 0, blocks = 0;  // %tid.x, %ntid.x, %ctaid.x, %nctaid.x
  std::uint64_t param = 0;                                       // address of the kernel's argument
  char* shared = nullptr;
  std::uint32_t shared_bytes = 0;
  std::uint64_t carry = 0;
};

[[noreturn]] inline void fail(const char* what) {
  std::fprintf(stderr, "emulator: %s\n", what);
  std::exit(1);
}

// Registers hold bits; an instruction's type says how they are read.

template <std::size_t bytes>
using Word = std::conditional_t<
    bytes == 1, std::uint8_t,
    std::conditional_t<bytes == 2, std::uint16_t, std::conditional_t<bytes == 4, std::uint32_t, std::uint64_t>>>;

template <class T, class Storage>
T as(Storage bits) {
  if constexpr (std::is_same_v<T, bool>) {
    return bits;
  } else {
    return std::bit_cast<T>(static_cast<Word<sizeof(T)>>(bits));
  }
}

template <class Storage, class T>
void put(Storage& bits, T value) {
  if constexpr (std::is_floating_point_v<T>) {
    bits = static_cast<Storage>(std::bit_cast<Word<sizeof(T)>>(value));
  } else {
    bits = static_cast<Storage>(value);  // a signed value keeps its sign in a wider register
  }
}

// Memory: global addresses are the host's, shared ones count from the block's.

inline char* in_global(std::uint64_t address) { return reinterpret_cast<char*>(address); }
inline char* in_shared(const LaneBase& lane, std::uint32_t offset) {
  if (offset + 16 > lane.shared_bytes) fail("shared memory is read or written beyond its end");
  return lane.shared + offset;
}
template <class T>
T load(const char* p) {
  if (reinterpret_cast<std::uintptr_t>(p) % sizeof(T) != 0) fail("a load is not aligned");
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}
template <class T>
void store(char* p, T value) {
  if (reinterpret_cast<std::uintptr_t>(p) % sizeof(T) != 0) fail("a store is not aligned");
  std::memcpy(p, &value, sizeof value);
}
template <class T, class Action>
T atomic(char* p, T value, Action action) {
  const T old = load<T>(p);
  store<T>(p, static_cast<T>(action(old, value)));
  return old;
}

// Instructions that C++ has no operator for.

template <class T>
T shifted_left(T x, std::uint32_t n) {
  return n >= 8 * sizeof(T) ? T{0} : static_cast<T>(x << n);
}
template <class T>
T shifted_right(T x, std::uint32_t n) {
  if (n >= 8 * sizeof(T)) return x < 0 ? static_cast<T>(-1) : T{0};
  return static_cast<T>(x >> n);
}
template <class T>
T least(T a, T b) {  // of a number and no number: the number
  if constexpr (std::is_floating_point_v<T>) {
    if (a == 0 && b == 0) return std::signbit(a) ? a : b;
    return std::fmin(a, b);
  }
  return a < b ? a : b;
}
template <class T>
T greatest(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (a == 0 && b == 0) return std::signbit(a) ? b : a;
    return std::fmax(a, b);
  }
  return a > b ? a : b;
}
template <class T, class F>
T truncated(F x) {  // towards zero, into the range of T
  if (!(x == x)) return 0;
  if (x >= std::ldexp(F{1}, std::numeric_limits<T>::digits)) return std::numeric_limits<T>::max();
  if (x <= static_cast<F>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
  return static_cast<T>(x);
}
inline std::pair<std::uint64_t, std::uint64_t> added(std::uint64_t a, std::uint64_t b, std::uint64_t carry) {
  const unsigned __int128 sum = static_cast<unsigned __int128>(a) + b + carry;
  return {static_cast<std::uint64_t>(sum), static_cast<std::uint64_t>(sum >> 64)};
}
template <class T>
T magnitude(T bits) {  // of a signed number; the least one, which has no opposite, stays
  return bits >> (8 * sizeof(T) - 1) != 0 ? static_cast<T>(0 - bits) : bits;
}
inline std::uint32_t leading_zeros(std::uint32_t x) { return static_cast<std::uint32_t>(std::countl_zero(x)); }
inline std::uint32_t reversed(std::uint32_t x) {
  std::uint32_t y = 0;
  for (int i = 0; i < 32; ++i) y |= ((x >> i) & 1u) << (31 - i);
  return y;
}
inline std::uint32_t prmt(std::uint32_t a, std::uint32_t b, std::uint32_t selector) {
  const std::uint64_t bytes = (static_cast<std::uint64_t>(b) << 32) | a;
  std::uint32_t result = 0;
  for (std::uint32_t i = 0; i < 4; ++i) {
    const std::uint32_t select = (selector >> (4 * i)) & 15u;
    std::uint32_t byte = static_cast<std::uint32_t>(bytes >> (8 * (select & 7u))) & 255u;
    if ((select & 8u) != 0) byte = (byte & 128u) != 0 ? 255u : 0u;
    result |= byte << (8 * i);
  }
  return result;
}
template <class T>
T bfi(T a, T b, std::uint32_t place, std::uint32_t length) {
  const T ones = length >= 8 * sizeof(T) ? ~T{0} : static_cast<T>((T{1} << length) - 1);
  const T mask = shifted_left(ones, place);
  return (b & ~mask) | (shifted_left(a, place) & mask);
}
template <class T>
T bfe(T a, std::uint32_t place, std::uint32_t length) {
  const T ones = length >= 8 * sizeof(T) ? ~T{0} : static_cast<T>((T{1} << length) - 1);
  return shifted_right(a, place) & ones;
}
inline std::uint32_t shf_l(std::uint32_t low, std::uint32_t high, std::uint32_t n) {
  return static_cast<std::uint32_t>((((static_cast<std::uint64_t>(high) << 32) | low) << (n & 31u)) >> 32);
}
inline std::uint32_t shf_r(std::uint32_t low, std::uint32_t high, std::uint32_t n) {
  return static_cast<std::uint32_t>(((static_cast<std::uint64_t>(high) << 32) | low) >> (n & 31u));
}

// A warp's lanes together.

template <class Body>
void for_lanes(std::uint32_t mask, Body body) {
  for (; mask != 0; mask &= mask - 1) body(std::countr_zero(mask));
}

/// Lanes that an instruction names have to be there, but for those that have ended.
inline void expect_all(std::uint32_t mask, std::uint32_t members, const int* at, int end) {
  for_lanes(members & ~mask, [&](int lane) {
    if (at[lane] != end) fail("a lane is missing where the warp has to be together");
  });
}

enum class Shuffle { up, down, bfly, idx };

/// The lane that a shuffle takes from, by operands b and c (PTX ISA, shfl.sync); -1 where there is none.
inline int source_lane(int lane, std::uint32_t b, std::uint32_t c, Shuffle mode) {
  const int offset = static_cast<int>(b & 31u), clamp = static_cast<int>(c & 31u),
            segment = static_cast<int>(c >> 8 & 31u);
  const int last = (lane & segment) | (clamp & ~segment);
  if (mode == Shuffle::up) return lane - offset >= last ? lane - offset : -1;
  const int from = mode == Shuffle::down   ? lane + offset
                   : mode == Shuffle::bfly ? lane ^ offset
                                           : (lane & segment) | (offset & ~segment);
  return from <= last ? from : -1;
}

/// Warp instructions that were issued, and lanes' instructions in them.
struct Counts {
  double issues = 0, lanes = 0;
  Counts& operator+=(const Counts& o) {
    issues += o.issues;
    lanes += o.lanes;
    return *this;
  }
};

template <class Kernel>
class Warp {
 public:
  Warp(std::uint32_t first, const LaneBase& base) : lanes_(32) {
    for (std::uint32_t i = 0; i < 32; ++i) {
      static_cast<LaneBase&>(lanes_[i]) = base;
      lanes_[i].thread = first + i;
    }
  }
  [[nodiscard]] bool ended() const { return place_ == Kernel::blocks; }
  [[nodiscard]] bool at_barrier() const { return !ended() && Kernel::barrier[place_]; }

  /// Runs the foremost block that any lane is at.
  void step(Counts& counts) {
    std::uint32_t mask = 0;
    for (std::uint32_t i = 0; i < 32; ++i) mask |= (at_[i] == place_ ? 1u : 0u) << i;
    Kernel::run[place_](lanes_.data(), mask, at_.data());
    counts.issues += Kernel::cost[place_];
    counts.lanes += Kernel::cost[place_] * std::popcount(mask);
    place_ = at_[0];
    for (const int at : at_) place_ = at < place_ ? at : place_;
  }

 private:
  std::vector<typename Kernel::Lane> lanes_;
  std::array<int, 32> at_{};
  int place_ = 0;
};

/// Runs a grid to its end.
template <class Kernel, class Argument>
Counts run(const Argument& argument, std::uint32_t blocks, std::uint32_t threads, std::uint32_t dynamic_shared_bytes) {
  constexpr std::uint32_t turn = 64;
  const std::uint32_t bytes = Kernel::static_shared + dynamic_shared_bytes + 16;
  std::vector<std::vector<char>> shared(blocks, std::vector<char>(bytes, '\xee'));
  std::vector<std::vector<Warp<Kernel>>> grid(blocks);
  for (std::uint32_t b = 0; b < blocks; ++b)
    for (std::uint32_t t = 0; t < threads; t += 32)
      grid[b].emplace_back(
          t, LaneBase{0, threads, b, blocks, reinterpret_cast<std::uint64_t>(&argument), shared[b].data(), bytes, 0});
  Counts counts;
  for (bool busy = true; busy;) {
    busy = false;
    for (std::vector<Warp<Kernel>>& block : grid) {
      bool together = true;  // all warps that have not ended are at a barrier
      for (Warp<Kernel>& warp : block) {
        for (std::uint32_t i = 0; i < turn && !warp.ended() && !warp.at_barrier(); ++i) warp.step(counts);
        together = together && (warp.ended() || warp.at_barrier());
        busy = busy || !warp.ended();
      }
      if (together)
        for (Warp<Kernel>& warp : block)
          if (warp.at_barrier()) warp.step(counts);
    }
  }
  return counts;
}

}  // namespace ytterby::emulator
