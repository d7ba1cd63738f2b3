// usage: emulator pool|flights CASE HISTORIES
// Follows a batch by the kernels' PTX and by the CPU launcher, compares them, and prints what the former took as JSON.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/device/device_run.h"
#include "kernels/launch/device_pool.h"
#include "kernels/launch/launch.h"
#include "kernels/launch/launch_cuda.h"
#include "tests/gpu/cases.h"
#include "tests/gpu/emulator/warp.h"

namespace ytterby::emulator {
#include "kernels.inc"

constexpr std::uint32_t blocks = 2;
constexpr std::uint64_t seed = 1;

/// A batch in "device" memory, and what it costs.
struct Batch {
  std::vector<unsigned long long> tally, counters;
  std::vector<QueuedPhoton> queue[2];
  DeviceTotals totals{};
  Counts electrons, photons;

  Batch(const TransportView& view, std::uint64_t histories, bool pooled)
      : tally(view.grid.voxels.size), counters(1 + 2 * (photon_rounds + 1)) {
    for (auto& q : queue) q.resize(queue_capacity(histories));
    unsigned long long *queued = counters.data() + 1, *taken = queued + photon_rounds + 1;
    DeviceLaunch launch;
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
    std::vector<Quad> slab(blocks * slab_quads_per_block);
    launch.slab = slab.data();
    if (pooled) {
      electrons = run<pooled_histories_kernel>(launch, blocks, cuda_pool_threads, cuda_pool_shared_bytes);
    } else {
      electrons = run<histories_kernel>(launch, blocks, cuda_block_threads, cuda_shared_bytes);
    }
    launch.portion = 1;
    for (int round = 0; round < photon_rounds; ++round) {
      launch.next = taken + round;
      launch.queue = queue[round % 2].data();
      launch.queued = queued + round;
      launch.out = queue[(round + 1) % 2].data();
      launch.out_count = queued + round + 1;
      photons += run<photons_kernel>(launch, blocks, cuda_block_threads, cuda_photon_shared_bytes);
    }
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
  unsigned __int128 sum = 0;
  for (std::uint32_t v = 0; v < voxels; v += 7) {
    voxel.push_back(v);
    weight.push_back((v * 2654435761u) >> 8);
    sum += static_cast<unsigned __int128>(weight.back()) * static_cast<std::uint64_t>(expected[v]);
  }
  DeviceStructureSum found{};
  const DeviceStructure structure{batch.tally.data(), voxel.data(), weight.data(),
                                  static_cast<std::uint32_t>(voxel.size()), &found};
  run<structure_kernel>(structure, blocks, cuda_fold_threads, 0);
  const unsigned __int128 structure_sum = (static_cast<unsigned __int128>(found.high) << 32) + found.low;
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
    const auto energy = static_cast<unsigned __int128>(expected[v]);
    deposited += static_cast<unsigned long long>(expected[v]);
    if (batch.tally[v] != 0 || sums[v] != expected[v] + 3 || squares[v] != energy * energy + 5 ||
        hits[v] != (expected[v] != 0 ? 8u : 7u))
      ++differ;
  }
  agrees = same("energy deposited", batch.totals.deposited, deposited) && agrees;
  return differ;
}

int compare(const gpu_check::Case& c, std::uint64_t histories, bool pooled) {
  const TransportView view = c.tables.view(histories);
  Batch batch(view, histories, pooled);
  std::vector<std::int64_t> expected(view.grid.voxels.size);
  const PortionTotals cpu = best_cpu_launcher().run(view, seed, 0, histories, expected.data());
  bool agrees = same("energy emitted", batch.totals.emitted, static_cast<unsigned long long>(cpu.emitted));
  agrees = same("energy escaped", batch.totals.escaped, static_cast<unsigned long long>(cpu.escaped)) && agrees;
  agrees = same("energy discarded", batch.totals.discarded, static_cast<unsigned long long>(cpu.discarded)) && agrees;
  agrees = same("flights", batch.totals.segments, cpu.segments) && agrees;
  std::size_t differ = 0;
  for (std::size_t v = 0; v < expected.size(); ++v)
    if (batch.tally[v] != static_cast<unsigned long long>(expected[v])) ++differ;
  differ += check_fold(batch, expected, agrees);
  agrees = same("status", batch.totals.status, cpu.status) && agrees;

  Counts all = batch.electrons;
  all += batch.photons;
  const auto n = static_cast<double>(histories);
  std::fprintf(stderr, "%s, %llu histories: electrons %.0f issues a history at %.1f lanes, photons %.0f at %.1f\n",
               c.name.c_str(), static_cast<unsigned long long>(histories), batch.electrons.issues / n,
               batch.electrons.lanes / batch.electrons.issues, batch.photons.issues / n,
               batch.photons.lanes / batch.photons.issues);
  std::printf("{\"case\": \"%s\", \"issues_per_history\": %.1f, \"lanes\": %.2f, \"voxels_differ\": %zu}\n",
              c.name.c_str(), all.issues / n, all.lanes / all.issues, differ);
  return agrees && differ == 0 ? 0 : 1;
}

}  // namespace ytterby::emulator

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string name = argv[2];
  const bool pooled = std::string(argv[1]) == "pool";
  const std::uint64_t histories = std::strtoull(argv[3], nullptr, 10);
  using namespace ytterby::gpu_check;
  if (name == "water_3mm") return ytterby::emulator::compare(water_3mm(), histories, pooled);
  if (name == "interfaces_3mm") return ytterby::emulator::compare(interfaces_3mm(), histories, pooled);
  if (name == "patient_1mm") return ytterby::emulator::compare(patient_1mm(true), histories, pooled);
  std::fprintf(stderr, "emulator: no case %s; there are water_3mm, interfaces_3mm, patient_1mm\n", name.c_str());
  return 2;
}
