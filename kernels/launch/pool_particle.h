#pragma once
// A warp's pool of particles in shared memory, and the lists of those that want the same. See device_pool.h.

#include "kernels/launch/device_waiting.h"
#include "kernels/transport/history.h"

namespace ytterby {

inline constexpr std::uint32_t pool_particles = 96;
inline constexpr std::uint32_t pool_groups = 4;
inline constexpr std::uint32_t pool_longest_side = 65535;  // of the grid [voxels]

inline constexpr std::uint32_t pool_quads = 6;  // of a particle
inline constexpr std::uint32_t pool_bytes = pool_particles * (pool_quads * 16 + pool_groups);
inline constexpr std::uint32_t slab_quads_per_warp = pool_particles * waiting_electrons * 2;  // of waiting electrons

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

/// The pool's shared memory: quads side by side, so that neighbouring lanes never share a bank; behind them a list of
/// particles for each group.
struct PoolMemory {
  Quad* quads;
  std::uint8_t* lists;

  YTTERBY_HD Quad& quad(std::uint32_t i, std::uint32_t slot) const { return quads[i * pool_particles + slot]; }
  YTTERBY_HD std::uint8_t& entry(std::uint32_t group, std::uint32_t place) const {
    return lists[group * pool_particles + place];
  }

  /// Voxel coordinates have 16 bits, the launcher refuses larger grids; hinges and events are counted in 12 and 8.
  YTTERBY_HD void store(std::uint32_t slot, const PoolParticle& p) const {
    const Electron& e = p.e;
    const std::uint32_t kind = e.z | e.angle_class << 16 | static_cast<std::uint32_t>(e.vertex) << 18 |
                               (e.positron ? 1u << 20 : 0u) | static_cast<std::uint32_t>(p.want) << 21 |
                               (e.events & 15u) << 25;
    quad(0, slot) = {float_bits(e.position.x), float_bits(e.position.y), float_bits(e.position.z), float_bits(e.range)};
    quad(1, slot) = {float_bits(e.direction.x), float_bits(e.direction.y), float_bits(e.direction.z),
                     float_bits(e.inverse_density)};
    quad(2, slot) = {e.x | e.y << 16, kind, float_bits(e.density) | e.material, p.history_low};
    quad(3, slot) = {(e.step & (step_counts - 1u)) | e.events >> 4 << 12 | p.history_high << 16, e.lineage, e.energy,
                     e.energy_event};
    quad(4, slot) = {float_bits(e.range_event), float_bits(e.range_vertex), float_bits(e.strength_hinge),
                     float_bits(e.strength_after)};
    quad(5, slot) = {float_bits(e.nominal_hinge), float_bits(e.clearance), p.pending, p.left | p.electron_count << 24};
  }
  YTTERBY_HD PoolParticle load(std::uint32_t slot, const GridView& grid) const {
    const Quad a = quad(0, slot), b = quad(1, slot), c = quad(2, slot), d = quad(3, slot), f = quad(4, slot);
    const Quad g = quad(5, slot);
    PoolParticle p;
    Electron& e = p.e;
    e.position = {bits_float(a.a), bits_float(a.b), bits_float(a.c)};
    e.range = bits_float(a.d);
    e.direction = {bits_float(b.a), bits_float(b.b), bits_float(b.c)};
    e.inverse_density = bits_float(b.d);
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
    p.left = g.d & 0xffffffu;
    p.electron_count = g.d >> 24;
    return p;
  }
};

/// How many particles want each group: 8 bits each.
struct PoolCounts {
  std::uint32_t packed;
  YTTERBY_HD std::uint32_t of(std::uint32_t group) const { return packed >> (8 * group) & 0xffu; }
  YTTERBY_HD void change(std::uint32_t group, std::uint32_t by) { packed += by << (8 * group); }
  /// The group that most want.
  YTTERBY_HD std::uint32_t largest() const {
    std::uint32_t group = 0;
    for (std::uint32_t g = 1; g < pool_groups; ++g) group = of(g) > of(group) ? g : group;
    return group;
  }
};

}  // namespace ytterby::inline YTTERBY_LEVEL
