#include "support/thread_ranks.h"

#include <algorithm>

#include "engine/dose/statistics.h"

namespace ytterby {
namespace {

class ThreadRanks : public Ranks {
 public:
  ThreadRanks(RankGroup& group, int rank) : group_(group), rank_(rank) {}
  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return group_.size; }
  [[nodiscard]] int local_rank() const override { return rank_; }
  [[nodiscard]] int threads() const override { return 1 + rank_ % 2; }
  [[nodiscard]] std::string note() const override { return {}; }

  std::vector<std::byte> gather(std::span<const std::byte> given) override {
    share_failures({});
    mine(group_.bytes).assign(given.begin(), given.end());
    group_.barrier.arrive_and_wait();
    std::vector<std::byte> all;
    for (const auto& bytes : group_.bytes) all.insert(all.end(), bytes.begin(), bytes.end());
    group_.barrier.arrive_and_wait();
    return all;
  }

  void add_up(std::span<std::int64_t> sums, std::span<unsigned __int128> squares,
              std::span<std::uint16_t> hits) override {
    share_failures({});
    mine(group_.sums) = sums;
    mine(group_.squares) = squares;
    mine(group_.hits) = hits;
    group_.barrier.arrive_and_wait();
    for (std::size_t r = 1; r < group_.sums.size() && rank_ == 0; ++r)
      for (std::size_t v = 0; v < sums.size(); ++v) {
        sums[v] += group_.sums[r][v];
        squares[v] += group_.squares[r][v];
        hits[v] = counted_hits(std::uint64_t{hits[v]} + group_.hits[r][v]);
      }
    group_.barrier.arrive_and_wait();
  }

  void send(int to, std::span<const std::int64_t> values) override {
    const std::lock_guard lock(group_.mutex);
    group_.mail[{rank_, to}].emplace_back(values.begin(), values.end());
    group_.changed.notify_all();
  }
  void receive(int from, std::span<std::int64_t> values) override {
    std::unique_lock lock(group_.mutex);
    auto& box = group_.mail[{from, rank_}];
    group_.changed.wait(lock, [&] { return !box.empty(); });
    if (box.front().size() != values.size()) throw Error(Fault::internal, "a message of another size");
    std::copy(box.front().begin(), box.front().end(), values.begin());
    box.pop_front();
  }

  void call(std::uint64_t meeting) override {
    for (auto& number : group_.calls) number = std::max(number.load(), meeting);
  }
  bool called(std::uint64_t meeting) override { return mine(group_.calls) >= meeting; }

  SharedError fail(Fault fault, const std::string& message) override {
    try {
      share_failures(SharedError(fault, message));
    } catch (const SharedError& error) {
      return error;
    }
    return {fault, message};
  }

 private:
  template <class T>
  T& mine(std::vector<T>& values) {
    return values[static_cast<std::size_t>(rank_)];
  }
  void share_failures(const std::optional<SharedError>& failure) {
    mine(group_.failures) = failure;
    group_.barrier.arrive_and_wait();
    std::optional<SharedError> first;
    for (const auto& f : group_.failures)
      if (f && !first) first = f;
    group_.barrier.arrive_and_wait();
    if (first) throw SharedError(*first);
  }

  RankGroup& group_;
  int rank_;
};

}  // namespace

std::vector<std::string> RankGroup::run(const std::function<void(Ranks&)>& body) {
  std::vector<std::string> words(static_cast<std::size_t>(size));
  std::vector<std::jthread> threads;
  for (int r = 0; r < size; ++r)
    threads.emplace_back([&, r] {
      ThreadRanks ranks(*this, r);
      std::string& word = words[static_cast<std::size_t>(r)];
      try {
        body(ranks);
        ranks.gather({});
      } catch (const SharedError& error) {
        word = error.what();
      } catch (const Error& error) {
        word = ranks.fail(error.fault(), error.what()).what();
      }
    });
  threads.clear();
  return words;
}

}  // namespace ytterby
