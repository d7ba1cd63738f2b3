// Enhanced multi-frame CT and PET: each frame becomes a slice.

#include <algorithm>

#include "engine/base/error.h"
#include "io/dicom/slice.h"

namespace ytterby::io {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& what) {
  throw Error(Fault::input, path.string() + ": " + what);
}

/// A functional group, of the frame or shared by all.
DcmItem& group(DcmItem* own, DcmItem* shared, const DcmTagKey& key, const Slice& s) {
  for (DcmItem* from : {own, shared}) {
    if (from == nullptr) continue;
    if (const auto items = items_of(*from, key); !items.empty()) return *items.front();
  }
  refuse(s.file, "frame " + std::to_string(s.frame + 1) + " has no " + name_of(key));
}

DcmItem* optional_group(DcmItem* own, DcmItem* shared, const DcmTagKey& key) {
  for (DcmItem* from : {own, shared}) {
    if (from == nullptr) continue;
    if (const auto items = items_of(*from, key); !items.empty()) return items.front();
  }
  return nullptr;
}

/// Date and time of a DT; the rest of it may be an offset from UTC.
void split(const std::string& date_time, std::string& date, std::string& time, std::string& zone) {
  if (date_time.size() < 8) return;
  date = date_time.substr(0, 8);
  const auto offset = date_time.find_first_of("+-", 8);
  time = date_time.substr(8, offset == std::string::npos ? offset : offset - 8);
  if (offset != std::string::npos) zone = date_time.substr(offset);
}

/// PS3.3 C.8.22.3 in the words of a classic PET (C.8.9.1): where values are corrected, to when.
void read_times(DcmItem& d, DcmItem* content, Slice& s) {
  const auto first_of = [&](std::initializer_list<DcmTagKey> keys) {
    for (const DcmTagKey& key : keys) {
      if (content == nullptr) break;
      if (std::string text = text_of(*content, key); !text.empty()) return text;
    }
    return text_of(d, DCM_AcquisitionDateTime);
  };
  DicomTiming& t = s.timing;
  t.acquisition_date_time.clear();
  split(first_of({DCM_FrameReferenceDateTime, DCM_FrameAcquisitionDateTime}), t.acquisition_date, t.acquisition_time,
        t.zone);
  const std::string corrected = text_of(d, DCM_DecayCorrected), to = text_of(d, DCM_DecayCorrectionDateTime);
  if (corrected.empty()) return;
  t.decay_correction = corrected == "YES" ? "START" : "NONE";
  if (corrected != "YES") return;
  if (to.empty()) refuse(s.file, "is decay corrected and has no " + name_of(DCM_DecayCorrectionDateTime));
  split(to, t.series_date, t.series_time, t.zone);
  // Corrected to that moment, whenever the frame was measured.
  t.acquisition_date = t.series_date;
  t.acquisition_time = t.series_time;
}

/// Bq/mL by the unit of the real-world values (UCUM) or by the rescaling's type, as PET objects of one frame say BQML.
void read_units(DcmItem& d, DcmItem* own, DcmItem* shared, Slice& s) {
  if (!s.units.empty()) return;
  for (DcmItem* from : {own, shared, &d}) {
    if (from == nullptr || items_of(*from, DCM_RealWorldValueMappingSequence).empty()) continue;
    bool line = false;
    for (DcmItem* map : items_of(*from, DCM_RealWorldValueMappingSequence)) {
      line = line || map->tagExists(DCM_RealWorldValueSlope);
      for (DcmItem* code : items_of(*map, DCM_MeasurementUnitsCodeSequence)) s.units = text_of(*code, DCM_CodeValue);
    }
    if (line) take_real_world_values(*from, s);  // else the rescaling is all there is, and the unit is that of it
    break;
  }
  if (s.units.empty()) s.units = s.rescale_type;
  if (s.units == "Bq/ml" || s.units == "Bq/mL") s.units = "BQML";
  s.timing.units = s.units;
}

}  // namespace

std::vector<Slice> read_enhanced(DcmItem& d, const Slice& common, const std::string& modality, CtNumbers numbers) {
  const std::vector<DcmItem*> frames = items_of(d, DCM_PerFrameFunctionalGroupsSequence);
  const std::vector<DcmItem*> all = items_of(d, DCM_SharedFunctionalGroupsSequence);
  DcmItem* const shared = all.empty() ? nullptr : all.front();
  if (frames.size() != static_cast<std::size_t>(common.frames)) {
    refuse(common.file, "describes " + std::to_string(frames.size()) + " frames of " + std::to_string(common.frames));
  }
  std::vector<Slice> slices;
  for (std::size_t f = 0; f < frames.size(); ++f) {
    Slice s = common;
    s.frame = static_cast<int>(f);
    DcmItem* const own = frames[f];
    read_plane(d, group(own, shared, DCM_PixelMeasuresSequence, s), group(own, shared, DCM_PlaneOrientationSequence, s),
               group(own, shared, DCM_PlanePositionSequence, s), s);
    DcmItem* const scale = optional_group(own, shared, DCM_PixelValueTransformationSequence);
    read_rescale(scale == nullptr ? d : *scale, modality, numbers, s);
    if (modality == "PT") {
      read_units(d, own, shared, s);
      read_times(d, optional_group(own, shared, DCM_FrameContentSequence), s);
    }
    slices.push_back(std::move(s));
  }
  return slices;
}

}  // namespace ytterby::io
