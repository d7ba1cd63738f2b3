#include "io/prepare/ct_numbers.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/numbers.h"

namespace ytterby::io {
namespace {

constexpr float air_below = -300;
constexpr double lowest_median = -50, highest_median = 300;  // of soft tissue, with fat or contrast medium
constexpr double shift = 1024;                               // of stored values against HU
constexpr float moved_low = 850, moved_high = 1300;          // soft tissue, moved up; bone alone is there in HU
constexpr float moved_air = -1100;                           // air, moved down
constexpr float beyond_bone = 3000;                          // where negative numbers end up that lost their sign
constexpr double moved_up_share = 0.1, dense_share = 0.05, unsigned_share = 0.1;

double median_of(std::vector<float> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return static_cast<double>(*middle);
}

bool is_tissue(double hu) { return hu >= lowest_median && hu <= highest_median; }

std::string percent(double share) { return to_text(100 * share, 3) + " %"; }

}  // namespace

std::string no_ct_numbers(const Image<float>& ct) {
  if (ct.values.empty()) return {};
  const auto [low, high] = std::minmax_element(ct.values.begin(), ct.values.end());
  const auto share = [&](float from, float to) {
    const auto n = std::count_if(ct.values.begin(), ct.values.end(), [&](float v) { return v >= from && v <= to; });
    return static_cast<double>(n) / static_cast<double>(ct.values.size());
  };
  const std::string range =
      "its values are " + to_text(static_cast<double>(*low), 6) + " to " + to_text(static_cast<double>(*high), 6);
  if (*low >= air_below) {
    if (const double moved = share(moved_low, moved_high); moved >= moved_up_share) {
      return range + " and " + percent(moved) + " of them lie at 850 to 1300: HU + 1024, as scanners store them?";
    }
    if (const double lost = share(beyond_bone, *high); lost >= unsigned_share) {
      return range + ", none below -300, and " + percent(lost) +
             " of them lie above 3000: negative numbers that were read without their sign?";
    }
    if (const double median = median_of(ct.values); !is_tissue(median)) {
      return range + ", none below -300, with a median of " + to_text(median, 5) + ": no HU of a patient";
    }
  }
  if (*low < moved_air) {
    if (const double dense = share(air_below, *high); dense < dense_share) {
      return range + " and " + percent(dense) + " of them lie above -300: HU - 1024, an intercept taken off twice?";
    }
  }
  return {};
}

std::string no_ct_numbers_in_liver(const std::vector<float>& hu, const std::vector<float>& share, bool without_air) {
  std::vector<float> inside;
  for (std::size_t i = 0; i < hu.size(); ++i) {
    if (share[i] >= 0.5F) inside.push_back(hu[i]);
  }
  if (inside.empty()) return {};
  const double median = median_of(std::move(inside));
  const std::string said = "its median CT number is " + to_text(median, 5);
  if (is_tissue(median - shift)) return said + ": HU + 1024, as scanners store them?";
  if (is_tissue(median + shift)) return said + ": HU - 1024, or no liver there?";
  return without_air && !is_tissue(median) ? said + " in a CT without air: no HU of a patient" : "";
}

}  // namespace ytterby::io
