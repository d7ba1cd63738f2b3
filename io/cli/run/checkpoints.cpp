#include "io/cli/run/checkpoints.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <limits>
#include <utility>

#include "engine/base/error.h"

namespace ytterby::cli {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

CheckpointWriter::CheckpointWriter(std::filesystem::path path, io::Checkpoint kept, std::size_t sessions)
    : path_(std::move(path)),
      latest_(std::move(kept)),
      sessions_(sessions),
      thread_([this](const std::stop_token& stop) { write_in_background(stop); }) {}

CheckpointWriter::~CheckpointWriter() {
  thread_.request_stop();
  changed_.notify_all();
}

void CheckpointWriter::keep(std::size_t session, RunState state) {
  const std::lock_guard lock(mutex_);
  if (latest_.sessions.size() <= session) latest_.sessions.resize(session + 1);
  latest_.sessions[session] = std::make_shared<const RunState>(std::move(state));
  waiting_ = true;
  changed_.notify_all();
}

double CheckpointWriter::write_seconds() {
  const std::lock_guard lock(mutex_);
  return waiting_ || writing_ ? std::numeric_limits<double>::infinity() : write_seconds_;
}

void CheckpointWriter::flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !waiting_ && !writing_; });
  if (failure_) throw Error(Fault::input, *failure_);
}

void CheckpointWriter::write_in_background(const std::stop_token& stop) {
  bool warned = false;
  while (true) {
    io::Checkpoint copy;  // shares its states with latest_
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [this] { return waiting_; });
      if (!waiting_) return;  // asked to stop, with nothing left to write
      copy = latest_;
      waiting_ = false;
      writing_ = true;
    }
    std::optional<std::string> failure;
    const auto begun = Clock::now();
    try {
      io::write_checkpoint(path_, copy);
    } catch (const std::exception& error) {
      failure = error.what();
    }
    // The run goes on, and the next one may succeed.
    if (failure && !warned) spdlog::warn("no checkpoint for now: {}", *failure);
    warned = warned || failure;
    const std::lock_guard lock(mutex_);
    // Each file has all sessions' states: with one session, what is on disk is needed no more.
    if (sessions_ == 1 && !waiting_) latest_.sessions.clear();
    writing_ = false;
    write_seconds_ = std::chrono::duration<double>(Clock::now() - begun).count();
    failure_ = failure;
    changed_.notify_all();
  }
}

}  // namespace ytterby::cli
