#pragma once
// [activity] lung_shunt_from: the lung shunt out of planar views.

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "io/text/toml_table.h"

namespace ytterby::io {

/// A region of a planar view, one of: rectangles of pixels, a mask, labels of an image.
struct PlanarRegion {
  std::vector<std::array<int, 4>> rectangles;  // first column, first row, last column, last row; from 1, ends included
  std::string image;                           // of one plane (drawn on the anterior view) or of two (one each)
  std::vector<int> label;                      // empty: the image is a mask

  [[nodiscard]] bool empty() const { return rectangles.empty() && image.empty(); }
};

struct PlanarShunt {
  int line = 0;
  std::vector<std::string> planar;  // a file or folder, or two files: anterior, posterior
  std::string series;               // UID or number, where the folder has several
  std::vector<int> frames;          // anterior and posterior, from 1, where the object does not name its views
  PlanarRegion lungs, liver;
  PlanarRegion background;       // its mean per pixel is subtracted; empty: nothing is
  std::optional<bool> mirrored;  // whether the posterior view is as seen from behind; unset: it is, and is checked
  std::string energy_window;
  std::vector<std::string> scatter_window;  // subtracted, times scatter_factor
  double scatter_factor = 0;
};

/// Reads and checks the table. Throws Fault::input with file and line.
PlanarShunt read_planar_shunt(TomlTable table, const std::string& file);

/// The table as TOML, in one line; file names by `path`.
std::string planar_shunt_text(const PlanarShunt& shunt, const std::function<std::string(const std::string&)>& path);

/// The image files of its regions.
std::vector<std::string> region_files(const PlanarShunt& shunt);

}  // namespace ytterby::io
