#pragma once
// What the contours of one plane enclose.

#include <cstddef>
#include <vector>

namespace ytterby::io {

/// A point of a contour in its plane, in voxels of the lattice; voxel centres are at whole numbers.
struct Corner {
  double x, y;
};
using Polygon = std::vector<Corner>;

/// An area as intervals along x on lines of equal distance along y: exact along x, sampled along y.
class PlaneRegion {
 public:
  static constexpr int lines_per_voxel = 32;
  struct Interval {
    double from, to;
  };
  using Line = std::vector<Interval>;  // ascending, apart

  [[nodiscard]] bool empty() const { return lines_.empty(); }
  [[nodiscard]] double area() const;                  // [voxels]
  [[nodiscard]] int first() const { return first_; }  // number of the first line; 0 is the first within voxel 0
  [[nodiscard]] const std::vector<Line>& lines() const { return lines_; }

  /// Points that a closed curve goes round, in whatever direction and however often.
  static PlaneRegion within(const Polygon& loop);
  /// Points within an odd number of curves.
  static PlaneRegion within_odd(const std::vector<Polygon>& loops);

  void add(const PlaneRegion& other);
  void subtract(const PlaneRegion& other);
  void exclusive_or(const PlaneRegion& other);

 private:
  template <class Keep>
  void combine(const PlaneRegion& other, const Keep& keep);

  int first_ = 0;
  std::vector<Line> lines_;
};
double common_area(const PlaneRegion& a, const PlaneRegion& b);  // [voxels]

/// What was met on the way.
struct ContourCounts {
  std::size_t identical = 0;    // contours that repeat another one
  std::size_t overlapping = 0;  // contours that overlap another one in part
  double beyond_odd = 0;        // where there are such: the area less that of their exclusive-or [voxels]
};

/// The area that the contours of a plane enclose.
///
/// A contour that meets itself in a point is cut there into loops: the way to a keyhole's hole and back encloses
/// nothing. Of two loops, I being the area that they share: one is the other's copy where I is 99 % of the area of both
/// together; the smaller lies inside the larger where I is 98 % of it; they overlap in part where I is more than 2 % of
/// the smaller; else they lie apart. Copies count once, loops that overlap in part are one piece, and a piece is inside
/// or a hole by the number of pieces that it lies in: 0, 2, ... or 1, 3, ... Rounding, and contours that touch, stay
/// below those limits. Of a hole, what lies beyond its surroundings takes nothing away.
PlaneRegion enclosed(const std::vector<Polygon>& contours, ContourCounts& counts);

}  // namespace ytterby::io
