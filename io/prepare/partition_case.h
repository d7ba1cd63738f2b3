#pragma once
// From a case to the partition model: masses from masks and densities, uptake from the activity image, or all of it
// from the numbers of [partition].

#include <optional>
#include <string>
#include <vector>

#include "engine/methods/empirical_activity.h"
#include "engine/methods/partition.h"
#include "io/prepare/prepare.h"

namespace ytterby::io {

/// What one of several perfused volumes gets of an activity.
struct PositionShare {
  std::string structure;
  double share = 0;
};

/// The partition model of one session, with where its numbers come from.
struct PartitionCase {
  std::string session;  // empty: the only one
  PartitionModel model;
  std::optional<double> administered;                   // A [GBq]
  std::string uptake_recipe;                            // how tumour-to-normal was found
  std::string normal_structure;                         // what the normal compartment is
  std::vector<PositionShare> positions;                 // of [[perfused]]; ratios hold for these shares
  double whole_normal_mass = 0;                         // of all of the normal liver, perfused or not [kg]
  std::optional<double> extrahepatic, spared_activity;  // shares, from the image (MeasuredUptake)
  std::string lung_mass_source;                         // "convention", "given" or "ct"
  std::optional<double> lung_mass_ct;                   // [kg], where the image shows the lungs whole
  std::string shunt_source;                             // "given" or "image"
  std::optional<LiverInvolvement> liver;                // for the manual's methods
};

/// One model for each session of a prepared case, or one in all. Tumours are the structures of role tumour, each with
/// its mass (masks and densities on the masks' own grid); the normal compartment is the perfused normal liver, else the
/// normal liver. Tumour-to-normal is activity per mass in the tumour's mask, over [plan] recovery, over that in the
/// normal compartment less [plan] guard_ring_mm, on the activity image's own voxels, unless [protocol] tumour_to_normal
/// gives it. With [[perfused]] the image's counts are weighed by what each volume was given: ratios are then to the
/// mean uptake of all perfused normal liver, and reproduce the doses of one model a volume. For quantity Bq and Bq/mL,
/// A is the activity outside the lungs over 1 - L. `lung_mass_kg` is [protocol]'s, else `lung_mass_convention` [kg].
/// Throws Fault::input, led by file and line, where there is no tumour or normal liver, no uptake in one of them, no
/// lung shunt, or lungs cut off while their CT mass is asked for.
std::vector<PartitionCase> partition_of(const PreparedCase& prepared, double lung_mass_convention = 1.0);

/// What the manual of resin microspheres would have given.
struct ManualActivities {
  std::optional<EmpiricalActivity> bsa, empirical;  // bsa: with [plan] height_cm and weight_kg
};
ManualActivities manual_activities(const CaseFile& c, const PartitionCase& partition);

/// The model of a [partition] section.
PartitionCase partition_of_numbers(const CaseFile& c);

}  // namespace ytterby::io
