#include "io/dicom/series.h"

#include <algorithm>
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

std::vector<fs::path> files_of(const fs::path& path) {
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

std::string line_of(const DicomSeries& s) {
  return (s.number.empty() ? "no number" : "number " + s.number) + " " + s.modality + " \"" + s.description + "\" " +
         std::to_string(s.files.size()) + (s.files.size() == 1 ? " file" : " files") +
         (s.uid.empty() ? ", no UID" : ", UID " + s.uid);
}

std::string list_of(const std::vector<DicomSeries>& all) {
  std::string list;
  for (const DicomSeries& s : all) list += (list.empty() ? "" : "; ") + line_of(s);
  return list;
}

}  // namespace

bool is_dicom(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return true;
  return fs::is_regular_file(path, error) && load_dicom(path, 64) != nullptr;
}

std::vector<DicomSeries> list_series(const fs::path& path) {
  std::map<std::string, DicomSeries> found;
  for (const fs::path& file : files_of(path)) {
    const auto object = load_dicom(file, 64);
    if (!object) continue;
    DcmDataset& d = *object->getDataset();
    const std::string modality = text_of(d, DCM_Modality);
    if (modality != "CT" && modality != "PT" && modality != "NM") continue;
    const std::string uid = text_of(d, DCM_SeriesInstanceUID), number = text_of(d, DCM_SeriesNumber);
    DicomSeries& s = found[uid + "\\" + modality + (uid.empty() ? number : "")];
    if (s.files.empty()) s = {uid, number, modality, text_of(d, DCM_SeriesDescription), {}};
    s.files.push_back(file);
  }
  if (found.empty()) refuse(path, "holds no DICOM image of modality CT, PT or NM");
  std::vector<DicomSeries> all;
  for (auto& [key, series] : found) all.push_back(std::move(series));
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
