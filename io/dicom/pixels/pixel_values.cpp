// From the bits of samples to their values.

#include <algorithm>
#include <cstring>
#include <string>

#include "engine/base/error.h"
#include "io/dicom/pixels/pixel_decoder.h"

namespace ytterby::io {
namespace {

template <class T>
std::uint64_t sample(const RawPixels& raw, std::size_t i) {
  T value;
  std::memcpy(&value, &raw.bytes[i * sizeof(T)], sizeof(T));
  return value;
}

std::uint64_t sample_of(const RawPixels& raw, std::size_t i) {
  switch (raw.sample_bytes) {
    case 0:
      return (raw.bytes[i / 8] >> (i % 8)) & 1U;
    case 1:
      return sample<std::uint8_t>(raw, i);
    case 2:
      return sample<std::uint16_t>(raw, i);
    default:
      return sample<std::uint32_t>(raw, i);
  }
}

template <class T>
std::vector<double> floats_of(const RawPixels& raw, std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, &raw.bytes[i * sizeof(T)], sizeof(T));
    values[i] = static_cast<double>(value);
  }
  return values;
}

/// Bits above the stored ones are empty or repeat the sign. Where they do something else, values are larger than
/// BitsStored says, and what is within it would be another value: bone would read as air.
void check_unused_bits(const RawPixels& raw, const PixelLayout& layout, std::size_t count) {
  const int width = std::max(1, 8 * raw.sample_bytes);
  const int above = (raw.as_allocated ? layout.high_bit + 1 : layout.bits_stored);
  if (above >= width || layout.has_overlay_bits) return;
  const std::uint64_t all = (std::uint64_t{1} << (width - above)) - 1;
  bool extended = false, cut = false, beyond = false;  // negative values with the sign repeated, without; others
  for (std::size_t i = 0; i < count && !beyond; ++i) {
    const std::uint64_t bits = sample_of(raw, i), upper = bits >> above;
    const bool sign = layout.is_signed && ((bits >> (above - 1)) & 1U) != 0;
    if (upper == 0) {
      cut = cut || sign;
    } else if (upper == all && sign) {
      extended = true;
    } else {
      beyond = layout.padding != stored_value(raw, layout, i);
    }
  }
  if (beyond || (extended && cut)) {
    throw Error(Fault::input, "has pixel values beyond its BitsStored (0028,0101) of " +
                                  std::to_string(layout.bits_stored) +
                                  ", which does not say what they mean: export it anew");
  }
}

}  // namespace

std::int64_t stored_value(const RawPixels& raw, const PixelLayout& layout, std::size_t sample) {
  const int width = std::max(1, 8 * raw.sample_bytes);
  const int stored = std::min(layout.bits_stored, width);
  const int shift = raw.as_allocated ? layout.high_bit + 1 - layout.bits_stored : 0;
  const std::uint64_t mask = (std::uint64_t{1} << stored) - 1, sign = std::uint64_t{1} << (stored - 1);
  const std::uint64_t bits = (sample_of(raw, sample) >> shift) & mask;
  const auto value = static_cast<std::int64_t>(bits);
  return layout.is_signed && (bits & sign) != 0 ? value - static_cast<std::int64_t>(mask) - 1 : value;
}

std::vector<double> values_of(const RawPixels& raw, const PixelLayout& layout) {
  const std::size_t count = layout.samples();
  if (layout.is_float) return raw.sample_bytes == 4 ? floats_of<float>(raw, count) : floats_of<double>(raw, count);
  check_unused_bits(raw, layout, count);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<double>(stored_value(raw, layout, i));
  return values;
}

}  // namespace ytterby::io
