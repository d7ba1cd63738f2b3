#pragma once
// From a case file to what the engine needs: every rule of the case's contract is applied here.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/patient/activity.h"
#include "engine/patient/phantom.h"
#include "engine/patient/source.h"
#include "engine/patient/structures.h"
#include "engine/physics/nuclide.h"
#include "io/case/case_file.h"
#include "io/case/input_file.h"
#include "io/dicom/references.h"
#include "io/prepare/measured.h"
#include "io/prepare/memory.h"
#include "io/text/warning.h"

namespace ytterby::io {

/// One session of several: its own source, on the case's dose grid and phantom.
struct PreparedSession {
  std::string name;
  Source source;
  ActivityAccount account;
  MeasuredUptake uptake;
  std::vector<Structure> structures;  // its own, then the derived ones; empty: the case's
  std::vector<double> image;          // as PreparedCase's
  std::vector<std::vector<float>> replicates;
};

/// All that a dose calculation takes, on the dose grid.
struct PreparedCase {
  CaseFile resolved;
  Phantom phantom;
  Source source;                             // with sessions: their sum
  std::vector<Structure> structures;         // the case's, in its order, then the derived ones
  ActivityAccount account;                   // with sessions: their sum
  std::vector<PreparedSession> sessions;     // empty: one session, the source
  std::vector<MeasuredLesion> lesions;       // of the structures of role tumour, largest part of each mask first
  MeasuredUptake uptake;                     // with sessions: of the first
  std::optional<MeasuredFunction> function;  // of the case's structures, where it has [function]
  std::optional<double> spared_share;        // volume of spared-liver over normal-liver, on the masks' own grid
  std::vector<double> image;  // activity image on the dose grid, in its own unit, before it is shared out or scaled; of
                              // one session, and where it is asked for
  std::vector<std::vector<float>> replicates;  // of [uncertainty], beside the image and in its unit
  std::vector<InputFile> inputs;
  PatientReferences patient;
  std::string content_hash;        // of medium, activity, grid, structures, sessions and the inputs' hashes
  Warnings warnings;               // of the case: kept with every result
  std::vector<std::string> notes;  // what was counted and done, one line each
};

/// What a decay emits, by [source].
Nuclide nuclide_of(const CaseFile& c);

/// Reads all images, moves them to the dose grid and scales the activity.
///
/// Throws Fault::input, led by the case's file and line, for whatever io/FORMATS.md says is refused. Nothing is logged:
/// warnings and notes are returned, so that a refusal stays one line.
///
/// `keep` says whether the activity images stay, which takes 8 bytes a voxel and session.
///
/// `on_grid`, where given, is called once the dose grid is known and before anything of its size is made: it may
/// refuse.
enum class Keep { result, images };
PreparedCase prepare(const CaseFile& case_file, const std::function<void(const PreparationSize&)>& on_grid = {},
                     Keep keep = Keep::result);

/// What relative activity is shared over: the union of structures by name or role ([activity] normalise_to).
std::vector<float> normalisation_region(std::span<const std::string> names, std::span<const Structure> structures);

}  // namespace ytterby::io
