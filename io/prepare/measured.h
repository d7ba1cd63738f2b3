#pragma once
// What masks and activity images were measured to have.

#include <optional>
#include <string>
#include <vector>

#include "engine/patient/lesion_size.h"

namespace ytterby::io {

/// A lesion's size, from its own mask or a connected part of it.
struct MeasuredLesion {
  std::string name;
  LesionSize size;
  double volume = 0;  // [cm3]
};

/// What an activity image says of a compartment of the partition model, on the image's own voxels; masks and masses on
/// the masks' own, so that no dose grid changes it.
struct CompartmentUptake {
  std::string name;     // a tumour, "perfused-normal" or "normal-liver"
  double mass = 0;      // [g]
  double measured = 0;  // mass of the region that `activity` was found in: without the guard ring [g]
  double activity = 0;  // in the image's unit, negative voxels included
};

/// Uptake of a session's image.
struct MeasuredUptake {
  std::vector<CompartmentUptake> compartments;  // tumours in the case's order, then the normal liver; empty without
  std::optional<double> extrahepatic;           // share of the counts outside liver, tumours and lungs
  std::optional<double> spared;                 // of the liver's and tumours' activity, outside the perfused volume
};

/// How much of the liver's function a part of it has, by an image of function: on the image's own voxels, with masks as
/// shares of them, so that no dose grid changes it.
struct FunctionRegion {
  std::string name;           // "normal-liver", "perfused-normal" or "spared-liver"
  double share = 0;           // of the normal liver's function
  double volume_share = 0;    // of the normal liver's volume, on the masks' own grid
  std::vector<float> weight;  // share of the region's function in each voxel of the dose grid, over the largest
};

/// The normal liver first; tumours have no function here, whatever they take up.
struct MeasuredFunction {
  std::vector<FunctionRegion> regions;
  double tumour_share = 0;   // of the counts in liver and tumours
  double outside_liver = 0;  // share of the image's counts outside liver and tumours
};

/// The region of that name; null where there is none.
const FunctionRegion* find_region(const std::optional<MeasuredFunction>& function, const std::string& name);

}  // namespace ytterby::io
