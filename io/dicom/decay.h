#pragma once
// From what a PET header says to activity at administration.

#include <string>
#include <vector>

#include "io/dicom/image.h"

namespace ytterby::io {

/// What the case says about time and isotope.
struct DecayRequest {
  double half_life_h = 0;           // of the nuclide that was given
  bool correct_half_life = false;   // undo the scanner's correction where it used another half-life
  std::string administration_time;  // ISO 8601; empty: the header's
  bool times_given = false;         // the case has both times: it moves the values itself
};

struct DecayResult {
  std::vector<double> factors;  // one per entry of `timing`: values times factor are at administration
  std::vector<std::string> notes, warnings;
};

/// Factors that bring each slice to the time of administration.
///
/// START: values are at the start of the series. ADMIN: at administration. NONE: at each slice's acquisition. Throws
/// Fault::input for another isotope's half-life (unless `correct_half_life`), another word, and times that are missing.
DecayResult decay_to_administration(const DicomOrigin& origin, const DecayRequest& request);

/// Seconds since 1970 of DICOM's date (YYYYMMDD) and time (HHMMSS.FFFFFF), local; NaN where they are none.
double dicom_seconds(const std::string& date, const std::string& time);

}  // namespace ytterby::io
