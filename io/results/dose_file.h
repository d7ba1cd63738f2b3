#pragma once
// The dose file (HDF5); its format is written down in io/FORMATS.md.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/dose/dose_map.h"
#include "engine/dose/dvh.h"
#include "engine/dose/sessions.h"
#include "engine/patient/activity.h"
#include "engine/patient/phantom.h"
#include "engine/patient/structures.h"
#include "io/case/input_file.h"
#include "io/dicom/references.h"
#include "io/results/seal.h"
#include "io/text/warning.h"

namespace ytterby::io {

/// One session of several.
struct SessionRecord {
  SessionDose dose;              // map.structures: the case's, then its own
  std::vector<double> activity;  // [Bq] at administration
  ActivityAccount account;
  std::vector<Structure> structures;  // its own; empty: the case's
};

/// The voxel kernel that a dose was made with.
struct KernelRecord {
  std::string material;
  double density = 0;          // [g/cm3]
  double extent = 0;           // half its side at least [cm]
  double energy_fraction = 0;  // of the emitted energy that lies in the kernel
  double relative_error = 0;   // one standard error of that energy over its value
  std::uint64_t histories = 0;
};

/// The uncertainty that a run was asked for and reached.
struct GoalRecord {
  std::string structure;
  double error = 0;        // relative, of its mean dose; 0: not asked for
  double voxel_error = 0;  // of its worst voxel; 0: not asked for
};

/// Whether a run that reached `reached` is as precise as one that is to reach `wanted`.
bool as_near(const GoalRecord& reached, const GoalRecord& wanted);

/// Everything a dose file holds.
struct DoseFile {
  DoseMap map;                          // with sessions: their sum
  std::vector<SessionRecord> sessions;  // empty: one
  std::vector<float> validity;          // mean departure from the kernel's density within its reach; empty without
  std::optional<KernelRecord> kernel;
  std::optional<GoalRecord> goal;
  Phantom phantom;                    // density, and materials by name and index
  std::vector<double> activity;       // [Bq] at administration
  std::vector<Structure> structures;  // the case's and the derived ones
  std::vector<Dvh> dvhs;              // one per structure
  std::string case_name;
  std::string resolved_case;  // TOML; files as the case names them
  std::string content_hash;
  std::vector<InputFile> inputs;
  PatientReferences patient;
  Warnings warnings;  // of the case, then of the dose
  ActivityAccount account;
  double half_life_h = 0;
  double mean_energy = 0;                                   // per decay [MeV]
  double electron_cutoff = 0;                               // [MeV]
  double photon_cutoff = 0;                                 // [MeV]
  bool dose_to_water = false;                               // else to medium
  std::string program_version, git_commit, build, created;  // filled by the writer, read back
};

/// Writes beside and renames when whole. Throws Fault::input where it cannot be written.
void write_dose(const std::filesystem::path& path, const DoseFile& file);

/// Reads everything back; what there is to say of its digest becomes the last of its warnings. Throws Fault::input for
/// other formats, newer major versions, missing or damaged parts, and for what is not as it was written.
DoseFile read_dose(const std::filesystem::path& path, Trust trust = Trust::whole);

}  // namespace ytterby::io
