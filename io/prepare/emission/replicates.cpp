// Images of what the activity image is of ([uncertainty] replicates): what its noise is drawn from.

#include <cmath>

#include "engine/base/numbers.h"
#include "engine/grid/resample.h"
#include "io/prepare/parts.h"

namespace ytterby::io {
namespace {

constexpr double most_apart = 0.2;  // of the totals: noise changes a total by next to nothing

double total_of(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

std::string size_of(const Grid& grid) {
  std::string text;
  for (std::size_t a = 0; a < 3; ++a) text += (a == 0 ? "" : " x ") + std::to_string(grid.shape[a]);
  text += " voxels of ";
  for (std::size_t a = 0; a < 3; ++a) text += (a == 0 ? "" : " x ") + to_text(10 * grid.spacing[a], 4);
  return text + " mm";
}

void check_grid(const Image<double>& replicate, const std::string& file, const Image<double>& image,
                const std::string& image_file, const std::string& place) {
  if (same_grid(replicate.grid, image.grid)) return;
  const std::string own = size_of(replicate.grid), of_image = size_of(image.grid);
  refuse(place, file + " has " + own + (own == of_image ? " in another place" : "") + ", the activity image " +
                    image_file + " " + of_image + ": replicates need the same grid");
}

/// What a total has to be near to: the image's where both have a unit, else that of all replicates.
void check_totals(const std::vector<double>& totals, const std::vector<std::string>& files, double expected,
                  const std::string& of_what, const std::string& place) {
  for (std::size_t j = 0; j < totals.size(); ++j) {
    if (totals[j] > 0 && std::abs(totals[j] / expected - 1) <= most_apart) continue;
    refuse(place, files[j] + " holds " + to_text(100 * totals[j] / expected, 3) + " % of " + of_what +
                      ", needs to be within 20 %: is it of the same acquisition, in the same unit?");
  }
}

}  // namespace

std::vector<std::vector<float>> read_replicates(const CaseFile& c, const std::string& session,
                                                const Image<double>& image, const Grid& grid, Remarks& remarks) {
  std::vector<std::vector<float>> result;
  if (!c.uncertainty) return result;
  const std::string place = c.place(c.uncertainty->line) + "[uncertainty] replicates: ";
  for (const Replicates& r : c.uncertainty->replicates) {
    if (r.session != session) continue;
    std::vector<double> totals;
    for (const std::string& file : r.files) {
      CaseFile view = c;
      view.activity->image = file;
      view.activity->series.clear();
      view.activity->line = c.uncertainty->line;
      Remarks own;
      own.patient = remarks.patient;
      const Image<double> read = read_activity(view, own);
      merge_warnings(own.warnings, remarks.warnings);
      remarks.without_unit.insert(remarks.without_unit.end(), own.without_unit.begin(), own.without_unit.end());
      check_grid(read, file, image, c.activity->image, place);
      totals.push_back(total_of(read.values));
      const std::vector<double> values = redistribute(read, grid);
      result.emplace_back(values.begin(), values.end());
    }
    const double mean = total_of(totals) / static_cast<double>(totals.size()), own = total_of(image.values);
    const bool relative = c.activity->quantity == Quantity::relative;
    check_totals(totals, r.files, relative ? mean : own, relative ? "the replicates' mean total" : c.activity->image,
                 place);
    for (std::vector<float>& values : result)  // counts of a part, or of a shorter scan, are as good as the image's
      for (float& value : values) value = static_cast<float>(static_cast<double>(value) * own / mean);
    remarks.notes.push_back("noise of " + c.activity->image + " from " + std::to_string(r.files.size()) +
                            " replicates" + (c.uncertainty->replicates_are_parts ? " that are parts of it" : ""));
  }
  return result;
}

}  // namespace ytterby::io
