#pragma once
// The steps of prepare(); for its own files and their tests alone.

#include <filesystem>
#include <functional>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/grid/crop.h"
#include "engine/grid/image.h"
#include "engine/patient/activity.h"
#include "engine/patient/phantom.h"
#include "io/case/case_file.h"
#include "io/dicom/references.h"
#include "io/prepare/contrast.h"
#include "io/prepare/hu_calibration.h"
#include "io/prepare/measured.h"
#include "io/text/warning.h"

namespace ytterby::io {

/// What is worth telling once all has gone well.
struct Remarks {
  Warnings warnings;
  std::vector<std::string> notes;
  std::vector<std::string> without_unit;  // image files whose unit of length is not stated
  PatientReferences patient;              // gathered on the way; sessions start from the case's
};

/// Runs `step`; puts `place` in front of the message of what it refuses.
template <class Step>
auto at_place(const std::string& place, const Step& step) {
  try {
    return step();
  } catch (const Error& error) {
    throw Error(error.fault(), place + error.what());
  }
}

/// Sum of shares of voxels.
inline double sum_of(const std::vector<float>& shares) {
  return std::accumulate(shares.begin(), shares.end(), 0.0,
                         [](double s, float v) { return s + static_cast<double>(v); });
}

[[noreturn]] inline void refuse(const std::string& place, const std::string& what) {
  throw Error(Fault::input, place + what);
}

/// The medium as its image shows it.
struct MediumImage {
  Grid grid;
  Image<float> ct;                           // CT numbers; no values for a label image
  std::optional<HuCalibration> calibration;  // with a CT
  std::vector<std::uint8_t> index;           // material per voxel, for a label image
  std::vector<Material> materials;
  OrganVoxels organs;  // with a CT, once the masks are read

  /// Density and material of a voxel of a CT.
  [[nodiscard]] VoxelMedium of_ct(std::size_t i) const {
    if (organs.inside.empty() || !organs.inside[i]) return (*calibration)(ct.values[i]);
    return organ_medium(*calibration, ct.values[i], organs.level_of(grid, i));
  }
};
MediumImage read_medium(const CaseFile& c, Remarks& remarks);

/// Density and material on the dose grid.
Phantom phantom_on(const Grid& grid, const MediumImage& medium);

/// The dose grid.
Grid dose_grid(const CaseFile& c, const Grid& activity, const Grid& medium);

/// Structures on the dose grid with what their images alone can tell.
struct LoadedStructures {
  std::vector<Structure> own, derived;
  std::vector<float> normalise_to;            // relative activity alone
  std::vector<std::vector<float>> positions;  // of [[perfused]]: its parts of normalise_to, one a volume
  std::vector<MeasuredLesion> lesions;
  std::optional<double> spared_share;
  MeasuredUptake uptake;
  std::optional<MeasuredFunction> function;  // of the case's structures alone, not of a session's
  bool lungs_touch_edge = false;             // of a mask's own image, of the medium or the dose grid, or reach beyond
};
/// `find_organs` has the medium know afterwards where soft tissue of organs is, and the liver's function measured: of
/// the case's structures, which stand for the patient, not those of a session.
enum class FindOrgans { no, yes };
LoadedStructures load_structures(const CaseFile& c, MediumImage& medium, const Image<double>& activity,
                                 const Grid& grid, FindOrgans find_organs, Remarks& remarks);

/// Makes a mask 0 and 1: shares of 0 to 1 stay, 0 and one other value (0.5, 1, 255) is a mask whatever the value.
/// Throws Fault::input for several values.
void check_mask(Image<float>& image, const std::string& place, const std::string& file);

/// Sets the lung shunt fraction of an activity whose case has it measured on planar views (`lung_shunt_from`).
void measure_lung_shunt(const CaseFile& c, ActivitySection& activity, Remarks& remarks);

/// A mask as its file has it, cut to its content.
struct NativeMask {
  Grid grid;            // of the whole file
  Box box;              // content; contours may reach beyond the grid
  Image<float> inside;  // volume fractions within the box
};

/// For each volume of [[perfused]] its part of `treated`, of which `own` has the structures on the same voxels. Throws
/// Fault::input, led by file and line, for one that has none and for volumes that overlap.
std::vector<std::vector<float>> position_shares(const CaseFile& c, const std::vector<Structure>& own,
                                                const std::vector<float>& treated);
/// Factors on the counts of the volumes (`counts` are their sums), so that they are to each other as what was given; 1
/// is the largest. Throws Fault::input for a volume without counts.
std::vector<double> position_scales(const CaseFile& c, const std::vector<double>& counts);

/// The union of what [activity] normalise_to names.
std::vector<float> union_of_names(const CaseFile& c, const std::vector<Structure>& structures);

/// Liver, tumours and perfused volumes: where contrast medium goes.
bool is_organ(Role role);

/// Has a CT's medium know where soft tissue of the case's organs is.
void find_organs(const CaseFile& c, const std::vector<NativeMask>& masks, MediumImage& medium, Remarks& remarks);

/// Warns of an organ whose mean CT number is above 80 HU, with the size of the error, by what the medium has there:
/// once it knows its organs. Silent where the case gives density or material.
void warn_of_contrast(const StructureEntry& s, const Image<float>& inside, const MediumImage& medium,
                      Warnings& warnings);

/// Structures on one grid.
struct OnGrid {
  Grid grid;
  std::vector<Structure> own;  // all of the case's, in its order
  std::vector<Structure> derived;
};

/// On the masks' own grid where liver, tumours and perfused volumes share one, else on `image`.
OnGrid common_grid(const CaseFile& c, const std::vector<NativeMask>& masks, const Grid& image);

/// Sum of an image over a region that is given on another grid, by shares of voxels.
double sum_in(const Image<double>& image, const Grid& grid, const std::vector<float>& region);

/// The structure of that name where it has a volume, else null.
const Structure* find_filled(const std::vector<Structure>& all, const std::string& name);

/// What the activity image says of tumours and normal liver. `masks` are those of the case's structures.
MeasuredUptake measure_uptake(const CaseFile& c, const std::vector<NativeMask>& masks, const MediumImage& medium,
                              const Image<double>& activity);

/// What an image of function says of the normal liver and its parts; `derived` are those parts on the dose grid. A
/// voxel of the image holds f s of a region's function: f its counts, s the share of it that the region's mask has.
/// That goes to the voxels of the dose grid in proportion to what they share of it and of the region. Throws
/// Fault::input, led by file and line, without a liver or counts in it.
MeasuredFunction measure_function(const CaseFile& c, const std::vector<NativeMask>& masks,
                                  const std::vector<Structure>& derived, const Grid& grid, Image<double> image,
                                  Remarks& remarks);

/// Overrides of density and material inside structures, in the order of the case: rho becomes (1 - f) rho + f override
/// in a voxel of which the share f lies inside, the material that of the structure where f is half or more.
void override_medium(const CaseFile& c, const std::vector<Structure>& own, Phantom& phantom);

/// The activity image on the dose grid, in its own unit: moved by overlap volume, negative voxels set to 0 with each
/// structure's total kept. `negative` gets their sum.
std::vector<double> activity_image_on(const Image<double>& image, const Grid& grid, const std::vector<Structure>& own,
                                      double& negative);

/// The activity image as in the file, and the activity on the dose grid [Bq].
Image<double> read_activity(const CaseFile& c, Remarks& remarks);
/// Replicates of the activity image on the dose grid, in its unit and with its total; none where the case names none
/// for `session` (empty: the one activity). `c` has the session's activity. Throws Fault::input, led by file and line,
/// for those that are on another grid than `image` or hold 20 % more or less.
std::vector<std::vector<float>> read_replicates(const CaseFile& c, const std::string& session,
                                                const Image<double>& image, const Grid& grid, Remarks& remarks);
/// The image of [function], in its own unit.
Image<double> read_function(const CaseFile& c, Remarks& remarks);
std::vector<double> activity_on(const CaseFile& c, const Image<double>& image, const Phantom& phantom,
                                const LoadedStructures& structures, const std::vector<float>& medium_share,
                                ActivityAccount& account, Remarks& remarks);

}  // namespace ytterby::io
