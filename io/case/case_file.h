#pragma once
// The case file: what to compute, in TOML (the contract is written down in io/FORMATS.md).

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/setting.h"
#include "engine/grid/grid.h"
#include "engine/patient/phantom.h"
#include "engine/patient/structures.h"
#include "io/case/perfused.h"
#include "io/case/planar_shunt.h"
#include "io/case/uncertainty_section.h"
#include "io/text/name_or_number.h"

namespace ytterby::io {

/// [medium]: one of `ct` and `labels` is set; file names are as written in the case.
struct MediumSection {
  int line = 0;
  std::string ct;
  std::string calibration = "schneider";  // or a CSV file
  std::string labels;
  std::string series;              // UID or number, where the CT's folder has several
  std::string affine;              // "sform" or "qform" of a NIfTI file whose two affines disagree; also below
  bool accept_CT_numbers = false;  // insists where the CT does not look like CT numbers
};

/// [[material]]: what a label of the label image is made of.
struct MaterialEntry {
  int line = 0;
  int label = 0;
  std::string name;                                         // may be empty where there is a composition
  std::vector<std::pair<std::string, double>> composition;  // chemical symbol, mass fraction
  std::optional<double> density;                            // [g/cm3]
  std::optional<double> condensed_density;                  // [g/cm3]
  std::optional<double> mean_excitation_eV;                 // [eV]
};

enum class Quantity { relative, becquerel, becquerel_per_mL };

/// An image of an emission tomograph (PET, SPECT), and which of several is meant.
struct EmissionImage {
  int line = 0;
  std::string image;
  std::string series;                      // UID or number, where the folder has several
  std::string transform;                   // ITK file, for an image of another frame of reference
  std::string affine;                      // "sform" or "qform"
  std::string energy_window;               // of NM: its name or number, from 1
  std::optional<int> detector, time_slot;  // of NM, from 1
};

/// [activity]
struct ActivitySection : EmissionImage {
  Quantity quantity = Quantity::relative;
  std::optional<double> administered_GBq;      // A [GBq]
  std::optional<double> lung_shunt_fraction;   // L, 0 to below 1
  std::optional<PlanarShunt> lung_shunt_from;  // or what it is measured on
  std::vector<PerfusedEntry> perfused;         // volumes with activities of their own, A is their sum; or none
  std::vector<std::string> normalise_to;       // structures or roles; the union of liver and tumours where left out
  bool rescale_to_administered = false;
  std::string reference_time, administration_time;  // ISO 8601; empty where left out
  std::optional<double> counts_to_Bq_per_mL;        // a camera's calibration factor
  bool correct_half_life = false;                   // of PET reconstructed as another isotope
  std::optional<double> relative_error, shunt_relative_error;
};

/// [function]: an image of hepatic function, such as a mebrofenin SPECT. It weighs the dose to the normal liver and
/// changes none.
struct FunctionSection : EmissionImage {
  std::vector<double> above_Gy{40, 50, 70};  // doses at which the share of function that receives them is told
};

/// [grid]
struct GridSection {
  enum class Like { activity, ct, spacing };
  int line = 0;
  Like like = Like::activity;
  Vector3 spacing_mm{0, 0, 0};  // for Like::spacing
};

/// [[structure]]: exactly one of mask, image + label, rtstruct + roi, seg + segment. Several labels, regions or
/// segments unite.
struct StructureEntry {
  int line = 0;
  std::string name;
  Role role = Role::other;
  std::string mask;
  std::string image;
  std::vector<NameOrNumber> label;
  std::string rtstruct;
  std::vector<NameOrNumber> roi;
  std::string seg;
  std::vector<NameOrNumber> segment;
  bool fill_gaps = false;         // planes missing inside are filled from their neighbours
  std::string transform;          // ITK file or DICOM registration, for an image of another frame of reference
  std::optional<double> density;  // override inside [g/cm3]
  std::string material;           // built-in name of what it is made of inside; with its own density unless given
  std::string affine;
};

/// [source]: what a decay emits.
struct SourceSection {
  int line = 0;
  std::string spectrum = "first-forbidden";  // or "ddep"
  std::string microsphere = "none";          // or "resin", "glass"
  bool internal_bremsstrahlung = false;
  bool internal_pair_production = false;
};

/// [transport]
struct TransportSection {
  int line = 0;
  double electron_cutoff_keV = 10;
  double photon_cutoff_keV = 10;
  std::uint64_t histories = 100'000'000;
  std::uint64_t seed = 1;
  bool dose_to_water = false;  // dose_to = "water"
};

/// [protocol]
struct ProtocolSection {
  int line = 0;
  std::string preset = "rescue";
  std::string judge = "partition";
  std::optional<double> lung_mass_kg;      // unset: the preset's 1 kg
  bool lung_mass_from_ct = false;          // lung_mass_kg = "ct"
  std::optional<double> tumour_to_normal;  // unset: from the image
  std::optional<double> lung_mass_relative_error;
  bool lesions_are_masks = false;    // lesions = "masks": one a mask; else one a connected part of a mask
  double smallest_lesion_mL = 0.5;   // parts below it are not counted
  std::vector<std::string> metrics;  // any D and V beside the usual ones: "D90", "V205"
  std::vector<Setting> settings;     // [protocol.RULE]: what the case overrides, as written
};

/// [plan.vial]: what the activity is drawn from.
struct VialSection {
  double activity_GBq = 3;  // at calibration
  double volume_mL = 5;
  double residual_fraction = 0;                       // of the drawn activity, left in the delivery set
  std::string calibration_time, administration_time;  // ISO 8601
};

/// [plan]
struct PlanSection {
  int line = 0;
  double tumour_Gy = 400;
  std::string sessions = "auto";               // "1", "2", "auto"
  std::optional<double> height_cm, weight_kg;  // of the patient, for the BSA method; both or none
  double guard_ring_mm = 0;        // around the tumours, left out where the normal liver's uptake is measured
  std::vector<double> recovery;    // share of a tumour's activity that its mask shows; one for all, or each
  std::vector<VialSection> vials;  // one for each session, the last for all after it; empty: none asked for
};

/// [partition]: planning from numbers alone.
struct PartitionSection {
  int line = 0;
  std::vector<double> tumour_mass_kg;
  double normal_mass_kg = 0;
  double lung_mass_kg = 1;
  std::vector<double> tumour_to_normal;  // one for all tumours, or one for each
  double lung_shunt_fraction = 0;
  std::optional<double> dose_constant_Gy_kg_per_GBq;
};

/// [[session]]: the case's activity with what the session overrides.
struct SessionEntry {
  int line = 0;
  std::string name;
  ActivitySection activity;
  std::vector<StructureEntry> structures;  // empty: the case's
};

/// A case, checked and with every default filled in.
struct CaseFile {
  std::filesystem::path file;
  std::string name;
  std::optional<MediumSection> medium;
  std::vector<MaterialEntry> materials;
  std::optional<ActivitySection> activity;
  std::optional<FunctionSection> function;
  GridSection grid;
  std::vector<StructureEntry> structures;
  SourceSection source;
  TransportSection transport;
  std::optional<ProtocolSection> protocol;
  std::optional<PlanSection> plan;
  std::optional<PartitionSection> partition;
  std::optional<UncertaintySection> uncertainty;
  std::vector<SessionEntry> sessions;

  /// A file named in the case, relative to the case file's folder.
  [[nodiscard]] std::filesystem::path path_of(const std::string& written) const;
  /// How results name a file: from the case file's folder, so that they tell no folder above it.
  [[nodiscard]] std::string from_here(const std::filesystem::path& path) const;
  /// "case.toml:12: ", to lead messages.
  [[nodiscard]] std::string place(int line) const;
};

/// Reads and checks a case. Throws Fault::input with file and line for what is not TOML, unknown keys (with the nearest
/// known one), wrong types and values out of range; files named in it are not opened.
CaseFile read_case(const std::filesystem::path& file);

/// The same from text, for tests; `file` is what messages and relative paths start from.
CaseFile parse_case(const std::string& text, const std::filesystem::path& file);

/// How file names are written: given one as in the case, the text to put down.
using PathWriter = std::function<std::string(const std::string&)>;

/// The case with every default, itself a valid case.
std::string write_case(const CaseFile& resolved, const PathWriter& path);

/// A PathWriter for absolute paths: the text works from any folder.
PathWriter absolute_paths(const CaseFile& resolved);

/// What decides the dose (medium, activity, grid, structures, sessions), for hashing; file names by `path`.
std::string write_case_content(const CaseFile& resolved, const PathWriter& path);

std::string_view quantity_name(Quantity quantity);

}  // namespace ytterby::io
