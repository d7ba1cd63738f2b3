#pragma once
// What a case reads: one list, for hashing, for the guard of outputs and for --dry-run.

#include <string>
#include <vector>

#include "io/case/case_file.h"
#include "io/system/check_outputs.h"

namespace ytterby::io {

/// A file or a folder that a case names.
struct CaseInput {
  std::string name;  // as written in the case
  int line = 0;      // of the section that names it first
  std::string what;  // "CT", "mask of tumour-1"
  // Of a DICOM folder: which of its series is meant.
  std::string series;                   // UID or number; may be empty
  std::vector<std::string> modalities;  // empty: no series
  bool every_series = false;            // all of the modality, or of `series`: planar views
  bool single_object = false;           // one object of the modality: contours, a segmentation, a registration

  bool operator==(const CaseInput&) const = default;
};

/// All of them in the case's order, each once; a folder of which several series are meant is there once for each.
std::vector<CaseInput> inputs_of(const CaseFile& c);

/// Those that decide the dose, as write_case_content() has it: without the image of function, without replicates, and
/// without planar views where becquerels are used as they are.
std::vector<CaseInput> inputs_of_dose(const CaseFile& c);

/// The files behind inputs_of(), and the case file itself: with the data of headers that have them in another file
/// (.mhd, .nhdr) and the DICOM files of folders. What is not there is listed too.
std::vector<ReadFile> files_read_by(const CaseFile& c);

/// The inputs as comment lines of TOML, absolute, with those marked that are not there.
std::string inputs_as_comments(const CaseFile& c);

}  // namespace ytterby::io
