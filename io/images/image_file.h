#pragma once
// Image files by ITK: NIfTI, NRRD and MetaImage. Millimetres become centimetres here.

#include <cstdint>
#include <filesystem>
#include <functional>

#include "engine/grid/deformation.h"
#include "engine/grid/image.h"
#include "io/images/nifti_file.h"
#include "io/text/warning.h"

namespace ytterby::io {

/// Where readers put what is worth knowing but no reason to stop; may be empty.
using Warn = std::function<void(const Warning&)>;

/// Reads a 3-D scalar image with its orientation (LPS) and rescaling applied; values in the file's unit.
///
/// Endings: .nii, .nii.gz, .nrrd, .nhdr, .mha, .mhd. A 4-D file of one frame is taken as 3-D.
/// Throws Fault::input, naming file and value, for: no such file, folders (DICOM is read by case_images.h), other
/// formats, truncated or damaged files, spacing that is not above 0 or above 100 mm, directions that are not
/// orthonormal, lengths not in millimetres, no stated orientation, two affines of a NIfTI file that disagree (`affine`
/// decides), a MetaImage without ElementSpacing, a NaN or infinite value.
Image<float> read_image(const std::filesystem::path& path, const Warn& warn = {}, Affine affine = Affine::agreed);

/// The same in double, for activity.
Image<double> read_image_double(const std::filesystem::path& path, const Warn& warn = {},
                                Affine affine = Affine::agreed);

/// Reads whole numbers; throws Fault::input naming the voxel for any other value.
Image<std::int32_t> read_labels(const std::filesystem::path& path, const Warn& warn = {},
                                Affine affine = Affine::agreed);

/// A segment of a .seg.nrrd of 3D Slicer, of one layer or several, by its name, its ID or its place in the list (from
/// 1): 1 inside. Throws Fault::input as above, and with the list of names where none fits.
Image<float> read_slicer_segment(const std::filesystem::path& path, const std::string& segment);

/// Whether a name is that of an image file, by its ending.
bool is_image_name(const std::string& name);

/// Three numbers per voxel [mm]: NRRD in LPS, MetaImage, or NIfTI of five dimensions with the intent "vector" (in LPS,
/// as ITK and ANTs write it) or "displacement vector" (in NIfTI's RAS). Throws Fault::input as above.
Deformation read_vector_image(const std::filesystem::path& path);

/// Checks a grid as a file has it (lengths, right angles), and takes the rounding out of its direction. Throws
/// Fault::input naming the file.
void settle_grid(const std::filesystem::path& path, Grid& grid);

/// Writes by ending; .nii.gz, .nrrd and .mha are compressed. Written beside and renamed when whole.
void write_image(const std::filesystem::path& path, const Image<float>& image);
void write_image(const std::filesystem::path& path, const Image<std::uint8_t>& image);
void write_image(const std::filesystem::path& path, const Image<std::int16_t>& image);

}  // namespace ytterby::io
