#pragma once
// Points in time, for decay between a scan and the administration.

#include <optional>
#include <string_view>

namespace ytterby::io {

/// A point in time of ISO 8601, e.g. 2026-01-05T08:30:00 or 2026-01-05T08:30:00+01:00.
struct IsoTime {
  double seconds;  // since 1970, in UTC where a zone is given, else in local time
  bool has_zone;
};

/// Empty where the text is none; a date alone is none either.
std::optional<IsoTime> parse_time(std::string_view text);

}  // namespace ytterby::io
