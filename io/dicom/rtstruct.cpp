#include "io/dicom/rtstruct.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "io/dicom/object.h"

namespace ytterby::io {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw Error(Fault::input, file.string() + ": " + what);
}

/// A region of the structure set, with the items that hold its contours.
struct Region {
  DcmItem* item = nullptr;
  std::string name, number;
  std::vector<DcmItem*> contours;
  std::string undecided;         // regions of one number, of which the file does not say whose the contours are
  std::string without_contours;  // regions of the same number that have none
};

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    list += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + ("\"" + names[i] + "\"");
  }
  return list;
}

/// A number that several regions have says whose contours an item holds in one case alone: where it is the only item of
/// that number, and stands in its sequence where one of them stands in its own.
void give_shared(const std::vector<DcmItem*>& items, const std::string& number, std::vector<Region>& regions) {
  std::vector<std::size_t> owners, at;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    if (regions[i].number == number) owners.push_back(i);
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (text_of(*items[i], DCM_ReferencedROINumber) == number) at.push_back(i);
  }
  const bool decided = at.size() == 1 && std::find(owners.begin(), owners.end(), at.front()) != owners.end();
  std::vector<std::string> all, others;
  for (const std::size_t i : owners) {
    all.push_back(regions[i].name);
    if (decided && i != at.front()) others.push_back(regions[i].name);
  }
  if (decided) {
    Region& owner = regions[at.front()];
    owner.contours = items_of(*items[at.front()], DCM_ContourSequence);
    owner.without_contours = joined(others);
  } else {
    for (const std::size_t i : owners) regions[i].undecided = joined(all);
  }
}

std::vector<Region> regions_of(DcmItem& d) {
  std::vector<Region> regions;
  for (DcmItem* item : items_of(d, DCM_StructureSetROISequence)) {
    regions.push_back({item, name_text_of(d, *item, DCM_ROIName), text_of(*item, DCM_ROINumber), {}, {}, {}});
  }
  const std::vector<DcmItem*> items = items_of(d, DCM_ROIContourSequence);
  std::set<std::string> shared;
  for (DcmItem* item : items) {
    const std::string number = text_of(*item, DCM_ReferencedROINumber);
    const auto is_owner = [&](const Region& region) { return region.number == number; };
    const auto owner = std::find_if(regions.begin(), regions.end(), is_owner);
    if (owner == regions.end()) continue;
    if (std::any_of(owner + 1, regions.end(), is_owner)) {
      if (shared.insert(number).second) give_shared(items, number, regions);
      continue;
    }
    for (DcmItem* one : items_of(*item, DCM_ContourSequence)) owner->contours.push_back(one);
  }
  return regions;
}

const Region& find_region(const std::vector<Region>& regions, const std::filesystem::path& file,
                          const NameOrNumber& roi) {
  std::vector<const Region*> found;
  std::string names, numbers;
  for (const Region& region : regions) {
    names += (names.empty() ? "\"" : ", \"") + region.name + "\"";
    numbers += (numbers.empty() ? "" : ", ") + region.number;
    if (!roi.name.empty() && region.name == roi.name) found.push_back(&region);
  }
  for (const Region& region : regions) {
    if ((found.empty() || roi.name.empty()) && region.number == roi.digits()) found.push_back(&region);
  }
  if (found.empty()) {
    refuse(file, "has no roi " + to_text(roi) + "; there " +
                     (names.empty() ? "is none" : "are " + names + " of the numbers " + numbers));
  }
  for (const Region* region : found) {
    if (region->undecided.empty()) continue;
    refuse(file, "has the ROINumber " + region->number + " for " + region->undecided +
                     ": whose contours are which is not said, needs a number of its own for each (export it anew)");
  }
  if (found.size() == 1) return *found.front();
  std::vector<const Region*> filled;
  numbers.clear();
  for (const Region* region : found) {
    if (region->contours.empty()) continue;
    filled.push_back(region);
    numbers += (numbers.empty() ? "" : " or ") + region->number;
  }
  if (filled.size() > 1) {
    refuse(file, "has the roi " + to_text(roi) + " " + std::to_string(filled.size()) +
                     " times, needs to be given by number: roi = " + numbers);
  }
  return filled.empty() ? *found.front() : *filled.front();
}

Contour points_of(DcmItem& item) {
  const std::vector<double> numbers = numbers_of(item, DCM_ContourData);
  if (numbers.size() % 3 != 0) {
    throw Error(Fault::input, "ContourData (3006,0050) has " + std::to_string(numbers.size()) +
                                  " numbers, needs three for each point");
  }
  const auto stated = count_of(item, DCM_NumberOfContourPoints);
  if (stated && static_cast<std::size_t>(*stated) * 3 > numbers.size()) {
    throw Error(Fault::input, "has " + std::to_string(numbers.size() / 3) + " points of " + std::to_string(*stated) +
                                  " that NumberOfContourPoints (3006,0046) says: cut off?");
  }
  for (const double offset : numbers_of(item, DCM_RETIRED_ContourOffsetVector)) {
    if (offset != 0) throw Error(Fault::input, "ContourOffsetVector (3006,0045) is not 0, which is not read");
  }
  Contour contour;
  for (std::size_t i = 0; i < numbers.size(); i += 3) {
    contour.push_back({numbers[i] * cm_per_mm, numbers[i + 1] * cm_per_mm, numbers[i + 2] * cm_per_mm});
  }
  return contour;
}

enum class Meaning { closed, as_closed, other };

Meaning meaning_of(const std::string& type) {
  if (type == "CLOSED_PLANAR" || type == "CLOSEDPLANAR_XOR") return Meaning::closed;
  const bool nearly = type.empty() || type == "INTERPOLATED_PLANAR" || type == "OPEN_PLANAR";
  return nearly ? Meaning::as_closed : Meaning::other;
}

std::string called(const std::string& type) { return type.empty() ? "no type" : "type " + type.substr(0, 40); }

/// Reads the contours; counts those that are not simply closed by their type.
void read_region(const Region& region, DicomContours& result, std::map<std::string, double>& as_closed,
                 std::map<std::string, double>& left_out) {
  std::size_t xored = 0, number = 0;
  for (DcmItem* one : region.contours) {
    ++number;
    const std::string type = code_of(*one, DCM_ContourGeometricType);
    const Meaning meaning = meaning_of(type);
    if (meaning == Meaning::other) {
      ++left_out[called(type)];
      continue;
    }
    Contour contour;
    try {
      contour = points_of(*one);
    } catch (const Error& error) {
      throw Error(error.fault(), "contour " + std::to_string(number) + " of " + std::to_string(region.contours.size()) +
                                     ": " + error.what());
    }
    if (contour.size() < 3) {
      ++left_out["fewer than 3 points"];
      continue;
    }
    if (meaning == Meaning::as_closed) ++as_closed[called(type)];
    xored += type == "CLOSEDPLANAR_XOR" ? 1 : 0;
    result.contours.push_back(std::move(contour));
  }
  if (xored > 0 && xored < result.contours.size()) {
    throw Error(Fault::input, "has contours of type CLOSEDPLANAR_XOR beside others, which no rule combines");
  }
  if (xored > 0) result.within = Within::odd;
}

std::string count_of_contours(double n) { return to_text(n, 9) + (n == 1 ? " contour of " : " contours of "); }

}  // namespace

DicomContours read_contours(const std::filesystem::path& file, const NameOrNumber& roi) {
  if (!std::filesystem::is_regular_file(file)) refuse(file, "no such file");
  const auto object = load_dicom(file);
  if (!object) refuse(file, "is no DICOM file");
  DcmDataset& d = *object->getDataset();
  if (const std::string modality = text_of(d, DCM_Modality); modality != "RTSTRUCT") {
    refuse(file, "is of modality \"" + modality + "\", needs to be an RTSTRUCT");
  }
  const std::vector<Region> regions = regions_of(d);
  const Region& region = find_region(regions, file, roi);
  const std::string place = file.string() + ": roi \"" + region.name + "\": ";
  DicomContours result;
  result.name = region.name;
  result.sop_instance = text_of(d, DCM_SOPInstanceUID);
  result.frame_of_reference = text_of(*region.item, DCM_ReferencedFrameOfReferenceUID);
  std::map<std::string, double> as_closed, left_out;
  try {
    read_region(region, result, as_closed, left_out);
  } catch (const Error& error) {
    throw Error(error.fault(), place + error.what());
  }
  if (result.contours.empty()) {
    std::string what;
    for (const auto& [type, n] : left_out) what += (what.empty() ? "; it has " : ", ") + count_of_contours(n) + type;
    throw Error(Fault::input, place + "has no closed planar contour" + what);
  }
  if (!region.without_contours.empty()) {
    result.warnings.push_back({"roi-number-shared",
                               WarningClass::wrong_dose,
                               place + "its ROINumber " + region.number + " is that of " + region.without_contours +
                                   " too; by their order in the file the contours are this one's",
                               {}});
  }
  for (const auto& [type, n] : as_closed) {
    result.warnings.push_back({"contour-type",
                               WarningClass::note,
                               place + count_of_contours(n) + type + " read as closed",
                               {{"contours", n}}});
  }
  for (const auto& [type, n] : left_out) {
    const bool volume = type.starts_with("type") && type != "type POINT";
    result.warnings.push_back({"contour-left-out",
                               volume ? WarningClass::wrong_dose : WarningClass::note,
                               place + count_of_contours(n) + type + " left out",
                               {{"contours", n}}});
  }
  return result;
}

}  // namespace ytterby::io
