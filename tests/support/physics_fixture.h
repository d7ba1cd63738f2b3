#pragma once
// Materials, tables and small phantoms that many tests share; built once per program.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/patient/phantom.h"
#include "engine/patient/source.h"
#include "engine/physics/library.h"
#include "engine/run/run_options.h"
#include "engine/tables/electron_tables.h"
#include "engine/tables/physics_tables.h"

namespace ytterby::testing {

inline constexpr double electron_mass = 0.51099895;  // [MeV]
inline constexpr std::uint32_t water = 0, bone = 1, lung = 2;

/// water, cortical_bone_icru44, lung_icru44; their tables with cutoffs of 10 keV.
const std::vector<Material>& test_materials();
const PhysicsTables& test_tables();
const SlowingDown& test_slowing(std::uint32_t material);

/// The defaults but for these.
RunOptions run_options(std::uint64_t histories, std::uint64_t seed = 1, int threads = 1);

/// A uniform phantom with a source in its middle voxel.
Phantom uniform_phantom(const Material& material, double density, std::array<int, 3> shape, Vector3 spacing);
/// 1 Bq in one voxel, spread evenly.
Source voxel_source(const Grid& grid, std::size_t voxel);
Source point_source(Vector3 at, double energy);

/// Integral of f by Simpson's rule over `intervals` (even) equal parts.
double simpson(double low, double high, int intervals, const std::function<double(double)>& f);
/// Integral of f(x) dx over equal parts of ln x.
double log_simpson(double low, double high, int intervals, const std::function<double(double)>& f);

}  // namespace ytterby::testing
