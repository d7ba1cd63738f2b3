#pragma once
// -q and -v: what is said on stderr.

namespace ytterby::cli {

/// Warnings and errors alone; what is done and found, with progress; and every input's hash besides.
enum class Verbosity { quiet, normal, verbose };

/// Sets the log's level, for the rest of the program.
void set_verbosity(Verbosity verbosity);
Verbosity verbosity();

/// Nothing but errors is logged while this lives: for steps that would say again what was said.
class LogOff {
 public:
  LogOff();
  ~LogOff();
  LogOff(const LogOff&) = delete;
  LogOff& operator=(const LogOff&) = delete;

 private:
  int level_;
};

}  // namespace ytterby::cli
