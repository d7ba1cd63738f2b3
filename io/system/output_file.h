#pragma once
// Files that appear whole or not at all.

#include <filesystem>

namespace ytterby::io {

/// An output that is written beside its place and renamed when whole, so that an older file is replaced at the end
/// alone and a failure leaves nothing behind.
class OutputFile {
 public:
  /// Checks at once that the file can be made there, before anybody spends hours on its content.
  /// Throws Fault::input where it cannot.
  explicit OutputFile(std::filesystem::path path);
  ~OutputFile();  // removes the temporary file unless committed
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Where to write: same folder and same ending as the final name.
  [[nodiscard]] const std::filesystem::path& temporary() const { return temporary_; }
  /// Flushes to disk and renames. Throws Fault::input if the system refuses.
  void commit();

 private:
  std::filesystem::path path_, temporary_;
};

}  // namespace ytterby::io
