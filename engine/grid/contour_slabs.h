#pragma once
// What each plane of contours stands for along its normal.

#include <cstddef>
#include <string>
#include <vector>

#include "engine/grid/contour_plane.h"

namespace ytterby::io {

/// The patient's axis that is nearest the normal: messages say where planes are by its coordinate.
struct PatientAxis {
  char name = 'z';
  double origin = 0, along = 1;  // coordinate [mm] = origin + along * distance along the normal [mm]
  [[nodiscard]] double at(double mm) const { return origin + along * mm; }
};

/// Contours of one plane as they come.
struct PlaneContours {
  double at = 0;  // along the normal [mm]
  std::vector<Polygon> polygons;
};

/// A plane's area, and the slab that it fills [mm].
struct Slab {
  double low = 0, high = 0;
  PlaneRegion region;
  bool alone = false;     // an island of one step of the image
  double beyond_odd = 0;  // as in ContourCounts
};

/// Planes missing between two that overlap.
struct PlaneGap {
  double low = 0, high = 0;  // the planes on either side [mm]
  double volume = 0;         // what would lie between [voxels x mm]
  bool filled = false;
};

enum class GapRule { leave, fill };  // of several planes missing; a single one is always filled
enum class Within { nested, odd };   // how contours of a plane combine; `odd` is CLOSEDPLANAR_XOR

struct Slabs {
  std::vector<Slab> slabs;  // ascending
  std::vector<PlaneGap> gaps;
  double step = 0;        // distance of planes [mm]
  std::size_t alone = 0;  // planes that stand for one step of the image, less than their distance
  double departure = 0;   // largest, of a plane from its even lattice [mm]; 0 where that is rounding
  ContourCounts counts;
};

/// Sorts contours into planes and fits their lattice.
///
/// Planes whole steps of `image_spacing` [mm] apart are of that image: contours nearer than a fifth of it are of one
/// plane, and the step is the largest that all planes share (every second slice contoured: two). A plane that shares
/// less than a third of the smaller area with either of its neighbours is an island of one step of the image: nothing
/// says that what lies between belongs to it.
/// Otherwise they are of another image, and its lattice is the coarsest that holds them; pieces far apart may have
/// lattices of their own, of one step. A plane fills its step. Throws Fault::input naming two planes where there is no
/// such lattice, by their coordinates along `axis`.
Slabs slabs_of(std::vector<PlaneContours> contours, double image_spacing, GapRule rule, Within within,
               const PatientAxis& axis);

}  // namespace ytterby::io
