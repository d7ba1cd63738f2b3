#pragma once
// How an object's pixels are stored.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ytterby::io {

/// What an object's header says about its pixels.
struct PixelLayout {
  int columns = 0, rows = 0, frames = 1;
  int bits_allocated = 16, bits_stored = 16, high_bit = 15;
  bool is_signed = false;
  bool is_float = false;                               // FloatPixelData or DoubleFloatPixelData
  bool has_overlay_bits = false;                       // overlays lie in the bits above the stored ones (retired)
  std::optional<std::int64_t> padding, padding_limit;  // PixelPaddingValue, PixelPaddingRangeLimit: stored values

  [[nodiscard]] std::size_t plane() const { return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows); }
  [[nodiscard]] std::size_t samples() const { return plane() * static_cast<std::size_t>(frames); }
  bool operator==(const PixelLayout&) const = default;
};

/// All frames of an object, column fastest, as its samples are stored.
struct RawPixels {
  std::vector<std::uint8_t> bytes;
  int sample_bytes = 2;      // 0: bits, frame after frame without padding, the lowest first
  bool as_allocated = true;  // false out of a decoder: samples begin at bit 0
};

/// A stored value by the header's bits, which has to be of integers.
std::int64_t stored_value(const RawPixels& raw, const PixelLayout& layout, std::size_t sample);

}  // namespace ytterby::io
