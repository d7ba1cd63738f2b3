#pragma once
// Stored pixel values of any transfer syntax, by GDCM.

#include <filesystem>
#include <string>
#include <vector>

namespace ytterby::io {

/// Stored values before rescaling, column fastest, frame by frame; exactly columns x rows x frames of them. Throws
/// Fault::input for other sizes, colours and damaged data.
std::vector<double> read_pixels(const std::filesystem::path& file, int columns, int rows, int frames);

}  // namespace ytterby::io
