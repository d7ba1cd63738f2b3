// A file is read while another thread writes one: checkpoints are written beside a run.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <span>
#include <thread>
#include <vector>

#include "io/hdf5/hdf5.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

/// The probe of what is read is a forked process: one that began in the middle of the other thread's call would wait
/// for that call's end until its limit, a minute later.
TEST(Hdf5Threads, ReadWhileAnotherWrites) {
  const test::TemporaryFolder folder;
  const std::vector<double> values(300'000, 0.1);
  const auto write = [&](const char* name) {
    write_hdf5(folder / name, [&](Hdf5File& h5) { h5.write("/values", std::span(values), {values.size()}); });
  };
  write("read.h5");
  std::atomic<bool> end{false};
  std::atomic<int> written{0};
  std::jthread writer([&] {
    for (; !end; ++written) {
      write("written.h5");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // the lock is no queue
    }
  });
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(Hdf5File::open(folder / "read.h5").doubles("/values", {values.size()}), values);
  }
  end = true;
  writer.join();
  EXPECT_GT(written, 5);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(55));
}

}  // namespace
}  // namespace ytterby::io
