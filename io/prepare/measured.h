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

}  // namespace ytterby::io
