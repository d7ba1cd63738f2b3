#pragma once
// What the driver's management library tells about a GPU: state, and what a run took. Loaded when asked for; a machine
// without it lacks these entries and nothing else.

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace ytterby::gpu_check {

/// A GPU by its PCI address, as the management library sees it.
class Nvml {
 public:
  /// The library is libnvidia-ml.so.1, or what $YTTERBY_NVML names.
  explicit Nvml(const std::string& pci_address);

  /// Empty where the library was found and knows the GPU, else one line.
  [[nodiscard]] const std::string& why_not() const { return why_not_; }

  /// Clocks [MHz], power limit [W], ECC, MIG and the like, as JSON values by name; what a GPU does not tell is left
  /// out.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> facts() const;

  /// Energy since the driver was loaded [J]; 0 where it is not counted.
  [[nodiscard]] double joules() const;

  struct Sample {
    unsigned clock = 0, temperature = 0;  // of the multiprocessors [MHz], [degree Celsius]
    double watts = 0;
    std::uint64_t reasons = 0;  // why the clock is not at its highest, bits
  };
  [[nodiscard]] Sample sample() const;

 private:
  std::string why_not_;
  void* library_ = nullptr;
  void* device_ = nullptr;
};

/// Words for the bits of Sample::reasons.
std::string reasons_text(std::uint64_t reasons);

/// Looks at the GPU ten times a second while it lives.
class NvmlWatch {
 public:
  explicit NvmlWatch(const Nvml& nvml);

  struct Seen {
    unsigned lowest_clock = 0, highest_clock = 0, highest_temperature = 0;
    double highest_watts = 0, joules = 0;
    std::uint64_t reasons = 0;
  };
  /// Ends the looking.
  Seen stop();

 private:
  const Nvml& nvml_;
  double joules_before_;
  Seen seen_;
  std::jthread thread_;
};

}  // namespace ytterby::gpu_check
