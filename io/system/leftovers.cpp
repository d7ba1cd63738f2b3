#include "io/system/leftovers.h"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <string>

namespace ytterby::io {
namespace {

/// A handler may come between any two instructions: it believes a path whose owner is set, which comes last.
struct Place {
  std::atomic<pid_t> owner{0};  // 0: free; -1: being filled in
  std::array<char, 4096> path{};
};
std::array<Place, 64> places;

}  // namespace

Leftover::Leftover(const std::filesystem::path& file) {
  const std::string& path = file.native();
  for (std::size_t i = 0; i < places.size() && path.size() < places[i].path.size(); ++i) {
    pid_t nobody = 0;
    if (!places[i].owner.compare_exchange_strong(nobody, -1)) continue;
    std::memcpy(places[i].path.data(), path.c_str(), path.size() + 1);
    places[i].owner.store(::getpid());
    place_ = static_cast<int>(i);
    return;
  }
}

Leftover::~Leftover() {
  if (place_ >= 0) places[static_cast<std::size_t>(place_)].owner.store(0);
}

void remove_leftovers() noexcept {
  const pid_t here = ::getpid();
  for (const Place& place : places) {
    if (place.owner.load() == here) ::unlink(place.path.data());
  }
}

StopSignalsLater::StopSignalsLater() {
  sigset_t stops;
  sigemptyset(&stops);
  for (const int signal : stop_signals) sigaddset(&stops, signal);
  ::pthread_sigmask(SIG_BLOCK, &stops, &before_);
}

StopSignalsLater::~StopSignalsLater() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace ytterby::io
