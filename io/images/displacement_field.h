#pragma once
// Displacement fields in the forms that registration programs write.

#include <filesystem>

#include "engine/grid/deformation.h"

namespace ytterby::io {

/// Whether a transform moves voxels one by one: an image file, by its ending, or ITK's HDF5 with a displacement field.
bool is_displacement_field(const std::filesystem::path& file);

/// Reads an image of vectors (read_vector_image()), or an ITK transform in HDF5 (.h5): a DisplacementFieldTransform, or
/// a composite of one with linear parts. Parts that are applied after the field may be any affine ones; those applied
/// before it have to be rigid, and the field's grid moves with them. Throws Fault::input for files that are none of
/// these, several fields, wrong numbers, and places that no image has.
Deformation read_displacement_field(const std::filesystem::path& file);

}  // namespace ytterby::io
