// [[perfused]]: counts of one image to the activities of several positions of the catheter. Within a volume they are
// shared in proportion to the counts; between the volumes by what each was given, whatever the image holds of them.

#include <algorithm>

#include "engine/base/numbers.h"
#include "engine/patient/structures.h"
#include "io/prepare/parts.h"

namespace ytterby::io {
namespace {

constexpr double largest_overlap = 0.05;  // of the smaller volume

/// Two volumes that lie in each other would be given twice.
void refuse_overlap(const CaseFile& c, const std::vector<std::vector<float>>& shares) {
  const std::vector<PerfusedEntry>& entries = c.activity->perfused;
  for (std::size_t a = 0; a < shares.size(); ++a) {
    for (std::size_t b = a + 1; b < shares.size(); ++b) {
      double both = 0;
      for (std::size_t v = 0; v < shares[a].size(); ++v)
        both += std::max(0.0, static_cast<double>(shares[a][v]) + static_cast<double>(shares[b][v]) - 1);
      const double share = both / std::min(sum_of(shares[a]), sum_of(shares[b]));
      if (share > largest_overlap)
        refuse(c.place(entries[b].line), "[[perfused]] \"" + entries[b].structure + "\" and \"" + entries[a].structure +
                                             "\" overlap by " + to_text(100 * share, 3) +
                                             " % of the smaller, need to lie apart (5 % at most)");
    }
  }
}

}  // namespace

std::vector<std::vector<float>> position_shares(const CaseFile& c, const std::vector<Structure>& own,
                                                const std::vector<float>& treated) {
  std::vector<std::vector<float>> shares;
  for (const PerfusedEntry& p : c.activity->perfused) {
    const auto named = std::find_if(own.begin(), own.end(), [&](const Structure& s) { return s.name == p.structure; });
    shares.push_back(smaller(treated, named->fraction));
    if (!(sum_of(shares.back()) > 0)) {
      refuse(c.place(p.line),
             "[[perfused]] \"" + p.structure + "\" has nothing of what counts are normalised to (liver and tumours)");
    }
  }
  refuse_overlap(c, shares);
  return shares;
}

std::vector<double> position_scales(const CaseFile& c, const std::vector<double>& counts) {
  const std::vector<PerfusedEntry>& entries = c.activity->perfused;
  std::vector<double> scales;
  for (std::size_t p = 0; p < entries.size(); ++p) {
    if (!(counts[p] > 0)) {
      refuse(c.place(entries[p].line),
             "[[perfused]] \"" + entries[p].structure + "\": " + c.activity->image + " holds no activity in it");
    }
    scales.push_back(entries[p].administered_GBq / counts[p]);
  }
  const double largest = *std::max_element(scales.begin(), scales.end());
  for (double& s : scales) s /= largest;
  return scales;
}

}  // namespace ytterby::io
