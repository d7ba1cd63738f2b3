#pragma once
// DICOM Spatial Registration: from one frame of reference to another.

#include <filesystem>
#include <string>

#include "io/images/rigid_transform.h"

namespace ytterby::io {

/// Takes points of the moving image's frame to the target's (the CT's). A registration object states, for each frame,
/// the matrix from its points to the object's own frame of reference (PS3.3 C.20.2); several of one frame apply one
/// after the other. `moving` may be empty (an image that is no DICOM) where the object has one frame beside the
/// target's alone. Throws Fault::input naming the frames that there are where one of both is missing, and for matrices
/// that are not rigid.
RigidTransform read_registration(const std::filesystem::path& file, const std::string& moving,
                                 const std::string& target);

/// True for a DICOM file of modality REG.
bool is_registration(const std::filesystem::path& file);

}  // namespace ytterby::io
