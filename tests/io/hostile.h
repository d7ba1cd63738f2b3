#pragma once
// Reads what means harm, in a process of its own with little memory and time.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <new>
#include <string>

#include "engine/base/error.h"

namespace ytterby::test {

constexpr rlim_t hostile_memory = rlim_t{3} << 29;  // of the whole process, with its libraries: 1.5 GiB
constexpr unsigned hostile_seconds = 20;

/// The text of the Fault::input that `read` throws; "accepted" without one; else what went wrong instead: another
/// fault, another exception, a signal, more memory or time than allowed, more than one line.
inline std::string refusal_of(const std::function<void()>& read) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(hostile_seconds);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    const rlimit memory{hostile_memory, hostile_memory};
    ::setrlimit(RLIMIT_AS, &memory);
#endif
    std::string text = "accepted";
    try {
      read();
    } catch (const Error& error) {
      text = (error.fault() == Fault::input ? "" : "another fault: ") + std::string(error.what());
      if (text.find('\n') != std::string::npos) text = "several lines: " + text;
    } catch (const std::bad_alloc&) {
      text = "too much memory";
    } catch (const std::exception& error) {
      text = "another exception: " + std::string(error.what());
    }
    const bool written = ::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::_exit(written ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text;
  char block[4096];
  for (ssize_t n; (n = ::read(ends[0], block, sizeof block)) > 0;) text.append(block, static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return text;
}

}  // namespace ytterby::test
