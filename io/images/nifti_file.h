#pragma once
// NIfTI-1 files, read by ourselves: the library takes a sheared sform for a reason to use another affine, adds
// scl_inter where scl_slope says that there is no scaling, and reads NaN as 0.

#include <filesystem>
#include <vector>

#include "engine/grid/grid.h"

namespace ytterby::io {

/// Which of a file's two affines counts. `agreed`: they have to agree where both are set; else the one that is named.
enum class Affine { agreed, sform, qform };

/// What a NIfTI header says, checked.
struct NiftiHeader {
  Grid grid;  // LPS
  bool unit_stated = true;
  int type = 0;                     // NIfTI's datatype
  bool swapped = false;             // of the other byte order
  double slope = 1, intercept = 0;  // 1 and 0 where scl_slope is 0: no scaling at all (nifti1.h)
  std::size_t offset = 0, value_bytes = 0;
  int components = 1;           // values of each voxel, one after the other for all voxels
  bool vectors_in_ras = false;  // of three components: the intent is "displacement vector"
};

/// Reads and checks a header. Throws Fault::input with the value found for lengths in metres, spacing that is not
/// positive, no orientation, an sform and a qform whose voxels lie more than 0.1 voxel apart (naming both), an sform
/// that is sheared or whose columns are no unit vectors times pixdim, NIfTI-2, more than one volume, and types that are
/// no numbers. Of `components` = 3 it has to be a field of vectors: of five dimensions, of intent 1006 (displacement
/// vector) or 1007 (vector); positions (NiftyReg, SPM) and FSL's fields are refused.
NiftiHeader read_nifti_header(const std::filesystem::path& path, Affine affine, int components = 1);

/// The values, scaled. The file is read to its end. Throws Fault::input for data that end too early or fail their
/// checksum, and for values that are NaN or infinite, naming the voxel. T is float or double.
template <class T>
std::vector<T> read_nifti_values(const std::filesystem::path& path, const NiftiHeader& header);

extern template std::vector<float> read_nifti_values(const std::filesystem::path&, const NiftiHeader&);
extern template std::vector<double> read_nifti_values(const std::filesystem::path&, const NiftiHeader&);

}  // namespace ytterby::io
