#pragma once
// Ranks on threads of one process, so that everything around MPI is tested without it.

#include <atomic>
#include <barrier>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/ranks/ranks.h"

namespace ytterby {

/// What the ranks of one run share.
class RankGroup {
 public:
  explicit RankGroup(int ranks)
      : size(ranks),
        bytes(static_cast<std::size_t>(ranks)),
        sums(bytes.size()),
        squares(bytes.size()),
        hits(bytes.size()),
        failures(bytes.size()),
        calls(bytes.size()),
        barrier(ranks) {}

  /// Runs body(ranks) for every rank, each on a thread of its own. What it throws is told to the others, as the program
  /// does; returns each rank's last word, empty where it ended well.
  std::vector<std::string> run(const std::function<void(Ranks&)>& body);

  const int size;
  std::vector<std::vector<std::byte>> bytes;
  std::vector<std::span<std::int64_t>> sums;
  std::vector<std::span<unsigned __int128>> squares;
  std::vector<std::span<std::uint16_t>> hits;
  std::vector<std::optional<SharedError>> failures;
  std::vector<std::atomic<std::uint64_t>> calls;
  std::barrier<> barrier;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::pair<int, int>, std::deque<std::vector<std::int64_t>>> mail;  // by from, to
};

}  // namespace ytterby
