#pragma once
// Another process that writes a file.

#include <gtest/gtest.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>

#include "io/system/writer_lock.h"

namespace ytterby::test {

/// Another process that holds the file's lock until it is killed.
class OtherWriter {
 public:
  explicit OtherWriter(const std::filesystem::path& file) {
    std::array<int, 2> pipe{};
    EXPECT_EQ(::pipe(pipe.data()), 0);
    child_ = ::fork();
    if (child_ == 0) {
      const io::WriterLock lock(file);
      static_cast<void>(!::write(pipe[1], "x", 1));
      for (;;) ::pause();
    }
    char told = 0;
    EXPECT_EQ(::read(pipe[0], &told, 1), 1);
    ::close(pipe[0]);
    ::close(pipe[1]);
  }
  ~OtherWriter() { kill(); }
  OtherWriter(const OtherWriter&) = delete;
  OtherWriter& operator=(const OtherWriter&) = delete;
  void kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = 0;
  }
  [[nodiscard]] pid_t id() const { return child_; }

 private:
  pid_t child_ = 0;
};

}  // namespace ytterby::test
