#pragma once
// Errors that a user, a file or a device causes, and our own where a check of ours finds them.

#include <stdexcept>
#include <string>

namespace ytterby {

/// Who is at fault; the program turns it into its exit status (usage 2, input 3, device 4, internal 1).
enum class Fault { usage, input, device, internal };

/// Thrown for everything that can go wrong outside the code itself. The message is one line: what failed, with the
/// value, and what would be right, led by the place (`case.toml:12: ...`) where there is one.
class Error : public std::runtime_error {
 public:
  Error(Fault fault, const std::string& message) : std::runtime_error(message), fault_(fault) {}
  [[nodiscard]] Fault fault() const noexcept { return fault_; }

 private:
  Fault fault_;
};

}  // namespace ytterby
