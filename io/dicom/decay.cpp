#include "io/dicom/decay.h"

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "io/dicom/dicom_time.h"
#include "io/text/iso_time.h"

namespace ytterby::io {
namespace {

constexpr double half_life_tolerance = 0.01;  // headers have 64.0 to 64.2 h for Y-90
constexpr double longest_s = 1000 * 3600.0;
constexpr double late_s = 48 * 3600.0;    // activity seen later than this is a warning
constexpr double material_factor = 1.02;  // of decay: a contradiction below it is not worth a refusal
constexpr double largest_likely_fraction = 1e-3;
constexpr double day_by_factor_s = 3600;  // a factor and a time of day fit within this, or say nothing of each other

/// Positrons per decay of Y-90, by internal pair production: 31.86e-6 +- 0.47e-6 (Selwyn et al., Appl Radiat Isot
/// 65:318-327, 2007).
constexpr double y90_positron_fraction = 31.86e-6;

[[noreturn]] void refuse(const std::string& what) { throw Error(Fault::input, what); }

std::string hours(double seconds) { return to_text(seconds / seconds_per_hour, 4) + " h"; }

/// When a slice was acquired; a time of day alone belongs to the day of the series.
double acquired(const DicomTiming& t) {
  const DicomClock clock(t.zone);
  if (const double stamp = clock.seconds(t.acquisition_date_time); std::isfinite(stamp)) return stamp;
  return clock.seconds(t.acquisition_date.empty() ? t.series_date : t.acquisition_date, t.acquisition_time);
}

/// Start of the series, as decay correction to START takes it: acquisitions may begin before SeriesTime where the
/// series was made anew from older data, then the earliest of them counts.
double series_start(const std::vector<DicomTiming>& timing) {
  double start = DicomClock(timing.front().zone).seconds(timing.front().series_date, timing.front().series_time);
  for (const DicomTiming& t : timing) {
    const double at = acquired(t);
    if (!std::isfinite(start) || at < start) start = at;
  }
  return start;
}

/// When the activity was given, as the header has it.
struct Injection {
  double seconds = std::nan("");
  bool day_stated = true;
};

/// A time of day alone belongs to the day of the scan, or to the day before where it would be after it.
Injection injection(const DicomTiming& t, double scan) {
  const DicomClock clock(t.zone);
  if (const double stated = clock.seconds(t.injection_date_time); std::isfinite(stated)) return {stated, true};
  if (t.injection_time.empty()) return {};
  const std::string date_alone = t.injection_date_time.substr(0, 8);
  if (const double dated = clock.seconds(date_alone, t.injection_time); std::isfinite(dated)) return {dated, true};
  std::string day = t.acquisition_date.empty() ? t.series_date : t.acquisition_date;
  if (day.empty()) day = t.acquisition_date_time.substr(0, 8);
  const double same_day = clock.seconds(day, t.injection_time);
  return {same_day > scan ? same_day - day_s : same_day, false};
}

/// Values that are corrected to the injection say by DecayFactor how long before the scan it was; 1 says nothing.
void day_by_factor(const DicomTiming& t, double half_life_s, Injection& header, DecayResult& result) {
  if (header.day_stated || !std::isfinite(header.seconds) || t.decay_factor < material_factor) return;
  const double injected = acquired(t) - std::log2(t.decay_factor) * half_life_s;
  const double days = std::round((header.seconds - injected) / day_s);
  if (!(std::abs(header.seconds - days * day_s - injected) <= day_by_factor_s)) return;
  header.seconds -= days * day_s;
  header.day_stated = true;
  result.notes.push_back("the day of injection follows from DecayFactor (0054,1321), " + to_text(t.decay_factor, 5) +
                         ": " + hours(acquired(t) - header.seconds) + " before the scan");
}

/// The case's time of administration on the scan's clock; NaN where the case has none.
double administration_of_case(const DicomTiming& t, const DecayRequest& request) {
  if (request.administration_time.empty()) return std::nan("");
  const auto given = parse_time(request.administration_time);
  if (!given) refuse("administration_time \"" + request.administration_time + "\" is no ISO 8601 date and time");
  const auto zone = dicom_zone(t.zone);
  if (given->has_zone && !zone) {
    refuse(
        "administration_time has a time zone, the times of this image have none (TimezoneOffsetFromUTC): "
        "leave the zone out");
  }
  return given->has_zone ? given->seconds : given->seconds - zone.value_or(0);
}

/// Ratio of right to wrong correction for a slice: both go over the same time.
double half_life_ratio(const DicomTiming& t, double from, double wrong_s, double right_s) {
  double seconds = acquired(t) - from;
  if (t.decay_factor > 0) seconds = std::log2(t.decay_factor) * wrong_s;
  if (!std::isfinite(seconds))
    refuse("has neither DecayFactor nor AcquisitionTime: its decay correction cannot be undone");
  return std::exp2(seconds / right_s - seconds / wrong_s);
}

/// The half-life that the scanner corrected with [s].
double checked_half_life(const DicomTiming& t, const std::string& modality, const DecayRequest& request,
                         DecayResult& result) {
  const double right = request.half_life_h * seconds_per_hour;
  if (t.half_life_s == 0 && modality == "NM") return right;  // its objects need not state one
  if (t.half_life_s == 0) {
    result.warnings.push_back({"half-life-unstated",
                               WarningClass::wrong_dose,
                               "its header states no RadionuclideHalfLife: taken as that of Y-90",
                               {{"half_life_h", request.half_life_h}}});
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

/// Bq/mL are counts over positrons per decay: a scan of another isotope was divided by that isotope's.
double branching_ratio(const DicomTiming& t, bool other_isotope, DecayResult& result) {
  if (!other_isotope) {
    if (t.positron_fraction > largest_likely_fraction) {
      result.warnings.push_back({"positron-fraction-unlikely",
                                 WarningClass::wrong_dose,
                                 "its RadionuclidePositronFraction is " + to_text(t.positron_fraction, 4) +
                                     ", Y-90 has 3.186e-5: are its values those of Y-90?",
                                 {{"positron_fraction", t.positron_fraction}}});
    }
    return 1;
  }
  if (!(t.positron_fraction > 0) || t.positron_fraction > 1) {
    refuse(
        "shows Y-90 reconstructed as another isotope, and states no RadionuclidePositronFraction (0018,1076): its "
        "values cannot be brought to Y-90's 3.186e-5; reconstruct it as Y-90, or use quantity = \"relative\"");
  }
  result.notes.push_back("positrons per decay: " + to_text(t.positron_fraction, 5) + " replaced by Y-90's 3.186e-5");
  return t.positron_fraction / y90_positron_fraction;
}

/// Whether DecayFactor is 1 where more is due: a gap in the header, as DecayCorrection says when the values hold.
bool lacks_factor(const DicomTiming& t, double reference, double used_s) {
  const double expected = std::exp2((acquired(t) - reference) / used_s);
  return t.decay_factor == 1 && std::isfinite(expected) && expected >= material_factor;
}

/// What another isotope's correction multiplied by cannot be undone where the header contradicts itself.
void check_factor(const DicomTiming& t, const std::string& word, double reference, double used_s) {
  if (!lacks_factor(t, reference, used_s)) return;
  const double expected = std::exp2((acquired(t) - reference) / used_s);
  refuse("DecayCorrection is " + word + ", but DecayFactor (0054,1321) is 1 where " + to_text(expected, 4) +
         " is due: were its values corrected? reference_time (when they hold) and administration_time settle it");
}

void warn_of_times(const DicomOrigin& origin, const Injection& header, bool used, double start, DecayResult& result) {
  const DicomTiming& t = origin.timing.front();
  if (used && !header.day_stated) {
    result.warnings.push_back({"administration-day-unstated",
                               WarningClass::wrong_dose,
                               "its header has the injection's time of day without the day: taken as " +
                                   hours(start - header.seconds) +
                                   " before the scan; administration_time in [activity] settles it",
                               {{"hours_before_scan", (start - header.seconds) / seconds_per_hour}}});
  }
  const bool zone_alone = t.injection_date_time.find_first_of("+-") != std::string::npos && !dicom_zone(t.zone);
  if (used && zone_alone) {
    result.warnings.push_back({"time-zone-unstated",
                               WarningClass::wrong_dose,
                               "its injection has an offset from UTC (" + t.injection_date_time +
                                   "), its other times state none (TimezoneOffsetFromUTC): taken as of one clock; "
                                   "administration_time in [activity] settles it",
                               {}});
  }
}

void check_times(double scan, double given, DecayResult& result) {
  const double seconds = scan - given;
  if (seconds < 0 || seconds > longest_s) {
    refuse("its scan is " + to_text(seconds / seconds_per_hour, 5) +
           " h after administration, needs to be 0 to 1000 h: are the times right?");
  }
  if (seconds <= late_s) return;
  const bool told = std::any_of(result.warnings.begin(), result.warnings.end(),
                                [](const Warning& w) { return w.code == "late-image"; });
  if (told) return;
  result.warnings.push_back({"late-image",
                             WarningClass::wrong_dose,
                             "its scan is " + hours(seconds) +
                                 " after administration, later than 48 h: are the "
                                 "times right?",
                             {{"hours", seconds / seconds_per_hour}, {"limit_hours", late_s / seconds_per_hour}}});
}

/// When the values of a slice hold, and when the activity was given, on one clock.
struct Times {
  double start = 0;   // of the series
  double header = 0;  // injection by the header; NaN where it has none
  double given = 0;   // administration: the case's, else the header's
  std::string word;   // DecayCorrection
};

double factor_of(const DicomTiming& t, const Times& times, double right_s, DecayResult& result) {
  if (times.word == "ADMIN") {
    const double scan = std::isfinite(acquired(t)) ? acquired(t) : times.start;
    if (std::isfinite(scan) && std::isfinite(times.given)) check_times(scan, times.given, result);
    // Values hold at the header's injection; the case may know it better.
    const double seconds = times.header - times.given;
    return std::isfinite(seconds) ? std::exp2(seconds / right_s) : 1.0;
  }
  const double at = times.word == "NONE" ? acquired(t) : times.start;
  if (!std::isfinite(at - times.given)) {
    const bool known = std::isfinite(times.given);
    refuse("its header lacks the times of " + std::string(known ? "the scan" : "scan and injection") +
           " (decay correction " + times.word + "), needs " +
           (known ? "reference_time (when its values hold) beside administration_time"
                  : "administration_time, or reference_time and administration_time"));
  }
  check_times(at, times.given, result);
  return std::exp2((at - times.given) / right_s);
}

void note_factors(const std::string& word, DecayResult& result) {
  const auto [low, high] = std::minmax_element(result.factors.begin(), result.factors.end());
  if (word == "ADMIN" && *low == 1 && *high == 1) return;
  result.notes.push_back("PET values (decay correction " + word + ") times " + to_text(*low, 6) +
                         (*high > *low * 1.000001 ? " to " + to_text(*high, 6) : "") + " are at administration");
}

}  // namespace

DecayResult decay_to_administration(const DicomOrigin& origin, const DecayRequest& request) {
  DecayResult result;
  result.factors.assign(origin.timing.size(), 1.0);
  const DicomTiming& first = origin.timing.front();
  const double right = request.half_life_h * seconds_per_hour;
  const double used = checked_half_life(first, origin.modality, request, result);
  const bool other_isotope = std::abs(used / right - 1) > half_life_tolerance;
  Times times{series_start(origin.timing), 0, 0, first.decay_correction};
  if (request.counts) times.word = "NONE";
  if (times.word.empty() && request.times_given && !other_isotope) return result;  // NM states no correction
  if (times.word.empty() && origin.modality == "NM") {
    refuse(
        "NM objects state no decay correction: reference_time (when its values hold) and administration_time are "
        "both needed in [activity]");
  }
  if (times.word != "START" && times.word != "ADMIN" && times.word != "NONE") {
    refuse("DecayCorrection (0054,1102) is \"" + times.word +
           "\", needs to be START, ADMIN or NONE; for others give "
           "reference_time and administration_time");
  }
  Injection header = injection(first, times.start);
  if (times.word == "ADMIN" && !other_isotope) day_by_factor(first, used, header, result);
  const double of_case = administration_of_case(first, request);
  if (first.several_injections && !request.times_given && !std::isfinite(of_case)) {
    refuse(
        "its header has several injections at different times (RadiopharmaceuticalInformationSequence): "
        "administration_time in [activity] needs to say which moment the activity is counted from");
  }
  times.header = header.seconds;
  times.given = std::isfinite(of_case) ? of_case : header.seconds;
  const bool moved_here = !request.times_given;
  if (std::isfinite(of_case) && std::isfinite(header.seconds) && std::abs(header.seconds - of_case) > 60) {
    result.notes.push_back("administration_time of the case is used, the header's is " +
                           hours(header.seconds - of_case) + " later");
  }
  const bool header_used = moved_here && (times.word == "ADMIN" ? std::isfinite(of_case) : !std::isfinite(of_case));
  warn_of_times(origin, header, header_used, times.start, result);
  const double reference = times.word == "ADMIN" ? times.header : times.start;
  const double branching = branching_ratio(first, other_isotope, result);
  for (std::size_t i = 0; i < result.factors.size(); ++i) {
    const DicomTiming& t = origin.timing[i];
    if (other_isotope && times.word != "NONE") {
      if (moved_here) check_factor(t, times.word, reference, used);
      result.factors[i] *= half_life_ratio(t, reference, used, right);
    }
    result.factors[i] *= branching;
    if (moved_here) result.factors[i] *= factor_of(t, times, right, result);
  }
  if (moved_here && !other_isotope && times.word != "NONE" && lacks_factor(first, reference, used)) {
    result.warnings.push_back({"decay-factor-one",
                               WarningClass::note,
                               "DecayFactor (0054,1321) is 1 where " +
                                   to_text(std::exp2((acquired(first) - reference) / used), 4) +
                                   " is due: its values are taken as DecayCorrection says, " + times.word,
                               {}});
  }
  if (moved_here) note_factors(times.word, result);
  return result;
}

}  // namespace ytterby::io
