#pragma once
// From what a PET header says to activity at administration.

#include <string>
#include <vector>

#include "io/dicom/dicom_image.h"
#include "io/text/warning.h"

namespace ytterby::io {

/// What the case says about time and isotope.
struct DecayRequest {
  double half_life_h = 0;           // of the nuclide that was given
  bool correct_half_life = false;   // undo the scanner's correction where it used another half-life
  std::string administration_time;  // ISO 8601; empty: the header's
  bool times_given = false;         // the case has both times: it moves the values itself
  bool counts = false;              // values are counts of an acquisition, which nobody corrected for decay
};

struct DecayResult {
  std::vector<double> factors;  // one per entry of `timing`: values times factor are at administration
  std::vector<std::string> notes;
  Warnings warnings;
};

/// Factors that bring each slice to the time of administration.
///
/// START: values are at the start of the series. ADMIN: at the header's time of injection, and are brought to the
/// case's where it has one. NONE: at each slice's acquisition. Offsets from UTC count (dicom_time.h). A scan made as
/// another isotope's has its half-life and its branching ratio replaced by Y-90's with `correct_half_life`.
///
/// Throws Fault::input for another isotope without it, or without its RadionuclidePositronFraction; for another word,
/// times that are missing, a scan before administration, and another isotope's DecayFactor of 1
/// where 1.02 or more is due. Warns of a
/// day or a zone that is not stated, and of a scan later than 48 h.
DecayResult decay_to_administration(const DicomOrigin& origin, const DecayRequest& request);

}  // namespace ytterby::io
