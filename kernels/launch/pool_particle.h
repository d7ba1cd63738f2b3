#pragma once
// A block's pool of particles in shared memory, and the lists of those that want the same. See device_pool.h.

#include "kernels/launch/device_waiting.h"
#include "kernels/transport/history.h"

namespace ytterby {

inline constexpr std::uint32_t pool_particles = 768;  // of a block
inline constexpr std::uint32_t pool_groups = 4;
inline constexpr std::uint32_t pool_longest_side = 65535;  // of the grid [voxels]

inline constexpr std::uint32_t pool_quads = 6;  // of a particle
// Particles, a ring of them for each group, and how many were ever put into each.
inline constexpr std::uint32_t pool_bytes = pool_particles * (pool_quads * 16 + pool_groups * 2) + pool_groups * 4;
inline constexpr std::uint32_t weighted_pool_bytes = pool_bytes + pool_particles;  // and each particle's weight
inline constexpr std::uint32_t slab_quads_per_block = pool_particles * waiting_electrons * 2;  // of waiting electrons

}  // namespace ytterby

namespace ytterby::inline YTTERBY_LEVEL {

/// What a particle of the pool wants next. Those of a group are run together.
enum class Want : std::uint32_t {
  hinge,
  event,
  end,           // to be absorbed where it is
  end_at_birth,  // the same, with its energy as it was born
  begin,         // its first flight
  next,          // another electron: one that waits, or the next history's
  face           // + axis
};

YTTERBY_HD std::uint32_t group_of(Want want) {
  return want == Want::hinge ? 0u : want == Want::event ? 1u : want >= Want::face ? 3u : 2u;
}

/// A particle of the pool: what is kept of it between two trips, in pool_quads * 4 words of shared memory.
struct PoolParticle {
  Electron e;
  std::uint32_t history_low, history_high;
  std::uint32_t pending;         // deposits in its voxel that are not in the tally yet [quanta]
  std::uint32_t left;            // flights before the cap of its history
  std::uint32_t electron_count;  // that wait
  Want want;
};

/// The pool's shared memory: quads side by side; behind them a queue of particles for each group, a ring that has room
/// for all, and how many have ever been put into it.
struct PoolMemory {
  Quad* quads;

  YTTERBY_HD Quad& quad(std::uint32_t i, std::uint32_t slot) const { return quads[i * pool_particles + slot]; }
  YTTERBY_HD std::uint16_t& entry(std::uint32_t group, std::uint32_t place) const {
    return reinterpret_cast<std::uint16_t*>(
        quads + pool_quads * pool_particles)[group * pool_particles + place % pool_particles];
  }
  YTTERBY_HD std::uint32_t& put(std::uint32_t group) const {
    return reinterpret_cast<std::uint32_t*>(quads)[pool_particles * (pool_quads * 4 + pool_groups / 2) + group];
  }

  /// How often the particle's energy counts, as a power of two: behind the pool, where that has weights.
  YTTERBY_HD std::uint8_t& shift(std::uint32_t slot) const {
    return reinterpret_cast<std::uint8_t*>(quads)[pool_bytes + slot];
  }

  /// Voxel coordinates have 16 bits, the launcher refuses larger grids; hinges and events are counted in 12 and 8,
  /// flights before the cap in 23, and the share of the loss has 8 bits.
  YTTERBY_HD void store(std::uint32_t slot, const PoolParticle& p) const {
    const Electron& e = p.e;
    const std::uint32_t loss = static_cast<std::uint32_t>(e.loss_share * (1.0f / loss_part));
    const std::uint32_t kind = e.z | e.angle_class << 16 | static_cast<std::uint32_t>(e.vertex) << 18 |
                               (e.positron ? 1u << 20 : 0u) | static_cast<std::uint32_t>(p.want) << 21 |
                               (e.events & 15u) << 25 | loss >> 5 << 29;
    quad(0, slot) = {float_bits(e.position.x), float_bits(e.position.y), float_bits(e.position.z), float_bits(e.range)};
    quad(1, slot) = {float_bits(e.direction.x), float_bits(e.direction.y), float_bits(e.direction.z),
                     float_bits(e.path_per_range)};
    quad(2, slot) = {e.x | e.y << 16, kind, float_bits(e.density) | e.material, p.history_low};
    quad(3, slot) = {(e.step & (step_counts - 1u)) | e.events >> 4 << 12 | p.history_high << 16, e.lineage, e.energy,
                     e.energy_event};
    quad(4, slot) = {float_bits(e.range_event), float_bits(e.range_vertex), float_bits(e.strength_hinge),
                     float_bits(e.strength_after)};
    quad(5, slot) = {float_bits(e.nominal_hinge), float_bits(e.clearance), p.pending,
                     p.left | (loss & 31u) << 23 | p.electron_count << 28};
  }
  YTTERBY_HD PoolParticle load(std::uint32_t slot, const GridView& grid) const {
    const Quad a = quad(0, slot), b = quad(1, slot), c = quad(2, slot), d = quad(3, slot), f = quad(4, slot);
    const Quad g = quad(5, slot);
    PoolParticle p;
    Electron& e = p.e;
    e.position = {bits_float(a.a), bits_float(a.b), bits_float(a.c)};
    e.range = bits_float(a.d);
    e.direction = {bits_float(b.a), bits_float(b.b), bits_float(b.c)};
    e.path_per_range = bits_float(b.d);
    e.x = c.a & 0xffffu;
    e.y = c.a >> 16;
    e.z = c.b & 0xffffu;
    e.voxel = e.x + grid.shape[0] * (e.y + grid.shape[1] * e.z);
    e.angle_class = c.b >> 16 & 3u;
    e.vertex = static_cast<Vertex>(c.b >> 18 & 3u);
    e.positron = (c.b >> 20 & 1u) != 0;
    p.want = static_cast<Want>(c.b >> 21 & 15u);
    e.material = c.c & 0xffu;
    e.density = bits_float(c.c & 0xffffff00u);
    p.history_low = c.d;
    e.step = d.a & (step_counts - 1u);
    e.events = (c.b >> 25 & 15u) | (d.a >> 12 & 15u) << 4;
    p.history_high = d.a >> 16;
    e.lineage = d.b;
    e.energy = d.c;
    e.energy_event = d.d;
    e.range_event = bits_float(f.a);
    e.range_vertex = bits_float(f.b);
    e.strength_hinge = bits_float(f.c);
    e.strength_after = bits_float(f.d);
    e.nominal_hinge = bits_float(g.a);
    e.clearance = bits_float(g.b);
    p.pending = g.c;
    p.left = g.d & 0x7fffffu;
    e.loss_share = static_cast<float>((g.d >> 23 & 31u) | c.b >> 29 << 5) * loss_part;
    p.electron_count = g.d >> 28;
    return p;
  }
};

/// How many were ever put into each queue of the pool, or taken out of it: the difference waits there.
struct PoolCounts {
  std::uint32_t of[pool_groups];
};

/// Where a queue's count starts, and what is taken off it when it has come to that much: a ring's places do not change,
/// and no count overflows. The start is such that every launch comes there.
inline constexpr std::uint32_t pool_count_limit = pool_particles << 20, pool_count_start = pool_count_limit - 2048;

/// What a thread does in a trip: a particle at a place of a group's queue, or nothing.
struct PoolTurn {
  std::uint32_t group, place;
  bool active;
};

/// Shares a trip out to the warps of a block; every thread comes to the same. The largest group gets all that it can
/// use, since what one warp fetches of the program then serves the others. Where fewer particles are left than
/// threads, at the end of a launch, its warps' rest takes of the other groups: none should wait then.
YTTERBY_HD PoolTurn take_turn(const PoolCounts& waiting, PoolCounts& gone, std::uint32_t thread, std::uint32_t threads,
                              std::uint32_t lanes) {
  std::uint32_t all = 0, most = 0, largest = 0, first = 0;
  YTTERBY_UNROLL
  for (std::uint32_t g = 0; g < pool_groups; ++g) {
    all += waiting.of[g];
    if (waiting.of[g] > most) {
      largest = g;
      most = waiting.of[g];
      first = gone.of[g];
    }
  }
  const auto whole_warps = [lanes](std::uint32_t particles) { return (particles + lanes - 1) / lanes * lanes; };
  const std::uint32_t taken = most < threads ? most : threads;
  YTTERBY_UNROLL
  for (std::uint32_t g = 0; g < pool_groups; ++g) gone.of[g] += g == largest ? taken : 0u;
  PoolTurn turn{largest, first + (thread < taken ? thread : 0u), thread < taken};
  if (all > threads) return turn;
  std::uint32_t end = whole_warps(taken);
  YTTERBY_UNROLL
  for (std::uint32_t g = 0; g < pool_groups; ++g) {
    const std::uint32_t room = threads - end, some = g == largest ? 0u : waiting.of[g];
    const std::uint32_t those = some < room ? some : room, rank = thread - end;
    if (thread >= end && rank < whole_warps(those)) turn = {g, gone.of[g] + (rank < those ? rank : 0u), rank < those};
    gone.of[g] += those;
    end += whole_warps(those);
  }
  return turn;
}

}  // namespace ytterby::inline YTTERBY_LEVEL
