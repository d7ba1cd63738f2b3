#pragma once
// Generators that physics functions can draw from in tests.

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace ytterby::testing {

/// Independent of the program's own generator.
class RandomWords {
 public:
  explicit RandomWords(std::uint32_t seed = 1) : engine_(seed) {}
  std::uint32_t word() { return static_cast<std::uint32_t>(engine_()); }

 private:
  std::mt19937 engine_;
};

/// Counts what another generator is asked for.
template <class Rng>
class CountingWords {
 public:
  explicit CountingWords(Rng& rng) : rng_(rng) {}
  std::uint32_t word() {
    ++count_;
    return rng_.word();
  }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  Rng& rng_;
  std::size_t count_ = 0;
};

/// Gives the words of a list, then its last one for ever.
class ScriptedWords {
 public:
  explicit ScriptedWords(std::vector<std::uint32_t> words) : words_(std::move(words)) {}
  std::uint32_t word() {
    const std::size_t i = used_++;
    return words_[i < words_.size() ? i : words_.size() - 1];
  }
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  std::vector<std::uint32_t> words_;
  std::size_t used_ = 0;
};

inline constexpr std::uint32_t lowest_word = 0u, highest_word = 0xffffffffu;

}  // namespace ytterby::testing
