// What tools/gpu-check does on a GPU, done on host threads: the checks pass on a device that is right, and only there.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>

#include "engine/device/replay.h"
#include "gpu/checks.h"
#include "gpu/nvml.h"
#include "gpu/record.h"
#include "gpu/work.h"
#include "kernels/launch/launch.h"
#include "support/host_device.h"

namespace ytterby::gpu_check {
namespace {

using State = Finding::State;

TEST(GpuCheck, PassesOnADeviceThatIsRight) {
  const Case c = interfaces_3mm();
  HostDevice a, b;
  Device* const devices[] = {&a, &b};
  DeviceAgreement agreement;
  const Finding same = finding("agreement", [&] { return check_agreement(a, c, 1000, 300, agreement); });
  EXPECT_EQ(same.state, State::good) << same.detail;
  EXPECT_GT(agreement.voxels, 1000u);
  const Finding bits = finding("bits", [&] { return check_bits(devices, c, 640); });
  EXPECT_EQ(bits.state, State::good) << bits.detail;
  EXPECT_EQ(bits.detail, "two runs, 16 and 64 batches, 2 x host shim");
  const Finding replays = finding("replay", [&] { return check_replay(a, c); });
  EXPECT_EQ(replays.state, State::good) << replays.detail;
  EXPECT_NE(replays.detail.find("20 of 20 histories equal in every bit"), std::string::npos) << replays.detail;
}

TEST(GpuCheck, FailsOnADeviceThatIsWrong) {
  const Case c = water_3mm();
  HostDevice device;
  device.spoil_paths(50);
  DeviceAgreement agreement;
  const Finding found = finding("agreement", [&] { return check_agreement(device, c, 640, 200, agreement); });
  EXPECT_EQ(found.state, State::bad);
  EXPECT_NE(found.detail.find("4 of 200 histories diverge"), std::string::npos) << found.detail;
  device.fail_at_launch(1);
  EXPECT_EQ(finding("replay", [&] { return check_replay(device, c); }).state, State::bad);
}

TEST(GpuCheck, MeasuresTheMedianOfItsRuns) {
  const Case c = water_3mm();
  HostDevice device;
  Device* const devices[] = {&device};
  const Rate rate = measure(devices, c, 0.01, 3);
  EXPECT_EQ(rate.runs, 3);
  EXPECT_GE(rate.histories, 32000u);
  EXPECT_LE(rate.low, rate.median);
  EXPECT_GE(rate.high, rate.median);
  EXPECT_GT(rate.low, 0);
}

TEST(GpuCheck, CountsTheWorkOfAHistory) {
  const Case c = water_3mm();
  const Work work = count_work(c, 500);
  std::vector<std::int64_t> tally(c.tables.words.size(), 0);
  const PortionTotals totals = best_cpu_launcher().run(c.tables.view(), 1, 0, 500, tally.data());
  // Flights of the launcher, less those that only ended an electron where it was: of primaries these are known.
  int ended_at_once = 0;
  for (std::uint64_t h = 0; h < 500; ++h)
    ended_at_once += replay(c.tables.view(), 1, h).at(1).kind == ReplayKind::absorbed;
  EXPECT_NEAR(work.flights, static_cast<double>(totals.segments + ended_at_once) / 500, 0.01 * work.flights);
  EXPECT_GT(work.deposits, work.crossings);  // a face and an end close a deposit each
  EXPECT_LT(work.deposits, work.flights);    // merged
  EXPECT_NEAR(work.flights, work.hinges + work.events + work.crossings, 4);
}

TEST(GpuCheck, TimesEachKernelByItself) {
  HostDevice device;
  int electrons = 0, photons = 0, folds = 0;
  for (const KernelTime& t : time_kernels(device, water_3mm(), 640)) {
    EXPECT_GT(t.seconds, 0) << t.kernel;
    electrons += t.kernel == "electrons" ? t.launches : 0;
    photons += t.kernel == "photons" || t.kernel == "last photons" ? t.launches : 0;
    folds += t.kernel == "fold" ? t.launches : 0;
  }
  EXPECT_EQ(electrons, 64);
  EXPECT_EQ(photons, 64 * 12);
  EXPECT_EQ(folds, 64);
  EXPECT_TRUE(device.kernel_times().empty());  // no longer timed
}

TEST(GpuCheck, ComparesLayoutsToTheBit) {
  HostDevice a, b;
  EXPECT_EQ(check_variant({"other", &b}, a, water_3mm(), 640), "640 histories, the same bits");
}

TEST(GpuCheck, ComparesCorrelatedHistories) {
  const Case c = interfaces_3mm(Estimator::correlated);
  EXPECT_EQ(c.name, "interfaces_3mm_correlated");
  HostDevice a, b;
  Device* const devices[] = {&a, &b};
  DeviceAgreement agreement;
  const Finding same = finding("agreement", [&] { return check_agreement(a, c, 1000, 0, agreement); });
  EXPECT_EQ(same.state, State::good) << same.detail;
  EXPECT_EQ(agreement.differing, 0u);
  EXPECT_GT(agreement.voxels, 1000u);
  const Finding bits = finding("bits", [&] { return check_bits(devices, c, 640); });
  EXPECT_EQ(bits.state, State::good) << bits.detail;
  EXPECT_EQ(check_host(c, 640).substr(0, 14), "640 histories,");
}

TEST(GpuCheck, TimesThePartsOfARun) {
  for (const Estimator estimator : {Estimator::plain, Estimator::correlated}) {
    const Parts p =
        measure_parts([] { return std::make_unique<HostDevice>(); }, [&] { return water_3mm(estimator); }, 640);
    for (const double part : {p.context, p.tables, p.upload, p.transport, p.fold, p.download, p.histogram})
      EXPECT_GT(part, 0);
  }
}

TEST(GpuCheck, SkipsWhatCannotBe) {
  const Finding found = finding("cuFFT", []() -> std::string { throw Skip("there is none"); });
  EXPECT_EQ(found.state, State::skipped);
  EXPECT_EQ(found.detail, "there is none");
}

TEST(GpuCheck, AsksTheDriverForStateAndEnergy) {
  setenv("YTTERBY_NVML", YTTERBY_FAKE_NVML, 1);
  const Nvml gpu("0000:3b:00.0"), other("0000:00:00.0");
  EXPECT_EQ(gpu.why_not(), "");
  EXPECT_NE(other.why_not().find("does not know the GPU at 0000:00:00.0"), std::string::npos);
  EXPECT_TRUE(other.facts().empty());
  std::string facts;
  for (const auto& [name, value] : gpu.facts()) facts += name + "=" + value + " ";
  EXPECT_EQ(
      facts,
      "driver=\"580.1\" max_sm_MHz=1980 sm_MHz=1755 max_memory_MHz=2619 memory_MHz=2619 power_limit_W=700 ecc=true "
      "temperature_C=61 clocks_held_back_by=\"power cap, hardware temperature\" ");
  NvmlWatch watch(gpu);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const NvmlWatch::Seen seen = watch.stop();
  EXPECT_EQ(seen.lowest_clock, 1755u);
  EXPECT_EQ(seen.highest_watts, 250);
  EXPECT_GT(seen.joules, 70);  // 0.3 s at 250 W
  EXPECT_EQ(reasons_text(0), "nothing");
  setenv("YTTERBY_NVML", "/no/such/library.so", 1);
  EXPECT_EQ(Nvml("0000:3b:00.0").why_not(), "/no/such/library.so is not found");
  unsetenv("YTTERBY_NVML");
}

TEST(GpuCheck, WritesARecord) {
  Record record;
  record.date = "2026-01-31T10:00:00Z";
  record.device = "NVIDIA H100 80GB HBM3";
  record.rates = {{"water_3mm", {2e8, 1e8, 3e8, 64000, 3}}};
  record.findings = {{State::good, "a", "fine"}, {State::skipped, "b", "say \"no\""}};
  EXPECT_EQ(name_of(record), "2026-01-31-h100");
  EXPECT_TRUE(record.good());
  const std::string json = as_json(record);
  EXPECT_NE(json.find("\"histories_per_s\": {\n    \"water_3mm\": 2e+08\n  }"), std::string::npos) << json;
  EXPECT_NE(json.find("say \\\"no\\\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"finished\": true,\n  \"passed\": true"), std::string::npos) << json;
  record.finished = false;
  EXPECT_NE(as_json(record).find("\"finished\": false,\n  \"passed\": false"), std::string::npos);
  record.finished = true;
  EXPECT_NE(as_markdown(record).find("| water_3mm | NVIDIA H100 80GB HBM3 | 2e+08 | 1e+08 to 3e+08 | 3 of 64000 |"),
            std::string::npos)
      << as_markdown(record);
  record.findings.push_back({State::bad, "c", ""});
  EXPECT_FALSE(record.good());
  record.device = "NVIDIA A100-SXM4-40GB";
  EXPECT_EQ(name_of(record), "2026-01-31-a100-sxm4-40gb");
  record.device = "no GPU";
  EXPECT_EQ(name_of(record), "2026-01-31-cpu");
}

}  // namespace
}  // namespace ytterby::gpu_check
