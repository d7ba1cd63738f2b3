#include "engine/base/nearest_name.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace ytterby {
namespace {

std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_name(const std::string& found, std::span<const std::string> known) {
  const auto difference = [&](const std::string& word) {
    return static_cast<double>(edit_distance(word, found)) / static_cast<double>(std::max(word.size(), found.size()));
  };
  return *std::min_element(known.begin(), known.end(),
                           [&](const std::string& a, const std::string& b) { return difference(a) < difference(b); });
}

}  // namespace ytterby
