#pragma once
// Who an exported dose belongs to, and which plan: for planning systems that ask for it. Dose files never hold it.

#include <filesystem>
#include <optional>
#include <string>

#include "io/dicom/references.h"

namespace ytterby::io {

/// The patient and study modules of a CT, texts in UTF-8.
struct PatientIdentity {
  std::string name, id, birth_date, sex;
  std::string study_date, study_time, study_id, accession_number, referring_physician;
};

/// What an RTDOSE is given beside what its dose file knows.
struct RtdoseLinks {
  std::optional<PatientIdentity> identity;
  std::string plan;  // SOPInstanceUID of an RT plan; may be empty
};

/// From a slice of the very CT that the dose was computed on, or a folder that has one. Throws Fault::input where there
/// is none, and where the dose's case had no DICOM CT.
PatientIdentity read_identity(const std::filesystem::path& ct, const PatientReferences& dose);

/// SOPInstanceUID of an RT plan. Throws Fault::input where the file is none, or is of another study and another frame
/// of reference than the dose.
std::string read_plan_reference(const std::filesystem::path& plan, const PatientReferences& dose);

}  // namespace ytterby::io
