#pragma once
// A loop over independent pieces on all processors.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace ytterby {

/// Calls body(i) for i in [0, count), each once, in no order; threads 0 means all processors.
/// What a body throws is thrown again here, the first one alone.
template <class Body>
void parallel_for(int count, const Body& body, int threads = 0) {
  static const unsigned here = std::thread::hardware_concurrency();  // reads a file in /sys each time
  const int processors = threads > 0 ? threads : static_cast<int>(here);
  const int workers = std::clamp(processors, 1, std::max(count, 1));
  std::atomic<int> next{0};
  std::exception_ptr failure;
  std::mutex failure_guard;
  const auto work = [&] {
    try {
      for (int i = next++; i < count; i = next++) body(i);
    } catch (...) {
      const std::lock_guard lock(failure_guard);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> pool;
    for (int t = 1; t < workers; ++t) pool.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

/// Calls body(first, last) for pieces of [0, size), in no order.
template <class Body>
void parallel_pieces(std::size_t size, const Body& body) {
  constexpr std::size_t piece = std::size_t{1} << 18;
  const std::size_t count = (size + piece - 1) / piece;
  parallel_for(static_cast<int>(count), [&](int i) {
    const std::size_t first = static_cast<std::size_t>(i) * piece;
    body(first, std::min(first + piece, size));
  });
}

}  // namespace ytterby
