#include "io/dicom/decay.h"

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "io/text/iso_time.h"

namespace ytterby::io {
namespace {

constexpr double half_life_tolerance = 0.01;  // headers have 64.0 to 64.2 h for Y-90
constexpr double day_s = 86'400;
constexpr double longest_s = 1000 * 3600.0;

[[noreturn]] void refuse(const std::string& what) { throw Error(Fault::input, what); }

bool all_digits(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// YYYYMMDDHHMMSS.FFFFFF&ZZXX without its zone: DICOM's times of one object share theirs.
double date_time_seconds(const std::string& text) {
  const std::string local = text.substr(0, text.find_first_of("+-"));
  return local.size() < 12 ? std::nan("") : dicom_seconds(local.substr(0, 8), local.substr(8));
}

/// Start of the series, as decay correction to START takes it: acquisitions may begin before SeriesTime where the
/// series was made anew from older data, then the earliest of them counts.
double series_start(const std::vector<DicomTiming>& timing) {
  double start = dicom_seconds(timing.front().series_date, timing.front().series_time);
  for (const DicomTiming& t : timing) {
    const double acquired = dicom_seconds(t.acquisition_date, t.acquisition_time);
    if (!std::isfinite(start) || acquired < start) start = acquired;
  }
  return start;
}

/// A time of day alone belongs to the day of the scan, or to the day before where it would be after it.
double injection(const DicomTiming& t, double scan) {
  const double stated = date_time_seconds(t.injection_date_time);
  if (std::isfinite(stated) || t.injection_time.empty()) return stated;
  const double same_day =
      dicom_seconds(t.acquisition_date.empty() ? t.series_date : t.acquisition_date, t.injection_time);
  return same_day > scan ? same_day - day_s : same_day;
}

double administration(const DicomOrigin& origin, const DecayRequest& request, double start, DecayResult& result) {
  const double header = injection(origin.timing.front(), start);
  if (request.administration_time.empty()) return header;
  const auto given = parse_time(request.administration_time);
  if (!given) refuse("administration_time \"" + request.administration_time + "\" is no ISO 8601 date and time");
  if (given->has_zone) {
    refuse("administration_time has a time zone, DICOM times are local: leave the zone out");
  }
  if (std::isfinite(header) && std::abs(header - given->seconds) > 60) {
    result.notes.push_back("administration_time of the case is used, the header's is " +
                           to_text((header - given->seconds) / seconds_per_hour, 4) + " h later");
  }
  return given->seconds;
}

/// Ratio of right to wrong correction for a slice: both go over the same time.
double half_life_ratio(const DicomTiming& t, double from, double wrong_s, double right_s) {
  const double acquired = dicom_seconds(t.acquisition_date, t.acquisition_time);
  double seconds = acquired - from;
  if (t.decay_factor > 0) seconds = std::log2(t.decay_factor) * wrong_s;
  if (!std::isfinite(seconds))
    refuse("has neither DecayFactor nor AcquisitionTime: its decay correction cannot be undone");
  return std::exp2(seconds / right_s - seconds / wrong_s);
}

double checked_half_life(const DicomOrigin& origin, const DecayRequest& request, DecayResult& result) {
  const DicomTiming& t = origin.timing.front();
  const double right = request.half_life_h * seconds_per_hour;
  if (t.half_life_s == 0) {
    result.warnings.push_back("its header states no RadionuclideHalfLife: taken as that of Y-90");
    return right;
  }
  if (std::abs(t.half_life_s / right - 1) <= half_life_tolerance) return t.half_life_s;
  const std::string found =
      to_text(t.half_life_s / seconds_per_hour, 5) + " h" + (t.isotope.empty() ? "" : " (" + t.isotope + ")");
  if (!request.correct_half_life) {
    refuse("was reconstructed with a half-life of " + found + ", Y-90 has " + to_text(request.half_life_h, 5) +
           " h: is it another isotope's? If it shows Y-90, correct_half_life = true corrects it; as a map of counts "
           "use quantity = \"relative\"");
  }
  result.notes.push_back("decay correction with " + found + " replaced by that of Y-90");
  return t.half_life_s;
}

}  // namespace

double dicom_seconds(const std::string& date, const std::string& time) {
  const std::string seconds = time.substr(0, time.find('.'));
  if (date.size() != 8 || !all_digits(date) || !all_digits(seconds) || seconds.size() < 4) return std::nan("");
  const std::string iso = date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6, 2) + "T" +
                          seconds.substr(0, 2) + ":" + seconds.substr(2, 2) + ":" +
                          (seconds.size() >= 6 ? seconds.substr(4, 2) : "00");
  const auto parsed = parse_time(iso);
  if (!parsed) return std::nan("");
  const auto dot = time.find('.');
  const std::string fraction = dot == std::string::npos ? "" : time.substr(dot + 1);
  return parsed->seconds + (all_digits(fraction) ? parse_number("0." + fraction).value_or(0) : 0.0);
}

DecayResult decay_to_administration(const DicomOrigin& origin, const DecayRequest& request) {
  DecayResult result;
  result.factors.assign(origin.timing.size(), 1.0);
  const double right = request.half_life_h * seconds_per_hour;
  const double used = checked_half_life(origin, request, result);
  const std::string& word = origin.timing.front().decay_correction;
  const double start = series_start(origin.timing);
  const double given = administration(origin, request, start, result);
  if (word != "START" && word != "ADMIN" && word != "NONE") {
    refuse("DecayCorrection (0054,1102) is \"" + word +
           "\", needs to be START, ADMIN or NONE; for others give "
           "reference_time and administration_time");
  }
  const double reference = word == "ADMIN" ? given : start;
  if (word != "NONE" && std::abs(used / right - 1) > half_life_tolerance) {
    for (std::size_t i = 0; i < result.factors.size(); ++i) {
      result.factors[i] *= half_life_ratio(origin.timing[i], reference, used, right);
    }
  }
  if (request.times_given || word == "ADMIN") return result;
  for (std::size_t i = 0; i < result.factors.size(); ++i) {
    const DicomTiming& t = origin.timing[i];
    const double at = word == "NONE" ? dicom_seconds(t.acquisition_date, t.acquisition_time) : start;
    const double seconds = at - given;
    if (!std::isfinite(seconds)) {
      refuse("its header lacks the times of scan and injection (decay correction " + word +
             "), needs administration_time, or reference_time and administration_time");
    }
    if (seconds < 0 || seconds > longest_s) {
      refuse("its scan is " + to_text(seconds / seconds_per_hour, 5) +
             " h after administration, needs to be 0 to 1000 h: are the times right?");
    }
    result.factors[i] *= std::exp2(seconds / right);
  }
  const auto [low, high] = std::minmax_element(result.factors.begin(), result.factors.end());
  result.notes.push_back("PET values (decay correction " + word + ") times " + to_text(*low, 6) +
                         (*high > *low * 1.000001 ? " to " + to_text(*high, 6) : "") + " are at administration");
  return result;
}

}  // namespace ytterby::io
