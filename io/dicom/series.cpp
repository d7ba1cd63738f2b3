#include "io/dicom/series.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "engine/base/error.h"
#include "io/dicom/object.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 100'000;

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw Error(Fault::input, path.string() + ": " + what);
}

/// Without the description of the series: free text may name the patient, and messages are kept in tables.
std::string line_of(const DicomSeries& s) {
  return (s.number.empty() ? "no number" : "number " + s.number) + " " + s.modality + ", " +
         std::to_string(s.files.size()) + (s.files.size() == 1 ? " file" : " files") +
         (s.uid.empty() ? ", no UID" : ", UID " + s.uid);
}

std::string list_of(const std::vector<DicomSeries>& all) {
  std::string list;
  for (const DicomSeries& s : all) list += (list.empty() ? "" : "; ") + line_of(s);
  return list;
}

/// What broke off before the mark of DICOM is told by its name alone. Names that begin with a dot are other systems'
/// notes.
void refuse_stump(const fs::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  std::error_code error;
  if ((ending == ".dcm" || ending == ".ima") && !file.filename().string().starts_with(".") &&
      fs::file_size(file, error) < 132) {
    refuse(file, "has " + std::to_string(fs::file_size(file, error)) + " bytes: a truncated DICOM file, copy it anew");
  }
}

/// Objects whose header ends before it says what they are.
void refuse_headless(DcmFileFormat& object, const fs::path& file) {
  const std::string kind =
      object.getMetaInfo() == nullptr ? "" : text_of(*object.getMetaInfo(), DCM_MediaStorageSOPClassUID);
  for (const char* image : {UID_CTImageStorage, UID_PositronEmissionTomographyImageStorage,
                            UID_NuclearMedicineImageStorage, UID_EnhancedCTImageStorage, UID_EnhancedPETImageStorage}) {
    if (kind == image) refuse(file, "is a truncated DICOM file: it has no Modality (0008,0060), copy it anew");
  }
}

/// Why an object of an image modality is no slice: a localizer, or a screenshot without a place in the patient.
std::string no_slice(DcmDataset& d, const std::string& modality) {
  const std::string type = "\\" + text_of(d, DCM_ImageType) + "\\", kind = text_of(d, DCM_SOPClassUID);
  if (modality == "CT" &&
      (type.find("\\LOCALIZER\\") != std::string::npos || type.find("\\SCOUT\\") != std::string::npos ||
       type.find("\\TOPOGRAM\\") != std::string::npos)) {
    return "a localizer";
  }
  const bool captured = kind.starts_with(UID_SecondaryCaptureImageStorage);
  return captured && !d.tagExists(DCM_ImagePositionPatient) ? "a screenshot (secondary capture)" : "";
}

std::string folded(const std::vector<std::string>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size() && i < 4; ++i) list += (i == 0 ? "" : ", ") + names[i];
  return names.size() > 4 ? list + " and " + std::to_string(names.size() - 4) + " more" : list;
}

/// `warnings` gets what was passed over, also where no series is left.
std::vector<DicomSeries> series_below(const fs::path& path, Warnings& warnings) {
  std::map<std::string, DicomSeries> found;
  std::map<std::string, std::vector<std::string>> passed_over;  // by what they are
  for (const fs::path& file : files_below(path)) {
    const auto object = load_dicom(file, 64);
    if (!object) {
      refuse_stump(file);
      continue;
    }
    DcmDataset& d = *object->getDataset();
    const std::string modality = text_of(d, DCM_Modality);
    if (modality.empty()) refuse_headless(*object, file);
    if (modality != "CT" && modality != "PT" && modality != "NM") continue;
    if (const std::string what = no_slice(d, modality); !what.empty()) {
      passed_over[what].push_back(file.filename().string());
      continue;
    }
    const std::string uid = text_of(d, DCM_SeriesInstanceUID), number = text_of(d, DCM_SeriesNumber);
    DicomSeries& s = found[uid + "\\" + modality + (uid.empty() ? number : "")];
    if (s.files.empty()) s = {uid, number, modality, {}, {}};
    s.files.push_back(file);
  }
  for (const auto& [what, names] : passed_over) {
    warnings.push_back(
        {"dicom-passed-over",
         WarningClass::note,
         path.string() + ": " + folded(names) + (names.size() == 1 ? " is " : " are each ") + what + ", passed over",
         {{"files", static_cast<double>(names.size())}}});
  }
  std::vector<DicomSeries> all;
  for (auto& [key, series] : found) {
    series.warnings = warnings;
    all.push_back(std::move(series));
  }
  return all;
}

}  // namespace

std::vector<fs::path> files_below(const fs::path& path) {
  std::vector<fs::path> files;
  std::error_code error;
  if (fs::is_regular_file(path, error)) return {path};
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    if (at->is_regular_file(error)) files.push_back(at->path());
    if (files.size() > most_files) refuse(path, "holds more than 100000 files, name the folder of one study");
  }
  if (error) refuse(path, "cannot be read: " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

bool is_dicom(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return true;
  return fs::is_regular_file(path, error) && load_dicom(path, 64) != nullptr;
}

std::vector<DicomSeries> find_series(const fs::path& path) {
  Warnings warnings;
  return series_below(path, warnings);
}

std::vector<DicomSeries> list_series(const fs::path& path) {
  Warnings warnings;
  std::vector<DicomSeries> all = series_below(path, warnings);
  if (all.empty()) {
    refuse(path, warnings.empty() ? "holds no DICOM image of modality CT, PT or NM"
                                  : "holds no DICOM slices, " + warnings.front().text.substr(path.string().size() + 2));
  }
  return all;
}

DicomSeries choose_series(const fs::path& path, const std::string& chosen, const std::vector<std::string>& modalities) {
  std::vector<DicomSeries> all = list_series(path), fitting;
  std::string wanted;
  for (const std::string& m : modalities) wanted += (wanted.empty() ? "" : " or ") + m;
  const auto is_wanted = [&](const DicomSeries& s) {
    return std::find(modalities.begin(), modalities.end(), s.modality) != modalities.end();
  };
  for (const DicomSeries& s : all) {
    if (is_wanted(s) && (chosen.empty() || s.uid == chosen || s.number == chosen)) fitting.push_back(s);
  }
  if (fitting.size() == 1) return fitting.front();
  if (fitting.empty() && !chosen.empty()) {
    refuse(path, "has no " + wanted + " series of UID or number \"" + chosen + "\"; there is " + list_of(all));
  }
  if (fitting.empty()) refuse(path, "has no " + wanted + " series; there is " + list_of(all));
  refuse(path, "has " + std::to_string(fitting.size()) +
                   " series, series = \"UID or number\" needs to name one: " + list_of(fitting));
}

}  // namespace ytterby::io
