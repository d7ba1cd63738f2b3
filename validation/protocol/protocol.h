#pragma once
// Protocols as data: which rules a treatment has to keep, and with which numbers.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/setting.h"
#include "engine/methods/partition.h"
#include "validation/radiobiology.h"

namespace ytterby::validation {

/// A limit on one side; `at_limit_passes` says what a value exactly at it does.
struct OneSided {
  double limit = 0;
  bool at_limit_passes = false;
};

struct LesionCount {
  int at_most = 0;
};
struct LesionSizeRule {
  OneSided above;         // [mm]
  bool in_space = false;  // measure = "3d"; else the axial diameter
};
struct Screening {
  double tumour_dose = 0;  // [Gy] at which the lung dose is taken
  OneSided lung;           // [Gy]
};
struct DoseRange {
  double low = 0, high = 0;  // [Gy]; infinite where there is no limit
  bool at_limit_passes = true;
};
struct TumourDose {
  DoseRange range;
  bool each = false;                         // every lesion decides; else the tumours together
  bool lung_limited_passes = false;          // below low, where the activity is the largest that the lung limits allow
  double lung_limited_within = 0;            // relative distance from that activity, of a plan
  double lung_limited_within_delivered = 0;  // of a delivery, which has a residual and a calibrator's error
};
/// Mean dose of the normal liver: of its perfused part, and of all of it. Reported where neither has a limit.
struct NormalDose {
  DoseRange perfused, whole;
};
/// Share of the counts outside liver and lungs.
struct Extrahepatic {
  double warn_from = 0, not_judged_above = 0;  // share
};
/// Share of the liver's activity outside the perfused volume; without a limit it is reported.
struct SparedActivity {
  std::optional<double> at_most;
};
/// Share of the normal liver's function outside the perfused volume, by an image of function; without a limit it is
/// reported.
struct SparedFunction {
  std::optional<double> at_least;
};
struct SessionLimit {
  int at_most = 0;
};
/// Microspheres given, the embolic load; without a limit it is reported.
struct SphereCount {
  double activity = 0;  // of one sphere at administration [Bq]
  std::optional<double> at_most;
};
struct Margin {
  std::vector<double> shells;      // outer radii [mm], ascending
  std::optional<double> at_least;  // [Gy]; unset: reported
  bool by_mean = false;            // the limit holds for the mean; else for D95
};

/// The rules of a protocol; what is unset is not judged. Ids are the names of the tables in the data files:
/// lesion-count, lesion-size, screening-lung-dose, spared-liver, spared-function, spared-activity, extrahepatic,
/// session-count, sphere-count, tumour-dose, perfused-dose, normal-dose, lung-dose-session, lung-dose-cumulative,
/// margin-dose. The tables tissue-tumour, tissue-liver and tissue-other are no rules: they are what BED, EQD2 and gEUD
/// are computed with.
struct Protocol {
  std::string name, title, citation;
  double lung_mass = 1;  // by convention [kg]
  std::optional<LesionCount> lesion_count;
  std::optional<LesionSizeRule> lesion_size;
  std::optional<Screening> screening;
  std::optional<OneSided> spared_liver;  // share, at least
  std::optional<SparedFunction> spared_function;
  std::optional<SparedActivity> spared_activity;
  std::optional<Extrahepatic> extrahepatic;
  std::optional<SessionLimit> session_count;
  std::optional<SphereCount> sphere_count;
  std::optional<TumourDose> tumour_dose;
  std::optional<DoseRange> perfused_dose;
  std::optional<NormalDose> normal_dose;
  std::optional<OneSided> lung_session, lung_cumulative;  // [Gy], below
  std::optional<Margin> margin;
  TissueSet tissues;
  std::vector<Setting> settings;  // all in force, by table and key

  /// Settings of one rule, "key = value" in the order of the data file.
  [[nodiscard]] std::vector<Setting> settings_of(std::string_view rule) const;
};

/// A protocol from the settings of its data file with those of a case put over them. A case may set any key of a rule
/// that the preset has; `enabled = false` takes a rule out. Throws Fault::input, led by the setting's place, for
/// unknown rules and keys (with the nearest known), rules that the preset does not have, wrong types and values out of
/// range.
Protocol make_protocol(std::string name, std::span<const Setting> preset, std::span<const Setting> overrides = {});

/// Text of a preset's data file (TOML). Throws Fault::input with the names that exist.
std::string_view preset_text(std::string_view name);
std::vector<std::string> preset_names();

/// The protocol's upper limits as a plan sees them: lungs in a session and in all, the tumours' largest dose, and that
/// of the perfused normal liver.
std::vector<DoseLimit> plan_limits(const Protocol& protocol);

}  // namespace ytterby::validation
