#pragma once
// Regions with an activity of their own each, and what an image of a known resolution shows of them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/grid/grid.h"
#include "validation/ensemble/partial_volume.h"

namespace ytterby::validation {

/// Regions and their blurs, for any number of images.
///
/// Where a region holds a voxel whole and so does its blur, an image says of itself all there is to say: only voxels
/// within the blur's reach of a surface are kept one by one, so that an iteration costs what surfaces cost.
class BlurredRegions {
 public:
  /// fwhm: resolution [cm].
  BlurredRegions(const Regions& regions, const Grid& grid, double fwhm);

  [[nodiscard]] std::size_t size() const { return volume_.size(); }
  [[nodiscard]] double fwhm() const { return fwhm_; }
  /// Volume of a region in voxels.
  [[nodiscard]] double volume(std::size_t region) const { return volume_[region]; }
  /// yang_corrected() of an image.
  [[nodiscard]] std::vector<double> corrected(const std::vector<double>& image) const;
  /// transfer_matrix_means() of an image and the blurs.
  [[nodiscard]] std::vector<double> transfer_means(const std::vector<double>& image) const;
  /// Mean square over each region of what the image departs by from blurred regions of these activities.
  [[nodiscard]] std::vector<double> departures(const std::vector<double>& image,
                                               std::span<const double> activity) const;

 private:
  static constexpr std::uint16_t at_surface = 0xffff;
  struct Part {
    std::uint16_t region;
    float share, blurred;
  };
  /// A voxel that several regions or blurs have a part in: parts_ from `first` to the next one's.
  struct Shared {
    std::uint32_t voxel, first;
  };
  [[nodiscard]] std::span<const Part> parts_of(std::size_t shared) const {
    return std::span(parts_).subspan(shared_[shared].first, shared_[shared + 1].first - shared_[shared].first);
  }
  [[nodiscard]] std::vector<double> sums_inside(const std::vector<double>& image) const;
  [[nodiscard]] std::vector<double> activities(std::vector<double> sums) const;

  double fwhm_;
  std::vector<std::uint16_t> whole_;  // the region of each voxel that one has alone, or at_surface
  std::vector<Shared> shared_;        // and one more at the end
  std::vector<Part> parts_;
  std::vector<double> volume_;
  Matrix of_shares_, of_blurs_;  // mean over region i of region j, of region j blurred
};

/// The image corrected for a resolution of `fwhm` [cm] by iterative Yang: in each of ten iterations the image is
/// multiplied by s / (s blurred), s the regions with their activity of the iteration before. What varies within a
/// region stays, its edges are made sharp. Erlandsson, Buvat, Pretorius, Thomas, Hutton, Phys. Med. Biol. 57 (2012)
/// R119.
std::vector<double> yang_corrected(const std::vector<double>& image, const Regions& regions, const Grid& grid,
                                   double fwhm);

}  // namespace ytterby::validation
