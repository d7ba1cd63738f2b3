#pragma once
// Parts of images: masks fill a small part of theirs.

#include "engine/grid/image.h"

namespace ytterby {

/// A range of voxels of a grid: low to high, both inside; empty where high < low.
struct Box {
  std::array<int, 3> low{0, 0, 0}, high{-1, -1, -1};
  [[nodiscard]] bool empty() const { return high[0] < low[0] || high[1] < low[1] || high[2] < low[2]; }
};

/// Smallest box around the voxels above 0.
Box content_box(const Image<float>& image);

/// Smallest box around both.
Box join(const Box& a, const Box& b);

/// The grid of a box of another grid; the box may reach beyond it.
Grid cut(const Grid& grid, const Box& box);

/// The image within `box`; `image` covers `covered` of the same grid, beyond it there is 0.
Image<float> cut(const Image<float>& image, const Box& covered, const Box& box);

/// True where voxels coincide within 1e-4 of their size.
bool same_grid(const Grid& a, const Grid& b);

}  // namespace ytterby
