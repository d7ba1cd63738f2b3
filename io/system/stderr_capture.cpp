#include "io/system/stderr_capture.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <iostream>

namespace ytterby::io {
namespace {

std::atomic<int> seen{STDERR_FILENO};

}  // namespace

StderrCapture::StderrCapture() {
  std::cerr.flush();
  std::fflush(stderr);
  captured_ = ::memfd_create("stderr", MFD_CLOEXEC);
  if (captured_ < 0) return;  // then the messages stay visible, which is the lesser evil
  saved_ = ::dup(STDERR_FILENO);
  if (saved_ >= 0) seen.store(saved_);
  ::dup2(captured_, STDERR_FILENO);
}

StderrCapture::~StderrCapture() { finish(); }

int StderrCapture::visible() { return seen.load(); }

std::string StderrCapture::finish() {
  std::string text;
  if (captured_ < 0) return text;
  std::cerr.flush();
  std::fflush(stderr);
  if (saved_ >= 0) {
    ::dup2(saved_, STDERR_FILENO);
    seen.store(STDERR_FILENO);
    ::close(saved_);
  }
  std::array<char, 2000> buffer;
  const ssize_t n = ::pread(captured_, buffer.data(), buffer.size(), 0);
  if (n > 0) text.assign(buffer.data(), static_cast<std::size_t>(n));
  ::close(captured_);
  captured_ = saved_ = -1;
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace ytterby::io
