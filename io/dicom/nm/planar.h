#pragma once
// Planar scintigraphy: the anterior and the posterior view of one acquisition.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/text/warning.h"

namespace ytterby::io {

/// Counts of one view as stored: columns fastest, the first row first.
struct PlanarView {
  int columns = 0, rows = 0;
  std::vector<double> counts;
};

struct PlanarPair {
  PlanarView anterior, posterior;  // of the same size
  std::vector<std::string> notes;  // which windows count
  Warnings warnings;
};

/// What the case chooses of planar objects.
struct PlanarChoice {
  std::string series;                        // UID or number, where there are several; may be empty
  std::vector<int> frames;                   // of one object: the anterior and the posterior view, from 1; may be empty
  std::string energy_window;                 // its name, or its number from 1; empty: not chosen
  std::vector<std::string> scatter_windows;  // subtracted; none: scatter is passed over
  double scatter_factor = 0;                 // of the sum of their counts
};

/// Reads a pair of planar NM views (StaticImage, WholeBody; PS3.3 C.8.4.9). `paths` is one file or folder, or two
/// files: anterior, posterior.
///
/// Views are told apart by DetectorVector with ViewCodeSequence of each detector, or by ImageOrientationPatient where
/// that says from where the detector looks; or by `frames`, or by two paths. Windows that are named for scatter are
/// passed over. Other NM objects of a folder (SPECT, projections, dynamic, transmission) are passed over.
/// Throws Fault::input, naming the remedy, where there are not just the two views, where they cannot be told apart,
/// where several energy windows are left, and for views of different sizes.
PlanarPair read_planar_pair(const std::vector<std::filesystem::path>& paths, const PlanarChoice& choice);

/// The NM files that a folder (or file) and a series stand for: what read_planar_pair() looks at.
std::vector<std::filesystem::path> planar_files(const std::filesystem::path& path, const std::string& series);

}  // namespace ytterby::io
