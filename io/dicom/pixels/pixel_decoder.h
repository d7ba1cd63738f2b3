#pragma once
// The decoders behind read_pixels: what they are given is foreign, and they may crash. For pixels.cpp and fuzzing
// alone.

#include <cstdint>
#include <filesystem>
#include <vector>

#include "io/dicom/pixels/pixel_layout.h"

namespace ytterby::io {

/// Uncompressed and deflated pixels and RLE are read here, the rest by GDCM, which alone has JPEG 2000. Throws
/// Fault::input without the file's name.
RawPixels decode(const std::filesystem::path& file, const PixelLayout& layout);

/// Stored values by the header's bits. Throws Fault::input, without the file's name, where the bits above those hold
/// more than the sign: values beyond BitsStored.
std::vector<double> values_of(const RawPixels& raw, const PixelLayout& layout);

}  // namespace ytterby::io
