#pragma once
// Numbers as people read them: three significant digits, errors to two.

#include <cstdint>
#include <string>

namespace ytterby::io {

/// Three significant digits, without an exponent from 1e-4 to 1e6: "0.0412", "9.42", "412", "12300"; "-" for NaN and
/// infinity, "0" for 0.
std::string three_digits(double value);

/// The error to two significant digits and the value to the same place: "412.3 +- 1.2", "9.419 +- 0.012"; three digits
/// alone where the error is unknown (NaN) or 0.
std::string with_error(double value, double error);

/// A share of so many samples with its own standard error: "58 +- 2 %", "99.2 +- 0.4 %"; where all or none of them hold
/// a limit that n samples can give, 1 - 3 / n with a confidence of 95 %: "above 97 %" of 100, "below 1 %" of 400.
std::string sampled_probability_text(double p, std::uint64_t samples);

/// An activity of so many Bq in GBq, MBq, kBq or Bq: "1.23 GBq", "798 Bq".
std::string activity_text(double becquerel);

}  // namespace ytterby::io
