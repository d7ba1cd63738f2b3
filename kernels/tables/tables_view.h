#pragma once
// Flat tables that a history reads. Built in double by engine/tables/physics_tables.cpp; every lookup here is linear
// between nodes.
//
// Two kinds of grid: on the bits of a float (2^n equal parts of every octave: no logarithm is needed to find the
// node), and uniform.

#include <cstdint>

#include "kernels/view.h"

namespace ytterby {

/// A grid on float bits: node i stands at the float whose bits are (base + i) << shift.
struct BitGrid {
  std::uint32_t base, shift, intervals;
};

inline constexpr BitGrid range_grid{((127u - 18u) << 23) >> 18, 18, 22 * 32};   // 2^-18 .. 16 g/cm2, 32 an octave
inline constexpr BitGrid energy_grid{((127u - 10u) << 23) >> 18, 18, 12 * 32};  // 2^-10 .. 4 MeV, 32 an octave
inline constexpr BitGrid angle_grid{((127u - 18u) << 23) >> 22, 22, 22 * 2};    // residual range, 2 an octave
inline constexpr BitGrid bremsstrahlung_grid{((127u - 10u) << 23) >> 21, 21, 12 * 4};  // energy, 4 an octave
inline constexpr BitGrid momentum_grid{((127u - 20u) << 23) >> 21, 21, 26 * 4};        // (momentum transfer / mc)^2

inline constexpr std::uint32_t angle_bins = 128;      // equiprobable intervals of a deflection table
inline constexpr std::uint32_t angle_tail_bins = 32;  // equal parts of the last one
inline constexpr std::uint32_t angle_stride = 164;    // width, angle_bins + 1 nodes, the tail's nodes, padded
inline constexpr std::uint32_t angle_classes = 4;     // scattering strengths per step
inline constexpr float angle_class_strength[4] = {1.0f, 0.4f, 0.15f, 0.05f};  // transport mean free paths
inline constexpr float angle_class_hinge[4] = {0.4918602f, 0.1994687f, 0.0749719f, 0.0249990f};  // hinge_place()
inline constexpr std::uint32_t bremsstrahlung_bins = 64;
inline constexpr std::uint32_t bremsstrahlung_stride = 65;

inline constexpr std::uint32_t loss_bins = 64;  // of the path to the next tentative event, equally likely
inline constexpr float most_straggling = 0.9f;  // of the mean loss; below 3 keV

/// At a residual range r [g/cm2] (continuous slowing down by restricted losses).
struct RangeNode {
  float energy;     // kinetic energy [MeV]
  float strength;   // scattering strength left: integral of the transport coefficient over r [1]
  float photons;    // bremsstrahlung photons above the cutoff still to come, on average [1]
  float transport;  // transport coefficient: inverse first transport mean free path [cm2/g]
};

/// At a kinetic energy.
struct EnergyNode {
  float range;             // residual range [g/cm2]
  float moller;            // chance that a tentative event is a Moller collision
  float event;             // ... a Moller collision or bremsstrahlung
  float nominal_strength;  // scattering strength left in the nominal medium, which steps are chosen by: the same in all
};

/// At a photon energy.
struct PhotonNode {
  float mu_over_rho;  // total [cm2/g]
  float compton;      // cumulative shares of the total
  float photoelectric;
  float rayleigh;  // the rest is pair production
};

/// All materials one after the other; strides are nodes per material.
struct PhysicsView {
  View<RangeNode> range;          // [material][range_grid.intervals + 1]
  View<EnergyNode> energy;        // [material][energy_grid.intervals + 1]
  View<float> range_of_strength;  // [material][strength_nodes], uniform in strength
  std::uint32_t strength_nodes = 0;
  float strength_scale = 0;       // nodes per unit of strength
  View<float> nominal_transport;  // [strength_nodes] transport coefficient in the nominal medium, water [cm2/g]
  View<float> scattering;         // [material] transport coefficient over the nominal medium's, at 0.5 MeV
  View<float> range_at_cutoff;    // [material]
  View<float> straggling;  // [material][energy_grid.intervals + 1] sqrt(3 w), of straggling_of_energy() [MeV^1/2]
  View<float> inverse_root_loss;  // [loss_bins] mean over paths of the same top bits of an event's word [MeV^-1/2]
  float event_majorant = 0;       // tentative events per MeV lost, for all materials
  View<float> angle;              // [class][material][angle_grid.intervals + 1][angle_stride]
  View<float> bremsstrahlung;     // [material][bremsstrahlung_grid.intervals + 1][bremsstrahlung_stride]
  View<PhotonNode> photon;        // [material][energy_grid.intervals + 1]
  View<float> photon_majorant;    // [energy_grid.intervals + 1] largest linear coefficient on the grid [1/cm]
  View<float> rayleigh;           // [material][momentum_grid.intervals + 1] integral of F^2 d(q^2)
  std::uint32_t materials = 0;
  std::uint32_t electron_cutoff = 0;  // [quanta]
  float electron_cutoff_MeV = 0;      // also the Moller production threshold
  float photon_cutoff = 0;            // [MeV]
  float step_fraction = 0.1f;         // scattering strength of a step over that of the smallest voxel side
};

/// The voxel grid. A voxel's word is its density's float bits with the low 8 bits replaced by the material's index
/// (density at most 3.1e-5 too low).
struct GridView {
  std::uint32_t shape[3] = {0, 0, 0};
  float size[3] = {0, 0, 0};  // voxel size [cm]
  View<std::uint32_t> voxels;
};

/// The reference medium of the correlated estimator: one word for all voxels of a grid that is the patient's with `pad`
/// more voxels on every side, so that no electron leaves it. Its `voxels` is empty.
struct UniformGridView : GridView {
  std::uint32_t word = 0;
  std::uint32_t pad = 0;
};

inline constexpr std::uint32_t sobol_dimensions = 6;
inline constexpr std::uint32_t sobol_words = 8 * 16;  // of a dimension: an entry for each value of each four bits

/// Emission from voxels by their cumulative activity, or from a segment in grid coordinates.
struct SourceView {
  View<std::uint32_t> voxel;  // indices of the voxels that emit, neighbours near each other
  View<std::uint64_t> below;  // [voxel] activity of it and those before it, the total being 2^64, less one
  View<std::uint32_t> guide;  // [parts + 1] the first voxel whose `below` reaches into part i of the total
  std::uint32_t guide_shift = 0;
  float segment_from[3] = {0, 0, 0};
  float segment_to[3] = {0, 0, 0};  // used where `voxel` is empty
  View<float> spectrum;             // energies at equal steps of probability [MeV]; a single entry is mono-energetic
  View<std::uint32_t> sobol;        // [dimension][four bits of the index][16] their part of the number, reversed
  std::uint64_t histories_per_batch = 0;  // that share the emission evenly, below 2^32; 0: each by itself
  View<float> internal_number;  // [row] internal photons of a beta of row / internal_rows_per_MeV; empty: none
  View<float> internal_share;   // [row][column] their energy over the beta's, at equal steps of probability
  float internal_rows_per_MeV = 0;
  std::uint32_t pair_chance = 0;      // of an electron-positron pair with a decay, the whole being 2^32; 0: none
  std::uint32_t pair_quanta = 0;      // its energy, with its rest mass
  std::uint32_t pair_beta_share = 0;  // what is then left of the beta's energy, the whole being 2^32
  std::uint64_t stratum = 0;          // of a history, the total being 2^64; 2^64 / histories_per_batch

  /// Lets the histories of a batch share the emission evenly; 0: each draws its own.
  void share_out(std::uint64_t per_batch) {
    histories_per_batch = per_batch;
    stratum = per_batch > 1 ? ~std::uint64_t{0} / per_batch : ~std::uint64_t{0};
  }
};

/// Concentric shells of one material around the origin: the geometry of point kernels, for validation.
struct ShellView {
  View<float> radius;      // outer radii, ascending [cm]; vacuum outside
  std::uint32_t word = 0;  // of all shells, as in GridView
};

/// Everything that a history reads; Geometry is GridView or ShellView.
template <class Geometry>
struct TransportViewOf {
  PhysicsView physics;
  Geometry grid;
  SourceView source;
};

using TransportView = TransportViewOf<GridView>;

/// What the second run of a history reads, in the reference medium; see transport/reference.h.
struct ReferenceView {
  UniformGridView grid;
  View<std::uint8_t> coupled;  // [entry of the source] see CoupledEntry in transport/reference.h; empty: none is
};

/// What runs in the reference medium do to the tally: the correlated estimator takes them off, a kernel is made of
/// them.
enum class ReferenceSign : std::uint32_t { taken_off, added };

/// Status bits of a batch; any bit set is an error.
enum StatusBit : std::uint32_t {
  status_electron_stack_full = 1u,
  status_photon_queue_full = 2u,
  status_step_cap = 4u,
  status_tally_overflow = 16u,
  status_reference_left = 32u,  // an electron of the reference medium left the padded grid
};

}  // namespace ytterby
