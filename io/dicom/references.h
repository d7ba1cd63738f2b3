#pragma once
// The DICOM objects that a dose goes with.

#include <string>
#include <vector>

namespace ytterby::io {

/// Identifies the patient's frame and the objects that a dose goes with; never who the patient is. Empty without DICOM.
struct PatientReferences {
  struct Frame {
    std::string uid;   // FrameOfReferenceUID
    std::string file;  // the image that it comes from, as the case names it
  };
  Frame frame;
  std::string study;                      // StudyInstanceUID of the CT
  std::string ct_series, ct_class;        // SeriesInstanceUID, SOPClassUID
  std::vector<std::string> ct_instances;  // SOPInstanceUIDs
  std::string structure_set;              // SOPInstanceUID
};
using PatientFrame = PatientReferences::Frame;

}  // namespace ytterby::io
