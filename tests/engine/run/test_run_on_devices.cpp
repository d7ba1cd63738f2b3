// Everything around the CUDA kernels, on host threads: streams, two batches under way, several devices, goals.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/error.h"
#include "engine/correlated.h"
#include "engine/run/device_check.h"
#include "engine/run/run_on_devices.h"
#include "engine/run/run_on_threads.h"
#include "engine/run_batches.h"
#include "engine/tables/transport_tables.h"
#include "kernels/transport/reference.h"
#include "support/host_device.h"

namespace ytterby {
namespace {

/// Tissue beside lung in 2 mm voxels, active everywhere, with two structures.
class DeviceRuns : public ::testing::Test {
 protected:
  static constexpr int side = 10;

  static Phantom make_phantom() {
    Phantom phantom;
    phantom.grid = {{side, side, side}, {0.2, 0.2, 0.2}, {}, {}};
    phantom.materials = {built_in_material("liver_icru44"), built_in_material("lung_icru44")};
    for (std::size_t v = 0; v < phantom.grid.voxels(); ++v) {
      const bool lung = v % side >= side / 2;
      phantom.material.push_back(lung ? 1 : 0);
      phantom.density.push_back(lung ? 0.26f : 1.06f);
    }
    return phantom;
  }
  static Source make_source() {
    Source source;
    source.voxels = VoxelSource{std::vector<double>(side * side * side, 1.0)};
    return source;
  }

  DeviceRuns() {
    options.histories = 2000;
    options.batches = 8;
    options.threads = 2;
    std::vector<float> half(phantom.grid.voxels(), 0.0f), one = half;
    for (std::size_t v = 0; v < half.size() / 2; ++v) half[v] = 0.75f;
    one[555] = 1.0f;
    structures.emplace_back(Structure{"half", Role::other, half}, phantom);
    structures.emplace_back(Structure{"one", Role::other, one}, phantom);
  }

  [[nodiscard]] std::uint64_t per_batch() const { return histories_per_batch(options.histories, options.batches); }
  [[nodiscard]] TransportView view() const { return tables.view(per_batch()); }
  [[nodiscard]] BatchRun on_cpu() const { return run_on_cpu(view(), options, per_batch(), structures); }
  [[nodiscard]] BatchRun on_devices(std::span<Device* const> devices) const {
    return run_batches_on_devices(devices, view(), options, per_batch(), structures);
  }

  static void expect_same(const BatchRun& a, const BatchRun& b) {
    ASSERT_EQ(a.batches, b.batches);
    EXPECT_TRUE(a.sums.sum() == b.sums.sum());
    for (std::size_t v = 0; v < a.sums.sum().size(); ++v) {
      const BatchSums::Estimate x = a.sums.estimate(v, a.batches), y = b.sums.estimate(v, b.batches);
      ASSERT_TRUE(x.error == y.error || (x.error != x.error && y.error != y.error)) << v;
    }
    EXPECT_TRUE(a.structure_energy == b.structure_energy);
    EXPECT_TRUE(a.ledger.emitted == b.ledger.emitted && a.ledger.deposited == b.ledger.deposited &&
                a.ledger.escaped == b.ledger.escaped && a.ledger.discarded == b.ledger.discarded);
    EXPECT_EQ(a.segments, b.segments);
    EXPECT_EQ(a.goal_reached, b.goal_reached);
    EXPECT_EQ(a.goal_error, b.goal_error);
  }

  /// The same case for the correlated estimator.
  struct Correlated {
    explicit Correlated(const DeviceRuns& of)
        : runs(of),
          tables(of.phantom, make_source(), of.options.transport, &of.phantom.materials[0],
                 multiplicities(of.phantom, of.phantom.materials[0])),
          coupled(couple(of.phantom, coupled_voxels(of.phantom), tables, 1.06, 7)),
          view(tables.view(of.per_batch())) {
      coupling.reference = coupled.view();
      coupling.known = {3.5e12, 7.25e9};
    }
    [[nodiscard]] BatchRun on_cpu() const {
      return run_on_threads(correlated_runner(view, coupling.reference, runs.options.seed, coupling.known),
                            runs.options, runs.per_batch(), runs.structures);
    }
    [[nodiscard]] BatchRun on_devices(std::span<Device* const> devices) const {
      return run_batches_on_devices(devices, view, runs.options, runs.per_batch(), runs.structures, &coupling);
    }
    const DeviceRuns& runs;
    TransportTables tables;
    Coupling coupled;
    TransportView view;
    DeviceCoupling coupling;
  };

  RunOptions options;
  Phantom phantom = make_phantom();
  TransportTables tables{phantom, make_source(), options.transport};
  std::vector<SparseStructure> structures;
};

TEST_F(DeviceRuns, GiveTheCpusBitsOnOneDeviceAndOnThree) {
  const BatchRun cpu = on_cpu();
  HostDevice a("a"), b("b"), c("c");
  Device* const devices[] = {&a, &b, &c};
  expect_same(on_devices(std::span(devices).first(1)), cpu);
  const BatchRun three = on_devices(devices);  // 8 batches: 3, 3 and 2
  expect_same(three, cpu);
  EXPECT_EQ(three.device, "3 x a");
  EXPECT_EQ(a.allocations() + b.allocations() + c.allocations(), 0u);
}

TEST_F(DeviceRuns, GiveTheCpusBitsOfPhotonsAndPairsThatLeaveWithTheBeta) {
  Source source = make_source();
  source.internal_bremsstrahlung = source.internal_pairs = true;
  tables = TransportTables(phantom, source, options.transport);
  tables.emission.pairs = 0.02;  // so that there are some
  const BatchRun cpu = on_cpu();
  tables.emission.pairs = 0;
  ASSERT_FALSE(cpu.sums.sum() == on_cpu().sums.sum());
  tables.emission.pairs = 0.02;
  HostDevice device;
  Device* const devices[] = {&device};
  expect_same(on_devices(devices), cpu);
}

TEST_F(DeviceRuns, StopAtTheSameBatchAndLeaveTheRestOut) {
  options.batches = 24;
  options.histories = 24 * 100;
  options.goal_structure = 0;
  options.goal_uncertainty = 0.2;  // reached at the first test
  const BatchRun cpu = on_cpu();
  ASSERT_TRUE(cpu.goal_reached);
  ASSERT_EQ(cpu.batches, 16);
  HostDevice a, b;
  Device* const devices[] = {&a, &b};
  expect_same(on_devices(std::span(devices).first(1)), cpu);
  expect_same(on_devices(devices), cpu);
  options.goal_uncertainty = 1e-6;
  expect_same(on_devices(devices), on_cpu());
}

// The second runs of coupled histories, weights, and what needs no histories; voxels beside the lung are not coupled
// and count 2^0 of 2^5, so that batches have voxels with less than nothing.
TEST_F(DeviceRuns, OfCorrelatedHistoriesGiveTheCpusBits) {
  const Correlated c(*this);
  const BatchRun cpu = c.on_cpu();
  const auto lowest = std::min_element(cpu.sums.sum().begin(), cpu.sums.sum().end());
  EXPECT_LT(*lowest, 0);
  HostDevice a("a"), b("b"), d("d");
  Device* const devices[] = {&a, &b, &d};
  expect_same(c.on_devices(std::span(devices).first(1)), cpu);
  expect_same(c.on_devices(devices), cpu);
  EXPECT_EQ(a.allocations() + b.allocations() + d.allocations(), 0u);
  EXPECT_EQ(compare_correlated_with_cpu(a, c.view, c.coupling.reference, options).differing, 0u);
}

TEST_F(DeviceRuns, OfTheReferenceMediumAloneGiveTheCpusBits) {
  Correlated c(*this);
  std::fill(c.coupled.entries.begin(), c.coupled.entries.end(), CoupledEntry::of(true, 0));
  c.coupling.alone = true;
  c.coupling.known = {};
  const CpuLauncher launcher = best_cpu_launcher();
  const PortionRunner runner{[&](std::uint64_t first, std::uint64_t count, std::int64_t* tally) {
                               return launcher.run_reference(c.view, c.coupling.reference, options.seed, first, count,
                                                             tally);
                             },
                             phantom.grid.voxels(), launcher.level};
  HostDevice device;
  Device* const devices[] = {&device};
  const BatchRun run = c.on_devices(devices);
  expect_same(run, run_on_threads(runner, options, per_batch(), structures));
  EXPECT_GT(run.ledger.deposited, 0);
}

TEST_F(DeviceRuns, StopWhereTheWorstVoxelIsKnown) {
  options.batches = 40;
  options.histories = 40 * 100;
  options.goal_structure = 0;
  options.goal_voxel_uncertainty = 1e-9;
  options.voxels_asked = {221, 222, 223};
  std::vector<std::pair<int, double>> asked;  // batches, relative error
  int hits = 0;
  options.worst_voxel_error = [&](const BatchSums& sums, int batches) {
    const BatchSums::Estimate e = sums.estimate(222, batches);
    asked.emplace_back(batches, e.error / e.mean);
    for (const std::uint32_t v : options.voxels_asked) hits += sums.hits()[v];
    return asked.back().second;
  };
  ASSERT_FALSE(on_cpu().goal_reached);
  options.goal_voxel_uncertainty = asked.at(12).second;  // after 28 batches
  asked.clear();
  hits = 0;
  const BatchRun cpu = on_cpu();
  ASSERT_TRUE(cpu.goal_reached);
  ASSERT_GT(cpu.batches, 16);
  const auto by_cpu = std::exchange(asked, {});
  const int hits_by_cpu = std::exchange(hits, 0);
  HostDevice a, b;
  Device* const devices[] = {&a, &b};
  const BatchRun run = on_devices(devices);
  expect_same(run, cpu);
  EXPECT_EQ(run.voxel_error, cpu.voxel_error);
  EXPECT_EQ(asked, by_cpu);
  EXPECT_EQ(hits, hits_by_cpu);
}

TEST_F(DeviceRuns, ReportProgressAfterEveryBatch) {
  std::vector<std::uint64_t> done;
  options.on_progress = [&](const Progress& p) { done.push_back(p.histories_done); };
  HostDevice a, b;
  Device* const devices[] = {&a, &b};
  (void)on_devices(devices);
  ASSERT_EQ(done.size(), 8u);
  for (std::size_t i = 0; i < done.size(); ++i) EXPECT_EQ(done[i], 250 * (i + 1));
}

TEST_F(DeviceRuns, SayWhatMemoryTheCaseNeeds) {
  HostDevice small("small card", 50u << 20);
  Device* const devices[] = {&small};
  try {
    (void)on_devices(devices);
    FAIL() << "ran in 50 MiB";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::device);
    EXPECT_NE(std::string(error.what()).find("small card: the case needs 73 MiB on the device, which has 50 MiB left"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(DeviceRuns, EndCleanlyWhenADeviceFails) {
  HostDevice a, b;
  Device* const devices[] = {&a, &b};
  b.fail_at_launch(20);  // in its second batch: one has 16
  EXPECT_THROW((void)on_devices(devices), Error);
  EXPECT_EQ(a.allocations() + b.allocations(), 0u);
}

TEST_F(DeviceRuns, AgreeWithTheCpuWithinTheStatedBounds) {
  HostDevice device;
  const DeviceAgreement same = compare_with_cpu(device, view(), options, 500);
  EXPECT_EQ(same.complaint(), "");
  EXPECT_EQ(same.differing, 0u);
  EXPECT_EQ(same.diverged, 0u);
  EXPECT_EQ(same.paths, 500u);
  EXPECT_GT(same.voxels, 900u);
  device.spoil_paths(400);  // two of 500
  EXPECT_EQ(compare_with_cpu(device, view(), options, 500).complaint(),
            "2 of 500 histories diverge, needs to be below 1e-4");
}

TEST_F(DeviceRuns, SeeADifferenceBetweenRuns) {
  const BatchRun cpu = on_cpu();
  options.seed = 2;
  const DeviceAgreement other = compare_runs(on_cpu(), cpu);
  EXPECT_EQ(other.complaint(), "the energy ledgers do not agree");
  BatchRun shifted = cpu;
  std::vector<std::int64_t> energy(cpu.sums.sum().size(), 0);
  // A hundredth of each voxel's standard error is within the bound of 0.02, a twentieth is not.
  for (const auto& [share, good] : {std::pair{0.01, true}, std::pair{0.05, false}}) {
    shifted.sums = cpu.sums;
    for (std::size_t v = 0; v < energy.size(); ++v) {
      const double error = cpu.sums.estimate(v, cpu.batches).error;
      energy[v] = std::isfinite(error) ? static_cast<std::int64_t>(share * error * cpu.batches) : 0;
    }
    shifted.sums.add(energy, 0, energy.size());
    EXPECT_EQ(compare_runs(shifted, cpu).complaint().empty(), good) << share;
  }
}

TEST_F(DeviceRuns, PassTheSelfCheck) {
  HostDevice device;
  EXPECT_EQ(self_check(device), "");
  device.spoil_paths(5000);
  EXPECT_EQ(self_check(device), "4 of 20000 histories diverge, needs to be below 1e-4");
}

}  // namespace
}  // namespace ytterby
