#include "io/dicom/rtstruct.h"

#include <utility>

#include "engine/base/error.h"
#include "engine/base/units.h"
#include "io/dicom/object.h"

namespace ytterby::io {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw Error(Fault::input, file.string() + ": " + what);
}

/// The region's item; regions are told apart by number, and the name has to be there once.
DcmItem& find_region(DcmItem& d, const std::filesystem::path& file, const std::string& roi) {
  DcmItem* found = nullptr;
  std::string names;
  int count = 0;
  for (DcmItem* item : items_of(d, DCM_StructureSetROISequence)) {
    const std::string name = text_of(*item, DCM_ROIName);
    names += (names.empty() ? "\"" : ", \"") + name + "\"";
    if (name != roi) continue;
    found = item;
    ++count;
  }
  if (count > 1) refuse(file, "has the roi \"" + roi + "\" " + std::to_string(count) + " times");
  if (found == nullptr) {
    refuse(file, "has no roi \"" + roi + "\"; there " + (names.empty() ? "is none" : "are " + names));
  }
  return *found;
}

Contour points_of(DcmItem& item, const std::filesystem::path& file, const std::string& roi) {
  const std::vector<double> numbers = numbers_of(item, DCM_ContourData);
  if (numbers.size() % 3 != 0) {
    refuse(file, "roi \"" + roi + "\": ContourData (3006,0050) has " + std::to_string(numbers.size()) +
                     " numbers, needs three for each point");
  }
  Contour contour;
  for (std::size_t i = 0; i < numbers.size(); i += 3) {
    contour.push_back({numbers[i] * cm_per_mm, numbers[i + 1] * cm_per_mm, numbers[i + 2] * cm_per_mm});
  }
  return contour;
}

}  // namespace

DicomContours read_contours(const std::filesystem::path& file, const std::string& roi) {
  if (!std::filesystem::is_regular_file(file)) refuse(file, "no such file");
  const auto object = load_dicom(file);
  if (!object) refuse(file, "is no DICOM file, or truncated");
  DcmDataset& d = *object->getDataset();
  if (const std::string modality = text_of(d, DCM_Modality); modality != "RTSTRUCT") {
    refuse(file, "is of modality \"" + modality + "\", needs to be an RTSTRUCT");
  }
  DcmItem& region = find_region(d, file, roi);
  const std::string number = text_of(region, DCM_ROINumber);
  DicomContours result;
  result.sop_instance = text_of(d, DCM_SOPInstanceUID);
  result.frame_of_reference = text_of(region, DCM_ReferencedFrameOfReferenceUID);
  for (DcmItem* item : items_of(d, DCM_ROIContourSequence)) {
    if (text_of(*item, DCM_ReferencedROINumber) != number) continue;
    for (DcmItem* one : items_of(*item, DCM_ContourSequence)) {
      const std::string type = text_of(*one, DCM_ContourGeometricType);
      if (type != "CLOSED_PLANAR" && type != "CLOSEDPLANAR_XOR") continue;
      try {
        if (Contour c = points_of(*one, file, roi); c.size() >= 3) result.contours.push_back(std::move(c));
      } catch (const Error& error) {
        const std::string what = error.what();
        if (what.starts_with(file.string())) throw;
        refuse(file, "roi \"" + roi + "\": " + what);
      }
    }
  }
  if (result.contours.empty()) refuse(file, "roi \"" + roi + "\" has no closed planar contour");
  return result;
}

}  // namespace ytterby::io
