#include "io/draft/found.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <system_error>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/units.h"
#include "io/dicom/survey/dicom_survey.h"
#include "io/images/image_file.h"
#include "io/images/nrrd_header.h"
#include "io/text/toml_text.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr double Bq_per_GBq = 1e9;
constexpr float least_of_a_CT = -300;  // a CT has air

/// The folder of all files of a series; a file that is alone.
fs::path place_of(const DicomSeries& series) {
  if (series.files.size() == 1) return series.files.front();
  fs::path folder = series.files.front().parent_path();
  const auto outside = [&](const fs::path& file) {
    return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first != folder.end();
  };
  while (folder.has_relative_path() && std::any_of(series.files.begin(), series.files.end(), outside))
    folder = folder.parent_path();
  return folder;
}

std::string why_unusable(const SeriesFacts& facts) {
  if (facts.series.modality == "CT") return facts.slices < 2 ? "a single slice" : "";
  if (facts.series.modality == "PT") {
    if (facts.projections) return "projections, no slices";
    if (facts.attenuated) return "not corrected for attenuation";
    return facts.units.empty() || facts.units == "BQML" || facts.units == "CNTS"
               ? ""
               : "its values are in " + toml_quoted(facts.units) + ", not in Bq/mL";
  }
  return facts.image_type.find("RECON") == std::string::npos ? "planar or projections, no reconstructed slices" : "";
}

FoundImage image_of(const SeriesFacts& facts, const std::vector<SeriesFacts>& all) {
  FoundImage image;
  const std::string& modality = facts.series.modality;
  image.kind = modality == "CT"   ? FoundImage::Kind::ct
               : modality == "PT" ? FoundImage::Kind::pet
                                  : FoundImage::Kind::nm;
  image.path = place_of(facts.series);
  image.uid = facts.series.uid;
  image.number = facts.series.number;
  for (const SeriesFacts& other : all) {
    const bool competes = (modality == "CT") == (other.series.modality == "CT") && other.series.uid != image.uid;
    if (!competes || !fs::is_directory(image.path)) continue;
    const auto below = [&](const fs::path& file) {
      return std::mismatch(image.path.begin(), image.path.end(), file.begin(), file.end()).first == image.path.end();
    };
    if (std::any_of(other.series.files.begin(), other.series.files.end(), below)) image.series = image.uid;
  }
  image.frame_of_reference = facts.frame_of_reference;
  image.date = facts.date;
  image.description = facts.description;
  image.size = fmt::format("{} slices of {} x {}, {:.4g} x {:.4g} mm", facts.slices, facts.columns, facts.rows,
                           facts.column_spacing, facts.row_spacing);
  image.extent = facts.extent;
  image.slices = facts.slices;
  image.unusable = why_unusable(facts);
  image.contrast_agent = facts.contrast_agent;
  image.function = modality != "CT" && names_function(facts.description);
  image.in_becquerels = modality == "PT";
  image.half_life_h = modality == "PT" ? facts.half_life_h : 0;
  image.injected_GBq = facts.injected_Bq / Bq_per_GBq;
  image.energy_windows = facts.energy_windows;
  return image;
}

void take_object(const StructureObject& object, Found& found) {
  for (const NamedPart& one : object.parts) {
    FoundPart part;
    part.source = object.kind == StructureObject::Kind::seg ? FoundPart::Source::seg : FoundPart::Source::rtstruct;
    part.file = object.file;
    part.name = one.name;
    part.number = one.number;
    part.filled = one.filled;
    part.twice = one.name.empty() || std::count_if(object.parts.begin(), object.parts.end(),
                                                   [&](const NamedPart& p) { return p.name == one.name; }) > 1;
    part.frame_of_reference = object.frame_of_reference;
    part.referenced_series = object.referenced_series;
    part.date = object.date;
    part.guess = guess_role(one.name);
    found.parts.push_back(std::move(part));
  }
}

/// "tumour" of "tumour.nii.gz".
std::string stem_of(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.substr(0, name.find('.'));
}

/// What an image file is, by its values: CT numbers, a mask, or activity.
void take_file(const fs::path& file, Found& found) {
  try {
    const std::string ending = file.extension().string();
    const bool nrrd = ending == ".nrrd" || ending == ".nhdr";
    if (const auto segments = nrrd ? slicer_segments(file) : std::vector<SlicerSegment>{}; !segments.empty()) {
      for (std::size_t i = 0; i < segments.size(); ++i) {
        FoundPart part{
            FoundPart::Source::seg,      file, segments[i].name, static_cast<int>(i) + 1, false, true, {}, {}, {},
            guess_role(segments[i].name)};
        found.parts.push_back(std::move(part));
      }
      return;
    }
    const Image<float> image = read_image(file);
    const auto [low, high] = std::minmax_element(image.values.begin(), image.values.end());
    const std::string name = stem_of(file);
    const RoleGuess guess = guess_role(name);
    const bool two_values = *low >= 0 && std::all_of(image.values.begin(), image.values.end(),
                                                     [&](float v) { return v == *low || v == *high; });
    const bool shares = *low >= 0 && *high <= 1 && guess.role != Role::other;  // 0 to 1, and called as a structure
    if (two_values || shares) {
      found.parts.push_back({FoundPart::Source::mask, file, name, 0, false, *high > 0, {}, {}, {}, guess});
      return;
    }
    FoundImage one;
    one.kind = *low < least_of_a_CT ? FoundImage::Kind::ct : FoundImage::Kind::counts;
    one.path = file;
    one.function = one.kind == FoundImage::Kind::counts && names_function(name);
    const Grid& grid = image.grid;
    one.size = fmt::format("{} slices of {} x {}, {:.4g} x {:.4g} mm", grid.shape[2], grid.shape[0], grid.shape[1],
                           grid.spacing[0] / cm_per_mm, grid.spacing[1] / cm_per_mm);
    one.slices = grid.shape[2];
    one.extent = (grid.shape[2] - 1) * grid.spacing[2] / cm_per_mm;
    found.images.push_back(std::move(one));
  } catch (const Error& error) {
    found.passed_over.emplace_back(error.what());
  }
}

}  // namespace

Found look_through(const std::vector<fs::path>& folders) {
  Found found;
  std::vector<SeriesFacts> series;
  std::set<fs::path> seen;
  for (const fs::path& written : folders) {
    std::error_code ignored;
    const fs::path folder = fs::weakly_canonical(written, ignored);
    if (!fs::exists(folder, ignored)) throw Error(Fault::input, written.string() + ": there is no such folder or file");
    if (!seen.insert(folder).second) continue;
    DicomSurvey survey = survey_dicom(folder);
    merge_warnings(survey.warnings, found.warnings);
    for (SeriesFacts& facts : survey.images) series.push_back(std::move(facts));
    for (const StructureObject& object : survey.structures) take_object(object, found);
    for (fs::path& file : survey.registrations) found.registrations.push_back(std::move(file));
    for (const fs::path& file : survey.other_files) {
      if (is_image_name(file.filename().string())) take_file(file, found);
    }
  }
  for (const SeriesFacts& facts : series) found.images.push_back(image_of(facts, series));
  if (found.images.empty() && found.parts.empty()) {
    throw Error(Fault::input, folders.front().string() +
                                  ": holds no image, structure set or segmentation, as DICOM or as image files");
  }
  return found;
}

}  // namespace ytterby::io
