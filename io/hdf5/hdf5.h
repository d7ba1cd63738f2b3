#pragma once
// HDF5 files: our few uses of the C library, each call checked.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "io/hdf5/hdf5_digest.h"
#include "io/hdf5/hdf5_guard.h"

namespace ytterby::io {

/// Extents of a dataset, slowest first.
using Hdf5Shape = std::vector<std::uint64_t>;

enum class Hdf5Seal { none, fits, broken };

/// An open HDF5 file; objects are named by absolute paths ("/dose"). Everything that fails is Fault::input with the
/// file's name. The library is one thread's at a time, from open() or create() until the file goes: it may know no
/// threads, and a process that is forked while another thread is in it (hdf5_probe.h) would wait for that for ever.
class Hdf5File {
 public:
  static Hdf5File create(const std::filesystem::path& path);
  /// Refuses what io/hdf5/hdf5_guard.h lists; `largest_chunk` [bytes] is for files that others write in one chunk.
  static Hdf5File open(const std::filesystem::path& path, std::uint64_t largest_chunk = largest_own_chunk);
  ~Hdf5File();
  Hdf5File(Hdf5File&& other) noexcept;
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;

  void make_group(const std::string& path);
  /// Datasets in chunks of about 1 MiB, shuffled and deflated by all processors. `shape` is slowest first.
  void write(const std::string& path, std::span<const float> values, const Hdf5Shape& shape);
  void write(const std::string& path, std::span<const double> values, const Hdf5Shape& shape);
  void write(const std::string& path, std::span<const std::uint8_t> values, const Hdf5Shape& shape);
  void write(const std::string& path, std::span<const std::uint16_t> values, const Hdf5Shape& shape);
  void write(const std::string& path, std::span<const std::uint64_t> values, const Hdf5Shape& shape);
  /// A table of float columns: a compound dataset with one field per name.
  void write_table(const std::string& path, const std::vector<std::string>& names,
                   const std::vector<std::vector<float>>& columns);

  void attribute(const std::string& path, const std::string& name, const std::string& value);
  void attribute(const std::string& path, const std::string& name, double value);
  void attribute(const std::string& path, const std::string& name, std::uint64_t value);
  void attribute(const std::string& path, const std::string& name, const std::vector<double>& values);
  void attribute(const std::string& path, const std::string& name, const std::vector<int>& values);
  void attribute(const std::string& path, const std::string& name, const std::vector<std::string>& values);

  [[nodiscard]] bool has(const std::string& path) const;
  [[nodiscard]] bool has_attribute(const std::string& path, const std::string& name) const;
  /// Names of the members of a group, sorted by creation where known, else by name.
  [[nodiscard]] std::vector<std::string> members(const std::string& path) const;
  [[nodiscard]] Hdf5Shape shape(const std::string& path) const;
  /// Values of a dataset of exactly this shape.
  [[nodiscard]] std::vector<float> floats(const std::string& path, const Hdf5Shape& shape) const;
  [[nodiscard]] std::vector<double> doubles(const std::string& path, const Hdf5Shape& shape) const;
  [[nodiscard]] std::vector<std::uint8_t> bytes(const std::string& path, const Hdf5Shape& shape) const;
  [[nodiscard]] std::vector<std::uint16_t> half_words(const std::string& path, const Hdf5Shape& shape) const;
  [[nodiscard]] std::vector<std::uint64_t> words(const std::string& path, const Hdf5Shape& shape) const;
  /// The one text of a dataset.
  [[nodiscard]] std::string dataset_text(const std::string& path) const;
  [[nodiscard]] std::vector<float> column(const std::string& path, const std::string& name) const;
  [[nodiscard]] std::string text(const std::string& path, const std::string& name) const;
  [[nodiscard]] std::vector<std::string> texts(const std::string& path, const std::string& name) const;
  [[nodiscard]] double number(const std::string& path, const std::string& name) const;
  [[nodiscard]] std::uint64_t count(const std::string& path, const std::string& name) const;
  [[nodiscard]] std::vector<double> numbers(const std::string& path, const std::string& name) const;

  /// Writes the digest of all that was written, by what it was in memory.
  void seal();
  /// Closes, so that a full disk is noticed; the destructor cannot tell.
  void close();

  /// Whether the file holds what it held when it was sealed. Reads all of it.
  [[nodiscard]] Hdf5Seal seal_state() const;

 private:
  using Alone = std::unique_lock<std::recursive_mutex>;
  static Alone alone();
  friend void write_hdf5(const std::filesystem::path& path, const std::function<void(Hdf5File&)>& content,
                         const std::filesystem::path& like);

  Hdf5File(std::int64_t id, std::filesystem::path path) : id_(id), path_(std::move(path)) {}
  Alone alone_;           // let go last
  std::int64_t id_ = -1;  // hid_t
  std::filesystem::path path_;
  Hdf5Digest written_;
};

/// An HDF5 file with what `content` puts into it, sealed, whole or not at all; `like` as of OutputFile. Throws
/// Fault::input where the disk does not take it.
void write_hdf5(const std::filesystem::path& path, const std::function<void(Hdf5File&)>& content,
                const std::filesystem::path& like = {});

}  // namespace ytterby::io
