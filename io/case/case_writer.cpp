// The resolved case back as TOML.

#include <sstream>

#include "io/case/case_file.h"
#include "io/text/setting_toml.h"
#include "io/text/toml_text.h"

namespace ytterby::io {
namespace {

/// Key and value lines; what is unset is left out.
class Writer {
 public:
  explicit Writer(const PathWriter& path) : path_(path) {}

  void section(const std::string& heading) { out_ << (out_.tellp() > 0 ? "\n" : "") << heading << "\n"; }
  void raw(const char* key, const std::string& value) { out_ << key << " = " << value << "\n"; }
  void text(const char* key, const std::string& value) {
    if (!value.empty()) raw(key, toml_quoted(value));
  }
  void file(const char* key, const std::string& value) {
    if (!value.empty()) raw(key, toml_quoted(path_(value)));
  }
  void number(const char* key, const std::optional<double>& value) {
    if (value) raw(key, toml_decimal(*value));
  }
  void texts(const char* key, const std::vector<std::string>& values) {
    std::string list;
    for (const std::string& v : values) list += (list.empty() ? "" : ", ") + toml_quoted(v);
    if (!values.empty()) raw(key, "[" + list + "]");
  }
  void files(const char* key, const std::vector<std::string>& values) {
    std::vector<std::string> paths;
    for (const std::string& v : values) paths.push_back(path_(v));
    texts(key, paths);
  }
  void choice(const char* key, const std::vector<NameOrNumber>& values) {
    std::string list;
    for (const NameOrNumber& v : values) {
      list += (list.empty() ? "" : ", ") + (v.name.empty() ? std::to_string(v.number) : toml_quoted(v.name));
    }
    if (!values.empty()) raw(key, values.size() == 1 ? list : "[" + list + "]");
  }
  void shunt(const char* key, const PlanarShunt& value) { raw(key, planar_shunt_text(value, path_)); }
  template <class Values>
  void numbers(const char* key, const Values& values) {
    std::string list;
    for (const double v : values) list += (list.empty() ? "" : ", ") + toml_decimal(v);
    raw(key, "[" + list + "]");
  }
  [[nodiscard]] std::string str() const { return out_.str(); }

 private:
  const PathWriter& path_;
  std::ostringstream out_;
};

void write_medium(Writer& w, const CaseFile& c) {
  if (!c.medium) return;
  w.section("[medium]");
  w.file("ct", c.medium->ct);
  w.file("labels", c.medium->labels);
  w.text("series", c.medium->series);
  if (!c.medium->ct.empty()) {
    if (c.medium->calibration == "schneider") {
      w.text("calibration", "schneider");
    } else {
      w.file("calibration", c.medium->calibration);
    }
  }
  w.text("affine", c.medium->affine);
  if (c.medium->accept_CT_numbers) w.raw("accept_CT_numbers", "true");
  w.text("outside", "vacuum");
  for (const MaterialEntry& m : c.materials) {
    w.section("[[material]]");
    w.raw("label", std::to_string(m.label));
    w.text("name", m.name);
    std::string list;
    for (const auto& [symbol, share] : m.composition) {
      list += (list.empty() ? "" : ", ") + symbol + " = " + toml_decimal(share);
    }
    if (!list.empty()) w.raw("composition", "{ " + list + " }");
    w.number("density_g_cm3", m.density);
    w.number("condensed_density_g_cm3", m.condensed_density);
    w.number("mean_excitation_eV", m.mean_excitation_eV);
  }
}

/// Which series an image is of, and where it lies.
void write_place(Writer& w, const EmissionImage& image) {
  w.text("series", image.series);
  w.file("transform", image.transform);
  w.text("affine", image.affine);
}

/// Which part of an NM object is meant.
void write_part(Writer& w, const EmissionImage& image) {
  w.text("energy_window", image.energy_window);
  if (image.detector) w.raw("detector", std::to_string(*image.detector));
  if (image.time_slot) w.raw("time_slot", std::to_string(*image.time_slot));
}

/// Whether all keys are written, or those alone that decide the dose.
enum class Keys { all, of_the_dose };

void write_activity(Writer& w, const ActivitySection& written, const std::string& prefix, Keys keys) {
  ActivitySection a = written;
  if (keys == Keys::of_the_dose) {
    // Becquerels are used as they are: what they are compared with, and what verdicts take, changes no dose.
    if (a.quantity != Quantity::relative && !a.rescale_to_administered) {
      a.administered_GBq.reset();
      a.lung_shunt_fraction.reset();
      a.lung_shunt_from.reset();
    }
    a.relative_error.reset();
    a.shunt_relative_error.reset();
  }
  w.section("[" + prefix + "activity]");
  w.file("image", a.image);
  w.text("quantity", std::string(quantity_name(a.quantity)));
  w.number("administered_GBq", a.administered_GBq);
  w.number("lung_shunt_fraction", a.lung_shunt_fraction);
  if (a.lung_shunt_from) w.shunt("lung_shunt_from", *a.lung_shunt_from);
  w.texts("normalise_to", a.normalise_to);
  if (a.quantity != Quantity::relative) w.raw("rescale_to_administered", a.rescale_to_administered ? "true" : "false");
  w.text("reference_time", a.reference_time);
  w.text("administration_time", a.administration_time);
  write_place(w, a);
  w.number("counts_to_Bq_per_mL", a.counts_to_Bq_per_mL);
  write_part(w, a);
  if (a.correct_half_life) w.raw("correct_half_life", "true");
  w.number("relative_error", a.relative_error);
  w.number("shunt_relative_error", a.shunt_relative_error);
  for (const PerfusedEntry& p : a.perfused) {
    w.section("[[" + prefix + "perfused]]");
    w.text("structure", p.structure);
    w.number("administered_GBq", p.administered_GBq);
  }
}

/// Of what no dose follows from.
void write_function(Writer& w, const FunctionSection& f) {
  w.section("[function]");
  w.file("image", f.image);
  write_place(w, f);
  write_part(w, f);
  w.numbers("above_Gy", f.above_Gy);
}

void write_grid(Writer& w, const GridSection& grid) {
  w.section("[grid]");
  if (grid.like == GridSection::Like::spacing) {
    w.numbers("spacing_mm", grid.spacing_mm);
  } else {
    w.text("like", grid.like == GridSection::Like::ct ? "ct" : "activity");
  }
}

void write_structures(Writer& w, const std::vector<StructureEntry>& structures, const std::string& heading) {
  for (const StructureEntry& s : structures) {
    w.section(heading);
    w.text("name", s.name);
    w.text("role", std::string(role_name(s.role)));
    w.file("mask", s.mask);
    w.file("image", s.image);
    w.choice("label", s.label);
    w.file("rtstruct", s.rtstruct);
    w.choice("roi", s.roi);
    w.file("seg", s.seg);
    w.choice("segment", s.segment);
    if (s.fill_gaps) w.raw("fill_gaps", "true");
    w.file("transform", s.transform);
    w.text("affine", s.affine);
    w.text("material", s.material);
    w.number("density_g_cm3", s.density);
  }
}

/// What differs from the defaults alone decides a dose: cases that do not know these keys keep their hash.
void write_source(Writer& w, const SourceSection& s, Keys keys) {
  const SourceSection usual;
  const bool as_usual = s.spectrum == usual.spectrum && s.microsphere == usual.microsphere &&
                        s.internal_bremsstrahlung == usual.internal_bremsstrahlung &&
                        s.internal_pair_production == usual.internal_pair_production;
  if (keys == Keys::of_the_dose && as_usual) return;
  w.section("[source]");
  w.text("spectrum", s.spectrum);
  w.text("microsphere", s.microsphere);
  w.raw("internal_bremsstrahlung", s.internal_bremsstrahlung ? "true" : "false");
  if (keys == Keys::of_the_dose && !s.internal_pair_production) return;  // younger than the others
  w.raw("internal_pair_production", s.internal_pair_production ? "true" : "false");
}

void write_content(Writer& w, const CaseFile& c, Keys keys) {
  write_medium(w, c);
  if (c.activity) write_activity(w, *c.activity, "", keys);
  write_grid(w, c.grid);
  write_structures(w, c.structures, "[[structure]]");
  for (const SessionEntry& s : c.sessions) {
    w.section("[[session]]");
    w.text("name", s.name);
    write_activity(w, s.activity, "session.", keys);
    write_structures(w, s.structures, "[[session.structure]]");
  }
  write_source(w, c.source, keys);
  if (keys == Keys::of_the_dose && c.transport.dose_to_water) {
    w.section("[transport]");
    w.text("dose_to", "water");
  }
}

void write_plan(Writer& w, const PlanSection& p) {
  w.section("[plan]");
  w.number("tumour_Gy", p.tumour_Gy);
  w.text("sessions", p.sessions);
  w.number("height_cm", p.height_cm);
  w.number("weight_kg", p.weight_kg);
  w.number("guard_ring_mm", p.guard_ring_mm);
  if (!p.recovery.empty()) w.numbers("recovery", p.recovery);
  for (const VialSection& vial : p.vials) {
    w.section("[[plan.vial]]");
    w.number("activity_GBq", vial.activity_GBq);
    w.number("volume_mL", vial.volume_mL);
    w.number("residual_fraction", vial.residual_fraction);
    w.text("calibration_time", vial.calibration_time);
    w.text("administration_time", vial.administration_time);
  }
}

void write_uncertainty(Writer& w, const UncertaintySection& u) {
  w.section("[uncertainty]");
  w.number("activity_relative", u.activity_relative);
  w.number("shunt_relative", u.shunt_relative);
  w.number("lung_mass_relative", u.lung_mass_relative);
  w.numbers("registration_mm", u.registration_mm);
  w.number("contour_mm", u.contour_mm);
  w.numbers("psf_fwhm_mm", u.psf_fwhm_mm);
  w.text("partial_volume", u.yang ? "yang" : "none");
  w.number("noise_relative", u.noise_relative);
  w.number("density_relative", u.density_relative);
  w.number("respiration_mm", u.respiration_mm);
  w.number("tumour_to_normal_relative", u.tumour_to_normal_relative);
  if (u.replicates.empty()) return;
  w.text("replicates_are", u.replicates_are_parts ? "parts" : "whole");
  if (u.replicates.front().session.empty()) {
    w.files("replicates", u.replicates.front().files);
    return;
  }
  w.section("[uncertainty.replicates]");
  for (const Replicates& r : u.replicates) w.files(toml_quoted(r.session).c_str(), r.files);
}

void write_protocol(Writer& w, const CaseFile& c) {
  if (c.protocol) {
    const ProtocolSection& p = *c.protocol;
    w.section("[protocol]");
    w.text("preset", p.preset);
    w.text("judge", p.judge);
    if (p.lung_mass_from_ct) w.text("lung_mass_kg", "ct");
    w.number("lung_mass_kg", p.lung_mass_kg);
    if (p.tumour_to_normal) {
      w.number("tumour_to_normal", p.tumour_to_normal);
    } else {
      w.text("tumour_to_normal", "image");
    }
    w.number("lung_mass_relative_error", p.lung_mass_relative_error);
    w.text("lesions", p.lesions_are_masks ? "masks" : "components");
    w.number("smallest_lesion_mL", p.smallest_lesion_mL);
    w.texts("metrics", p.metrics);
    std::string table;
    for (const Setting& s : p.settings) {
      if (s.table != table) w.section("[protocol." + s.table + "]");
      table = s.table;
      w.raw(s.key.c_str(), setting_text(s.value));
    }
  }
  if (c.plan) write_plan(w, *c.plan);
  if (c.partition) {
    const PartitionSection& p = *c.partition;
    w.section("[partition]");
    w.numbers("tumour_mass_kg", p.tumour_mass_kg);
    w.number("normal_mass_kg", p.normal_mass_kg);
    w.number("lung_mass_kg", p.lung_mass_kg);
    w.numbers("tumour_to_normal", p.tumour_to_normal);
    w.number("lung_shunt_fraction", p.lung_shunt_fraction);
    w.number("dose_constant_Gy_kg_per_GBq", p.dose_constant_Gy_kg_per_GBq);
  }
  if (c.uncertainty) write_uncertainty(w, *c.uncertainty);
}

}  // namespace

std::string write_case(const CaseFile& resolved, const PathWriter& path) {
  Writer w(path);
  w.section("[case]");
  w.text("name", resolved.name);
  write_content(w, resolved, Keys::all);
  w.section("[transport]");
  w.number("electron_cutoff_keV", resolved.transport.electron_cutoff_keV);
  w.number("photon_cutoff_keV", resolved.transport.photon_cutoff_keV);
  w.raw("histories", std::to_string(resolved.transport.histories));
  w.raw("seed", std::to_string(resolved.transport.seed));
  w.text("dose_to", resolved.transport.dose_to_water ? "water" : "medium");
  if (resolved.function) write_function(w, *resolved.function);
  write_protocol(w, resolved);
  return w.str();
}

std::string write_case_content(const CaseFile& resolved, const PathWriter& path) {
  Writer w(path);
  write_content(w, resolved, Keys::of_the_dose);
  return w.str();
}

PathWriter absolute_paths(const CaseFile& resolved) {
  return [&resolved](const std::string& written) {
    return std::filesystem::absolute(resolved.path_of(written)).lexically_normal().string();
  };
}

}  // namespace ytterby::io
