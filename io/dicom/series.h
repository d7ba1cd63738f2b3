#pragma once
// What lies in a folder that came from an archive.

#include <filesystem>
#include <string>
#include <vector>

#include "io/text/warning.h"

namespace ytterby::io {

/// Files of one series, of image modalities alone (CT, PT, NM).
struct DicomSeries {
  std::string uid;       // SeriesInstanceUID; may be empty
  std::string number;    // SeriesNumber
  std::string modality;  // CT, PT or NM
  std::vector<std::filesystem::path> files;
  Warnings warnings;  // localizers that were passed over
};

/// The files of a folder and its subfolders in the order of their names, or one file. Throws Fault::input where the
/// folder cannot be read, and for more than 100000 files.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& path);

/// The series of a folder and its subfolders, or of one file, in the order of their UIDs; none where there is none.
/// What is no DICOM is passed over, whatever the files' names end in; localizers and screenshots are passed over by
/// name. Throws Fault::input for DICOM files that break off or cannot be read.
std::vector<DicomSeries> find_series(const std::filesystem::path& path);

/// The same; throws Fault::input where there is no image series.
std::vector<DicomSeries> list_series(const std::filesystem::path& path);

/// The one series of a wanted modality; where there are several, the one whose UID or number is `chosen` (empty: none
/// is). Throws Fault::input with the list of what there is.
DicomSeries choose_series(const std::filesystem::path& path, const std::string& chosen,
                          const std::vector<std::string>& modalities);

/// True for a folder, and for a file that begins as DICOM does.
bool is_dicom(const std::filesystem::path& path);

}  // namespace ytterby::io
