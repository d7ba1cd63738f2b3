#pragma once
// Files that appear whole or not at all, each with one writer at a time.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "io/system/leftovers.h"
#include "io/system/writer_lock.h"

namespace ytterby::io {

/// An output that is written beside its place and renamed when whole, so that an older file is replaced at the end
/// alone, and neither a failure nor a signal leaves anything behind. While it lives, no other process may write there.
class OutputFile {
 public:
  /// Checks at once that the file can be made there, before anybody spends hours on its content. A symbolic link
  /// stays, and what it points to is written. Where there is no older file, a new one has the mode and group of `like`,
  /// where that is. Throws Fault::input where that cannot be, or another process is at it.
  explicit OutputFile(std::filesystem::path path, std::filesystem::path like = {});
  ~OutputFile();  // removes the temporary file unless it was renamed
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  using Fill = std::function<void(const std::filesystem::path&)>;
  using Check = std::function<bool(const std::filesystem::path&)>;
  /// Lets `fill` write a file in the same folder, of the same ending, with the mode and group of an older one; flushes
  /// it to the disk, asks `whole`, which reads it back, and renames it; the folder is flushed last. Throws Fault::input
  /// where the system refuses or the file is not whole, and what `fill` throws.
  void write(const Fill& fill, const Check& whole);

  /// What to tell the user where the place cannot be locked; else empty.
  [[nodiscard]] const std::string& remark() const { return lock_.remark(); }

 private:
  void make_temporary() const;
  [[nodiscard]] const std::filesystem::path& older() const;
  std::filesystem::path path_, like_, temporary_;
  WriterLock lock_;
  std::optional<Leftover> leftover_;
};

/// Writes the bytes as OutputFile does. Throws Fault::input where they cannot be written.
void write_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace ytterby::io
