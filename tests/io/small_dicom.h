#pragma once
// Small DICOM objects, written by DCMTK.

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
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
  SmallDicom& number(const DcmTagKey& key, int value) {
    item().putAndInsertUint16(key, static_cast<Uint16>(value));
    return *this;
  }
  /// Compressed pixels, a fragment each, to be saved in that transfer syntax.
  SmallDicom& fragments(E_TransferSyntax syntax, std::vector<std::vector<Uint8>> all) {
    auto* sequence = new DcmPixelSequence(DCM_PixelSequenceTag);
    sequence->insert(new DcmPixelItem(DCM_PixelItemTag));  // the offset table
    for (std::vector<Uint8>& one : all) {
      if (one.size() % 2 != 0) one.push_back(0);
      auto* item = new DcmPixelItem(DCM_PixelItemTag);
      item->putUint8Array(one.data(), one.size());
      sequence->insert(item);
    }
    auto* pixels = new DcmPixelData(DCM_PixelData);
    pixels->putOriginalRepresentation(syntax, nullptr, sequence);
    item().insert(pixels, OFTrue);
    return *this;
  }
  void save(const std::filesystem::path& path, E_TransferSyntax syntax = EXS_LittleEndianExplicit) {
    if (file_.saveFile(path.string().c_str(), syntax).bad()) throw std::runtime_error("cannot save");
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

/// A frame of an RLE Lossless object of one byte a sample, all of it literal runs.
inline std::vector<Uint8> rle_frame(const std::vector<Uint8>& bytes) {
  std::vector<Uint8> frame(64);
  frame[0] = 1;   // segments
  frame[4] = 64;  // where the first one begins
  for (std::size_t from = 0; from < bytes.size(); from += 128) {
    const std::size_t n = std::min<std::size_t>(128, bytes.size() - from);
    frame.push_back(static_cast<Uint8>(n - 1));
    frame.insert(frame.end(), bytes.begin() + static_cast<std::ptrdiff_t>(from),
                 bytes.begin() + static_cast<std::ptrdiff_t>(from + n));
  }
  return frame;
}

/// One contour of a region.
struct SmallContour {
  std::string data;  // x\\y\\z\\...
  std::string type = "CLOSED_PLANAR";
};

/// A square of the given half width [mm] about (x, y).
inline std::string square_data(double half, double z, double x = 0, double y = 0) {
  std::string text;
  for (const auto& [dx, dy] : {std::pair{-half, -half}, {half, -half}, {half, half}, {-half, half}}) {
    text +=
        (text.empty() ? "" : "\\") + std::to_string(x + dx) + "\\" + std::to_string(y + dy) + "\\" + std::to_string(z);
  }
  return text;
}

/// A structure set in the frame of reference of ct_slice().
class SmallStructures : public SmallDicom {
 public:
  SmallStructures() : SmallDicom("RTSTRUCT", UID_RTStructureSetStorage, "1.2.3.4") {}
  SmallStructures& add(const std::string& number, const std::string& name, const std::vector<SmallContour>& contours) {
    DcmItem& roi = append(item(), DCM_StructureSetROISequence);
    set(roi, DCM_ROINumber, number).set(roi, DCM_ROIName, name).set(roi, DCM_ReferencedFrameOfReferenceUID, "1.2.3.9");
    DcmItem& all = append(item(), DCM_ROIContourSequence);
    set(all, DCM_ReferencedROINumber, number);
    for (const SmallContour& contour : contours) {
      DcmItem& one = append(all, DCM_ContourSequence);
      if (!contour.type.empty()) set(one, DCM_ContourGeometricType, contour.type);
      set(one, DCM_ContourData, contour.data);
    }
    return *this;
  }
};

/// A frame of a segmentation: its segment (0: of a label map, none) and height [mm].
struct SmallFrame {
  int segment;
  double z;
};

/// A segmentation of 2 mm pixels at (0, 0, z) without pixels yet; segments 1 "lobe" and 2 "tumour".
inline SmallDicom small_seg(const std::string& type, int bits, int columns, int rows,
                            const std::vector<SmallFrame>& frames, const std::string& spacing = "") {
  SmallDicom seg("SEG", UID_SegmentationStorage, "1.2.3.5");
  seg.set(DCM_SegmentationType, type).set(DCM_NumberOfFrames, std::to_string(frames.size()));
  seg.number(DCM_Columns, columns).number(DCM_Rows, rows).number(DCM_SamplesPerPixel, 1);
  seg.number(DCM_BitsAllocated, bits).number(DCM_BitsStored, bits).number(DCM_HighBit, bits - 1);
  seg.number(DCM_PixelRepresentation, 0).set(DCM_PhotometricInterpretation, "MONOCHROME2");
  for (const auto& [number, label] : {std::pair{1, "lobe"}, {2, "tumour"}}) {
    DcmItem& segment = seg.append(seg.item(), DCM_SegmentSequence);
    segment.putAndInsertUint16(DCM_SegmentNumber, static_cast<Uint16>(number));
    seg.set(segment, DCM_SegmentLabel, label);
  }
  DcmItem& shared = seg.append(seg.item(), DCM_SharedFunctionalGroupsSequence);
  seg.set(seg.append(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0");
  DcmItem& measures = seg.append(shared, DCM_PixelMeasuresSequence);
  seg.set(measures, DCM_PixelSpacing, "2\\2").set(measures, DCM_SliceThickness, "1");
  if (!spacing.empty()) seg.set(measures, DCM_SpacingBetweenSlices, spacing);
  for (const SmallFrame& frame : frames) {
    DcmItem& own = seg.append(seg.item(), DCM_PerFrameFunctionalGroupsSequence);
    seg.set(seg.append(own, DCM_PlanePositionSequence), DCM_ImagePositionPatient, "0\\0\\" + std::to_string(frame.z));
    if (frame.segment == 0) continue;
    seg.append(own, DCM_SegmentIdentificationSequence)
        .putAndInsertUint16(DCM_ReferencedSegmentNumber, static_cast<Uint16>(frame.segment));
  }
  return seg;
}

}  // namespace ytterby::test
