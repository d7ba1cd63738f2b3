#include "io/dicom/nm/planar.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <set>
#include <utility>

#include "engine/base/error.h"
#include "io/dicom/nm/nm_frames.h"
#include "io/dicom/object.h"
#include "io/dicom/pixels/pixels.h"
#include "io/dicom/series.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr const char* frames_remedy = "frames = [anterior, posterior] names them by number, from 1";

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(Fault::input, file.string() + ": " + what);
}

/// From where a view was taken.
enum class Side { anterior, posterior, other, unnamed };

std::string name_of(Side side) {
  if (side == Side::other) return "neither anterior nor posterior";
  return side == Side::unnamed ? "not named" : side == Side::anterior ? "anterior" : "posterior";
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// By the code's meaning, which vendors write in many ways, or by its SNOMED CT value (PS3.16 CID 26).
Side side_of_code(DcmItem& code) {
  const std::string value = text_of(code, DCM_CodeValue), meaning = lower(text_of(code, DCM_CodeMeaning));
  if (value == "399321004") return Side::anterior;
  if (value == "399001007") return Side::posterior;
  if (meaning.empty()) return Side::unnamed;
  const auto says = [&](const char* word) { return meaning.find(word) != std::string::npos; };
  if (says("oblique") || says("lateral") || says("lao") || says("rao") || says("lpo") || says("rpo")) {
    return Side::other;
  }
  if (says("ant") == says("post")) return Side::unnamed;
  return says("ant") ? Side::anterior : Side::posterior;
}

/// A detector in front of the patient looks along +y of the patient, if its rows and columns are given at all.
Side side_of_orientation(DcmItem& detector) {
  try {
    const double looks = axes_of(numbers_of(detector, DCM_ImageOrientationPatient))[2][1];
    return std::abs(looks) < 0.9 ? Side::unnamed : looks > 0 ? Side::anterior : Side::posterior;
  } catch (const Error&) {
    return Side::unnamed;  // planar objects have it empty, or zeros
  }
}

Side side_of_detector(DcmItem& d, std::size_t detector) {
  const std::vector<DcmItem*> described = items_of(d, DCM_DetectorInformationSequence);
  if (detector >= described.size()) return Side::unnamed;
  for (DcmItem* code : items_of(*described[detector], DCM_ViewCodeSequence)) {
    if (const Side side = side_of_code(*code); side != Side::unnamed) return side;
  }
  return side_of_orientation(*described[detector]);
}

/// A view that was found: a frame of the emission, and the frames of scatter to subtract.
struct Found {
  fs::path file;
  Side side = Side::unnamed;
  int frame = 0;
  std::vector<int> scatter;
};

std::vector<int> in_use(DcmItem& d, const fs::path& file, const DcmTagKey& vector, int frames) {
  const std::vector<int> all = nm_vector(d, file, vector, frames);
  const std::set<int> each(all.begin(), all.end());
  return each.empty() ? std::vector<int>{1} : std::vector<int>(each.begin(), each.end());
}

/// The window that shows the emission: the one that is chosen, or the only one that is not named for scatter.
std::string emission_window(DcmItem& d, const fs::path& file, int frames, const PlanarChoice& choice,
                            std::vector<std::string>& notes) {
  if (!choice.energy_window.empty()) return choice.energy_window;
  const std::vector<std::string> names = nm_window_names(d);
  const auto is_scatter = [&](int window) {
    const auto i = static_cast<std::size_t>(window - 1);
    const std::string name = window >= 1 && i < names.size() ? names[i] : "";
    const auto means_it = [&](const std::string& chosen) { return chosen == name || chosen == std::to_string(window); };
    return lower(name).find("scat") != std::string::npos ||
           std::any_of(choice.scatter_windows.begin(), choice.scatter_windows.end(), means_it);
  };
  std::vector<int> left = in_use(d, file, DCM_EnergyWindowVector, frames);
  const std::size_t all = left.size();
  std::erase_if(left, is_scatter);
  if (left.empty()) refuse(file, "shows scatter windows alone, by their names; energy_window = \"NAME\" insists");
  if (all == 1 || left.size() != 1) return "";  // none to choose, or asked for
  if (choice.scatter_windows.empty()) {
    notes.push_back(file.filename().string() + ": " + std::to_string(all - 1) + " scatter window" +
                    (all == 2 ? "" : "s") + " passed over");
  }
  return std::to_string(left.front());
}

/// The one frame of a window and a detector (unset: the object names none).
int only_frame(DcmItem& d, const fs::path& file, int frames, const std::string& window, std::optional<int> detector) {
  const std::vector<int> left = choose_frames(d, file, frames, {window, detector, {}}).frame_of_slice;
  if (left.size() != 1) {
    refuse(file, "has " + std::to_string(left.size()) +
                     " frames of one detector, and nothing says which view each is; " + frames_remedy);
  }
  return left.front();
}

std::vector<Found> views_of(DcmItem& d, const fs::path& file, int frames, const PlanarChoice& choice,
                            std::vector<std::string>& notes) {
  const std::string window = emission_window(d, file, frames, choice, notes);
  const bool has_detectors = !nm_vector(d, file, DCM_DetectorVector, frames).empty();
  std::vector<Found> found;
  for (const int number : in_use(d, file, DCM_DetectorVector, frames)) {
    const std::optional<int> detector = has_detectors ? std::optional(number) : std::nullopt;
    Found view{file,
               side_of_detector(d, static_cast<std::size_t>(std::max(number, 1) - 1)),
               only_frame(d, file, frames, window, detector),
               {}};
    for (const std::string& scatter : choice.scatter_windows) {
      view.scatter.push_back(only_frame(d, file, frames, scatter, detector));
    }
    found.push_back(std::move(view));
  }
  return found;
}

/// Why an object is no planar emission image; empty where it may be one.
std::string not_planar(DcmItem& d) {
  const std::string type = text_of(d, DCM_ImageType);
  for (const char* other : {"TOMO", "DYNAMIC", "GATED", "TRANSMISSION"}) {
    if (type.find(other) != std::string::npos) return "ImageType is " + type;
  }
  return text_of(d, DCM_Modality) == "NM" ? "" : "modality is " + text_of(d, DCM_Modality);
}

std::vector<Found> views_of_file(const fs::path& file, const PlanarChoice& choice, PlanarPair& pair,
                                 std::set<std::string>& seen, std::vector<std::string>& passed_over) {
  const auto object = load_dicom(file);
  if (!object) refuse(file, "is no DICOM any more");
  DcmDataset& d = *object->getDataset();
  if (const std::string why = not_planar(d); !why.empty()) {
    passed_over.push_back(file.filename().string() + " (" + why + ")");
    return {};
  }
  if (const std::string uid = text_of(d, DCM_SOPInstanceUID); !uid.empty() && !seen.insert(uid).second) return {};
  const int frames = count_of(d, DCM_NumberOfFrames).value_or(1);
  if (choice.frames.empty()) return views_of(d, file, frames, choice, pair.notes);
  std::vector<Found> found;
  for (std::size_t i = 0; i < 2; ++i) {
    const int frame = choice.frames[i];
    if (frame < 1 || frame > frames) {
      refuse(file, "has no frame " + std::to_string(frame) + ", it has " + std::to_string(frames));
    }
    found.push_back({file, i == 0 ? Side::anterior : Side::posterior, frame - 1, {}});
  }
  return found;
}

/// Counts of one view, less scatter.
PlanarView read_view(const Found& found, double scatter_factor) {
  const auto object = load_dicom(found.file);
  if (!object) refuse(found.file, "is no DICOM any more");
  DcmDataset& d = *object->getDataset();
  const PixelLayout layout = read_layout(d);
  const double slope = number_of(d, DCM_RescaleSlope).value_or(1);
  const double intercept = number_of(d, DCM_RescaleIntercept).value_or(0);
  const std::vector<double> stored = read_pixels(found.file, layout);
  const auto counts_of = [&](int frame, std::size_t pixel) {
    return slope * stored[static_cast<std::size_t>(frame) * layout.plane() + pixel] + intercept;
  };
  PlanarView view{layout.columns, layout.rows, {}};
  view.counts.reserve(layout.plane());
  for (std::size_t i = 0; i < layout.plane(); ++i) {
    double counts = counts_of(found.frame, i);
    for (const int frame : found.scatter) counts -= scatter_factor * counts_of(frame, i);
    view.counts.push_back(counts);
  }
  return view;
}

std::string list_of(const std::vector<Found>& found) {
  std::string list;
  for (const Found& f : found) {
    list += (list.empty() ? "" : "; ") + f.file.filename().string() + " frame " + std::to_string(f.frame + 1) + ", " +
            name_of(f.side);
  }
  return list;
}

/// The two views among all that were found.
std::pair<Found, Found> pair_of(std::vector<Found> found, const fs::path& path, std::size_t files) {
  std::vector<Found> anterior, posterior, unnamed;
  for (const Found& f : found) {
    if (f.side == Side::anterior) anterior.push_back(f);
    if (f.side == Side::posterior) posterior.push_back(f);
    if (f.side == Side::unnamed) unnamed.push_back(f);
  }
  if (anterior.size() == 1 && posterior.size() == 1) return {anterior.front(), posterior.front()};
  const std::string list = "; there is " + list_of(found);
  if (anterior.size() > 1 || posterior.size() > 1) {
    refuse(path, "has several anterior or posterior views, series = \"UID or number\" or frames need to choose" + list);
  }
  if (!unnamed.empty()) {
    const std::string two =
        files == 1 ? std::string(frames_remedy) : "planar = [\"ANTERIOR FILE\", \"POSTERIOR FILE\"] names them";
    refuse(path,
           "does not say which view is anterior and which posterior (ViewCodeSequence (0054,0220)); " + two + list);
  }
  refuse(path, "has no anterior and posterior pair of views, which the geometric mean needs" + list);
}

}  // namespace

std::vector<fs::path> planar_files(const fs::path& path, const std::string& series) {
  std::vector<fs::path> files;
  std::string list;
  for (const DicomSeries& s : list_series(path)) {
    if (s.modality != "NM") continue;
    list += (list.empty() ? "" : ", ") + s.number;
    if (series.empty() || s.uid == series || s.number == series) {
      files.insert(files.end(), s.files.begin(), s.files.end());
    }
  }
  if (files.empty() && list.empty()) refuse(path, "has no NM series");
  if (files.empty())
    refuse(path, "has no NM series of UID or number \"" + series + "\"; there are the numbers " + list);
  return files;
}

PlanarPair read_planar_pair(const std::vector<fs::path>& paths, const PlanarChoice& choice) {
  PlanarPair pair;
  std::set<std::string> seen;
  std::vector<std::string> passed_over;
  std::vector<Found> found;
  std::size_t files = 0;
  for (const fs::path& path : paths) {
    const std::size_t before = found.size();
    for (const fs::path& file : planar_files(path, choice.series)) {
      const std::vector<Found> more = views_of_file(file, choice, pair, seen, passed_over);
      files += more.empty() ? 0 : 1;
      found.insert(found.end(), more.begin(), more.end());
    }
    if (paths.size() == 1) continue;
    if (found.size() != before + 1) {
      refuse(path,
             "has " + std::to_string(found.size() - before) + " planar views, needs one where planar names two files");
    }
    const Side meant = before == 0 ? Side::anterior : Side::posterior;
    if (const Side said = found.back().side; said != meant && said != Side::unnamed) {
      refuse(path,
             "is " + name_of(said) + " by its header, planar = [anterior, posterior] has it as " + name_of(meant));
    }
    found.back().side = meant;
  }
  if (found.empty()) {
    refuse(paths.front(), "holds no planar NM image" +
                              (passed_over.empty() ? std::string() : ", passed over: " + passed_over.front()));
  }
  if (!choice.frames.empty() && files != 1) {
    refuse(paths.front(), "holds " + std::to_string(files) +
                              " planar objects: frames goes with one; name the file, or series = \"UID or number\"");
  }
  const auto [anterior, posterior] = pair_of(std::move(found), paths.front(), files);
  pair.anterior = read_view(anterior, choice.scatter_factor);
  pair.posterior = read_view(posterior, choice.scatter_factor);
  if (pair.anterior.columns != pair.posterior.columns || pair.anterior.rows != pair.posterior.rows) {
    const auto size = [](const PlanarView& v) { return std::to_string(v.columns) + " x " + std::to_string(v.rows); };
    refuse(paths.front(), "its views differ in size: anterior " + size(pair.anterior) + ", posterior " +
                              size(pair.posterior) + " pixels");
  }
  if (!passed_over.empty()) {
    pair.notes.push_back(paths.front().filename().string() + ": " + std::to_string(passed_over.size()) +
                         (passed_over.size() == 1 ? " object that is" : " objects that are") +
                         " not planar passed over");
  }
  return pair;
}

}  // namespace ytterby::io
