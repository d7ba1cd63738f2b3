// make_seeds FOLDER: a few small inputs of each harness in FOLDER/dose, FOLDER/kernel, ..., to fuzz from.

#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>

#include "io/results/checkpoint_file.h"
#include "io/results/dose_file.h"
#include "io/results/kernel_file.h"
#include "tests/fuzz/seeds.h"

using namespace ytterby;

namespace {

constexpr std::size_t voxels = 12;

std::vector<float> some(float first) {
  std::vector<float> values;
  for (std::size_t i = 0; i < voxels; ++i) values.push_back(first * static_cast<float>(i));
  return values;
}

io::DoseFile dose() {
  io::DoseFile f;
  f.map.method = "monte-carlo";
  f.map.grid.shape = {3, 2, 2};
  f.map.grid.spacing = {0.3, 0.3, 0.4};
  f.phantom.grid = f.map.grid;
  f.map.dose = some(1);
  f.map.uncertainty = some(0.1F);
  f.map.uncertainty[3] = std::numeric_limits<float>::quiet_NaN();
  f.map.structures = {{"liver", 100, 99, 40, 0.5}};
  f.map.histories = 640;
  f.map.batches = 64;
  f.map.decays = 1e9;
  f.map.ledger = {100, 90, 10, 0};
  f.phantom.density.assign(voxels, 1.05F);
  f.phantom.material.assign(voxels, 1);
  for (const char* name : {"air", "liver"}) f.phantom.materials.emplace_back().name = name;
  f.activity.assign(voxels, 5e6);
  f.structures = {{"liver", Role::liver, std::vector<float>(voxels, 0.5F)}, {"t", Role::tumour, some(1.0F / 16)}};
  f.dvhs = {{"liver", {0, 1, 2}, {1, 0.5F, 0}}, {"t", {}, {}}};
  f.case_name = "seed";
  f.resolved_case = "[medium]\nct = \"ct.nii\"\n";
  f.content_hash = "hash";
  f.inputs = {{"ct.nii", std::string(64, '0')}};
  f.half_life_h = 64.1;
  f.mean_energy = 0.93;
  f.electron_cutoff = f.photon_cutoff = 0.01;
  return f;
}

io::DoseFile dose_of_all_parts() {
  io::DoseFile f = dose();
  f.validity = some(0.01F);
  f.kernel = io::KernelRecord{"liver", 1.05, 1, 0.99, 0.001, 1000};
  f.goal = io::GoalRecord{"t", 0.01};
  f.patient.frame.uid = "1.2.3";
  f.patient.ct_instances = {"1.2.3.4", "1.2.3.5"};
  f.map.correlated = CorrelatedPart{std::vector<std::uint8_t>(voxels, 1), some(0.1F), 0.5, 0.5, 1.05, 1000};
  io::SessionRecord session;
  session.dose.map = f.map;
  for (const char* name : {"first", "second"}) {
    session.dose.name = name;
    session.activity = f.activity;
    session.structures = f.structures;
    f.sessions.push_back(session);
  }
  return f;
}

VoxelKernel kernel() {
  VoxelKernel k;
  k.half = {1, 1, 0};
  k.spacing = {0.3, 0.3, 0.3};
  k.dose = {1, 2, 1, 2, 5, 2, 1, 2, 1};
  k.variance.assign(9, 0.01);
  k.medium = make_material("water", {{1, 0.111894}, {8, 0.888106}}, 1);
  k.density = 1;
  k.energy_fraction = 0.9;
  k.relative_error = 0.01;
  k.histories = 100;
  k.electron_cutoff = k.photon_cutoff = 0.01;
  return k;
}

io::Checkpoint checkpoint() {
  RunState s;
  s.seed = 7;
  s.per_batch = 100;
  s.level = "baseline";
  s.batches = 2;
  const std::vector<std::int64_t> sum{5, 6, 7, -1};
  s.sums = BatchSums({sum.begin(), sum.end()}, {1, 2, 3, 4}, {1, 1, 1, 1});
  s.structure_energy = {{1, 2}, {3, 4}};
  s.done = 50;
  s.tally = sum;
  s.later = {{4, 10, sum, {}}};
  const auto shared = std::make_shared<const RunState>(s);
  return {fuzz::seeds_identity(), {shared, shared}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_seeds FOLDER\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  for (const char* kind : {"dose", "kernel", "checkpoint"}) std::filesystem::create_directories(folder / kind);
  io::write_dose(folder / "dose/small", dose());
  io::write_dose(folder / "dose/all-parts", dose_of_all_parts());
  io::write_kernel(folder / "kernel/small", kernel());
  io::write_checkpoint(folder / "checkpoint/small", checkpoint());
  fuzz::write_seeds_of_dicom_and_text(folder);
  fuzz::write_seed_of_transforms(folder);
  return 0;
}
