#pragma once
// The images that a case names, whatever they come as; for prepare()'s own files.

#include <optional>
#include <string>
#include <vector>

#include "engine/grid/contour_mask.h"
#include "io/case/case_inputs.h"
#include "io/dicom/image.h"
#include "io/images/displacement_field.h"
#include "io/images/image_file.h"
#include "io/images/rigid_transform.h"
#include "io/prepare/parts.h"

namespace ytterby::io {

/// An image, and what DICOM says about it.
struct CaseImage {
  Image<double> image;
  std::optional<DicomOrigin> dicom;
};

/// Takes a reader's warnings; files without a unit of length are gathered into one.
Warn collect(Remarks& remarks, const std::string& name);

/// Which affine of a NIfTI file the case names; empty: they have to agree.
Affine affine_of(const std::string& word);

/// The CT in CT numbers; it sets the patient's frame of reference where it has one.
Image<float> read_ct(const CaseFile& c, Remarks& remarks);

/// An emission image in the file's unit, moved into the CT's frame.
CaseImage read_emission_image(const CaseFile& c, const EmissionImage& a, Remarks& remarks);

/// Whether a section's transform is a displacement field, which moves voxels and no grids.
bool deforms(const CaseFile& c, const std::string& transform);

/// Where `file` moves by the case's transform: an ITK file, or a DICOM Spatial Registration from the frame of reference
/// `uid` (empty: the image states none) to the CT's.
RigidTransform transform_of(const CaseFile& c, const std::string& transform, const std::string& uid,
                            const Remarks& remarks);

/// A structure of an RTSTRUCT, on the lattice of `grid` (the medium's).
ContourMask read_rtstruct(const CaseFile& c, const StructureEntry& s, const Grid& grid, Remarks& remarks);

/// Segments, moved into the CT's frame; `grid` is the medium's, on whose slices frames may lie.
Image<float> read_seg(const CaseFile& c, const StructureEntry& s, const Grid& grid, Remarks& remarks);

/// The hash of what a case names: of a file, or of a folder's chosen series the hash of its files' hashes in ascending
/// order, whatever their names.
std::string hash_of_input(const CaseFile& c, const CaseInput& input);

}  // namespace ytterby::io
