#pragma once
// Stored pixel values of any transfer syntax: the decoders run in a process of their own.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "io/dicom/object.h"
#include "io/dicom/pixels/pixel_layout.h"

namespace ytterby::io {

/// Reads and checks the layout of one object; frames too. Throws Fault::input naming the element for sizes and bits
/// that no image has, and for colours.
PixelLayout read_layout(DcmItem& d);

/// One object's pixels.
struct PixelRequest {
  std::filesystem::path file;
  PixelLayout layout;
};

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
