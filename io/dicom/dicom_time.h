#pragma once
// DICOM's dates and times (PS3.5 6.2: DA, TM, DT) on one clock.

#include <optional>
#include <string>

namespace ytterby::io {

inline constexpr double day_s = 86'400;

/// Seconds since 1970 of DICOM's date (YYYYMMDD) and time (HHMMSS.FFFFFF), local; NaN where they are none.
double dicom_seconds(const std::string& date, const std::string& time);

/// Seconds east of UTC of "+0100"; empty where it is none.
std::optional<double> dicom_zone(const std::string& text);

/// The clock of one object: UTC where its TimezoneOffsetFromUTC (0008,0201) is known, else its local time.
class DicomClock {
 public:
  explicit DicomClock(const std::string& timezone_offset) : zone_(dicom_zone(timezone_offset)) {}
  /// Of a date and a time [s]; NaN where they are none.
  [[nodiscard]] double seconds(const std::string& date, const std::string& time) const;
  /// Of a DT, YYYYMMDDHHMMSS.FFFFFF&ZZXX [s]. Its own offset counts where the object's is known; else both are of one
  /// local clock. NaN where it is none, or of no minute.
  [[nodiscard]] double seconds(const std::string& date_time) const;

 private:
  std::optional<double> zone_;
};

}  // namespace ytterby::io
