#pragma once
// Stored pixel values of any transfer syntax: the decoders run in a process of their own.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "io/dicom/object.h"

namespace ytterby::io {

/// What an object's header says about its pixels.
struct PixelLayout {
  int columns = 0, rows = 0, frames = 1;
  int bits_allocated = 16, bits_stored = 16, high_bit = 15;
  bool is_signed = false;
  bool is_float = false;                               // FloatPixelData or DoubleFloatPixelData
  std::optional<std::int64_t> padding, padding_limit;  // PixelPaddingValue, PixelPaddingRangeLimit: stored values

  [[nodiscard]] std::size_t plane() const { return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows); }
  bool operator==(const PixelLayout&) const = default;
};

/// Reads and checks the layout of one object; frames too. Throws Fault::input naming the element for sizes and bits
/// that no image has, and for colours.
PixelLayout read_layout(DcmItem& d);

/// One object's pixels.
struct PixelRequest {
  std::filesystem::path file;
  PixelLayout layout;
};

/// All frames of an object, column fastest, as its samples are stored.
struct RawPixels {
  std::vector<std::uint8_t> bytes;
  int sample_bytes = 2;      // 0: bits, frame after frame without padding, the lowest first
  bool as_allocated = true;  // false out of a decoder: samples begin at bit 0
};

/// A stored value by the header's bits, which has to be of integers.
std::int64_t stored_value(const RawPixels& raw, const PixelLayout& layout, std::size_t sample);

/// Decodes objects one after the other and hands each one's stored values to `take`, frame by frame, column fastest,
/// with its place in the list: BitsStored, HighBit and PixelRepresentation of the header say how bits are meant,
/// whatever the compressed stream says. The decoders run in one process of their own; where that crashes, hangs or
/// takes more memory than the pixels are worth, the object is refused. Throws Fault::input naming the file.
void read_pixels(const std::vector<PixelRequest>& objects,
                 const std::function<void(std::size_t, std::vector<double>)>& take);

/// One object as it is stored: segmentations of many frames are too large for numbers.
RawPixels read_raw_pixels(const std::filesystem::path& file, const PixelLayout& layout);

/// The values of one object.
std::vector<double> read_pixels(const std::filesystem::path& file, const PixelLayout& layout);

}  // namespace ytterby::io
