#include "io/dicom/identity.h"

#include <memory>
#include <system_error>
#include <vector>

#include "engine/base/error.h"
#include "io/dicom/object.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
  throw Error(Fault::input, path.string() + ": " + why);
}

std::vector<fs::path> files_of(const fs::path& path) {
  std::error_code failed;
  if (!fs::is_directory(path, failed)) return {path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied)) {
    if (entry.is_regular_file(failed)) files.push_back(entry.path());
  }
  return files;
}

bool is_of(DcmItem& slice, const PatientReferences& dose) {
  return text_of(slice, DCM_StudyInstanceUID) == dose.study &&
         (dose.ct_series.empty() || text_of(slice, DCM_SeriesInstanceUID) == dose.ct_series);
}

}  // namespace

PatientIdentity read_identity(const fs::path& ct, const PatientReferences& dose) {
  prepare_dcmtk();
  if (dose.study.empty()) refuse(ct, "the dose is of a case without a DICOM CT: nothing says whose it is");
  for (const fs::path& path : files_of(ct)) {
    const std::unique_ptr<DcmFileFormat> file = load_dicom(path);
    if (!file || !is_of(*file->getDataset(), dose)) continue;
    DcmItem& slice = *file->getDataset();
    const auto text = [&](const DcmTagKey& key) { return name_text_of(slice, slice, key); };
    return {text(DCM_PatientName), text(DCM_PatientID),       text(DCM_PatientBirthDate),
            text(DCM_PatientSex),  text(DCM_StudyDate),       text(DCM_StudyTime),
            text(DCM_StudyID),     text(DCM_AccessionNumber), text(DCM_ReferringPhysicianName)};
  }
  refuse(ct, "has no slice of the CT that the dose was computed on (its series and study are in /provenance)");
}

std::string read_plan_reference(const fs::path& plan, const PatientReferences& dose) {
  prepare_dcmtk();
  const std::unique_ptr<DcmFileFormat> file = load_dicom(plan);
  if (!file || text_of(*file->getDataset(), DCM_SOPClassUID) != UID_RTPlanStorage) refuse(plan, "is no RT plan");
  DcmItem& item = *file->getDataset();
  const bool study = !dose.study.empty() && text_of(item, DCM_StudyInstanceUID) == dose.study;
  const bool frame = !dose.frame.uid.empty() && text_of(item, DCM_FrameOfReferenceUID) == dose.frame.uid;
  if (!study && !frame) refuse(plan, "is of another study and another frame of reference than the dose");
  return text_of(item, DCM_SOPInstanceUID);
}

}  // namespace ytterby::io
