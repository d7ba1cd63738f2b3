#pragma once
// ITK transform files, taken apart before anything is made of them: the library reads beyond a list of parameters that
// is too short, and takes a number up to the character that it does not know.

#include <filesystem>
#include <string>
#include <vector>

namespace ytterby::io {

/// One transform of a file: "Euler3DTransform", and its numbers as ITK has them (lengths in mm, angles in radian).
struct TransformPart {
  std::string type;  // without "_double_3_3"
  std::vector<double> parameters, fixed;
};

/// The one type that is no linear transform and read all the same.
inline constexpr const char* displacement_field_type = "DisplacementFieldTransform";

/// The transforms of a file, in its order; more than one where the first is a CompositeTransform.
///
/// Reads text (.tfm, .txt: "#Insight Transform File V1.0"), HDF5 (.h5, .hdf5; known by its first bytes) and MATLAB 4
/// (.mat, as ANTs writes it). Displacement fields are read from HDF5 alone. Throws Fault::input, naming line or object,
/// for files that are none of them, numbers that are none (decimal commas, nan), lists that are missing or there twice,
/// other dimensions than 3, and several transforms without a composite.
std::vector<TransformPart> read_transform_parts(const std::filesystem::path& file);

/// Whether a file is HDF5 with a displacement field among its transforms. Throws Fault::input as above for HDF5 that
/// holds no transforms; false for all other files.
bool holds_displacement_field(const std::filesystem::path& file);

/// The text form alone, for tests; `file` leads messages.
std::vector<TransformPart> parse_transform_text(const std::string& text, const std::filesystem::path& file);

}  // namespace ytterby::io
