#include "io/case/case_file.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "io/case/case_text.h"
#include "io/text/iso_time.h"
#include "io/text/setting_toml.h"
#include "io/text/toml_table.h"

namespace ytterby::io {
namespace {

using Low = TomlTable::Low;

constexpr double no_limit = std::numeric_limits<double>::max();
constexpr double densest = 25;       // [g/cm3], above any element
constexpr double densest_organ = 3;  // [g/cm3], above bone: an override of liver, tumour or lung beyond is a slip

MediumSection read_medium(TomlTable table) {
  MediumSection medium;
  medium.line = table.line();
  medium.ct = table.text_or("ct", "");
  medium.labels = table.text_or("labels", "");
  medium.series = table.text_or("series", "");
  medium.affine = table.word("affine", {"sform", "qform"}).value_or("");
  const auto calibration = table.text("calibration");
  medium.calibration = calibration.value_or("schneider");
  table.word("outside", {"vacuum"});
  medium.accept_CT_numbers = table.boolean("accept_CT_numbers").value_or(false);
  table.finish();
  if (medium.ct.empty() == medium.labels.empty()) table.fail("[medium] needs one of ct and labels");
  if (calibration && medium.ct.empty()) table.fail("[medium] calibration goes with ct, not with labels");
  return medium;
}

MaterialEntry read_material(TomlTable table, const std::string& file) {
  MaterialEntry material;
  material.line = table.line();
  const auto label = table.integer("label");
  if (!label) table.fail("[[material]] needs the key label");
  material.label = *label;
  material.name = table.text_or("name", "");
  if (const toml::table* composition = table.table("composition")) {
    TomlTable elements(*composition, "composition", file);
    for (const auto& [key, value] : *composition) {
      const std::string symbol(key.str());
      material.composition.emplace_back(symbol, elements.required_number(symbol.c_str(), 0, 1));
    }
  }
  material.density = table.number("density_g_cm3", 0, densest, Low::open);
  material.condensed_density = table.number("condensed_density_g_cm3", 0, densest, Low::open);
  material.mean_excitation_eV = table.number("mean_excitation_eV", 1, 2000);
  table.finish();
  if (material.name.empty() && material.composition.empty()) table.fail("[[material]] needs a name or a composition");
  if (!material.composition.empty() && !material.density)
    table.fail("[[material]] with a composition needs density_g_cm3");
  return material;
}

Quantity quantity_of(const std::string& name) {
  if (name == "Bq") return Quantity::becquerel;
  return name == "relative" ? Quantity::relative : Quantity::becquerel_per_mL;
}

/// A shunt that is given takes the place of one that is measured, and the other way round.
void read_shunt(TomlTable& table, ActivitySection& activity, const std::string& file) {
  const auto given = table.number("lung_shunt_fraction", 0, 0.999);
  const toml::table* from = table.table("lung_shunt_from");
  if (given && from != nullptr) table.fail("[activity] needs one of lung_shunt_fraction and lung_shunt_from, not both");
  if (given) {
    activity.lung_shunt_fraction = given;
    activity.lung_shunt_from.reset();
  } else if (from != nullptr) {
    activity.lung_shunt_fraction.reset();
    activity.lung_shunt_from = read_planar_shunt({*from, "[activity] lung_shunt_from", file}, file);
  }
}

/// Keys override what `image` holds.
void read_emission_keys(TomlTable& table, EmissionImage& image) {
  image.line = table.line();
  image.image = table.text_or("image", image.image);
  image.series = table.text_or("series", image.series);
  image.transform = table.text_or("transform", image.transform);
  image.affine = table.word("affine", {"sform", "qform"}).value_or(image.affine);
  if (const toml::node* window = table.node("energy_window"); window != nullptr && window->is_integer()) {
    image.energy_window = std::to_string(*table.integer("energy_window"));
  } else {
    image.energy_window = table.text_or("energy_window", image.energy_window);
  }
  if (const auto v = table.integer("detector")) image.detector = v;
  if (const auto v = table.integer("time_slot")) image.time_slot = v;
}

/// Keys override what `activity` holds; a session starts from the case's.
void read_activity_keys(TomlTable& table, ActivitySection& activity, const std::string& file) {
  const bool first = activity.image.empty();
  read_emission_keys(table, activity);
  if (const auto v = table.number("counts_to_Bq_per_mL", 0, 1e9, Low::open)) activity.counts_to_Bq_per_mL = v;
  if (const auto v = table.boolean("correct_half_life")) activity.correct_half_life = *v;
  if (const auto quantity = table.word("quantity", {"relative", "Bq", "Bq/mL"})) {
    activity.quantity = quantity_of(*quantity);
  } else if (first) {
    table.fail("[activity] needs the key quantity: relative, Bq or Bq/mL");
  }
  if (const auto v = table.number("administered_GBq", 0, 1e6, Low::open)) {
    activity.administered_GBq = v;
  } else if (!activity.perfused.empty()) {
    activity.administered_GBq = administered_GBq(activity.perfused);
  }
  if (activity.administered_GBq && *activity.administered_GBq > most_administered) {
    table.fail("[activity] administered_GBq is " + to_text(*activity.administered_GBq) +
               ", needs to be at most 20 GBq: is it in MBq?");
  }
  read_shunt(table, activity, file);
  if (auto v = table.texts("normalise_to"); !v.empty()) activity.normalise_to = std::move(v);
  if (const auto v = table.boolean("rescale_to_administered")) activity.rescale_to_administered = *v;
  if (const auto v = table.date_time("reference_time")) activity.reference_time = *v;
  if (const auto v = table.date_time("administration_time")) activity.administration_time = *v;
  if (const auto v = table.number("relative_error", 0, 10)) activity.relative_error = v;
  if (const auto v = table.number("shunt_relative_error", 0, 10)) activity.shunt_relative_error = v;
  table.finish();
  if (activity.image.empty()) table.fail("[activity] needs the key image");
  if (activity.quantity == Quantity::relative && !activity.administered_GBq) {
    table.fail("[activity] of quantity \"relative\" needs the key administered_GBq");
  }
  if (activity.counts_to_Bq_per_mL && activity.quantity != Quantity::becquerel_per_mL) {
    table.fail("[activity] counts_to_Bq_per_mL goes with quantity \"Bq/mL\" alone");
  }
  if (activity.quantity == Quantity::relative && activity.rescale_to_administered) {
    table.fail("[activity] rescale_to_administered goes with Bq and Bq/mL, relative activity is always scaled");
  }
  if (activity.quantity != Quantity::relative && !activity.normalise_to.empty()) {
    table.fail("[activity] normalise_to goes with quantity \"relative\" alone");
  }
  if (activity.rescale_to_administered && !activity.administered_GBq) {
    table.fail("[activity] rescale_to_administered needs the key administered_GBq");
  }
  if (!activity.reference_time.empty() && activity.administration_time.empty()) {
    table.fail("[activity] reference_time needs the key administration_time");
  }
}

ActivitySection read_activity(TomlTable table, std::vector<PerfusedEntry> perfused, const std::string& file) {
  ActivitySection activity;
  activity.perfused = std::move(perfused);
  read_activity_keys(table, activity, file);
  return activity;
}

FunctionSection read_function(TomlTable table) {
  constexpr std::size_t most_doses = 8;
  FunctionSection function;
  read_emission_keys(table, function);
  const bool given = table.node("above_Gy") != nullptr;
  if (given) function.above_Gy = table.numbers("above_Gy", 0, 1e4, Low::open);
  table.finish();
  if (function.image.empty()) table.fail("[function] needs the key image: a SPECT of hepatic function");
  if (function.above_Gy.empty() || function.above_Gy.size() > most_doses)
    table.fail("[function] above_Gy needs 1 to 8 doses, e.g. [40, 50, 70]");
  const std::set<double> different(function.above_Gy.begin(), function.above_Gy.end());
  if (different.size() != function.above_Gy.size()) table.fail("[function] above_Gy has a dose twice");
  return function;
}

GridSection read_grid(TomlTable table) {
  GridSection grid;
  grid.line = table.line();
  const auto like = table.word("like", {"activity", "ct"});
  const std::vector<double> spacing = table.numbers("spacing_mm", 0.1, 100);
  const bool given = table.node("spacing_mm") != nullptr;
  table.finish();
  if (like && given) table.fail("[grid] needs one of like and spacing_mm, not both");
  if (like == "ct") grid.like = GridSection::Like::ct;
  if (!given) return grid;
  if (spacing.size() != 3) table.fail("[grid] spacing_mm needs three numbers, e.g. [3, 3, 3]");
  grid.like = GridSection::Like::spacing;
  std::copy(spacing.begin(), spacing.end(), grid.spacing_mm.begin());
  return grid;
}

void check_source_of_structure(const TomlTable& table, const StructureEntry& s) {
  const std::string which = "[[structure]] \"" + s.name + "\" ";
  const int ways =
      (s.mask.empty() ? 0 : 1) + (s.image.empty() ? 0 : 1) + (s.rtstruct.empty() ? 0 : 1) + (s.seg.empty() ? 0 : 1);
  if (ways != 1) table.fail(which + "needs one of mask, image + label, rtstruct + roi, seg + segment");
  if (s.image.empty() != s.label.empty()) table.fail(which + "needs image and label together");
  if (s.rtstruct.empty() != s.roi.empty()) table.fail(which + "needs rtstruct and roi together");
  if (s.seg.empty() != s.segment.empty()) table.fail(which + "needs seg and segment together");
  if (s.fill_gaps && s.rtstruct.empty() && s.seg.empty())
    table.fail(which + "fill_gaps goes with rtstruct and seg alone");
}

void check_structure_name(const TomlTable& table, const std::string& name) {
  static const std::set<std::string> reserved{"tumours", "normal-liver", "perfused-normal", "spared-liver"};
  if (reserved.contains(name)) table.fail("[[structure]] name \"" + name + "\" is reserved for a derived structure");
  const bool plain = std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 32 || c == '/'; });
  if (!plain || name == "." || name == "..") table.fail("[[structure]] name \"" + name + "\" cannot be used: no '/'");
}

/// One or a list of them; several unite.
std::vector<NameOrNumber> names_or_numbers(TomlTable& table, const char* key) {
  std::vector<NameOrNumber> result;
  const toml::node* at = table.node(key);
  if (at == nullptr) return result;
  const auto take = [&](const toml::node& node) {
    NameOrNumber one;
    const auto number = node.value_exact<std::int64_t>();
    if (number && std::abs(*number) <= 16'777'216) {
      one.number = static_cast<int>(*number);
    } else if (const auto name = node.value_exact<std::string>();
               name && !name->empty() && name->find('\0') == std::string::npos) {
      one.name = *name;
    } else {
      table.fail(node, std::string("[[structure]] ") + key +
                           " needs to be a name in quotes or a whole number, or a list of them");
    }
    if (std::find(result.begin(), result.end(), one) != result.end()) {
      table.fail(node, std::string("[[structure]] ") + key + " has " + to_text(one) + " twice");
    }
    result.push_back(std::move(one));
  };
  if (!at->is_array()) {
    take(*at);
    return result;
  }
  for (const toml::node& element : *at->as_array()) take(element);
  if (result.empty()) table.fail(*at, std::string("[[structure]] ") + key + " is an empty list");
  return result;
}

StructureEntry read_structure(TomlTable table) {
  StructureEntry s;
  s.line = table.line();
  s.name = table.required_text("name");
  const auto role = table.word("role", {"liver", "tumour", "tumor", "perfused", "lung", "other"});
  s.role = role_of(role.value_or("other")).value_or(Role::other);
  s.mask = table.text_or("mask", "");
  s.image = table.text_or("image", "");
  s.label = names_or_numbers(table, "label");
  s.rtstruct = table.text_or("rtstruct", "");
  s.roi = names_or_numbers(table, "roi");
  s.seg = table.text_or("seg", "");
  s.segment = names_or_numbers(table, "segment");
  s.fill_gaps = table.boolean("fill_gaps").value_or(false);
  s.transform = table.text_or("transform", "");
  s.affine = table.word("affine", {"sform", "qform"}).value_or("");
  s.density = table.number("density_g_cm3", 0, densest, Low::open);
  s.material = table.text_or("material", "");
  table.finish();
  if (s.role != Role::other && s.density && *s.density > densest_organ) {
    table.fail("[[structure]] \"" + s.name + "\" density_g_cm3 is " + to_text(*s.density) +
               ", needs to be at most 3 in a " + std::string(role_name(s.role)));
  }
  check_structure_name(table, s.name);
  check_source_of_structure(table, s);
  return s;
}

std::vector<StructureEntry> read_structures(TomlTable& parent, const std::string& file) {
  std::vector<StructureEntry> structures;
  std::set<std::string> names;
  for (const toml::table* entry : parent.tables("structure")) {
    TomlTable table(*entry, "[[structure]]", file);
    structures.push_back(read_structure(table));
    if (!names.insert(structures.back().name).second) {
      table.fail("[[structure]] name \"" + structures.back().name + "\" is there twice");
    }
  }
  return structures;
}

TransportSection read_transport(TomlTable table) {
  TransportSection t;
  t.line = table.line();
  t.electron_cutoff_keV = table.number("electron_cutoff_keV", 1, 500).value_or(t.electron_cutoff_keV);
  t.photon_cutoff_keV = table.number("photon_cutoff_keV", 1, 500).value_or(t.photon_cutoff_keV);
  t.histories = table.count("histories", 1, std::uint64_t{1} << 47).value_or(t.histories);
  t.seed = table.count("seed", 0, std::uint64_t{1} << 62).value_or(t.seed);
  t.dose_to_water = table.word("dose_to", {"medium", "water"}).value_or("medium") == "water";
  table.finish();
  return t;
}

SourceSection read_source(TomlTable table) {
  SourceSection source;
  source.line = table.line();
  source.spectrum = table.word("spectrum", {"first-forbidden", "ddep"}).value_or(source.spectrum);
  source.microsphere = table.word("microsphere", {"none", "resin", "glass"}).value_or(source.microsphere);
  source.internal_bremsstrahlung = table.boolean("internal_bremsstrahlung").value_or(false);
  source.internal_pair_production = table.boolean("internal_pair_production").value_or(false);
  table.finish();
  return source;
}

/// "D90" or "V205.5": a letter and a number, of per cent or gray.
bool is_metric(const std::string& name) {
  if (name.size() < 2 || (name[0] != 'D' && name[0] != 'V')) return false;
  const auto number = parse_number(name.substr(1));
  return number && *number > 0 && *number <= (name[0] == 'D' ? 100 : 1e5);
}

ProtocolSection read_protocol(TomlTable table, const toml::table& keys, const std::string& file) {
  ProtocolSection p;
  p.line = table.line();
  p.preset = table.text_or("preset", p.preset);
  p.judge = table.word("judge", {"partition", "monte-carlo", "voxel-kernel", "voxel-kernel-scaled", "local-deposition"})
                .value_or(p.judge);
  const toml::node* mass = table.node("lung_mass_kg");
  p.lung_mass_from_ct = mass != nullptr && mass->is_string() && table.word("lung_mass_kg", {"ct"}).has_value();
  if (!p.lung_mass_from_ct) p.lung_mass_kg = table.number("lung_mass_kg", 0, 10, Low::open);
  const toml::node* ratio = table.node("tumour_to_normal");
  const bool from_image =
      ratio != nullptr && ratio->is_string() && table.word("tumour_to_normal", {"image"}).has_value();
  if (!from_image) p.tumour_to_normal = table.number("tumour_to_normal", 0, 1000, Low::open);
  p.lung_mass_relative_error = table.number("lung_mass_relative_error", 0, 10);
  p.lesions_are_masks = table.word("lesions", {"components", "masks"}).value_or("components") == "masks";
  p.smallest_lesion_mL = table.number("smallest_lesion_mL", 0, 1000).value_or(p.smallest_lesion_mL);
  p.metrics = table.texts("metrics");
  for (const std::string& metric : p.metrics) {
    if (is_metric(metric)) continue;
    table.fail("[protocol] metrics has \"" + metric +
               "\", needs D and per cent of the volume (D90, above 0 to 100) or V and Gy (V205)");
  }
  for (const auto& [key, node] : keys) {  // whether a rule of that name exists, the protocol knows
    const toml::table* rule = node.as_table();
    if (rule == nullptr) continue;
    const std::string name(key.str());
    if (table.node(name.c_str()) == nullptr) continue;  // asked for: `finish` lets it be
    for (Setting& s : read_settings(*rule, name, file)) p.settings.push_back(std::move(s));
  }
  table.finish();
  return p;
}

VialSection read_vial(TomlTable table) {
  VialSection vial;
  vial.activity_GBq = table.number("activity_GBq", 0, 1000, Low::open).value_or(vial.activity_GBq);
  vial.volume_mL = table.number("volume_mL", 0, 1000, Low::open).value_or(vial.volume_mL);
  vial.residual_fraction = table.number("residual_fraction", 0, 0.99).value_or(vial.residual_fraction);
  const auto time = [&](const char* key) {
    const auto text = table.date_time(key);
    if (!text) table.fail(std::string("[plan.vial] needs the key ") + key);
    if (!parse_time(*text))
      table.fail(std::string("[plan.vial] ") + key + " \"" + *text + "\" is no ISO 8601 date and time");
    return *text;
  };
  vial.calibration_time = time("calibration_time");
  vial.administration_time = time("administration_time");
  table.finish();
  if (parse_time(vial.calibration_time)->has_zone != parse_time(vial.administration_time)->has_zone) {
    table.fail("[plan.vial] calibration_time and administration_time need both a time zone or none");
  }
  return vial;
}

/// One for all sessions, or one for each.
std::vector<VialSection> read_vials(TomlTable& plan, const std::string& file) {
  std::vector<VialSection> vials;
  const toml::node* node = plan.node("vial");
  if (node != nullptr && node->is_array()) {
    for (const toml::table* vial : plan.tables("vial")) vials.push_back(read_vial({*vial, "[[plan.vial]]", file}));
  } else if (const toml::table* vial = plan.table("vial")) {
    vials.push_back(read_vial({*vial, "[plan.vial]", file}));
  }
  return vials;
}

PlanSection read_plan(TomlTable table, const std::string& file) {
  PlanSection plan;
  plan.line = table.line();
  plan.tumour_Gy = table.number("tumour_Gy", 0, 1e6, Low::open).value_or(plan.tumour_Gy);
  if (const toml::node* sessions = table.node("sessions"); sessions != nullptr && sessions->is_string()) {
    plan.sessions = *table.word("sessions", {"1", "2", "auto"});
  } else if (const auto n = table.count("sessions", 1, 2)) {
    plan.sessions = std::to_string(*n);
  }
  plan.height_cm = table.number("height_cm", 50, 260);
  plan.weight_kg = table.number("weight_kg", 10, 400);
  plan.guard_ring_mm = table.number("guard_ring_mm", 0, 100).value_or(plan.guard_ring_mm);
  plan.recovery = table.numbers("recovery", 0, 2, Low::open);
  plan.vials = read_vials(table, file);
  table.finish();
  if (plan.height_cm.has_value() != plan.weight_kg.has_value())
    table.fail("[plan] height_cm and weight_kg need each other");
  return plan;
}

PartitionSection read_partition(TomlTable table) {
  PartitionSection p;
  p.line = table.line();
  p.tumour_mass_kg = table.numbers("tumour_mass_kg", 0, 100, Low::open);
  p.normal_mass_kg = table.required_number("normal_mass_kg", 0, 100, Low::open);
  p.lung_mass_kg = table.number("lung_mass_kg", 0, 10, Low::open).value_or(p.lung_mass_kg);
  p.tumour_to_normal = table.numbers("tumour_to_normal", 0, 1000, Low::open);
  p.lung_shunt_fraction = table.required_number("lung_shunt_fraction", 0, 0.999);
  p.dose_constant_Gy_kg_per_GBq = table.number("dose_constant_Gy_kg_per_GBq", 1, 1000);
  table.finish();
  if (p.tumour_mass_kg.empty()) table.fail("[partition] needs the key tumour_mass_kg");
  const std::size_t ratios = p.tumour_to_normal.size(), tumours = p.tumour_mass_kg.size();
  if (ratios == 0) table.fail("[partition] needs the key tumour_to_normal");
  if (ratios != 1 && ratios != tumours) {
    table.fail("[partition] tumour_to_normal has " + std::to_string(ratios) + " numbers for " +
               std::to_string(tumours) + " tumours, needs one for all or one for each");
  }
  return p;
}

std::vector<SessionEntry> read_sessions(TomlTable& root, const CaseFile& result, const std::string& file) {
  std::vector<SessionEntry> sessions;
  for (const toml::table* entry : root.tables("session")) {
    TomlTable table(*entry, "[[session]]", file);
    SessionEntry session;
    session.line = table.line();
    session.name = table.required_text("name");
    if (result.activity) session.activity = *result.activity;
    if (auto own = read_perfused(table, "[[session.perfused]]", file); !own.empty()) {
      session.activity.perfused = std::move(own);
      session.activity.administered_GBq = administered_GBq(session.activity.perfused);
    }
    if (const toml::table* activity = table.table("activity")) {
      TomlTable keys(*activity, "[session.activity]", file);
      read_activity_keys(keys, session.activity, file);
    }
    session.structures = read_structures(table, file);
    table.finish();
    for (const StructureEntry& s : session.structures) {
      if (s.density || !s.material.empty()) {
        table.fail("[[session.structure]] \"" + s.name + "\" has " + (s.density ? "density_g_cm3" : "material") +
                   ", which belongs to the case's [[structure]]: sessions share one patient");
      }
    }
    check_structure_name(table, session.name);
    for (const SessionEntry& other : sessions) {
      if (other.name == session.name) table.fail("[[session]] name \"" + session.name + "\" is there twice");
    }
    if (session.activity.image.empty()) table.fail("[[session]] \"" + session.name + "\" needs an activity");
    sessions.push_back(std::move(session));
  }
  return sessions;
}

/// The union of liver and tumours, by name.
void default_normalisation(ActivitySection& activity, const std::vector<StructureEntry>& structures) {
  if (activity.quantity != Quantity::relative || !activity.normalise_to.empty()) return;
  for (const StructureEntry& s : structures) {
    if (s.role == Role::liver || s.role == Role::tumour) activity.normalise_to.push_back(s.name);
  }
}

void check_labels(const CaseFile& result) {
  std::set<int> labels;
  for (const MaterialEntry& m : result.materials) {
    if (!labels.insert(m.label).second) {
      throw Error(Fault::input,
                  result.place(m.line) + "[[material]] label " + std::to_string(m.label) + " is there twice");
    }
    if (!result.medium || result.medium->labels.empty()) {
      throw Error(Fault::input, result.place(m.line) + "[[material]] goes with [medium] labels alone");
    }
  }
}

void check_positions(const ActivitySection& activity, const std::vector<StructureEntry>& structures,
                     const std::string& file) {
  const auto role = [&](const std::string& name) -> std::optional<Role> {
    const auto named =
        std::find_if(structures.begin(), structures.end(), [&](const auto& s) { return s.name == name; });
    return named == structures.end() ? std::nullopt : std::optional(named->role);
  };
  check_perfused(activity.perfused, activity.quantity == Quantity::relative, activity.administered_GBq, role, file);
}

CaseFile interpret(const toml::table& document, const std::filesystem::path& file) {
  CaseFile result;
  result.file = file;
  const std::string name = file.string();
  TomlTable root(document, "", name);
  result.name = file.stem().string();
  if (const auto* t = root.table("case")) {
    TomlTable table(*t, "[case]", name);
    result.name = table.text_or("name", result.name);
    table.finish();
  }
  if (const auto* t = root.table("medium")) result.medium = read_medium({*t, "[medium]", name});
  for (const auto* t : root.tables("material"))
    result.materials.push_back(read_material({*t, "[[material]]", name}, name));
  if (const auto* t = root.table("activity")) {
    result.activity = read_activity({*t, "[activity]", name}, read_perfused(root, "[[perfused]]", name), name);
  }
  if (const auto* t = root.table("function")) result.function = read_function({*t, "[function]", name});
  if (const auto* t = root.table("grid")) result.grid = read_grid({*t, "[grid]", name});
  result.structures = read_structures(root, name);
  if (const auto* t = root.table("source")) result.source = read_source({*t, "[source]", name});
  if (const auto* t = root.table("transport")) result.transport = read_transport({*t, "[transport]", name});
  if (const auto* t = root.table("protocol")) result.protocol = read_protocol({*t, "[protocol]", name}, *t, name);
  if (const auto* t = root.table("plan")) result.plan = read_plan({*t, "[plan]", name}, name);
  if (const auto* t = root.table("partition")) result.partition = read_partition({*t, "[partition]", name});
  if (const auto* t = root.table("uncertainty"))
    result.uncertainty = read_uncertainty({*t, "[uncertainty]", name}, name);
  result.sessions = read_sessions(root, result, name);
  root.finish();
  check_labels(result);
  if (result.uncertainty) {
    std::vector<std::string> names;
    for (const SessionEntry& s : result.sessions) names.push_back(s.name);
    check_replicates(*result.uncertainty, names, result.activity.has_value(), result.place(result.uncertainty->line));
  }
  if (result.function && !result.activity && result.sessions.empty()) {
    throw Error(Fault::input, result.place(result.function->line) +
                                  "[function] weighs the dose of images: the case has no [activity]");
  }
  if (result.activity) {
    default_normalisation(*result.activity, result.structures);
    check_positions(*result.activity, result.structures, name);
  }
  for (SessionEntry& s : result.sessions) {
    const std::vector<StructureEntry>& structures = s.structures.empty() ? result.structures : s.structures;
    default_normalisation(s.activity, structures);
    check_positions(s.activity, structures, name);
  }
  return result;
}

}  // namespace

std::filesystem::path CaseFile::path_of(const std::string& written) const { return file.parent_path() / written; }

std::string CaseFile::from_here(const std::filesystem::path& path) const {
  std::error_code ignored;
  const std::filesystem::path folder = std::filesystem::absolute(file, ignored).parent_path();
  return std::filesystem::proximate(std::filesystem::absolute(path, ignored), folder, ignored).generic_string();
}

std::string CaseFile::place(int line) const { return file.string() + ":" + std::to_string(std::max(line, 1)) + ": "; }

CaseFile parse_case(const std::string& text, const std::filesystem::path& file) {
  check_key_depth(text, file);
  try {
    const toml::table document = toml::parse(text, file.string());
    return interpret(document, file);
  } catch (const toml::parse_error& error) {
    throw Error(Fault::input, file.string() + ":" + std::to_string(error.source().begin.line) +
                                  ": is no valid TOML: " + std::string(error.description()));
  }
}

CaseFile read_case(const std::filesystem::path& file) { return parse_case(read_case_text(file), file); }

std::string_view quantity_name(Quantity quantity) {
  switch (quantity) {
    case Quantity::relative:
      return "relative";
    case Quantity::becquerel:
      return "Bq";
    case Quantity::becquerel_per_mL:
      break;
  }
  return "Bq/mL";
}

}  // namespace ytterby::io
