#include "validation/ensemble/blurred_regions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/grid/crop.h"
#include "validation/ensemble/fields.h"

namespace ytterby::validation {
namespace {

constexpr int iterations = 10;             // the means change by less than 1e-3 after five (tests)
constexpr float as_it_is = 1e-6F;          // change of a share that is rounding; the blur's own end cuts off 6e-5
constexpr double least_of_highest = 1e-9;  // activity below which a ratio says nothing

/// Smallest box around the voxels of a region, wider by `reach` voxels where the grid goes on.
Box box_around(const std::vector<float>& region, const Grid& grid, const std::array<int, 3>& reach) {
  Box box{grid.shape, {-1, -1, -1}};
  const int n = grid.shape[0];
  for (int z = 0; z < grid.shape[2]; ++z)
    for (int y = 0; y < grid.shape[1]; ++y) {
      const float* row = region.data() + grid.index(0, y, z);
      const auto inside = [](float share) { return share > 0; };
      const auto first = static_cast<int>(std::find_if(row, row + n, inside) - row);
      if (first == n) continue;
      int last = n - 1;
      while (!inside(row[last])) --last;
      box = join(box, {{first, y, z}, {last, y, z}});
    }
  if (box.empty()) return box;
  for (std::size_t a = 0; a < 3; ++a) {
    box.low[a] = std::max(0, box.low[a] - reach[a]);
    box.high[a] = std::min(grid.shape[a] - 1, box.high[a] + reach[a]);
  }
  return box;
}

/// The region blurred, 0 beyond its reach.
std::vector<float> blur_of(const std::vector<float>& region, const Grid& grid, double sigma) {
  std::vector<float> result(region.size());
  const Box box = box_around(region, grid, blur_reach(grid, sigma));
  if (box.empty()) return result;
  const Grid part = cut(grid, box);
  std::vector<float> inside;
  inside.reserve(part.voxels());
  const auto row_of = [&](auto& values, int y, int z) {
    return values.begin() + static_cast<std::ptrdiff_t>(grid.index(box.low[0], y, z));
  };
  for (int z = box.low[2]; z <= box.high[2]; ++z)
    for (int y = box.low[1]; y <= box.high[1]; ++y) {
      const auto row = row_of(region, y, z);
      inside.insert(inside.end(), row, row + part.shape[0]);
    }
  inside = blurred(inside, part, sigma);
  auto from = inside.begin();
  for (int z = box.low[2]; z <= box.high[2]; ++z)
    for (int y = box.low[1]; y <= box.high[1]; ++y, from += part.shape[0])
      std::copy_n(from, part.shape[0], row_of(result, y, z));
  return result;
}

/// Each region blurred; the last is what the others leave, because they add up to 1.
Regions blurs_of(const Regions& regions, const Grid& grid, double sigma) {
  Regions blurs;
  std::vector<float> rest(grid.voxels(), 1.0F);
  for (std::size_t r = 0; r + 1 < regions.size(); ++r) {
    blurs.push_back(blur_of(regions[r], grid, sigma));
    for (std::size_t v = 0; v < rest.size(); ++v) rest[v] -= blurs.back()[v];
  }
  for (float& share : rest) share = std::max(0.0F, share);
  blurs.push_back(std::move(rest));
  return blurs;
}

}  // namespace

BlurredRegions::BlurredRegions(const Regions& regions, const Grid& grid, double fwhm)
    : fwhm_(fwhm),
      whole_(grid.voxels(), at_surface),
      volume_(regions.size()),
      of_shares_(regions.size(), std::vector<double>(regions.size())),
      of_blurs_(of_shares_) {
  const Regions blurs = blurs_of(regions, grid, fwhm * sigma_per_fwhm);
  std::vector<std::uint8_t> changes(whole_.size());
  for (std::size_t r = 0; r < regions.size(); ++r)
    for (std::size_t v = 0; v < changes.size(); ++v)
      changes[v] |= static_cast<std::uint8_t>(std::abs(regions[r][v] - blurs[r][v]) > as_it_is);
  for (std::size_t r = 0; r < regions.size(); ++r)
    for (std::size_t v = 0; v < changes.size(); ++v)
      if (changes[v] == 0 && regions[r][v] == 1.0F) whole_[v] = static_cast<std::uint16_t>(r);
  for (std::size_t v = 0; v < whole_.size(); ++v) {
    if (whole_[v] != at_surface) {
      const std::size_t r = whole_[v];
      volume_[r] += 1;
      of_shares_[r][r] += 1;
      of_blurs_[r][r] += 1;
      continue;
    }
    shared_.push_back({static_cast<std::uint32_t>(v), static_cast<std::uint32_t>(parts_.size())});
    for (std::size_t r = 0; r < regions.size(); ++r)
      if (regions[r][v] > 0 || blurs[r][v] > 0)
        parts_.push_back({static_cast<std::uint16_t>(r), regions[r][v], blurs[r][v]});
  }
  shared_.push_back({0, static_cast<std::uint32_t>(parts_.size())});
  for (std::size_t s = 0; s + 1 < shared_.size(); ++s)
    for (const Part& i : parts_of(s)) {
      const auto share = static_cast<double>(i.share);
      if (!(share > 0)) continue;
      volume_[i.region] += share;
      for (const Part& j : parts_of(s)) {
        of_shares_[i.region][j.region] += share * static_cast<double>(j.share);
        of_blurs_[i.region][j.region] += share * static_cast<double>(j.blurred);
      }
    }
  for (std::size_t r = 0; r < volume_.size(); ++r)
    for (Matrix* m : {&of_shares_, &of_blurs_})
      for (double& value : (*m)[r]) value /= volume_[r];
}

/// Of the voxels that one region has alone.
std::vector<double> BlurredRegions::sums_inside(const std::vector<double>& image) const {
  std::vector<double> sums(size() + 1);
  for (std::size_t v = 0; v < image.size(); ++v) sums[std::min<std::size_t>(whole_[v], size())] += image[v];
  sums.pop_back();
  return sums;
}

/// region_activities() of an image's sums over the regions.
std::vector<double> BlurredRegions::activities(std::vector<double> sums) const {
  for (std::size_t r = 0; r < sums.size(); ++r) sums[r] /= volume_[r];
  std::vector<double> result = solved(of_shares_, std::move(sums));
  for (double& a : result) a = std::max(0.0, a);
  return result;
}

std::vector<double> BlurredRegions::corrected(const std::vector<double>& image) const {
  const std::vector<double> inside = sums_inside(image);
  std::vector<double> ratio(shared_.size() - 1, 1);
  for (int i = 0; i < iterations; ++i) {
    std::vector<double> sums = inside;
    for (std::size_t s = 0; s < ratio.size(); ++s) {
      const double value = image[shared_[s].voxel] * ratio[s];
      for (const Part& part : parts_of(s)) sums[part.region] += static_cast<double>(part.share) * value;
    }
    const std::vector<double> activity = activities(std::move(sums));
    const double least = least_of_highest * *std::max_element(activity.begin(), activity.end());
    for (std::size_t s = 0; s < ratio.size(); ++s) {
      double sharp = 0, blur = 0;
      for (const Part& part : parts_of(s)) {
        sharp += activity[part.region] * static_cast<double>(part.share);
        blur += activity[part.region] * static_cast<double>(part.blurred);
      }
      ratio[s] = blur > least ? sharp / blur : 1;
    }
  }
  std::vector<double> result = image;
  for (std::size_t s = 0; s < ratio.size(); ++s) result[shared_[s].voxel] *= ratio[s];
  return result;
}

std::vector<double> BlurredRegions::transfer_means(const std::vector<double>& image) const {
  std::vector<double> mean = sums_inside(image);
  for (std::size_t s = 0; s + 1 < shared_.size(); ++s)
    for (const Part& part : parts_of(s)) mean[part.region] += static_cast<double>(part.share) * image[shared_[s].voxel];
  for (std::size_t r = 0; r < mean.size(); ++r) mean[r] /= volume_[r];
  return solved(of_blurs_, std::move(mean));
}

std::vector<double> BlurredRegions::departures(const std::vector<double>& image,
                                               std::span<const double> activity) const {
  std::vector<double> square(size() + 1), at(activity.begin(), activity.end());
  at.push_back(0);
  for (std::size_t v = 0; v < image.size(); ++v) {
    const std::size_t r = std::min<std::size_t>(whole_[v], size());
    square[r] += (image[v] - at[r]) * (image[v] - at[r]);
  }
  square.pop_back();
  for (std::size_t s = 0; s + 1 < shared_.size(); ++s) {
    double model = 0;
    for (const Part& part : parts_of(s)) model += activity[part.region] * static_cast<double>(part.blurred);
    const double departure = image[shared_[s].voxel] - model;
    for (const Part& part : parts_of(s)) square[part.region] += static_cast<double>(part.share) * departure * departure;
  }
  for (std::size_t r = 0; r < square.size(); ++r) square[r] /= volume_[r];
  return square;
}

std::vector<double> yang_corrected(const std::vector<double>& image, const Regions& regions, const Grid& grid,
                                   double fwhm) {
  return BlurredRegions(regions, grid, fwhm).corrected(image);
}

}  // namespace ytterby::validation
