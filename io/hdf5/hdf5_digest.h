#pragma once
// What an HDF5 file holds, as one number: the same however the file lays it out.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ytterby::io {

/// The attribute of the root that holds the digest, and is no part of it.
inline constexpr const char* hdf5_digest_name = "digest";

/// SHA-256 over groups, datasets and attributes, in whatever order they are added; io/FORMATS.md writes it down. Types
/// are "f4", "u8", ..., "text", or a table's "name:f4,..."; bytes are little-endian values in C order, and texts that
/// each end with a zero byte.
class Hdf5Digest {
 public:
  using Shape = std::vector<std::uint64_t>;
  void group(const std::string& path);
  void dataset(const std::string& path, const std::string& type, const Shape& shape, const std::string& sha256);
  void attribute(const std::string& path, const std::string& name, const std::string& type, const Shape& shape,
                 std::string_view bytes);
  /// 64 hex digits.
  [[nodiscard]] std::string hex() const;

 private:
  void add(const std::string& kind, const std::string& path, const std::string& name, const std::string& type,
           const Shape& shape, const std::string& sha256);
  std::map<std::string, std::string> entries_;  // of kind, path and name: all six fields
};

/// Of all that an open file holds, read back. `file` is its hid_t. Throws Fault::input for what io/hdf5_guard.h lists
/// and what cannot be read.
std::string hdf5_digest_of(std::int64_t file, const std::filesystem::path& path);

}  // namespace ytterby::io
