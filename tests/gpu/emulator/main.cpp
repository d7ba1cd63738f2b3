// usage: emulator pool|flights|correlated CASE HISTORIES
// Follows a batch by the kernels' PTX and by the CPU launcher, compares them, and prints what the former took as JSON.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "engine/device/device_run.h"
#include "kernels/launch/launch.h"
#include "kernels/launch/launch_cuda.h"
#include "tests/gpu/cases.h"
#include "tests/gpu/emulator/warp.h"

namespace ytterby::emulator {
#include "kernels.inc"

constexpr std::uint32_t blocks = 2;
constexpr std::uint64_t seed = 1;

enum class Way { pool, flights, correlated };

/// A batch in "device" memory, and what it costs.
struct Batch {
  std::vector<unsigned long long> tally, counters;
  std::vector<QueuedPhoton> queue[2];
  std::vector<Quad> slab = std::vector<Quad>(blocks * slab_quads_per_block);
  DeviceTotals totals{};
  Counts electrons, photons, reference;

  Batch(const TransportView& view, const std::optional<Coupling>& coupling, std::uint64_t histories, Way way)
      : tally(view.grid.voxels.size), counters(2 + 2 * (photon_rounds + 1)) {
    for (auto& q : queue) q.resize(queue_capacity(histories));
    unsigned long long *queued = counters.data() + 1, *taken = queued + photon_rounds + 1;
    WeightedLaunch launch;
    launch.view = view;
    launch.seed = seed;
    launch.count = histories;
    launch.portion = 8;
    launch.next = counters.data();
    launch.tally = tally.data();
    launch.totals = &totals;
    launch.out = queue[0].data();
    launch.out_count = queued;
    launch.queue_capacity = launch.out_capacity = static_cast<std::uint32_t>(queue[0].size());
    launch.slab = slab.data();
    if (way == Way::pool) {
      electrons = run<pooled_histories_kernel>(plain(launch), blocks, cuda_pool_threads, cuda_pool_shared_bytes);
    } else if (way == Way::flights) {
      electrons = run<histories_kernel>(plain(launch), blocks, cuda_block_threads, cuda_shared_bytes);
    } else {
      launch.coupled = coupling->view().coupled;
      follow_reference(*coupling, launch);
      electrons = run<weighted_histories_kernel>(launch, blocks, cuda_pool_threads, cuda_weighted_pool_shared_bytes);
    }
    launch.portion = 1;
    for (int round = 0; round < photon_rounds; ++round) {
      launch.next = taken + round;
      launch.queue = queue[round % 2].data();
      launch.queued = queued + round;
      launch.out = queue[(round + 1) % 2].data();
      launch.out_count = queued + round + 1;
      photons += way == Way::correlated
                     ? run<weighted_photons_kernel>(launch, blocks, cuda_block_threads, cuda_photon_shared_bytes)
                     : run<photons_kernel>(plain(launch), blocks, cuda_block_threads, cuda_photon_shared_bytes);
    }
  }

 private:
  static const DeviceLaunch& plain(const WeightedLaunch& launch) { return launch; }

  void follow_reference(const Coupling& coupling, const WeightedLaunch& of) {
    ReferenceLaunch launch;
    launch.view = {of.view.physics, coupling.grid, of.view.source};
    launch.coupled = of.coupled;
    launch.patient = of.view.grid.voxels;
    launch.seed = of.seed;
    launch.count = of.count;
    launch.next = &counters.back();
    launch.tally = of.tally;
    launch.totals = of.totals;
    launch.slab = of.slab;
    reference = run<reference_histories_kernel>(launch, blocks, cuda_pool_threads, cuda_weighted_pool_shared_bytes);
  }
};

/// Complains once about a number that has to be another.
bool same(const char* what, unsigned long long got, unsigned long long wanted) {
  if (got != wanted) std::fprintf(stderr, "%s: %llu on the emulated device, %llu on the CPU\n", what, got, wanted);
  return got == wanted;
}

/// Structure sums and the fold of a batch against plain sums; the number of voxels that differ.
std::size_t check_fold(Batch& batch, const std::vector<std::int64_t>& expected, bool& agrees) {
  const auto voxels = static_cast<std::uint32_t>(expected.size());
  std::vector<std::uint32_t> voxel, weight;
  __int128 sum = 0;
  for (std::uint32_t v = 0; v < voxels; v += 7) {
    voxel.push_back(v);
    weight.push_back((v * 2654435761u) >> 8);
    sum += static_cast<__int128>(weight.back()) * expected[v];
  }
  DeviceStructureSum found{};
  const DeviceStructure structure{batch.tally.data(), voxel.data(), weight.data(),
                                  static_cast<std::uint32_t>(voxel.size()), &found};
  run<structure_kernel>(structure, blocks, cuda_fold_threads, 0);
  const __int128 structure_sum = (static_cast<__int128>(static_cast<long long>(found.high)) << 32) + found.low;
  agrees = same("a structure's sum, high", static_cast<unsigned long long>(structure_sum >> 64),
                static_cast<unsigned long long>(sum >> 64)) &&
           same("a structure's sum, low", static_cast<unsigned long long>(structure_sum),
                static_cast<unsigned long long>(sum)) &&
           agrees;

  std::vector<long long> sums(voxels, 3);
  std::vector<unsigned __int128> squares(voxels, 5);
  std::vector<std::uint32_t> hits(voxels, 7);
  const DeviceFold fold{batch.tally.data(),
                        sums.data(),
                        squares.data(),
                        hits.data(),
                        voxels,
                        &batch.totals,
                        batch.counters.data() + 1 + photon_rounds};
  run<fold_kernel>(fold, blocks, cuda_fold_threads, 0);
  std::size_t differ = 0;
  unsigned long long deposited = 0;
  for (std::uint32_t v = 0; v < voxels; ++v) {
    const auto energy = static_cast<unsigned __int128>(expected[v] < 0 ? -expected[v] : expected[v]);
    deposited += static_cast<unsigned long long>(expected[v]);
    if (batch.tally[v] != 0 || sums[v] != expected[v] + 3 || squares[v] != energy * energy + 5 ||
        hits[v] != (expected[v] != 0 ? 8u : 7u))
      ++differ;
  }
  agrees = same("energy deposited", batch.totals.deposited, deposited) && agrees;

  std::vector<VoxelSums> gathered(voxel.size());
  const DeviceGather gather{
      sums.data(),    squares.data(), hits.data(), voxel.data(), static_cast<std::uint32_t>(voxel.size()),
      gathered.data()};
  run<gather_kernel>(gather, blocks, cuda_fold_threads, 0);
  for (std::size_t i = 0; i < voxel.size(); ++i) {
    const std::uint32_t v = voxel[i];
    if (gathered[i].sum != sums[v] || gathered[i].square != squares[v] || gathered[i].hits != hits[v]) ++differ;
  }
  return differ;
}

int compare(const char* name, const gpu_check::Case& c, std::uint64_t histories, Way way) {
  const TransportView view = c.tables.view(histories);
  Batch batch(view, c.coupling, histories, way);
  std::vector<std::int64_t> expected(view.grid.voxels.size);
  const CpuLauncher launcher = best_cpu_launcher();
  const PortionTotals cpu = c.coupling
                                ? launcher.run_correlated(view, c.coupling->view(), seed, 0, histories, expected.data())
                                : launcher.run(view, seed, 0, histories, expected.data());
  bool agrees = same("energy emitted", batch.totals.emitted, static_cast<unsigned long long>(cpu.emitted));
  agrees = same("energy escaped", batch.totals.escaped, static_cast<unsigned long long>(cpu.escaped)) && agrees;
  agrees = same("energy discarded", batch.totals.discarded, static_cast<unsigned long long>(cpu.discarded)) && agrees;
  agrees = same("flights", batch.totals.segments, cpu.segments) && agrees;
  agrees =
      same("emitted in the reference medium", batch.totals.reference_emitted,
           static_cast<unsigned long long>(cpu.reference_emitted)) &&
      same("taken off", batch.totals.reference_deposited, static_cast<unsigned long long>(cpu.reference_deposited)) &&
      same("lost in the reference medium", batch.totals.reference_lost,
           static_cast<unsigned long long>(cpu.reference_lost)) &&
      agrees;
  std::size_t differ = 0;
  for (std::size_t v = 0; v < expected.size(); ++v)
    if (batch.tally[v] != static_cast<unsigned long long>(expected[v])) ++differ;
  differ += check_fold(batch, expected, agrees);
  agrees = same("status", batch.totals.status, cpu.status) && agrees;

  Counts all = batch.electrons;
  all += batch.photons;
  all += batch.reference;
  const auto n = static_cast<double>(histories);
  std::fprintf(stderr, "%s, %llu histories: electrons %.0f issues a history at %.1f lanes, photons %.0f at %.1f\n",
               c.name.c_str(), static_cast<unsigned long long>(histories), batch.electrons.issues / n,
               batch.electrons.lanes / batch.electrons.issues, batch.photons.issues / n,
               batch.photons.lanes / batch.photons.issues);
  if (c.coupling)
    std::fprintf(stderr, "in the reference medium %.0f issues a history at %.1f lanes\n", batch.reference.issues / n,
                 batch.reference.lanes / batch.reference.issues);
  std::printf("{\"case\": \"%s\", \"issues_per_history\": %.1f, \"lanes\": %.2f, \"voxels_differ\": %zu%s}\n", name,
              all.issues / n, all.lanes / all.issues, differ, c.coupling ? ", \"estimator\": \"correlated\"" : "");
  return agrees && differ == 0 ? 0 : 1;
}

}  // namespace ytterby::emulator

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string name = argv[2];
  const std::uint64_t histories = std::strtoull(argv[3], nullptr, 10);
  using namespace ytterby::gpu_check;
  using ytterby::Estimator;
  using ytterby::emulator::Way;
  const std::string kind = argv[1];
  const Way way = kind == "pool" ? Way::pool : kind == "flights" ? Way::flights : Way::correlated;
  const Estimator estimator = way == Way::correlated ? Estimator::correlated : Estimator::plain;
  if (name == "water_3mm") return ytterby::emulator::compare(argv[2], water_3mm(estimator), histories, way);
  if (name == "interfaces_3mm") return ytterby::emulator::compare(argv[2], interfaces_3mm(estimator), histories, way);
  if (name == "patient_1mm") return ytterby::emulator::compare(argv[2], patient_1mm(true, estimator), histories, way);
  std::fprintf(stderr, "emulator: no case %s; there are water_3mm, interfaces_3mm, patient_1mm\n", name.c_str());
  return 2;
}
