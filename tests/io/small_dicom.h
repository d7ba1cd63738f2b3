#pragma once
// Small DICOM objects, written by DCMTK.

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace ytterby::test {

inline const std::string patient_name = "Q7ZZSECRET^PATIENT";
inline const std::string patient_id = "ID-Q7ZZ-4711";

/// An object of which any element can be set; empty text removes none.
class SmallDicom {
 public:
  SmallDicom(const std::string& modality, const char* sop_class, const std::string& uid) {
    set(DCM_Modality, modality);
    set(DCM_SOPClassUID, sop_class);
    set(DCM_SOPInstanceUID, uid);
    set(DCM_SeriesInstanceUID, "1.2.3." + std::to_string(modality[0]));
    set(DCM_StudyInstanceUID, "1.2.3");
    set(DCM_FrameOfReferenceUID, "1.2.3.9");
    set(DCM_PatientName, patient_name);
    set(DCM_PatientID, patient_id);
    set(DCM_PatientBirthDate, "19510203");
  }
  SmallDicom& set(const DcmTagKey& key, const std::string& value) { return set(item(), key, value); }
  SmallDicom& set(DcmItem& in, const DcmTagKey& key, const std::string& value) {
    if (in.putAndInsertString(key, value.c_str()).bad()) throw std::runtime_error("cannot set " + value);
    return *this;
  }
  /// A new item at the end of a sequence.
  DcmItem& append(DcmItem& in, const DcmTagKey& sequence) {
    DcmItem* added = nullptr;
    if (in.findOrCreateSequenceItem(sequence, added, -2).bad()) throw std::runtime_error("no sequence");
    return *added;
  }
  DcmItem& item() { return *file_.getDataset(); }
  /// A plane or stack of unsigned 16-bit pixels of 4 mm.
  SmallDicom& pixels(int columns, int rows, const std::vector<Uint16>& values) {
    for (const auto& [key, n] : std::map<DcmTagKey, int>{{DCM_Columns, columns},
                                                         {DCM_Rows, rows},
                                                         {DCM_SamplesPerPixel, 1},
                                                         {DCM_BitsAllocated, 16},
                                                         {DCM_BitsStored, 16},
                                                         {DCM_HighBit, 15},
                                                         {DCM_PixelRepresentation, 0}}) {
      item().putAndInsertUint16(key, static_cast<Uint16>(n));
    }
    set(DCM_PhotometricInterpretation, "MONOCHROME2").set(DCM_PixelSpacing, "4\\4").set(DCM_SliceThickness, "7");
    item().putAndInsertUint16Array(DCM_PixelData, values.data(), values.size());
    return *this;
  }
  void save(const std::filesystem::path& path) {
    if (file_.saveFile(path.string().c_str(), EXS_LittleEndianExplicit).bad()) throw std::runtime_error("cannot save");
  }

 private:
  DcmFileFormat file_;
};

/// A CT slice of 20 x 20 pixels of 4 mm at (-38, -38, z) mm, of one CT number.
inline SmallDicom ct_slice(double z, int hu = 0) {
  SmallDicom slice("CT", UID_CTImageStorage, "1.2.3.1." + std::to_string(static_cast<int>(1000 + z * 10)));
  slice.pixels(20, 20, std::vector<Uint16>(400, static_cast<Uint16>(hu + 1024)));
  slice.set(DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0")
      .set(DCM_RescaleSlope, "1")
      .set(DCM_RescaleIntercept, "-1024");
  slice.set(DCM_ImagePositionPatient, "-38\\-38\\" + std::to_string(z));
  return slice;
}

/// A PET slice on the same pixels: Y-90, injected at 08:00, series at 10:08, acquired then.
inline SmallDicom pet_slice(double z, const std::string& correction, const std::string& half_life = "230580") {
  SmallDicom slice("PT", UID_PositronEmissionTomographyImageStorage,
                   "1.2.3.2." + std::to_string(static_cast<int>(1000 + z * 10)));
  slice.pixels(20, 20, std::vector<Uint16>(400, 100)).set(DCM_Units, "BQML").set(DCM_DecayCorrection, correction);
  slice.set(DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0").set(DCM_RescaleSlope, "50").set(DCM_RescaleIntercept, "0");
  slice.set(DCM_ImagePositionPatient, "-38\\-38\\" + std::to_string(z));
  slice.set(DCM_SeriesDate, "20260105").set(DCM_SeriesTime, "100800").set(DCM_AcquisitionDate, "20260105");
  slice.set(DCM_AcquisitionTime, "110800.5");
  DcmItem& drug = slice.append(slice.item(), DCM_RadiopharmaceuticalInformationSequence);
  slice.set(drug, DCM_RadiopharmaceuticalStartTime, "080000").set(drug, DCM_RadionuclideHalfLife, half_life);
  return slice;
}

}  // namespace ytterby::test
