#include "support/physics_fixture.h"

#include <cmath>

namespace ytterby::testing {

const std::vector<Material>& test_materials() {
  static const std::vector<Material> materials{built_in_material("water"), built_in_material("cortical_bone_icru44"),
                                               built_in_material("lung_icru44")};
  return materials;
}

const PhysicsTables& test_tables() {
  static const PhysicsTables tables =
      build_tables(test_materials(), std::vector<double>{1.0, 1.92, 0.26}, 0.01, 0.01, built_in_library());
  return tables;
}

const SlowingDown& test_slowing(std::uint32_t material) {
  static const std::vector<SlowingDown> slowing = [] {
    std::vector<SlowingDown> list;
    for (const Material& m : test_materials()) list.emplace_back(m, built_in_library(), 0.01, 0.01);
    return list;
  }();
  return slowing[material];
}

RunOptions run_options(std::uint64_t histories, std::uint64_t seed, int threads) {
  RunOptions options;
  options.histories = histories;
  options.seed = seed;
  options.threads = threads;
  return options;
}

Phantom uniform_phantom(const Material& material, double density, std::array<int, 3> shape, Vector3 spacing) {
  Phantom phantom;
  phantom.grid.shape = shape;
  phantom.grid.spacing = spacing;
  phantom.density.assign(phantom.grid.voxels(), static_cast<float>(density));
  phantom.material.assign(phantom.grid.voxels(), 0);
  phantom.materials = {material};
  return phantom;
}

Source voxel_source(const Grid& grid, std::size_t voxel) {
  Source source;
  source.voxels = VoxelSource{std::vector<double>(grid.voxels(), 0.0)};
  source.voxels->activity[voxel] = 1;
  return source;
}

Source point_source(Vector3 at, double energy) {
  Source source;
  source.segment = SegmentSource{at, at};
  source.mono_energy = energy;
  return source;
}

double simpson(double low, double high, int intervals, const std::function<double(double)>& f) {
  const double h = (high - low) / intervals;
  double sum = f(low) + f(high);
  for (int i = 1; i < intervals; ++i) sum += (2 + 2 * (i % 2)) * f(low + h * i);
  return sum * h / 3;
}

double log_simpson(double low, double high, int intervals, const std::function<double(double)>& f) {
  return simpson(std::log(low), std::log(high), intervals, [&](double x) { return std::exp(x) * f(std::exp(x)); });
}

}  // namespace ytterby::testing
