#include "cases.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/patient/schneider.h"
#include "engine/phantoms/phantoms.h"

namespace ytterby::gpu_check {
namespace {

Case make(std::string name, std::string description, const Phantom& phantom, std::vector<double> activity,
          Estimator estimator) {
  Source source;
  source.voxels = VoxelSource{std::move(activity)};
  if (estimator == Estimator::plain)
    return {std::move(name), std::move(description), TransportTables(phantom, source, TransportOptions{})};
  const KernelOptions reference = reference_kernel_options(phantom, source, RunOptions{});
  Case result{std::move(name) + "_correlated", std::move(description),
              TransportTables(phantom, source, TransportOptions{}, &reference.medium,
                              multiplicities(phantom, reference.medium))};
  result.coupling = couple(phantom, coupled_voxels(phantom), result.tables, reference.density, margin_of(reference));
  return result;
}

/// Density and material of a CT number as simulate has them.
void add_voxel(Phantom& phantom, double hu) {
  phantom.density.push_back(static_cast<float>(schneider_density(hu)));
  phantom.material.push_back(static_cast<std::uint8_t>(schneider_bin(hu)));
}

}  // namespace

Case water_3mm(Estimator estimator) {
  constexpr int side = 41;
  Phantom phantom;
  phantom.grid = {{side, side, side}, {0.3, 0.3, 0.3}, {}, {}};
  phantom.materials = {built_in_material("water")};
  phantom.density.assign(phantom.grid.voxels(), 1.0f);
  phantom.material.assign(phantom.grid.voxels(), 0);
  std::vector<double> activity(phantom.grid.voxels(), 0.0);
  activity[phantom.grid.index(side / 2, side / 2, side / 2)] = 1;
  return make("water_3mm", "one voxel of 90Y in 41^3 voxels of 3 mm water", phantom, std::move(activity), estimator);
}

Case interfaces_3mm(Estimator estimator) {
  constexpr int side = 40;
  constexpr std::array densities{1.06f, 0.95f, 0.26f, 1.92f};
  Phantom phantom;
  phantom.grid = {{side, side, side}, {0.3, 0.3, 0.3}, {}, {}};
  phantom.materials = {built_in_material("liver_icru44"), built_in_material("adipose_icru44"),
                       built_in_material("lung_icru44"), built_in_material("cortical_bone_icru44")};
  std::vector<double> activity;
  for (std::size_t v = 0; v < phantom.grid.voxels(); ++v) {
    // Slabs along x: bone, tissue, lung, adipose, tissue.
    constexpr std::array<std::uint8_t, 5> slabs{3, 0, 2, 1, 0};
    const std::uint8_t material = slabs[v % side * slabs.size() / side];
    phantom.material.push_back(material);
    phantom.density.push_back(densities[material]);
    activity.push_back(material == 0 ? 1.0 : (material == 2 ? 0.1 : 0.0));
  }
  return make("interfaces_3mm", "slabs of bone, tissue, lung, adipose in 40^3 voxels of 3 mm", phantom,
              std::move(activity), estimator);
}

Case patient_1mm(bool small, Estimator estimator) {
  const AnalyticPhantom patient = make_phantom("rescue", 0.2);
  const Grid& from = patient.activity.grid;
  // A box around the centre of the activity, every 2 mm voxel cut into eight.
  std::array<double, 3> centre{};
  double counts = 0;
  for (std::size_t v = 0; v < from.voxels(); ++v) {
    const double c = static_cast<double>(patient.activity.values[v]);
    const auto nx = static_cast<std::size_t>(from.shape[0]), ny = static_cast<std::size_t>(from.shape[1]);
    counts += c;
    centre[0] += c * static_cast<double>(v % nx);
    centre[1] += c * static_cast<double>(v / nx % ny);
    centre[2] += c * static_cast<double>(v / nx / ny);
  }
  const std::array<int, 3> half = small ? std::array{10, 10, 10} : std::array{45, 35, 45};
  std::array<int, 3> low{}, size{};
  for (std::size_t i = 0; i < 3; ++i) {
    const int middle = static_cast<int>(centre[i] / counts);
    low[i] = std::max(0, middle - half[i]);
    size[i] = std::min(from.shape[i], middle + half[i]) - low[i];
  }
  Phantom phantom;
  phantom.grid = {{2 * size[0], 2 * size[1], 2 * size[2]}, {0.1, 0.1, 0.1}, {}, {}};
  for (const SchneiderBin& bin : schneider_bins()) phantom.materials.push_back(bin.material);
  std::vector<double> activity;
  for (int z = 0; z < phantom.grid.shape[2]; ++z)
    for (int y = 0; y < phantom.grid.shape[1]; ++y)
      for (int x = 0; x < phantom.grid.shape[0]; ++x) {
        const std::size_t v = from.index(low[0] + x / 2, low[1] + y / 2, low[2] + z / 2);
        add_voxel(phantom, static_cast<double>(patient.ct->values[v]));
        activity.push_back(static_cast<double>(patient.activity.values[v]));
      }
  return make("patient_1mm", "liver and tumours of the built-in patient in 1 mm voxels", phantom, std::move(activity),
              estimator);
}

std::vector<Case> all_cases(bool small, Estimator estimator) {
  std::vector<Case> cases;
  cases.push_back(water_3mm(estimator));
  cases.push_back(interfaces_3mm(estimator));
  cases.push_back(patient_1mm(small, estimator));
  return cases;
}

}  // namespace ytterby::gpu_check
