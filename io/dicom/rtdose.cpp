#include "io/dicom/rtdose.h"

#include <algorithm>
#include <cmath>
#include <ctime>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "engine/base/version.h"
#include "engine/grid/grid_overlap.h"
#include "io/dicom/object.h"
#include "io/system/output_file.h"

namespace ytterby::io {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw Error(Fault::input, path.string() + ": cannot be written: is the disk full?");
}

/// A decimal string: 16 characters at most.
std::string decimal(double value) {
  for (int digits = 15; digits > 0; --digits) {
    if (std::string text = to_text(value, digits); text.size() <= 16) return text;
  }
  return "0";
}

class Writer {
 public:
  Writer(DcmItem& item, const std::filesystem::path& path) : item_(item), path_(path) {}
  void put(const DcmTagKey& key, const std::string& text) {
    if (item_.putAndInsertString(key, text.c_str()).bad()) fail(path_);
  }
  void count(const DcmTagKey& key, std::size_t value) {
    if (item_.putAndInsertUint16(key, static_cast<Uint16>(value)).bad()) fail(path_);
  }
  void decimals(const DcmTagKey& key, const std::vector<double>& values) {
    std::string text;
    for (const double v : values) text += (text.empty() ? "" : "\\") + decimal(v);
    put(key, text);
  }
  /// One item of a reference sequence.
  void reference(const DcmTagKey& key, const std::string& sop_class, const std::string& sop_instance) {
    DcmItem* item = nullptr;
    if (item_.findOrCreateSequenceItem(key, item, -2).bad()) fail(path_);
    item->putAndInsertString(DCM_ReferencedSOPClassUID, sop_class.c_str());
    item->putAndInsertString(DCM_ReferencedSOPInstanceUID, sop_instance.c_str());
  }

 private:
  DcmItem& item_;
  const std::filesystem::path& path_;
};

std::string new_uid() {
  std::array<char, 100> uid{};
  dcmGenerateUniqueIdentifier(uid.data());
  return uid.data();
}

std::string or_new(const std::string& uid) { return uid.empty() ? new_uid() : uid; }

/// "YYYYMMDDHHMMSS", UTC.
std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%Y%m%d%H%M%S", &parts)};
}

void put_identity(Writer& w, const PatientReferences& patient, const std::string& description) {
  w.put(DCM_SOPClassUID, UID_RTDoseStorage);
  w.put(DCM_SOPInstanceUID, new_uid());
  w.put(DCM_Modality, "RTDOSE");
  w.put(DCM_Manufacturer, "Ytterby");
  w.put(DCM_ManufacturerModelName, "ytterby");
  w.put(DCM_SoftwareVersions, std::string(program_version()));
  const std::string time = now();
  w.put(DCM_InstanceCreationDate, time.substr(0, 8));
  w.put(DCM_InstanceCreationTime, time.substr(8));
  w.put(DCM_SeriesDescription, description);
  for (const DcmTagKey& empty :
       {DCM_PatientName, DCM_PatientID, DCM_PatientBirthDate, DCM_PatientSex, DCM_StudyDate, DCM_StudyTime,
        DCM_AccessionNumber, DCM_ReferringPhysicianName, DCM_StudyID, DCM_SeriesNumber, DCM_InstanceNumber,
        DCM_OperatorsName, DCM_PositionReferenceIndicator}) {
    w.put(empty, "");
  }
  w.put(DCM_StudyInstanceUID, or_new(patient.study));
  w.put(DCM_SeriesInstanceUID, new_uid());
  w.put(DCM_FrameOfReferenceUID, or_new(patient.frame.uid));
  if (!patient.ct_class.empty()) {
    for (const std::string& uid : patient.ct_instances) w.reference(DCM_ReferencedImageSequence, patient.ct_class, uid);
  }
  if (!patient.structure_set.empty()) {
    w.reference(DCM_ReferencedStructureSetSequence, UID_RTStructureSetStorage, patient.structure_set);
  }
}

void put_links(Writer& w, const RtdoseLinks& links) {
  if (!links.plan.empty()) w.reference(DCM_ReferencedRTPlanSequence, UID_RTPlanStorage, links.plan);
  if (!links.identity) return;
  const PatientIdentity& who = *links.identity;
  w.put(DCM_SpecificCharacterSet, "ISO_IR 192");
  w.put(DCM_PatientName, who.name);
  w.put(DCM_PatientID, who.id);
  w.put(DCM_PatientBirthDate, who.birth_date);
  w.put(DCM_PatientSex, who.sex);
  w.put(DCM_StudyDate, who.study_date);
  w.put(DCM_StudyTime, who.study_time);
  w.put(DCM_StudyID, who.study_id);
  w.put(DCM_AccessionNumber, who.accession_number);
  w.put(DCM_ReferringPhysicianName, who.referring_physician);
}

/// DoseComment holds 64 characters, ImageComments 10240.
void put_warnings(Writer& w, const Warnings& warnings) {
  if (warnings.empty()) return;
  std::string codes;
  for (const Warning& warning : warnings) {
    if (codes.find(warning.code) == std::string::npos) codes += (codes.empty() ? "" : ", ") + warning.code;
  }
  const std::size_t n = warnings.size();
  const std::string comment = std::to_string(n) + (n == 1 ? " warning: " : " warnings: ") + codes;
  w.put(DCM_DoseComment, comment.size() <= 64 ? comment : comment.substr(0, 61) + "...");
  w.put(DCM_ImageComments, "Warnings: " + warnings_in_short(warnings).substr(0, 10'000));
}

void put_geometry(Writer& w, const Grid& grid) {
  const auto in_mm = [](const Vector3& v) { return std::vector<double>{10 * v[0], 10 * v[1], 10 * v[2]}; };
  const Vector3 x = axis_vector(grid, 0), y = axis_vector(grid, 1);
  w.decimals(DCM_ImagePositionPatient, in_mm(grid.origin));
  w.decimals(DCM_ImageOrientationPatient, {x[0], x[1], x[2], y[0], y[1], y[2]});
  w.decimals(DCM_PixelSpacing, {grid.spacing[1] / cm_per_mm, grid.spacing[0] / cm_per_mm});
  w.decimals(DCM_SliceThickness, {grid.spacing[2] / cm_per_mm});
  std::vector<double> offsets;
  for (int z = 0; z < grid.shape[2]; ++z) offsets.push_back(z * grid.spacing[2] / cm_per_mm);
  w.decimals(DCM_GridFrameOffsetVector, offsets);
  w.put(DCM_NumberOfFrames, std::to_string(grid.shape[2]));
  w.put(DCM_FrameIncrementPointer, "(3004,000c)");
  w.count(DCM_Rows, static_cast<std::size_t>(grid.shape[1]));
  w.count(DCM_Columns, static_cast<std::size_t>(grid.shape[0]));
}

/// Integers, and the Gy that one of them stands for as it is written.
std::vector<Uint16> quantised(const std::vector<float>& dose, std::string& scaling) {
  constexpr double most = 4294967295.0;
  float highest = 0;
  for (const float d : dose) highest = std::max(highest, d);  // NaN is never greater
  const double exact = highest > 0 ? static_cast<double>(highest) / most : 1;
  scaling = decimal(exact * (1 + 1e-9));  // rounded up, so that the highest fits
  const double scale = *parse_number(scaling);
  std::vector<Uint16> words;
  words.reserve(2 * dose.size());
  for (const float d : dose) {
    const double steps = d > 0 ? std::min(std::round(static_cast<double>(d) / scale), most) : 0.0;
    const auto value = static_cast<std::uint32_t>(steps);
    words.push_back(static_cast<Uint16>(value & 0xffff));
    words.push_back(static_cast<Uint16>(value >> 16));
  }
  return words;
}

void put_pixels(DcmItem& item, Writer& w, const std::vector<float>& dose, DoseType type,
                const std::filesystem::path& path) {
  std::string scaling;
  const std::vector<Uint16> words = quantised(dose, scaling);
  w.count(DCM_SamplesPerPixel, 1);
  w.put(DCM_PhotometricInterpretation, "MONOCHROME2");
  w.count(DCM_BitsAllocated, 32);
  w.count(DCM_BitsStored, 32);
  w.count(DCM_HighBit, 31);
  w.count(DCM_PixelRepresentation, 0);
  w.put(DCM_DoseUnits, "GY");
  w.put(DCM_DoseType, type == DoseType::physical ? "PHYSICAL" : "ERROR");
  w.put(DCM_DoseSummationType, "PLAN");
  w.put(DCM_TissueHeterogeneityCorrection, "IMAGE");
  w.put(DCM_DoseGridScaling, scaling);
  if (words.size() > 0x7fffffff / 2)
    throw Error(Fault::input, path.string() + ": the dose is too large for DICOM (2 GiB)");
  if (item.putAndInsertUint16Array(DCM_PixelData, words.data(), words.size()).bad()) fail(path);
}

/// DCMTK does not notice that its last block was not taken.
bool is_on_disk(const std::filesystem::path& path, const DcmItem& written) {
  DcmFileFormat found;
  return found.loadFile(path.string().c_str()).good() && found.loadAllDataIntoMemory().good() &&
         found.getDataset()->compare(written) == 0;
}

}  // namespace

Image<float> in_patient_order(const Image<float>& image) {
  const Grid& from = image.grid;
  std::array<std::size_t, 3> source{};
  std::array<bool, 3> used{};
  std::array<int, 3> sign{1, 1, 1};
  for (std::size_t a : {2U, 1U, 0U}) {
    double best = -1;
    for (std::size_t s = 0; s < 3; ++s) {
      const double along = from.direction[3 * a + s];
      if (used[s] || std::abs(along) <= best) continue;
      best = std::abs(along);
      source[a] = s;
      sign[a] = along < 0 ? -1 : 1;
    }
    used[source[a]] = true;
  }
  Image<float> to{from, std::vector<float>(image.values.size())};
  Vector3 first{0, 0, 0};
  for (std::size_t a = 0; a < 3; ++a) {
    to.grid.shape[a] = from.shape[source[a]];
    to.grid.spacing[a] = from.spacing[source[a]];
    first[source[a]] = sign[a] > 0 ? 0 : from.shape[source[a]] - 1;
    for (std::size_t row = 0; row < 3; ++row)
      to.grid.direction[3 * row + a] = sign[a] * from.direction[3 * row + source[a]] + 0.0;
  }
  to.grid.origin = position(from, first[0], first[1], first[2]);
  std::array<int, 3> at{};
  std::size_t i = 0;
  for (int z = 0; z < to.grid.shape[2]; ++z) {
    for (int y = 0; y < to.grid.shape[1]; ++y) {
      for (int x = 0; x < to.grid.shape[0]; ++x) {
        const std::array<int, 3> index{x, y, z};
        for (std::size_t a = 0; a < 3; ++a) at[source[a]] = static_cast<int>(first[source[a]]) + sign[a] * index[a];
        to.values[i++] = image.values[from.index(at[0], at[1], at[2])];
      }
    }
  }
  return to;
}

void write_rtdose(const std::filesystem::path& path, const Image<float>& dose, DoseType type,
                  const PatientReferences& patient, const std::string& description, const Warnings& warnings,
                  const RtdoseLinks& links) {
  prepare_dcmtk();
  const Image<float> ordered = in_patient_order(dose);
  DcmFileFormat file;
  Writer w(*file.getDataset(), path);
  put_identity(w, patient, description);
  put_links(w, links);
  put_warnings(w, warnings);
  put_geometry(w, ordered.grid);
  put_pixels(*file.getDataset(), w, ordered.values, type, path);
  OutputFile(path).write(
      [&](const std::filesystem::path& temporary) {
        if (file.saveFile(temporary.string().c_str(), EXS_LittleEndianExplicit).bad()) fail(path);
      },
      [&](const std::filesystem::path& temporary) { return is_on_disk(temporary, *file.getDataset()); });
}

}  // namespace ytterby::io
