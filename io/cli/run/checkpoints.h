#pragma once
// Checkpoints of a run under way, written by a thread of their own.

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "io/results/checkpoint_file.h"

namespace ytterby::cli {

/// Keeps the latest state of every session and writes them in the background; the run goes on meanwhile. A state that
/// comes while another is written waits; of several the last counts.
class CheckpointWriter {
 public:
  /// `kept` is what a resumed run has already; `sessions` is how many the case has (1 without sessions).
  CheckpointWriter(std::filesystem::path path, io::Checkpoint kept, std::size_t sessions);
  ~CheckpointWriter();
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;

  /// Hands over the state of a session.
  void keep(std::size_t session, RunState state);
  /// What the last one took to write [s]; infinite while one is written or waits.
  [[nodiscard]] double write_seconds();
  /// Waits until all is on disk. Throws what went wrong with the last one.
  void flush();

 private:
  void write_in_background(const std::stop_token& stop);

  std::filesystem::path path_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  io::Checkpoint latest_;
  std::size_t sessions_;
  bool waiting_ = false, writing_ = false;
  double write_seconds_ = 0;
  std::optional<std::string> failure_;  // of the last one
  std::jthread thread_;
};

}  // namespace ytterby::cli
