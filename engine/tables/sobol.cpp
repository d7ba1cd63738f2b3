#include "engine/tables/sobol.h"

#include "kernels/tables/tables_view.h"

namespace ytterby {
namespace {

std::uint32_t reversed(std::uint32_t x) {
  std::uint32_t r = 0;
  for (std::uint32_t i = 0; i < 32; ++i) r |= (x >> i & 1u) << (31 - i);
  return r;
}

std::vector<std::uint32_t> make_tables() {
  struct Dimension {
    std::uint32_t degree, coefficients, m[4];  // of its primitive polynomial; first direction integers
  };
  constexpr Dimension dimensions[sobol_dimensions] = {{0, 0, {}},        {1, 0, {1}},       {2, 1, {1, 3}},
                                                      {3, 1, {1, 3, 1}}, {3, 2, {1, 1, 1}}, {4, 1, {1, 1, 3, 3}}};
  std::vector<std::uint32_t> result(sobol_dimensions * sobol_words, 0);
  for (std::uint32_t d = 0; d < sobol_dimensions; ++d) {
    const auto& [degree, coefficients, m] = dimensions[d];
    std::uint32_t v[32];  // direction numbers, by the bits of the index
    for (std::uint32_t i = 0; i < 32; ++i) {
      if (degree == 0) {  // van der Corput's
        v[i] = 1u << (31 - i);
      } else if (i < degree) {
        v[i] = m[i] << (31 - i);
      } else {
        v[i] = v[i - degree] ^ (v[i - degree] >> degree);
        for (std::uint32_t k = 1; k < degree; ++k)
          if ((coefficients >> (degree - 1 - k) & 1u) != 0) v[i] ^= v[i - k];
      }
    }
    for (std::uint32_t four = 0; four < 8; ++four)
      for (std::uint32_t value = 0; value < 16; ++value)
        for (std::uint32_t bit = 0; bit < 4; ++bit)
          if ((value >> bit & 1u) != 0) result[d * sobol_words + four * 16 + value] ^= reversed(v[4 * four + bit]);
  }
  return result;
}

}  // namespace

const std::vector<std::uint32_t>& sobol_tables() {
  static const std::vector<std::uint32_t> tables = make_tables();
  return tables;
}

}  // namespace ytterby
