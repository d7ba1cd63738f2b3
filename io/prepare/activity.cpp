// The activity image to becquerels per voxel of the dose grid.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "engine/grid/resample.h"
#include "engine/patient/structures.h"
#include "engine/physics/nuclide.h"
#include "io/dicom/decay.h"
#include "io/prepare/case_images.h"
#include "io/prepare/parts.h"
#include "io/prepare/plausible.h"
#include "io/text/iso_time.h"

namespace ytterby::io {
namespace {

constexpr double largest_overhang = 0.05;    // of the activity
constexpr double largest_difference = 0.1;   // of the image from administered_GBq, without a warning
constexpr double lightest_whole_lung = 500;  // lungs below this are cut off [g]
constexpr double becquerel_per_GBq = 1e9;

std::string place_of(const CaseFile& c) { return c.place(c.activity->line) + "[activity] "; }

double total_of(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

std::string gbq(double becquerel) { return to_text(becquerel / becquerel_per_GBq, 5) + " GBq"; }

std::string percent(double share) { return to_text(100 * share, 3) + " %"; }

/// Activity at administration over that at the reference time.
double decay_factor(const CaseFile& c, double half_life_h) {
  const ActivitySection& a = *c.activity;
  if (a.reference_time.empty()) return 1;  // a PET's header may have moved it already
  const auto reference = parse_time(a.reference_time), administration = parse_time(a.administration_time);
  if (!reference) refuse(place_of(c), "reference_time \"" + a.reference_time + "\" is no ISO 8601 date and time");
  if (!administration) {
    refuse(place_of(c), "administration_time \"" + a.administration_time + "\" is no ISO 8601 date and time");
  }
  if (reference->has_zone != administration->has_zone) {
    refuse(place_of(c), "reference_time and administration_time need both a time zone or none");
  }
  const double hours = (reference->seconds - administration->seconds) / seconds_per_hour;
  if (std::abs(hours) > 1000) {
    refuse(place_of(c), "reference_time and administration_time are " + to_text(hours, 5) + " h apart, at most 1000 h");
  }
  return std::exp2(hours / half_life_h);
}

/// Whole lungs' mass [g] where the image cuts them off, 0 where it shows them whole.
double whole_lung_mass(const CaseFile& c, double shown, bool touch_edge, ActivityAccount& account, Remarks& remarks) {
  account.lungs_cut_off = touch_edge || shown < lightest_whole_lung;
  if (!account.lungs_cut_off) return 0;
  const std::string why = touch_edge ? "reach the edge of the image" : "weigh under 0.5 kg in the image";
  const bool relative = c.activity->quantity == Quantity::relative;
  if (relative && !c.activity->lung_shunt_fraction) {
    refuse(place_of(c), "lung_shunt_fraction has to be given: the lungs " + why + " (" + to_text(shown / 1000, 3) +
                            " kg), so they are cut off");
  }
  if (relative && c.protocol && c.protocol->lung_mass_from_ct) {
    refuse(c.place(c.protocol->line), "[protocol] lung_mass_kg = \"ct\" needs whole lungs, these " + why);
  }
  const bool given = c.protocol && c.protocol->lung_mass_kg;
  const double mass = given ? *c.protocol->lung_mass_kg : 1.0;
  remarks.warnings.push_back({"lungs-cut-off",
                              WarningClass::note,
                              "the lungs " + why + " (" + to_text(shown / 1000, 3) +
                                  " kg): they are cut off, and lung rules of the voxel methods are not judged",
                              {{"shown_kg", shown / 1000}}});
  if (relative) {
    remarks.notes.push_back("lung shunt shared over " + to_text(mass, 4) + " kg of lung" +
                            (given ? "" : " (the convention, lung_mass_kg is not given)"));
  }
  return mass * 1000;
}

/// Weighs the volumes of [[perfused]] against each other: counts times weights are to each other as what was given.
/// Returns the share of the counts that lies neither there nor in the lungs.
double weigh_positions(const CaseFile& c, const std::vector<double>& counts, const LoadedStructures& structures,
                       RelativeScaling& scaling, Remarks& remarks) {
  std::vector<double> held;
  for (const std::vector<float>& share : structures.positions) held.push_back(weighted_sum(counts, share));
  const std::vector<double> scales = position_scales(c, held);
  const double target = std::accumulate(held.begin(), held.end(), 0.0), lungs = weighted_sum(counts, scaling.lungs);
  if (!scaling.lung_shunt_fraction) scaling.lung_shunt_fraction = lungs / (lungs + target);
  std::fill(scaling.normalise_to.begin(), scaling.normalise_to.end(), 0.0F);
  for (std::size_t p = 0; p < scales.size(); ++p) {
    const PerfusedEntry& entry = c.activity->perfused[p];
    for (std::size_t v = 0; v < counts.size(); ++v)
      scaling.normalise_to[v] += static_cast<float>(scales[p] * static_cast<double>(structures.positions[p][v]));
    remarks.notes.push_back("perfused " + entry.structure + ": " +
                            gbq(entry.administered_GBq * becquerel_per_GBq * (1 - *scaling.lung_shunt_fraction)) +
                            " of the " + gbq(entry.administered_GBq * becquerel_per_GBq) + " given there; it has " +
                            percent(held[p] / target) + " of these volumes' counts");
  }
  return std::max(0.0, 1 - (target + lungs) / total_of(counts));
}

void scale_to_relative(const CaseFile& c, std::vector<double>& activity, const Phantom& phantom,
                       const LoadedStructures& structures, const std::vector<float>& lungs, double whole_mass,
                       ActivityAccount& account, Remarks& remarks) {
  const ActivitySection& a = *c.activity;
  if (lungs.empty() && !a.lung_shunt_fraction) {
    refuse(place_of(c), "lung_shunt_fraction has to be given: the case has no [[structure]] of role lung");
  }
  RelativeScaling scaling{*a.administered_GBq * becquerel_per_GBq, a.lung_shunt_fraction, structures.normalise_to,
                          lungs, whole_mass};
  std::optional<double> dropped;
  if (!a.perfused.empty()) dropped = weigh_positions(c, activity, structures, scaling, remarks);
  at_place(place_of(c) + a.image + ": ", [&] { scale_relative(activity, phantom, scaling, account); });
  account.shunt_from_image = !a.lung_shunt_fraction.has_value();
  account.dropped_share = dropped.value_or(account.dropped_share);
  std::string where;
  for (const std::string& name : a.normalise_to) where += (where.empty() ? "" : ", ") + name;
  if (!a.perfused.empty()) where += " in the perfused volumes";
  remarks.notes.push_back("relative activity: A (1 - L) shared over " + where + "; " + percent(account.dropped_share) +
                          " of the counts lie elsewhere outside the lungs and are dropped");
  if (account.off_image > 1e-9 * account.administered) {
    remarks.notes.push_back(gbq(account.off_image) + " of the lung shunt lies off the image");
  }
  if (lungs.empty() && *a.lung_shunt_fraction > 0) {
    remarks.warnings.push_back({"no-lung-structure",
                                WarningClass::note,
                                "the case has no lung structure: the whole lung shunt is booked as off-image",
                                {{"lung_shunt_fraction", *a.lung_shunt_fraction}}});
  }
}

/// Compares with `administered_GBq`, and rescales where the case asks for it: the part outside the lungs to A (1 - L)
/// where L is given (lungs may be cut off), else the whole to A.
void compare_with_administered(const CaseFile& c, std::vector<double>& activity, const std::vector<float>& lungs,
                               ActivityAccount& account, Remarks& remarks) {
  const ActivitySection& a = *c.activity;
  account.lung_shunt_fraction = a.lung_shunt_fraction;
  if (!a.administered_GBq) return;
  account.administered = *a.administered_GBq * becquerel_per_GBq;
  double outside = total_of(activity);
  if (a.lung_shunt_fraction) {
    for (std::size_t i = 0; i < lungs.size(); ++i) outside -= activity[i] * static_cast<double>(lungs[i]);
  }
  const double expected = account.administered * (1 - a.lung_shunt_fraction.value_or(0));
  const double ratio = outside / expected;
  remarks.notes.push_back("the image holds " + percent(ratio) + " of the " + gbq(expected) + " expected of " +
                          gbq(account.administered) + " administered" +
                          (a.rescale_to_administered ? ", rescaled to it" : ", used as it is"));
  if (!a.rescale_to_administered && std::abs(ratio - 1) > largest_difference) {
    const std::string slip = unit_slip(ratio);
    remarks.warnings.push_back({slip.empty() ? "activity-not-as-administered" : "activity-unit-unlikely",
                                WarningClass::wrong_dose,
                                "the image holds " + gbq(outside) + ", " + gbq(expected) +
                                    " are expected by administered_GBq: more than 10 % apart" +
                                    (slip.empty() ? "" : " (" + slip + "?)") +
                                    "; rescale_to_administered = true would apply the latter",
                                {{"image_GBq", outside / becquerel_per_GBq},
                                 {"expected_GBq", expected / becquerel_per_GBq},
                                 {"ratio", ratio}}});
  }
  if (!a.rescale_to_administered) return;
  for (double& value : activity) value /= ratio;
  account.off_grid /= ratio;
}

/// A treatment has GBq, a scan of it at least MBq.
void warn_of_little(const ActivityAccount& account, Remarks& remarks) {
  constexpr double least = 1e6;  // [Bq]
  const double all = account.on_grid + account.off_image + std::max(0.0, account.off_grid);
  if (!(all < least)) return;
  remarks.warnings.push_back({"activity-below-1-MBq",
                              WarningClass::wrong_dose,
                              "the activity is " + to_text(all, 4) + " Bq in all, below 1 MBq: are its units right?",
                              {{"activity_Bq", all}, {"limit_Bq", least}}});
}

/// Where the activity is, all of it.
void tell_account(const ActivityAccount& account, Remarks& remarks) {
  remarks.notes.push_back("activity: " + gbq(account.on_grid + account.off_grid) + " in the image, " +
                          gbq(account.off_grid) + " of it outside the dose grid, " + gbq(account.in_lungs) +
                          " in the lungs; " + gbq(account.off_image) + " outside the field of view");
}

void check_overhang(const CaseFile& c, const ActivityAccount& account, Remarks& remarks) {
  const double all = account.on_grid + account.off_grid;
  const double share = account.overhang / all;
  const std::string text = percent(share) + " of the activity lies outside the " +
                           (c.medium->ct.empty() ? "label image" : "CT") +
                           ", in gas (below 0.05 g/cm3) or outside the grid";
  if (share > largest_overhang) {
    refuse(place_of(c), c.activity->image + ": " + text + ", at most 5 % is accepted: do the images belong together?");
  }
  if (share > 1e-6) remarks.notes.push_back(text);
}

/// Bq/mL of each slice's values, by what the case or the header says.
std::vector<double> to_becquerel_per_mL(const ActivitySection& a, const DicomOrigin& origin, Remarks& remarks) {
  std::vector<double> factors(origin.timing.size(), 1.0);
  const std::string quantity(quantity_name(a.quantity)), header = "its header has Units \"" + origin.units + "\"";
  if (a.counts_to_Bq_per_mL) {
    if (origin.units == "BQML") refuse("", "counts_to_Bq_per_mL goes with counts, " + header);
    std::fill(factors.begin(), factors.end(), *a.counts_to_Bq_per_mL);
    remarks.notes.push_back(a.image + ": counts times " + to_text(*a.counts_to_Bq_per_mL, 6) + " are Bq/mL");
    return factors;
  }
  if (origin.units == "BQML" && a.quantity == Quantity::becquerel_per_mL) return factors;
  const bool philips = std::all_of(origin.timing.begin(), origin.timing.end(),
                                   [](const DicomTiming& t) { return t.activity_scale > 0; });
  if (origin.units == "CNTS" && a.quantity == Quantity::becquerel_per_mL && philips) {
    for (std::size_t i = 0; i < factors.size(); ++i) factors[i] = origin.timing[i].activity_scale;
    remarks.notes.push_back(a.image + ": counts times Philips' factor (7053,xx09) of " + to_text(factors[0], 6) +
                            " are Bq/mL");
    return factors;
  }
  refuse("", "quantity is \"" + quantity + "\", " + header +
                 (origin.units == "BQML"   ? ", needs quantity = \"Bq/mL\""
                  : origin.units == "CNTS" ? " without Philips' factor to Bq/mL (7053,xx09): counts_to_Bq_per_mL gives "
                                             "one, counts alone are used with quantity = \"relative\""
                                           : " and no RealWorldValueMappingSequence in Bq/mL: values that are no Bq/mL "
                                             "are used with quantity = \"relative\", or with counts_to_Bq_per_mL"));
}

/// Units and times of a DICOM image in Bq or Bq/mL. Tc-99m and the like are relative and never come here.
void bring_to_administration(const ActivitySection& a, CaseImage& read, Remarks& remarks) {
  const DicomOrigin& origin = *read.dicom;
  const std::vector<double> unit = to_becquerel_per_mL(a, origin, remarks);
  const DecayResult decay =
      decay_to_administration(origin, {yttrium_90().half_life_h, a.correct_half_life, a.administration_time,
                                       !a.reference_time.empty(), a.counts_to_Bq_per_mL.has_value()});
  std::vector<double>& values = read.image.values;
  const std::size_t plane = values.size() / decay.factors.size();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= decay.factors[i / plane] * unit[i / plane];
  for (const std::string& note : decay.notes) remarks.notes.push_back(a.image + ": " + note);
  for (Warning warning : decay.warnings) {
    warning.text = a.image + ": " + warning.text;
    remarks.warnings.push_back(std::move(warning));
  }
}

/// Moves the image by its displacement field; what it holds stays, and has to lie within the field.
void deform_emission(const CaseFile& c, const EmissionImage& a, bool concentration, Image<double>& image,
                     Remarks& remarks) {
  constexpr double most_lost = 0.1, worth_a_warning = 0.02;
  const double from = concentration ? 1 : image.grid.voxel_volume();
  for (double& value : image.values) value /= from;
  Deformed<double> moved = deform_concentration(image, read_displacement_field(c.path_of(a.transform)));
  if (moved.smallest_stretch <= 0) {
    refuse("", a.transform + " folds where there is activity (determinant " + to_text(moved.smallest_stretch, 3) +
                   "), needs to be a map that can be undone");
  }
  const double share = moved.after / moved.before;
  if (!(std::abs(share - 1) <= most_lost)) {
    refuse("", a.image + ": " + percent(share) + " of its total are left after " + a.transform +
                   ", needs to be within 10 %: does the field cover the image, and lead from the CT to it?");
  }
  const std::string text = a.image + ": " + percent(share) + " of its total after " + a.transform + ", scaled to it";
  if (std::abs(share - 1) > worth_a_warning) {
    remarks.warnings.push_back({"deformation-changes-activity",
                                WarningClass::wrong_dose,
                                text,
                                {{"share", share}, {"limit", worth_a_warning}}});
  } else {
    remarks.notes.push_back(text);
  }
  image = std::move(moved.image);
  const double to = (concentration ? 1 : image.grid.voxel_volume()) / share;
  for (double& value : image.values) value *= to;
}

}  // namespace

Image<double> read_activity(const CaseFile& c, Remarks& remarks) {
  const ActivitySection& a = *c.activity;
  CaseImage read = at_place(place_of(c), [&] { return read_emission_image(c, a, remarks); });
  const auto moved = [&] {
    const bool concentration = a.quantity == Quantity::becquerel_per_mL;
    if (deforms(c, a.transform))
      at_place(place_of(c), [&] { deform_emission(c, a, concentration, read.image, remarks); });
    return std::move(read.image);
  };
  if (a.quantity == Quantity::relative) return moved();
  if (read.dicom) {
    at_place(place_of(c) + a.image + ": ", [&] { bring_to_administration(a, read, remarks); });
  } else if (a.correct_half_life || (a.reference_time.empty() && !a.administration_time.empty())) {
    refuse(place_of(c),
           a.image + " is no DICOM: administration_time needs reference_time, and correct_half_life a PET");
  }
  if (a.counts_to_Bq_per_mL && !read.dicom) {
    for (double& value : read.image.values) value *= *a.counts_to_Bq_per_mL;
  }
  return moved();
}

Image<double> read_function(const CaseFile& c, Remarks& remarks) {
  const FunctionSection& f = *c.function;
  return at_place(c.place(f.line) + "[function] ", [&] {
    Image<double> image = read_emission_image(c, f, remarks).image;
    if (deforms(c, f.transform)) deform_emission(c, f, false, image, remarks);
    return image;
  });
}

std::vector<double> activity_on(const CaseFile& c, const Image<double>& image, const Phantom& phantom,
                                const LoadedStructures& structures, const std::vector<float>& medium_share,
                                ActivityAccount& account, Remarks& remarks) {
  const ActivitySection& a = *c.activity;
  account.image_total = total_of(image.values);
  if (!(account.image_total > 0)) {
    refuse(place_of(c),
           a.image + " holds no activity: its sum is " + to_text(account.image_total, 6) + ", needs to be above 0");
  }
  std::vector<double> activity = redistribute(image, phantom.grid);
  double unit = a.quantity == Quantity::becquerel_per_mL ? image.grid.voxel_volume() : 1.0;  // cm3 is mL
  if (a.quantity != Quantity::relative) unit *= decay_factor(c, yttrium_90().half_life_h);
  if (unit != 1) {
    for (double& value : activity) value *= unit;
  }
  account.off_grid = a.quantity == Quantity::relative ? 0 : account.image_total * unit - total_of(activity);
  check_negative_sums(c, structures.own, activity, remarks.warnings);
  account.negative = remove_negative(activity, structure_groups(structures.own, activity.size()));
  if (account.negative < 0) {
    remarks.notes.push_back("negative voxels, " + percent(-account.negative / (account.image_total * unit)) +
                            " of the total, set to 0 with the totals of the structures kept");
  }
  if (!(total_of(activity) > 0)) refuse(place_of(c), a.image + " holds no activity inside the dose grid");

  const std::vector<float> lungs = union_of_role(structures.own, Role::lung);
  double whole_mass = 0;
  if (!lungs.empty()) {
    account.lung_mass = mass_of(lungs, phantom);
    whole_mass = whole_lung_mass(c, account.lung_mass, structures.lungs_touch_edge, account, remarks);
  }
  if (a.quantity == Quantity::relative) {
    scale_to_relative(c, activity, phantom, structures, lungs, whole_mass, account, remarks);
  } else {
    compare_with_administered(c, activity, lungs, account, remarks);
  }
  take_account(activity, phantom, lungs, medium_share, account);
  warn_of_little(account, remarks);
  tell_account(account, remarks);
  check_overhang(c, account, remarks);
  return activity;
}

std::vector<double> activity_image_on(const Image<double>& image, const Grid& grid, const std::vector<Structure>& own,
                                      double& negative) {
  std::vector<double> values = redistribute(image, grid);
  negative = remove_negative(values, structure_groups(own, values.size()));
  return values;
}

}  // namespace ytterby::io
