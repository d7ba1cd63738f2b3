// What an image series says about itself as a whole: its corrections, and how many parts it has.

#include <map>
#include <set>

#include "engine/base/error.h"
#include "io/dicom/slice.h"

namespace ytterby::io {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& what) {
  throw Error(Fault::input, path.string() + ": " + what);
}

std::string place_of(const DicomSeries& series, const Slice& s) {
  return (series.files.size() == 1 ? s.file : s.file.parent_path()).string();
}

/// Whether one of an element's values is that word.
bool names(DcmItem& d, const DcmTagKey& key, const std::string& word) {
  return ("\\" + text_of(d, key) + "\\").find("\\" + word + "\\") != std::string::npos;
}

}  // namespace

bool not_attenuation_corrected(DcmItem& d) {
  return (!text_of(d, DCM_CorrectedImage).empty() && !names(d, DCM_CorrectedImage, "ATTN")) ||
         text_of(d, DCM_AttenuationCorrectionMethod) == "NONE" || text_of(d, DCM_AttenuationCorrected) == "NO";
}

bool is_reprojection(DcmItem& d) { return names(d, DCM_SeriesType, "REPROJECTION"); }

void read_pet_corrections(DcmItem& d, Slice& s) {
  if (is_reprojection(d)) {
    refuse(s.file,
           "SeriesType (0054,1000) is REPROJECTION: projections are no map of activity, name the series of slices");
  }
  s.attenuated = not_attenuation_corrected(d);
  const std::string& word = s.timing.decay_correction;
  s.decay_uncorrected = !text_of(d, DCM_CorrectedImage).empty() && !names(d, DCM_CorrectedImage, "DECY") &&
                        (word == "START" || word == "ADMIN");
}

void read_parts(DcmItem& d, Slice& s) {
  s.counted = count_of(d, DCM_NumberOfSlices).value_or(0);
  s.concatenation = text_of(d, DCM_ConcatenationUID);
  s.part = count_of(d, DCM_InConcatenationNumber).value_or(0);
  s.parts = count_of(d, DCM_InConcatenationTotalNumber).value_or(0);
}

void check_parts(const DicomSeries& series, const std::vector<Slice>& slices) {
  std::map<std::string, std::set<int>> seen;
  for (const Slice& s : slices)
    if (!s.concatenation.empty() && s.part > 0) seen[s.concatenation].insert(s.part);
  for (const Slice& s : slices) {
    if (s.concatenation.empty() || s.parts < 1) continue;
    const std::set<int>& there = seen[s.concatenation];
    for (int part = 1; part <= s.parts; ++part) {
      if (there.contains(part)) continue;
      refuse(place_of(series, s), "is part of a concatenation of " + std::to_string(s.parts) +
                                      " files, of which part " + std::to_string(part) +
                                      " is not there: copy all of them");
    }
  }
}

Warnings pet_warnings(const DicomSeries& series, const std::vector<Slice>& slices) {
  Warnings warnings;
  const Slice& first = slices.front();
  const std::string place = place_of(series, first);
  bool attenuated = false, decay_uncorrected = false;
  std::set<std::string> instances;
  for (const Slice& s : slices) {
    attenuated = attenuated || s.attenuated;
    decay_uncorrected = decay_uncorrected || s.decay_uncorrected;
    instances.insert(s.reference.sop_instance.empty() ? s.file.string() : s.reference.sop_instance);
  }
  if (attenuated) {
    warnings.push_back({"pet-not-attenuation-corrected",
                        WarningClass::wrong_dose,
                        place + ": its header says that attenuation was not corrected (CorrectedImage, "
                                "AttenuationCorrectionMethod): its values are no activity concentrations; take the "
                                "corrected series",
                        {}});
  }
  if (decay_uncorrected) {
    warnings.push_back({"pet-decay-contradicted",
                        WarningClass::wrong_dose,
                        place + ": DecayCorrection is " + first.timing.decay_correction +
                            ", but CorrectedImage (0028,0051) does not name DECY: its values are taken as corrected; "
                            "reference_time and administration_time in [activity] settle it",
                        {}});
  }
  // Of a dynamic series NumberOfSlices counts those of one time.
  if (first.frames == 1 && first.counted > 0 && instances.size() < static_cast<std::size_t>(first.counted)) {
    warnings.push_back(
        {"slices-missing",
         WarningClass::wrong_dose,
         place + ": has " + std::to_string(instances.size()) + " of the " + std::to_string(first.counted) +
             " slices that NumberOfSlices (0054,0081) counts: activity beyond them is missing; copy the "
             "whole series",
         {{"slices", static_cast<double>(instances.size())}, {"counted", static_cast<double>(first.counted)}}});
  }
  return warnings;
}

}  // namespace ytterby::io
