#pragma once
// What lies in the folders that a case is to be made of.

#include <filesystem>
#include <string>
#include <vector>

#include "io/draft/guess_role.h"
#include "io/text/warning.h"

namespace ytterby::io {

/// An image: a DICOM series or an image file.
struct FoundImage {
  enum class Kind { ct, pet, nm, counts };  // counts: a file of values that are no CT numbers, of unknown quantity
  Kind kind = Kind::ct;
  std::filesystem::path path;            // the folder of a series, or a file
  std::string series;                    // UID, where the folder has others that would do
  std::string uid, number;               // of a series
  std::string frame_of_reference, date;  // YYYYMMDD
  std::string description;               // of a series: free text, which may name the patient
  std::string size;                      // "112 slices of 122 x 101, 3 x 3 mm": for people
  double extent = 0;                     // along the patient [mm]
  int slices = 0;
  std::string unusable;  // why it cannot be used; empty: it can
  bool contrast_agent = false;
  bool function = false;                     // called an image of hepatic function
  bool in_becquerels = false;                // a PET in Bq/mL
  double half_life_h = 0, injected_GBq = 0;  // as a PET's header says; 0: it does not
  int energy_windows = 0;
};

/// A mask, a region of a structure set, or a segment.
struct FoundPart {
  enum class Source { mask, rtstruct, seg };
  Source source = Source::mask;
  std::filesystem::path file;
  std::string name;    // of the region; of a mask the file's, without its ending
  int number = 0;      // of the region or segment
  bool twice = false;  // its file has the name more than once: the number is meant
  bool filled = true;
  std::string frame_of_reference, referenced_series, date;
  RoleGuess guess;
};

/// All that was found.
struct Found {
  std::vector<FoundImage> images;
  std::vector<FoundPart> parts;
  std::vector<std::filesystem::path> registrations;
  std::vector<std::string> passed_over;  // image files that cannot be used, a line each
  Warnings warnings;
};

/// Looks through folders (with their subfolders) and files. Throws Fault::input where one is not there, for DICOM files
/// that break off, and where there is nothing to make a case of.
Found look_through(const std::vector<std::filesystem::path>& folders);

}  // namespace ytterby::io
