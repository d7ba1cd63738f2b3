#pragma once
// The numbers that a history's emission is made of: place, direction and energy of its primary.
//
// The histories of a batch share them out evenly: every voxel gets its share of a batch to within one history, and the
// histories of a voxel, or of neighbours, fill place, direction and energy as a scrambled Sobol sequence does. Each
// batch is scrambled anew, so that batches are independent, each history's numbers are uniform, and the standard error
// from the batches stays what it says.

#include "kernels/rng/philox.h"
#include "kernels/tables/tables_view.h"

namespace ytterby::inline YTTERBY_LEVEL {

struct EmissionNumbers {
  std::uint64_t voxel;     // place in the source's cumulative activity, of 2^64
  std::uint32_t place[3];  // in the voxel; place[0] also along a segment
  std::uint32_t polar, azimuth, energy;
};

/// Step of lineage 0 whose numbers scramble a batch; no particle comes to it, hinges and events are counted far below.
inline constexpr std::uint32_t scrambling_step = 0xffffffffu;

YTTERBY_HD std::uint32_t reversed_bits(std::uint32_t x) {
  x = ((x >> 1) & 0x55555555u) | ((x & 0x55555555u) << 1);
  x = ((x >> 2) & 0x33333333u) | ((x & 0x33333333u) << 2);
  x = ((x >> 4) & 0x0f0f0f0fu) | ((x & 0x0f0f0f0fu) << 4);
  x = ((x >> 8) & 0x00ff00ffu) | ((x & 0x00ff00ffu) << 8);
  return (x >> 16) | (x << 16);
}

/// Nested uniform scrambling of a number whose bits are reversed (Laine, Karras, Comput. Graph. Forum 30 (2011) 1249,
/// in the form of Burley, J. Comput. Graph. Tech. 9 (2020) 1); the result has its bits in order.
YTTERBY_HD std::uint32_t scrambled(std::uint32_t reversed, std::uint32_t seed) {
  std::uint32_t x = reversed + seed;
  x ^= x * 0x6c50b47cu;
  x ^= x * 0xb82f1e52u;
  x ^= x * 0xc7afe638u;
  x ^= x * 0x8d22f6e6u;
  return reversed_bits(x);
}

/// Number `index` of one dimension of the Sobol sequence, bits reversed.
YTTERBY_HD std::uint32_t sobol_number(const SourceView& source, std::uint32_t dimension, std::uint32_t index) {
  const std::uint32_t* table = source.sobol.data + dimension * sobol_words;
  std::uint32_t x = 0;
  for (; index != 0; index >>= 4, table += 16) x ^= table[index & 15u];
  return x;
}

/// High 64 bits of a 64 x 64 bit product.
YTTERBY_HD std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(a) * b) >> 64);
}

/// Numbers of the history that a stream belongs to. Without histories_per_batch they are drawn one by one.
YTTERBY_HD EmissionNumbers emission_numbers(const SourceView& source, const Stream& stream) {
  if (source.histories_per_batch == 0) {
    const Block a = stream.draw(0, 0, 0), b = stream.draw(0, 0, 1);
    return {(static_cast<std::uint64_t>(a.w[0]) << 32) | a.w[1], {a.w[2], a.w[3], b.w[0]}, b.w[1], b.w[2], b.w[3]};
  }
  const std::uint64_t history = (static_cast<std::uint64_t>(stream.history_high) << 32) | stream.history_low;
  // history / histories_per_batch by the product with its inverse, which is at most 1 too low.
  std::uint64_t batch = multiply_high(history, source.stratum);
  std::uint32_t index = static_cast<std::uint32_t>(history - batch * source.histories_per_batch);
  if (index >= source.histories_per_batch) {
    ++batch;
    index -= static_cast<std::uint32_t>(source.histories_per_batch);
  }
  const Stream of_batch = {stream.key0, stream.key1, static_cast<std::uint32_t>(batch),
                           static_cast<std::uint32_t>(batch >> 32)};
  const Block a = of_batch.draw(0, scrambling_step, 0), b = of_batch.draw(0, scrambling_step, 1);
  const std::uint64_t place = (static_cast<std::uint64_t>(a.w[0]) << 32) | a.w[1];
  const std::uint64_t voxel = index * source.stratum + multiply_high(place, source.stratum);
  return {voxel,
          {scrambled(sobol_number(source, 0, index), a.w[2]), scrambled(sobol_number(source, 1, index), a.w[3]),
           scrambled(sobol_number(source, 2, index), b.w[0])},
          scrambled(sobol_number(source, 3, index), b.w[1]),
          scrambled(sobol_number(source, 4, index), b.w[2]),
          scrambled(sobol_number(source, 5, index), b.w[3])};
}

}  // namespace ytterby::inline YTTERBY_LEVEL
