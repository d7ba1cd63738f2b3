#pragma once
// RTDOSE: doses for viewers and treatment planning systems.

#include <filesystem>
#include <string>

#include "engine/grid/image.h"
#include "io/dicom/identity.h"
#include "io/dicom/references.h"
#include "io/text/warning.h"

namespace ytterby::io {

/// DoseType of the object: the dose itself, or its standard error.
enum class DoseType { physical, error };

/// Writes dose [Gy] as an RTDOSE object: 32-bit integers of max/(2^32 - 1) Gy each, frame of reference, study and
/// references as the case's images had them (new UIDs where they had none). Axes along the patient's are put in the
/// order and direction that viewers expect; every voxel's centre stays where it is. NaN is written as 0.
/// `warnings` are named in DoseComment and, with their numbers, in ImageComments; their texts, which may name files,
/// stay out. DoseSummationType is PLAN. `links`: whose it is (else PatientName and PatientID are empty) and the RT plan
/// that it refers to.
void write_rtdose(const std::filesystem::path& path, const Image<float>& dose, DoseType type,
                  const PatientReferences& patient, const std::string& description, const Warnings& warnings = {},
                  const RtdoseLinks& links = {});

/// The same voxels with axes permuted and flipped so that each runs along the patient's x, y, z as nearly as it can,
/// and right-handed.
Image<float> in_patient_order(const Image<float>& image);

}  // namespace ytterby::io
