#pragma once
// A small case for what follows histories on a device.

#include <gtest/gtest.h>

#include <vector>

#include "engine/physics/material.h"
#include "engine/tables/physics_tables.h"
#include "engine/tables/source_tables.h"
#include "kernels/tables/tables_view.h"

namespace ytterby::testing {

/// Tissue beside lung, with activity in both; voxels small enough for secondaries to leave them.
class TwoTissues : public ::testing::Test {
 protected:
  static constexpr std::uint32_t side = 12;
  static constexpr std::size_t voxels = std::size_t{side} * side * side;

  TwoTissues() {
    const std::vector<Material> materials{built_in_material("liver_icru44"), built_in_material("lung_icru44")};
    const std::vector<double> densities{1.06, 0.26};
    physics_ = build_tables(materials, densities, 0.010, 0.010, built_in_library());
    Grid grid{{side, side, side}, {0.05, 0.05, 0.05}, {}, {}};
    VoxelSource activity{std::vector<double>(voxels, 0.0)};
    for (std::size_t v = 0; v < voxels; ++v) {
      const bool lung = v % side >= side / 2;
      words_.push_back((__builtin_bit_cast(std::uint32_t, lung ? 0.26f : 1.06f) & 0xffffff00u) | (lung ? 1u : 0u));
      if (v % 5 == 0) activity.activity[v] = 1.0 + static_cast<double>(v % 7);
    }
    Source source;
    source.voxels = activity;
    emission_ = build_source_tables(source, grid);
    view_ = TransportView{physics_.view(), {{side, side, side}, {0.05f, 0.05f, 0.05f}, {}}, emission_.view()};
    view_.grid.voxels = {words_.data(), static_cast<std::uint32_t>(words_.size())};
  }

  PhysicsTables physics_;
  SourceTables emission_;
  std::vector<std::uint32_t> words_;
  TransportView view_;
};

}  // namespace ytterby::testing
