#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "kernels/rng/lineage.h"
#include "kernels/rng/philox.h"
#include "support/expect_statistics.h"

namespace ytterby {
namespace {

void expect_block(const Block& block, const std::vector<std::uint32_t>& words) {
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(block.w[i], words[i]) << i;
}

// kat_vectors of the Random123 distribution (Salmon et al. 2011).
TEST(Philox, MeetsItsKnownAnswers) {
  constexpr std::uint32_t ones = 0xffffffff;
  const Block zero{{0, 0, 0, 0}}, all{{ones, ones, ones, ones}}, pi{{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}};
  expect_block(philox4x32<10>(zero, 0, 0), {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  expect_block(philox4x32<10>(all, ones, ones), {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  expect_block(philox4x32<10>(pi, 0xa4093822, 0x299f31d0), {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
  expect_block(philox4x32(zero, 0, 0), {0x5f6fb709, 0x0d893f64, 0x4f121f81, 0x4f730a48});
  expect_block(philox4x32(all, ones, ones), {0x5207ddc2, 0x45165e59, 0x4d8ee751, 0x8c52f662});
  expect_block(philox4x32(pi, 0xa4093822, 0x299f31d0), {0x4dfccaba, 0x190a87f0, 0xc47362ba, 0xb6b5242a});
}

TEST(Philox, CounterHoldsHistoryBlockLineageAndStep) {
  const Stream stream = stream_of(0x0123456789abcdefu, 0x89abfedcba98u);
  expect_block(stream.draw(7, 9, 0x1234), {philox4x32({{0xfedcba98, 0x123489ab, 7, 9}}, 0x89abcdef, 0x01234567).w[0],
                                           philox4x32({{0xfedcba98, 0x123489ab, 7, 9}}, 0x89abcdef, 0x01234567).w[1],
                                           philox4x32({{0xfedcba98, 0x123489ab, 7, 9}}, 0x89abcdef, 0x01234567).w[2],
                                           philox4x32({{0xfedcba98, 0x123489ab, 7, 9}}, 0x89abcdef, 0x01234567).w[3]});
}

TEST(Philox, EveryPartOfTheCounterChangesTheStream) {
  std::set<std::uint32_t> first_words;
  std::size_t streams = 0;
  const auto add = [&](std::uint64_t seed, std::uint64_t history, std::uint32_t lineage, std::uint32_t step,
                       std::uint32_t block) {
    ++streams;
    first_words.insert(stream_of(seed, history).draw(lineage, step, block).w[0]);
  };
  for (std::uint32_t i = 0; i < 48; ++i) add(0, std::uint64_t{1} << i, 0, 0, 0);
  for (std::uint32_t i = 0; i < 64; ++i) add(std::uint64_t{1} << i, 0, 0, 0, 0);
  for (std::uint32_t i = 0; i < 32; ++i) add(0, 0, 1u << i, 0, 0);
  for (std::uint32_t i = 0; i < 32; ++i) add(0, 0, 0, 1u << i, 0);
  for (std::uint32_t i = 0; i < 16; ++i) add(0, 0, 0, 0, 1u << i);
  EXPECT_EQ(first_words.size(), streams);
}

TEST(Draws, GivesTheBlocksWordByWord) {
  const Stream stream = stream_of(5, 6);
  Draws draws{stream, 7, 8};
  for (std::uint32_t block = 0; block < 3; ++block)
    for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(draws.word(), stream.draw(7, 8, block).w[i]);
}

TEST(ChildLineage, DiffersForSiblingsAndGenerations) {
  std::set<std::uint32_t> seen;
  std::size_t children = 0;
  for (std::uint32_t parent : {0u, 1u, 0x9E3779B9u})
    for (std::uint32_t step = 0; step < 200; ++step)
      for (std::uint32_t index = 0; index < 10; ++index) {
        seen.insert(child_lineage(parent, step, static_cast<Birth>(index)));
        ++children;
      }
  EXPECT_EQ(seen.size(), children);
}

TEST(Uniform, KeepsInsideItsInterval) {
  EXPECT_EQ(uniform(0u), 0.0f);
  EXPECT_LT(uniform(0xffffffffu), 1.0f);
  EXPECT_GT(uniform_open(0u), 0.0f);
  EXPECT_EQ(uniform_open(0xffffffffu), 1.0f);
}

TEST(Uniform, IsUniformOverHistoriesAndSteps) {
  std::vector<std::size_t> by_history(256), by_step(256);
  for (std::uint32_t i = 0; i < 100000; ++i) {
    ++by_history[static_cast<std::size_t>(uniform(stream_of(1, i).draw(0, 0).w[0]) * 256)];
    ++by_step[static_cast<std::size_t>(uniform(stream_of(1, 0).draw(0, i).w[3]) * 256)];
  }
  const std::vector<double> even(256, 1.0 / 256);
  EXPECT_TRUE(testing::counts_follow(by_history, even));
  EXPECT_TRUE(testing::counts_follow(by_step, even));
}

}  // namespace
}  // namespace ytterby
