#include "io/prepare/case_images.h"

#include <algorithm>

#include "engine/base/numbers.h"
#include "io/dicom/decay.h"
#include "io/dicom/rtstruct.h"
#include "io/dicom/seg.h"
#include "io/images/input_hash.h"
#include "io/images/rigid_transform.h"
#include "io/system/sha256.h"

namespace ytterby::io {
namespace {

const std::vector<std::string> ct_modalities{"CT"}, activity_modalities{"PT", "NM"};

DicomImage read_chosen(const std::filesystem::path& path, const std::string& series,
                       const std::vector<std::string>& modalities) {
  return read_series(choose_series(path, series, modalities));
}

/// Puts an image of another frame of reference into the CT's by its transform. Images of one frame combine without
/// asking, and those without one are in the CT's.
void place_in_frame(const CaseFile& c, const std::string& file, const std::string& uid, const std::string& transform,
                    PatientFrame& frame, Grid& grid) {
  if (!transform.empty()) {
    grid = read_transform(c.path_of(transform))(grid);
    return;
  }
  if (uid.empty() || uid == frame.uid) return;
  if (!frame.uid.empty()) {
    throw Error(Fault::input, file + " is of frame of reference " + uid + ", " + frame.file + " of " + frame.uid +
                                  ": needs transform = \"file.tfm\", or images registered to one frame");
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

Image<float> read_ct(const CaseFile& c, Remarks& remarks) {
  const MediumSection& m = *c.medium;
  const std::filesystem::path path = c.path_of(m.ct);
  if (!is_dicom(path)) {
    if (!m.series.empty()) throw Error(Fault::input, m.ct + " is no DICOM, series does not go with it");
    return read_image(path, collect(remarks, m.ct), affine_of(m.affine));
  }
  DicomImage ct = read_chosen(path, m.series, ct_modalities);
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

CaseImage read_activity_image(const CaseFile& c, Remarks& remarks) {
  const ActivitySection& a = *c.activity;
  const std::filesystem::path path = c.path_of(a.image);
  CaseImage result;
  std::string uid;
  if (is_dicom(path)) {
    DicomImage read = read_chosen(path, a.series, activity_modalities);
    remarks.notes.push_back(a.image + ": " + describe(read.origin, read.image.grid));
    uid = read.origin.frame_of_reference;
    result = {std::move(read.image), std::move(read.origin)};
  } else {
    if (!a.series.empty()) throw Error(Fault::input, a.image + " is no DICOM, series does not go with it");
    result.image = read_image_double(path, collect(remarks, a.image), affine_of(a.affine));
  }
  place_in_frame(c, a.image, uid, a.transform, remarks.patient.frame, result.image.grid);
  return result;
}

ContourMask read_rtstruct(const CaseFile& c, const StructureEntry& s, const Grid& grid, Remarks& remarks) {
  DicomContours read = read_contours(c.path_of(s.rtstruct), s.roi);
  if (s.transform.empty()) {
    Grid none;
    place_in_frame(c, s.rtstruct, read.frame_of_reference, "", remarks.patient.frame, none);
  } else {
    const RigidTransform transform = read_transform(c.path_of(s.transform));
    for (Contour& contour : read.contours) {
      for (Vector3& point : contour) point = transform(point);
    }
  }
  remarks.patient.structure_set = read.sop_instance;
  return at_place(s.rtstruct + ": roi \"" + s.roi + "\": ", [&] { return rasterise(read.contours, grid); });
}

Image<float> read_seg(const CaseFile& c, const StructureEntry& s, Remarks& remarks) {
  if (const std::string ending = std::filesystem::path(s.seg).extension().string();
      ending == ".nrrd" || ending == ".nhdr") {
    Image<float> inside = read_slicer_segment(c.path_of(s.seg), s.segment);
    place_in_frame(c, s.seg, "", s.transform, remarks.patient.frame, inside.grid);
    return inside;
  }
  DicomSegment read = read_segment(c.path_of(s.seg), s.segment);
  place_in_frame(c, s.seg, read.frame_of_reference, s.transform, remarks.patient.frame, read.inside.grid);
  return std::move(read.inside);
}

std::string hash_of_input(const std::filesystem::path& path, const std::string& series,
                          const std::vector<std::string>& modalities) {
  if (!std::filesystem::is_directory(path)) return sha256_of_file(path);
  std::vector<std::string> hashes;
  for (const std::filesystem::path& file : choose_series(path, series, modalities).files) {
    hashes.push_back(sha256_of_file(file));
  }
  std::sort(hashes.begin(), hashes.end());
  std::string all;
  for (const std::string& hash : hashes) all += hash + "\n";
  return sha256(all);
}

}  // namespace ytterby::io
