// The lung shunt out of an anterior and a posterior planar view: geometric mean of counts, lungs / (lungs + liver).

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/numbers.h"
#include "io/dicom/nm/planar.h"
#include "io/images/image_file.h"
#include "io/prepare/case_images.h"
#include "io/prepare/parts.h"

namespace ytterby::io {
namespace {

constexpr double unlikely_shunt = 0.5;   // above: are the regions exchanged?
constexpr double clearly_better = 0.05;  // of correlations of the two views
constexpr double largest_shunt = 0.999;  // as lung_shunt_fraction

/// Share of each pixel that belongs to a region.
struct RegionOfViews {
  std::vector<float> anterior, posterior;
};

std::string size_text(int columns, int rows) { return std::to_string(columns) + " x " + std::to_string(rows); }

/// The same pixels seen from behind.
template <class T>
std::vector<T> mirrored(const std::vector<T>& view, int columns) {
  std::vector<T> result(view.size());
  const auto n = static_cast<std::size_t>(columns);
  for (std::size_t i = 0; i < view.size(); ++i) result[i] = view[i - i % n + (n - 1 - i % n)];
  return result;
}

std::vector<float> of_rectangles(const PlanarRegion& region, const PlanarView& view, const std::string& what) {
  std::vector<float> share(view.counts.size());
  for (const auto& [x0, y0, x1, y1] : region.rectangles) {
    if (x1 > view.columns || y1 > view.rows) {
      refuse("", what + " has a rectangle to column " + std::to_string(x1) + ", row " + std::to_string(y1) +
                     ", the views have " + size_text(view.columns, view.rows) + " pixels");
    }
    for (int y = y0 - 1; y < y1; ++y) {
      for (int x = x0 - 1; x < x1; ++x) share[static_cast<std::size_t>(y * view.columns + x)] = 1;
    }
  }
  return share;
}

Image<float> region_image(const CaseFile& c, const PlanarRegion& region, const std::string& what, Remarks& remarks) {
  const std::filesystem::path path = c.path_of(region.image);
  if (region.label.empty()) {
    Image<float> mask = read_image(path, collect(remarks, region.image));
    check_mask(mask, what + ": ", region.image);
    return mask;
  }
  const Image<std::int32_t> labels = read_labels(path, collect(remarks, region.image));
  Image<float> mask{labels.grid, std::vector<float>(labels.values.size())};
  for (const int label : region.label) {
    bool found = false;
    for (std::size_t i = 0; i < labels.values.size(); ++i) {
      if (labels.values[i] != label) continue;
      mask.values[i] = 1;
      found = true;
    }
    if (!found) refuse("", what + ": " + region.image + " has no pixel with label " + std::to_string(label));
  }
  return mask;
}

/// The region as it is drawn; of one on the anterior view alone the posterior is left out. Pixels are compared by
/// column and row: a planar image has no place in the patient.
RegionOfViews region_of(const CaseFile& c, const PlanarRegion& region, const PlanarView& view, const std::string& what,
                        Remarks& remarks) {
  if (region.image.empty()) return {of_rectangles(region, view, what), {}};
  const Image<float> mask = region_image(c, region, what, remarks);
  const auto& shape = mask.grid.shape;
  if (shape[0] != view.columns || shape[1] != view.rows || shape[2] > 2) {
    refuse("", what + ": " + region.image + " has " + size_text(shape[0], shape[1]) + " x " + std::to_string(shape[2]) +
                   " pixels, needs to have the columns and rows of the views, " + size_text(view.columns, view.rows) +
                   ", in one plane (anterior) or two (anterior, posterior)");
  }
  const auto plane = mask.values.begin() + static_cast<std::ptrdiff_t>(view.counts.size());
  return {{mask.values.begin(), plane}, {plane, mask.values.end()}};
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double sa = 0, sb = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sa += a[i], sb += b[i];
    aa += a[i] * a[i], bb += b[i] * b[i], ab += a[i] * b[i];
  }
  const auto n = static_cast<double>(a.size());
  const double spread = std::sqrt((aa - sa * sa / n) * (bb - sb * sb / n));
  return spread > 0 ? (ab - sa * sb / n) / spread : 0;
}

/// Cameras store the posterior view as seen from behind; some archives hold it turned over. The case decides, else the
/// views themselves have to agree with what cameras do.
bool is_mirrored(const PlanarShunt& s, const PlanarPair& views) {
  if (s.mirrored) return *s.mirrored;
  const PlanarView &a = views.anterior, &p = views.posterior;
  const double as_stored = correlation(a.counts, p.counts);
  const double over = correlation(a.counts, mirrored(p.counts, p.columns));
  if (as_stored > over + clearly_better) {
    refuse("", s.planar.front() + ": the posterior view looks like the anterior one as it is (correlation " +
                   to_text(as_stored, 3) + ") more than mirrored (" + to_text(over, 3) +
                   "): mirrored = false takes it as turned over already, mirrored = true as seen from behind");
  }
  return true;
}

/// Counts of a region in one view; `level` is subtracted from each pixel.
double counts_in(const PlanarView& view, const std::vector<float>& share, double level) {
  double sum = 0;
  for (std::size_t i = 0; i < share.size(); ++i) sum += static_cast<double>(share[i]) * (view.counts[i] - level);
  return sum;
}

/// Geometric mean of both views, with the numbers for the account.
double geometric_mean(const PlanarPair& views, const RegionOfViews& region, const std::array<double, 2>& level,
                      const std::string& what, std::string& account) {
  const double a = counts_in(views.anterior, region.anterior, level[0]);
  const double p = counts_in(views.posterior, region.posterior, level[1]);
  if (!(a > 0) || !(p > 0)) {
    refuse("", what + " has " + to_text(a, 6) + " counts in the anterior and " + to_text(p, 6) +
                   " in the posterior view, needs to have some in both");
  }
  account += (account.empty() ? "" : "; ") + what + " " + to_text(a, 6) + " (anterior), " + to_text(p, 6) +
             " (posterior), geometric mean " + to_text(std::sqrt(a * p), 6);
  return std::sqrt(a * p);
}

void refuse_overlap(const RegionOfViews& lungs, const RegionOfViews& liver) {
  std::size_t shared = 0;
  for (std::size_t i = 0; i < lungs.anterior.size(); ++i) {
    shared += lungs.anterior[i] + liver.anterior[i] > 1 || lungs.posterior[i] + liver.posterior[i] > 1 ? 1 : 0;
  }
  if (shared > 0) refuse("", "lungs and liver share " + std::to_string(shared) + " pixels, need to lie apart");
}

/// Lungs, liver and, where the case names one, background.
std::vector<RegionOfViews> regions_of(const CaseFile& c, const PlanarShunt& s, const PlanarPair& views,
                                      Remarks& remarks) {
  std::vector<RegionOfViews> regions{region_of(c, s.lungs, views.anterior, "lungs", remarks),
                                     region_of(c, s.liver, views.anterior, "liver", remarks)};
  if (!s.background.empty()) regions.push_back(region_of(c, s.background, views.anterior, "background", remarks));
  const auto one_sided = [](const RegionOfViews& r) { return r.posterior.empty(); };
  const bool mirror = std::any_of(regions.begin(), regions.end(), one_sided) && is_mirrored(s, views);
  for (RegionOfViews& r : regions) {
    if (one_sided(r)) r.posterior = mirror ? mirrored(r.anterior, views.anterior.columns) : r.anterior;
  }
  refuse_overlap(regions[0], regions[1]);
  return regions;
}

/// Mean counts of a pixel of the background in each view.
std::array<double, 2> background_level(const PlanarPair& views, const RegionOfViews& background) {
  const std::array<double, 2> pixels{sum_of(background.anterior), sum_of(background.posterior)};
  if (!(pixels[0] > 0) || !(pixels[1] > 0)) refuse("", "background is empty in one of the views");
  return {counts_in(views.anterior, background.anterior, 0) / pixels[0],
          counts_in(views.posterior, background.posterior, 0) / pixels[1]};
}

double measure(const CaseFile& c, const PlanarShunt& s, Remarks& remarks) {
  std::vector<std::filesystem::path> paths;
  for (const std::string& name : s.planar) paths.push_back(c.path_of(name));
  const PlanarPair views =
      read_planar_pair(paths, {s.series, s.frames, s.energy_window, s.scatter_window, s.scatter_factor});
  const std::vector<RegionOfViews> regions = regions_of(c, s, views, remarks);
  std::array<double, 2> level{0, 0};
  if (regions.size() > 2) level = background_level(views, regions[2]);
  std::string account;
  const double in_lungs = geometric_mean(views, regions[0], level, "lungs", account);
  const double in_liver = geometric_mean(views, regions[1], level, "liver", account);
  const double shunt = in_lungs / (in_lungs + in_liver);
  if (shunt > largest_shunt)
    refuse("", "the shunt is " + to_text(shunt, 4) + ", needs to be at most 0.999 (" + account + ")");
  remarks.notes.insert(remarks.notes.end(), views.notes.begin(), views.notes.end());
  remarks.notes.push_back("lung shunt " + to_text(100 * shunt, 4) + " % by planar views: " + account);
  if (shunt > unlikely_shunt) {
    remarks.warnings.push_back({"lung-shunt-unlikely",
                                WarningClass::wrong_dose,
                                "the planar views have more counts in lungs than in liver (lung shunt " +
                                    to_text(100 * shunt, 4) + " %): are the regions exchanged?",
                                {{"lung_shunt_fraction", shunt}, {"limit", unlikely_shunt}}});
  }
  return shunt;
}

}  // namespace

void measure_lung_shunt(const CaseFile& c, ActivitySection& activity, Remarks& remarks) {
  if (!activity.lung_shunt_from) return;
  activity.lung_shunt_fraction = at_place(c.place(activity.line) + "[activity] lung_shunt_from: ",
                                          [&] { return measure(c, *activity.lung_shunt_from, remarks); });
}

}  // namespace ytterby::io
