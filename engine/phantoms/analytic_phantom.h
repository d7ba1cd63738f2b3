#pragma once
// What an analytic phantom is.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/grid/image.h"
#include "engine/patient/structures.h"

namespace ytterby {

/// What the numbers of an activity image mean.
enum class ActivityQuantity {
  relative,  // counts; the case scales them to the activity administered
  becquerel  // Bq per voxel at administration
};

/// A label of a label image and what it stands for.
struct LabelMaterial {
  int label = 0;
  std::string name;    // a built-in material
  double density = 0;  // [g/cm3]
};

/// A phantom as a clinic would hand it over: a CT or a label image, an activity image and structures, all on one grid.
struct AnalyticPhantom {
  std::string name;
  std::string description;         // one line
  std::optional<Image<float>> ct;  // CT number [HU]; exactly one of ct and labels
  std::optional<Image<std::uint8_t>> labels;
  std::vector<LabelMaterial> materials;  // of the labels
  Image<float> activity;
  ActivityQuantity quantity = ActivityQuantity::becquerel;
  std::optional<double> administered_GBq;     // [GBq]
  std::optional<double> lung_shunt_fraction;  // [1]
  std::vector<Structure> structures;          // fractions by supersampling, on the grid of `activity`
};

}  // namespace ytterby
