#pragma once
// The dose file (HDF5); its format is written down in io/FORMATS.md.

#include <filesystem>
#include <string>
#include <vector>

#include "engine/activity.h"
#include "engine/dose_map.h"
#include "engine/dvh.h"
#include "engine/phantom.h"
#include "io/prepare.h"

namespace ytterby::io {

/// Everything a dose file holds.
struct DoseFile {
  DoseMap map;
  Phantom phantom;                    // density, and materials by name and index
  std::vector<double> activity;       // [Bq] at administration
  std::vector<Structure> structures;  // the case's and the derived ones
  std::vector<Dvh> dvhs;              // one per structure
  std::string case_name;
  std::string resolved_case;  // TOML; files as the case names them
  std::string content_hash;
  std::vector<InputFile> inputs;
  ActivityAccount account;
  double half_life_h = 0;
  double mean_energy = 0;                                   // per decay [MeV]
  double electron_cutoff = 0;                               // [MeV]
  double photon_cutoff = 0;                                 // [MeV]
  std::string program_version, git_commit, build, created;  // filled by the writer, read back
};

/// Gathers a file's content; the histograms are made here.
DoseFile make_dose_file(PreparedCase prepared, DoseMap map);

/// Writes beside and renames when whole. Throws Fault::input where it cannot be written.
void write_dose(const std::filesystem::path& path, const DoseFile& file);

/// Reads everything back. Throws Fault::input for other formats, newer major versions, missing or damaged parts.
DoseFile read_dose(const std::filesystem::path& path);

}  // namespace ytterby::io
