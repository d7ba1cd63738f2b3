#pragma once
// Where parallel planes lie: an even lattice through their positions along the normal.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ytterby {

/// Planes first + index * spacing, in the unit of the positions.
struct PlaneLattice {
  double first = 0;
  double spacing = 0;      // 0 where all positions are one plane
  std::vector<int> index;  // of each position, in the order given; from 0
  int count = 0;           // planes from the first to the last, those without a position included
  double departure = 0;    // largest distance of a plane's mean position from the lattice
  std::size_t worst = 0;   // the position that departs most
};

/// Positions within this share of the spacing of the image that they lie on are of one plane.
inline constexpr double same_plane_share = 0.2;

/// What headers round away, in the unit of the positions (mm) and as a share of the spacing: 0.1 mm and 5 %.
double largest_departure(double spacing_mm);

/// True where planes depart by more than rounding of the last digit: 0.01 mm or 1 %.
bool departs(const PlaneLattice& lattice);

/// One position a plane and no plane missing: least squares through the positions in their order. Nothing is refused:
/// `departure` is the caller's to judge.
PlaneLattice fit_every_plane(const std::vector<double>& positions);

/// Planes about `spacing` apart of which some may be missing or hold several positions: nearer than a fifth of it is
/// the same plane, steps are rounded from one plane to the next (so that a spacing a little off does not add up), and
/// the lattice is the least-squares line. Nothing where the line's spacing is another one, or a plane departs by more
/// than `largest_departure`.
std::optional<PlaneLattice> fit_planes_near(const std::vector<double>& positions, double spacing);

/// The coarsest lattice that holds every position within `largest_departure`, of `finest` at least; nothing where there
/// is none. Neither the smallest nor the usual distance says what the spacing is: planes may be missing, or lie twice.
std::optional<PlaneLattice> fit_coarsest(const std::vector<double>& positions, double finest);

/// The two neighbouring positions whose distance is farthest from whole steps of `spacing`: indices into `positions`.
struct WorstGap {
  std::size_t below = 0, above = 0;
  double gap = 0, usual = 0;  // usual: the median distance, for messages alone
};
WorstGap worst_gap(const std::vector<double>& positions);

}  // namespace ytterby
