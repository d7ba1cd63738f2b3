#pragma once
// Datasets as we write them, shuffled and deflated, read by all processors. The library would inflate their chunks one
// after the other, and without bound.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/hdf5/hdf5_chunk_layout.h"

namespace ytterby::io {

class DeflatedDataset {
 public:
  /// Empty where an open dataset is stored in any other way, or its values are not of this type in memory.
  /// `dataset` and `type` are hid_t; the dataset has to stay open.
  static std::optional<DeflatedDataset> of(std::int64_t dataset, std::int64_t type, const std::filesystem::path& path,
                                           const std::string& name);

  /// Of the slowest axis, in a chunk.
  [[nodiscard]] std::uint64_t rows_of_chunk() const { return chunk_[0]; }
  /// Copies n rows of the slowest axis from `first` on, in C order: both multiples of rows_of_chunk(), or up to the
  /// end. Throws Fault::input where a chunk does not give the bytes of a chunk exactly.
  void read_rows(std::uint64_t first, std::uint64_t n, char* out) const;
  void read(char* out) const;

 private:
  DeflatedDataset(std::int64_t dataset, ChunkShape shape, ChunkShape chunk, std::uint64_t value_bytes, bool shuffled,
                  std::string damaged, std::filesystem::path path);
  [[nodiscard]] std::vector<unsigned char> stored(const ChunkShape& corner) const;
  bool place(const std::vector<unsigned char>& stored, const ChunkShape& corner, std::uint64_t first, char* out) const;

  std::int64_t dataset_;
  ChunkShape shape_, chunk_;
  std::uint64_t value_bytes_, chunk_values_;
  bool shuffled_;
  std::string damaged_;
  std::filesystem::path path_;
};

}  // namespace ytterby::io
