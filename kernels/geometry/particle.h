#pragma once
// Particles in flight and particles that wait.

#include "kernels/rng/philox.h"
#include "kernels/tables/lookup.h"
#include "kernels/vec3.h"

namespace ytterby::inline YTTERBY_LEVEL {

/// What ends an electron's flight inside a material.
enum class Vertex : std::uint32_t { hinge, event, end };

/// What an electron's counts of hinges and events are kept modulo of. No electron of 90Y comes round: its hinges are
/// 0.05 apart in scattering strengths below 100, and at the lowest cutoffs, 2 keV, it meets some 58 events a MeV in
/// silver, fewer in tissue (tests/engine/tables/test_physics_tables.cpp). Of one that does, two events 256 apart share
/// numbers.
inline constexpr std::uint32_t step_counts = 4096, event_counts = 256;

/// What an electron loses up to its next tentative event, over its mean, is a whole number of 8 bits of parts of this.
inline constexpr float loss_part = 1.0f / 128.0f;

/// An electron or positron in flight. Its position is relative to its voxel's lower corner; the voxel is state.
struct Electron {
  Vec3 position;          // [cm], 0 .. voxel size
  Vec3 direction;         // unit
  std::uint32_t x, y, z;  // voxel
  std::uint32_t voxel;    // linear index
  std::uint32_t material;
  float density;               // [g/cm3]
  float path_per_range;        // path on which a g/cm2 of range goes [cm3/g]: 1/density, straggled; 0 in vacuum
  float clearance;             // no face is nearer than this [cm]
  float range;                 // residual range here [g/cm2]
  float range_vertex;          // range at which the next vertex is reached
  float strength_hinge;        // scattering strength left at the next hinge (this material's scale)
  float strength_after;        // strength from that hinge to the end of its step
  float nominal_hinge;         // strength left at that hinge in the nominal medium, to choose steps by
  std::uint32_t angle_class;   // class of the step that the next hinge belongs to
  std::uint32_t energy;        // kinetic energy at the last booking [quanta]
  std::uint32_t energy_event;  // kinetic energy at the next tentative event [quanta]; 0: none above the cutoff
  float range_event;           // residual range at that event
  Vertex vertex;
  float loss_share = 1.0f;              // loss up to the next tentative event, over its mean
  std::uint32_t lineage, step, events;  // step: hinges met; events: tentative events met
  bool positron;
};

/// The step of a photon that becomes a pair where it is: what an excited nucleus has to give. No photon comes to it.
inline constexpr std::uint32_t pair_at_birth = 0xffffffffu;

/// A photon; its position is in grid coordinates (0 at the grid's outer corner).
struct Photon {
  Vec3 position;   // [cm]
  Vec3 direction;  // unit
  float energy;    // [MeV], a whole number of quanta
  std::uint32_t quanta;
  std::uint32_t lineage, step;
};

/// An electron that waits while its secondary is followed: 32 bytes. Position to 1/65536 of a voxel side, direction to
/// 3e-5; its next event follows from its stream when it goes on.
struct WaitingElectron {
  std::uint32_t voxel;
  std::uint32_t energy;  // [quanta]
  std::uint32_t lineage;
  float strength_to_hinge;  // from here to the hinge
  std::uint16_t step;       // hinges met (12 bits), events met (its low 4 bits)
  std::uint16_t hinge;  // class (2 bits), positron (1 bit), events met (high 4 bits), strength after the hinge (9 bits)
  std::uint16_t position[3];
  std::int16_t direction[3];
};
static_assert(sizeof(WaitingElectron) == 32);

inline constexpr std::uint32_t waiting_electrons = 8;  // a secondary has at most half: 2^-8 of 2.28 MeV is under 10 keV
inline constexpr std::uint32_t waiting_photons = 24;

}  // namespace ytterby::inline YTTERBY_LEVEL
