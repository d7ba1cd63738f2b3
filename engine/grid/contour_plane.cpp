#include "engine/grid/contour_plane.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <utility>

namespace ytterby::io {
namespace {

constexpr double same_point = 1e-3;  // [voxels]; the same decimals in a file are the same point
constexpr double copy_share = 0.99, inside_share = 0.98, apart_share = 0.02;

struct Crossing {
  double x;
  int direction;
};

double height(int line) { return -0.5 + (line + 0.5) / PlaneRegion::lines_per_voxel; }

/// First line at y or above it.
int line_at(double y) { return static_cast<int>(std::ceil((y + 0.5) * PlaneRegion::lines_per_voxel - 0.5)); }

struct Crossings {
  int first = 0;
  std::vector<std::vector<Crossing>> lines;
};

/// Half-open edges count each line once.
void cross(Corner a, Corner b, Crossings& all) {
  const int direction = a.y < b.y ? 1 : -1;
  if (a.y > b.y) std::swap(a, b);
  if (!(a.y < b.y)) return;
  for (int line = std::max(line_at(a.y), all.first); line < all.first + static_cast<int>(all.lines.size()); ++line) {
    const double y = height(line);
    if (y >= b.y) break;
    if (y < a.y) continue;
    all.lines[static_cast<std::size_t>(line - all.first)].push_back(
        {a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y), direction});
  }
}

Crossings crossings_of(const std::vector<const Polygon*>& loops) {
  double low = 1e300, high = -1e300;
  for (const Polygon* loop : loops) {
    for (const Corner& c : *loop) {
      low = std::min(low, c.y);
      high = std::max(high, c.y);
    }
  }
  Crossings all;
  if (!(low < high)) return all;
  all.first = line_at(low);
  all.lines.resize(static_cast<std::size_t>(std::max(0, line_at(high) - all.first)));
  for (const Polygon* loop : loops) {
    for (std::size_t i = 0; i < loop->size(); ++i) cross((*loop)[i], (*loop)[(i + 1) % loop->size()], all);
  }
  for (auto& line : all.lines) {
    std::sort(line.begin(), line.end(), [](const Crossing& a, const Crossing& b) { return a.x < b.x; });
  }
  return all;
}

/// Intervals in which the winding number is inside.
template <class Inside>
PlaneRegion::Line intervals(const std::vector<Crossing>& crossings, const Inside& inside) {
  PlaneRegion::Line line;
  int winding = 0;
  for (std::size_t i = 0; i < crossings.size(); ++i) {
    const bool before = inside(winding);
    winding += crossings[i].direction;
    if (before == inside(winding)) continue;
    if (!before) {
      if (!line.empty() && line.back().to == crossings[i].x) continue;  // touches: one interval
      line.push_back({crossings[i].x, crossings[i].x});
    } else {
      line.back().to = crossings[i].x;
    }
  }
  std::erase_if(line, [](const PlaneRegion::Interval& i) { return !(i.to > i.from); });
  return line;
}

/// A contour cut where it meets itself.
std::vector<Polygon> loops_of(const Polygon& contour) {
  using Key = std::pair<std::int64_t, std::int64_t>;
  std::vector<Polygon> loops;
  Polygon path;
  std::vector<Key> keys;
  std::map<Key, std::size_t> at;  // of the path
  for (const Corner& corner : contour) {
    const Key key{std::llround(corner.x / same_point), std::llround(corner.y / same_point)};
    const auto met = at.find(key);
    if (met == at.end()) {
      at.emplace(key, path.size());
      path.push_back(corner);
      keys.push_back(key);
      continue;
    }
    const std::size_t from = met->second;
    if (path.size() - from >= 3) loops.emplace_back(path.begin() + static_cast<std::ptrdiff_t>(from), path.end());
    for (std::size_t i = from + 1; i < path.size(); ++i) at.erase(keys[i]);
    path.resize(from + 1);
    keys.resize(from + 1);
  }
  if (path.size() >= 3) loops.push_back(std::move(path));
  return loops;
}

/// Loops that overlap in part, through others too.
class Pieces {
 public:
  explicit Pieces(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t root(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) { parent_[root(a)] = root(b); }

 private:
  std::vector<std::size_t> parent_;
};

std::vector<PlaneRegion> without_copies(std::vector<PlaneRegion> loops, ContourCounts& counts) {
  std::vector<PlaneRegion> kept;
  for (PlaneRegion& loop : loops) {
    const double area = loop.area();
    const bool copy = std::any_of(kept.begin(), kept.end(), [&](const PlaneRegion& other) {
      const double whole = other.area(), common = common_area(loop, other);
      return common >= copy_share * (whole + area - common);
    });
    if (copy) {
      ++counts.identical;
    } else {
      kept.push_back(std::move(loop));
    }
  }
  return kept;
}

/// Pieces, the largest first.
std::vector<PlaneRegion> pieces_of(const std::vector<PlaneRegion>& loops, ContourCounts& counts) {
  Pieces pieces(loops.size());
  std::vector<bool> overlaps(loops.size());
  for (std::size_t i = 0; i < loops.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double smaller = std::min(loops[i].area(), loops[j].area()), common = common_area(loops[i], loops[j]);
      if (common <= apart_share * smaller || common >= inside_share * smaller) continue;
      pieces.join(i, j);
      overlaps[i] = overlaps[j] = true;
    }
  }
  counts.overlapping += static_cast<std::size_t>(std::count(overlaps.begin(), overlaps.end(), true));
  std::map<std::size_t, PlaneRegion> joined;
  for (std::size_t i = 0; i < loops.size(); ++i) joined[pieces.root(i)].add(loops[i]);
  std::vector<PlaneRegion> result;
  for (auto& [root, region] : joined) result.push_back(std::move(region));
  std::sort(result.begin(), result.end(),
            [](const PlaneRegion& a, const PlaneRegion& b) { return a.area() > b.area(); });
  return result;
}

}  // namespace

double PlaneRegion::area() const {
  double sum = 0;
  for (const Line& line : lines_) {
    for (const Interval& i : line) sum += i.to - i.from;
  }
  return sum / lines_per_voxel;
}

PlaneRegion PlaneRegion::within(const Polygon& loop) {
  PlaneRegion region;
  const Crossings all = crossings_of({&loop});
  region.first_ = all.first;
  for (const auto& line : all.lines) region.lines_.push_back(intervals(line, [](int winding) { return winding != 0; }));
  return region;
}

PlaneRegion PlaneRegion::within_odd(const std::vector<Polygon>& loops) {
  PlaneRegion region;
  std::vector<const Polygon*> all_loops;
  for (const Polygon& loop : loops) all_loops.push_back(&loop);
  const Crossings all = crossings_of(all_loops);
  region.first_ = all.first;
  for (const auto& line : all.lines)
    region.lines_.push_back(intervals(line, [](int winding) { return winding % 2 != 0; }));
  return region;
}

template <class Keep>
void PlaneRegion::combine(const PlaneRegion& other, const Keep& keep) {
  if (other.lines_.empty()) return;
  if (lines_.empty()) first_ = other.first_;
  const int low = std::min(first_, other.first_);
  const int high =
      std::max(first_ + static_cast<int>(lines_.size()), other.first_ + static_cast<int>(other.lines_.size()));
  lines_.insert(lines_.begin(), static_cast<std::size_t>(first_ - low), Line{});
  lines_.resize(static_cast<std::size_t>(high - low));
  first_ = low;
  std::vector<std::pair<double, int>> ends;  // +-1 for this, +-2 for the other
  for (std::size_t k = 0; k < other.lines_.size(); ++k) {
    if (other.lines_[k].empty()) continue;
    Line& own = lines_[static_cast<std::size_t>(other.first_ - low) + k];
    ends.clear();
    for (const Interval& i : own) ends.insert(ends.end(), {{i.from, 1}, {i.to, -1}});
    for (const Interval& i : other.lines_[k]) ends.insert(ends.end(), {{i.from, 2}, {i.to, -2}});
    std::sort(ends.begin(), ends.end());
    own.clear();
    bool in_own = false, in_other = false, inside = false;
    for (const auto& [x, which] : ends) {
      (std::abs(which) == 1 ? in_own : in_other) = which > 0;
      if (const bool now = keep(in_own, in_other); now != inside) {
        if (now) {
          own.push_back({x, x});
        } else {
          own.back().to = x;
        }
        inside = now;
      }
    }
    std::erase_if(own, [](const Interval& i) { return !(i.to > i.from); });
  }
}

void PlaneRegion::add(const PlaneRegion& other) {
  combine(other, [](bool own, bool added) { return own || added; });
}

void PlaneRegion::subtract(const PlaneRegion& other) {
  combine(other, [](bool own, bool taken) { return own && !taken; });
}

void PlaneRegion::exclusive_or(const PlaneRegion& other) {
  combine(other, [](bool own, bool with) { return own != with; });
}

double common_area(const PlaneRegion& a, const PlaneRegion& b) {
  const int low = std::max(a.first(), b.first());
  const int high =
      std::min(a.first() + static_cast<int>(a.lines().size()), b.first() + static_cast<int>(b.lines().size()));
  double sum = 0;
  for (int line = low; line < high; ++line) {
    const auto& one = a.lines()[static_cast<std::size_t>(line - a.first())];
    const auto& other = b.lines()[static_cast<std::size_t>(line - b.first())];
    for (std::size_t i = 0, j = 0; i < one.size() && j < other.size();) {
      sum += std::max(0.0, std::min(one[i].to, other[j].to) - std::max(one[i].from, other[j].from));
      (one[i].to < other[j].to ? i : j) += 1;
    }
  }
  return sum / PlaneRegion::lines_per_voxel;
}

PlaneRegion enclosed(const std::vector<Polygon>& contours, ContourCounts& counts) {
  std::vector<PlaneRegion> loops;
  for (const Polygon& contour : contours) {
    for (const Polygon& loop : loops_of(contour)) {
      if (PlaneRegion region = PlaneRegion::within(loop); region.area() > 0) loops.push_back(std::move(region));
    }
  }
  loops = without_copies(std::move(loops), counts);
  const std::size_t overlapping = counts.overlapping;
  const std::vector<PlaneRegion> pieces = pieces_of(loops, counts);
  std::vector<std::pair<int, const PlaneRegion*>> by_depth;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    int depth = 0;
    for (std::size_t j = 0; j < i; ++j)
      depth += common_area(pieces[i], pieces[j]) >= inside_share * pieces[i].area() ? 1 : 0;
    by_depth.emplace_back(depth, &pieces[i]);
  }
  std::stable_sort(by_depth.begin(), by_depth.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  PlaneRegion result;
  for (const auto& [depth, piece] : by_depth) {
    if (depth % 2 == 0) {
      result.add(*piece);
    } else {
      result.subtract(*piece);
    }
  }
  if (counts.overlapping > overlapping) {
    PlaneRegion odd;
    for (const PlaneRegion& loop : loops) odd.exclusive_or(loop);
    counts.beyond_odd += result.area() - odd.area();
  }
  return result;
}

}  // namespace ytterby::io
