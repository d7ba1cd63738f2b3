#pragma once
// One writer of a file at a time, also on several machines.

#include <filesystem>
#include <memory>
#include <string>

#include "engine/base/error.h"

namespace ytterby::io {

/// Another process has the right to write a file; the message names it.
class WrittenByAnother : public Error {
 public:
  explicit WrittenByAnother(const std::string& message) : Error(Fault::input, message) {}
};

/// The right to write a file, from now until it is let go. It is an advisory lock (flock) on a hidden file beside it,
/// `.lock-NAME`, which says who holds it, goes with the last holder, and is of no account where its process has ended.
/// Objects of one process share it, whatever their threads; one that another process began with (fork) is not shared.
class WriterLock {
 public:
  /// Throws WrittenByAnother, naming the other's program, process, machine and start, where another process has it.
  explicit WriterLock(const std::filesystem::path& file);
  ~WriterLock();
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

  /// What to tell the user where the folder's file system has no locks; else empty.
  [[nodiscard]] const std::string& remark() const;

 private:
  struct Held;
  std::shared_ptr<Held> held_;
};

}  // namespace ytterby::io
