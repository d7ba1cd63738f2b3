#pragma once
// The part of the dose grid that the page shows.

#include <array>
#include <cstddef>
#include <vector>

#include "engine/grid/grid.h"
#include "io/results/dose_file.h"

namespace ytterby::io {

/// Voxels of the page, with axes along the patient's left, posterior and superior.
struct PageWindow {
  std::array<int, 3> axis{};                    // grid axis of each page axis
  std::array<int, 3> first{}, step{}, count{};  // grid index = first + step * page index
  const Grid* grid = nullptr;

  [[nodiscard]] std::size_t voxels() const {
    return static_cast<std::size_t>(count[0]) * static_cast<std::size_t>(count[1]) * static_cast<std::size_t>(count[2]);
  }
  [[nodiscard]] std::array<int, 3> index(int x, int y, int z) const {
    std::array<int, 3> i{};
    const std::array<int, 3> page{x, y, z};
    for (std::size_t a = 0; a < 3; ++a) i[static_cast<std::size_t>(axis[a])] = first[a] + step[a] * page[a];
    return i;
  }
  template <class Visit>
  void each(const Visit& visit) const {
    std::size_t page = 0;
    for (int z = 0; z < count[2]; ++z)
      for (int y = 0; y < count[1]; ++y)
        for (int x = 0; x < count[0]; ++x) {
          const auto i = index(x, y, z);
          visit(page++, grid->index(i[0], i[1], i[2]));
        }
  }
};

/// Largest dose outside gas [Gy]: one electron makes any dose there.
float largest_dose(const DoseFile& dose);

/// What holds structures or dose, and a rim; thinned where more than 3e6 voxels are left.
PageWindow window_of(const std::vector<DoseFile>& doses);

}  // namespace ytterby::io
