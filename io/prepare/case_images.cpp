#include "io/prepare/case_images.h"

#include <algorithm>
#include <cmath>

#include "engine/base/numbers.h"
#include "engine/grid/grid_overlap.h"
#include "io/dicom/nm/planar.h"
#include "io/dicom/one_object.h"
#include "io/dicom/registration.h"
#include "io/dicom/rtstruct.h"
#include "io/dicom/seg.h"
#include "io/images/input_hash.h"
#include "io/images/rigid_transform.h"
#include "io/system/sha256.h"

namespace ytterby::io {
namespace {

const std::vector<std::string> ct_modalities{"CT"}, emission_modalities{"PT", "NM"};

/// A reader's warnings, in the case's words for files.
void take(const Warnings& more, const std::filesystem::path& path, const std::string& written, Remarks& remarks) {
  for (Warning warning : more) {
    if (warning.text.starts_with(path.string())) warning.text.replace(0, path.string().size(), written);
    remarks.warnings.push_back(std::move(warning));
  }
}

DicomImage read_chosen(const std::filesystem::path& path, const std::string& written, const std::string& series,
                       const std::vector<std::string>& modalities, CtNumbers numbers, Remarks& remarks,
                       const NmChoice& choice = {}) {
  DicomImage image = read_series(choose_series(path, series, modalities), numbers, choice);
  take(image.warnings, path, written, remarks);
  return image;
}

/// Puts an image of another frame of reference into the CT's by its transform. Images of one frame combine without
/// asking, and those without one are in the CT's.
void place_in_frame(const CaseFile& c, const std::string& file, const std::string& uid, const std::string& transform,
                    Remarks& remarks, Grid& grid) {
  if (deforms(c, transform)) return;  // its caller does
  if (!transform.empty()) {
    grid = transform_of(c, transform, uid, remarks)(grid);
    return;
  }
  PatientFrame& frame = remarks.patient.frame;
  if (uid.empty() || uid == frame.uid) return;
  if (!frame.uid.empty()) {
    throw Error(Fault::input,
                file + " is of frame of reference " + uid + ", " + frame.file + " of " + frame.uid +
                    ": needs transform = \"file.tfm\" (or a DICOM registration), or images registered to one frame");
  }
  frame.uid = uid;
  frame.file = file;
}

std::string describe(const DicomOrigin& origin, const Grid& grid) {
  std::string size;
  for (std::size_t a = 0; a < 3; ++a) size += (a == 0 ? "" : " x ") + std::to_string(grid.shape[a]);
  std::string spacing;
  for (std::size_t a = 0; a < 3; ++a) spacing += (a == 0 ? "" : " x ") + to_text(10 * grid.spacing[a], 5);
  return origin.modality + " series" + (origin.series_uid.empty() ? "" : " " + origin.series_uid) + ": " + size +
         " voxels of " + spacing + " mm";
}

/// A hole that sticks out of its surroundings is no hole by the rule: told by how much volume hangs on it.
Warning of_overlaps(const ContourMask& mask, const std::string& place) {
  constexpr double much = 0.02;  // of the volume
  const auto n = static_cast<double>(mask.counts.overlapping);
  double volume = 0;
  for (const float share : mask.inside.values) volume += static_cast<double>(share);
  volume *= mask.inside.grid.voxel_volume();
  const double odd = volume - mask.beyond_odd;
  const std::string text = place + to_text(n, 9) + " contours overlap others in part, united";
  if (!(std::abs(mask.beyond_odd) > much * volume))
    return {"contours-overlap", WarningClass::note, text, {{"contours", n}}};
  return {"contours-overlap",
          WarningClass::wrong_dose,
          text + ": " + to_text(volume, 4) + " mL, which would be " + to_text(odd, 4) +
              " mL with what they share left out; a hole needs to lie within its contour",
          {{"contours", n}, {"united_mL", volume}, {"exclusive_or_mL", odd}}};
}

/// What contours had about them.
void warn_of_contours(const ContourMask& mask, const std::string& place, const Grid& grid, Remarks& remarks) {
  Warnings warnings;
  double open = 0, filled = 0;
  std::string where;
  for (const MissingPlanes& m : mask.missing) {
    (m.filled ? filled : open) += m.volume;
    if (where.empty() || (!m.filled && open == m.volume)) {
      where = " between " + to_text(m.low_mm, 6) + " and " + to_text(m.high_mm, 6) + " mm";
    }
  }
  if (open > 0) {
    warnings.push_back({"planes-missing",
                        WarningClass::wrong_dose,
                        place + "planes are missing inside it (first" + where + "): " + to_text(open, 3) +
                            " mL left out; fill_gaps = true fills them",
                        {{"volume_mL", open}}});
  } else if (filled > 0) {
    warnings.push_back({"planes-filled",
                        WarningClass::note,
                        place + "planes are missing inside it (first" + where + "): " + to_text(filled, 3) +
                            " mL filled from their neighbours",
                        {{"volume_mL", filled}}});
  }
  if (mask.counts.identical > 0) {
    const auto n = static_cast<double>(mask.counts.identical);
    warnings.push_back(
        {"contour-twice",
         WarningClass::note,
         place + to_text(n, 9) + (n == 1 ? " contour is" : " contours are") + " there twice, counted once",
         {{"contours", n}}});
  }
  if (mask.counts.overlapping > 0) warnings.push_back(of_overlaps(mask, place));
  if (mask.departure_mm > 0) {
    warnings.push_back({"planes-uneven",
                        WarningClass::note,
                        place + "its planes depart from even steps of " + to_text(mask.step_mm, 6) + " mm by up to " +
                            to_text(mask.departure_mm, 3) + " mm, taken as even",
                        {{"step_mm", mask.step_mm}, {"departure_mm", mask.departure_mm}}});
  }
  const double slices = mask.step_mm / mask.slice_mm;
  if (same_grid(mask.grid, grid) && slices > 1.5) {
    warnings.push_back({"planes-far-apart",
                        WarningClass::note,
                        place + "its contours lie every " + to_text(slices, 3) + " slices of the CT, " +
                            to_text(mask.step_mm, 4) + " mm apart: each stands for as much",
                        {{"step_mm", mask.step_mm}}});
  }
  if (mask.alone > 0) {
    const auto n = static_cast<double>(mask.alone);
    warnings.push_back({"planes-alone",
                        WarningClass::note,
                        place + to_text(n, 9) + (n == 1 ? " plane of contours shares" : " planes of contours share") +
                            " less than a third with a neighbour: islands of one slice of the CT, " +
                            to_text(mask.slice_mm, 4) + " mm",
                        {{"planes", n}, {"slice_mm", mask.slice_mm}}});
  }
  take(warnings, {}, "", remarks);
}

/// Segments of one layered file, united.
Image<float> read_slicer_segments(const CaseFile& c, const StructureEntry& s, Remarks& remarks) {
  if (s.fill_gaps) throw Error(Fault::input, s.seg + " has no missing frames: fill_gaps goes with DICOM alone");
  Image<float> inside;
  for (const NameOrNumber& segment : s.segment) {
    Image<float> one = read_slicer_segment(c.path_of(s.seg), segment.digits());
    if (inside.values.empty()) {
      inside = std::move(one);
      continue;
    }
    for (std::size_t i = 0; i < inside.values.size(); ++i) inside.values[i] = std::max(inside.values[i], one.values[i]);
  }
  place_in_frame(c, s.seg, "", s.transform, remarks, inside.grid);
  return inside;
}

std::string list_of(const std::vector<NameOrNumber>& names) {
  std::string list;
  for (const NameOrNumber& one : names) list += (list.empty() ? "" : ", ") + to_text(one);
  return list;
}

}  // namespace

Affine affine_of(const std::string& word) {
  if (word.empty()) return Affine::agreed;
  return word == "sform" ? Affine::sform : Affine::qform;
}

Warn collect(Remarks& remarks, const std::string& name) {
  return [&remarks, name](const Warning& warning) {
    if (warning.code == "length-unit-unstated") {
      remarks.without_unit.push_back(name);
    } else {
      remarks.warnings.push_back(warning);
    }
  };
}

bool deforms(const CaseFile& c, const std::string& transform) {
  const std::filesystem::path path = c.path_of(transform);
  return !transform.empty() && !std::filesystem::is_directory(path) && is_displacement_field(path);
}

RigidTransform transform_of(const CaseFile& c, const std::string& transform, const std::string& uid,
                            const Remarks& remarks) {
  const std::filesystem::path path = one_object(c.path_of(transform), "REG");
  return is_registration(path) ? read_registration(path, uid, remarks.patient.frame.uid) : read_transform(path);
}

Image<float> read_ct(const CaseFile& c, Remarks& remarks) {
  const MediumSection& m = *c.medium;
  const std::filesystem::path path = c.path_of(m.ct);
  if (!is_dicom(path)) {
    if (!m.series.empty()) throw Error(Fault::input, m.ct + " is no DICOM, series does not go with it");
    return read_image(path, collect(remarks, m.ct), affine_of(m.affine));
  }
  const CtNumbers numbers = m.accept_CT_numbers ? CtNumbers::insisted : CtNumbers::stated;
  DicomImage ct = read_chosen(path, m.ct, m.series, ct_modalities, numbers, remarks);
  remarks.notes.push_back(m.ct + ": " + describe(ct.origin, ct.image.grid));
  remarks.patient.frame = {ct.origin.frame_of_reference, m.ct};
  remarks.patient.study = ct.origin.study_uid;
  remarks.patient.ct_series = ct.origin.series_uid;
  for (const DicomReference& r : ct.origin.references) {
    remarks.patient.ct_class = r.sop_class;
    if (!r.sop_class.empty() && !r.sop_instance.empty()) remarks.patient.ct_instances.push_back(r.sop_instance);
  }
  return {ct.image.grid, {ct.image.values.begin(), ct.image.values.end()}};
}

CaseImage read_emission_image(const CaseFile& c, const EmissionImage& a, Remarks& remarks) {
  const std::filesystem::path path = c.path_of(a.image);
  CaseImage result;
  std::string uid;
  if (is_dicom(path)) {
    DicomImage read = read_chosen(path, a.image, a.series, emission_modalities, CtNumbers::stated, remarks,
                                  {a.energy_window, a.detector, a.time_slot});
    if (read.origin.modality != "NM" && (!a.energy_window.empty() || a.detector || a.time_slot)) {
      throw Error(Fault::input, a.image + " is of modality " + read.origin.modality +
                                    ": energy_window, detector and time_slot go with NM");
    }
    remarks.notes.push_back(a.image + ": " + describe(read.origin, read.image.grid));
    uid = read.origin.frame_of_reference;
    result = {std::move(read.image), std::move(read.origin)};
  } else {
    if (!a.series.empty()) throw Error(Fault::input, a.image + " is no DICOM, series does not go with it");
    result.image = read_image_double(path, collect(remarks, a.image), affine_of(a.affine));
  }
  place_in_frame(c, a.image, uid, a.transform, remarks, result.image.grid);
  return result;
}

ContourMask read_rtstruct(const CaseFile& c, const StructureEntry& s, const Grid& grid, Remarks& remarks) {
  const std::filesystem::path path = c.path_of(s.rtstruct);
  if (deforms(c, s.transform)) {
    throw Error(Fault::input, s.rtstruct + ": contours are not deformed by a displacement field (" + s.transform +
                                  "): export them as a mask");
  }
  const std::filesystem::path file = one_object(path, "RTSTRUCT");
  std::vector<ContourRegion> regions;
  for (const NameOrNumber& roi : s.roi) {
    DicomContours read = read_contours(file, roi);
    take(read.warnings, path, s.rtstruct, remarks);
    if (s.transform.empty()) {
      Grid none;
      place_in_frame(c, s.rtstruct, read.frame_of_reference, "", remarks, none);
    } else {
      const RigidTransform transform = transform_of(c, s.transform, read.frame_of_reference, remarks);
      for (Contour& contour : read.contours) {
        for (Vector3& point : contour) point = transform(point);
      }
    }
    remarks.patient.structure_set = read.sop_instance;
    regions.push_back(std::move(read));
  }
  const std::string place = s.rtstruct + ": roi " + list_of(s.roi) + ": ";
  ContourMask mask =
      at_place(place, [&] { return rasterise_regions(regions, grid, s.fill_gaps ? GapRule::fill : GapRule::leave); });
  warn_of_contours(mask, place, grid, remarks);
  return mask;
}

Image<float> read_seg(const CaseFile& c, const StructureEntry& s, const Grid& grid, Remarks& remarks) {
  const std::filesystem::path path = c.path_of(s.seg);
  if (const std::string ending = path.extension().string(); ending == ".nrrd" || ending == ".nhdr") {
    return read_slicer_segments(c, s, remarks);
  }
  SegmentRequest request;
  request.segments = s.segment;
  // Frames of an object that is moved lie on the slices of another image.
  request.image = s.transform.empty() ? &grid : nullptr;
  request.gaps = s.fill_gaps ? GapRule::fill : GapRule::leave;
  DicomSegment read = read_segment(one_object(path, "SEG"), request);
  take(read.warnings, path, s.seg, remarks);
  place_in_frame(c, s.seg, read.frame_of_reference, s.transform, remarks, read.inside.grid);
  return std::move(read.inside);
}

std::string hash_of_input(const CaseFile& c, const CaseInput& input) {
  const std::filesystem::path path = c.path_of(input.name);
  if (!std::filesystem::is_directory(path)) return sha256_of_file(path);
  if (input.single_object) return sha256_of_file(one_object(path, input.modalities.front()));
  std::vector<std::string> hashes;
  for (const std::filesystem::path& file : input.every_series
                                               ? planar_files(path, input.series)
                                               : choose_series(path, input.series, input.modalities).files) {
    hashes.push_back(sha256_of_file(file));
  }
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());  // a slice that is there twice counts once
  std::string all;
  for (const std::string& hash : hashes) all += hash + "\n";
  return sha256(all);
}

}  // namespace ytterby::io
