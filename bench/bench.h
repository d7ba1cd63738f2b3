#pragma once
// What the files of the bench share: settings, cases, levels, clocks.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cases.h"
#include "kernels/launch/launch.h"

namespace ytterby::bench {

/// How much work is done.
struct Settings {
  double work = 1;                                                            // histories are multiplied by this
  bool quick = false;                                                         // small cases alone
  int threads = 1;                                                            // all processors
  [[nodiscard]] double patient_spacing() const { return quick ? 1.0 : 0.3; }  // of the built-in patient [cm]
  [[nodiscard]] std::string patient() const { return quick ? "patient_10mm" : "patient_3mm"; }
  [[nodiscard]] std::uint64_t histories(double full) const;
};

void register_routines(const Settings& settings);
void register_histories(const Settings& settings);
void register_scaling(const Settings& settings);
void register_efficiency(const Settings& settings);
void register_convolution(const Settings& settings);
void register_files(const Settings& settings);
void register_start_up(const Settings& settings);

/// The instruction levels that were compiled and that this processor can run, lowest first.
std::vector<std::string> levels();
/// Makes simulate() and launcher() use a level.
void use_level(const std::string& level);
CpuLauncher launcher(const std::string& level);

/// 1 and all threads.
std::vector<int> thread_counts(const Settings& settings);

/// Something to simulate, made when it is first needed.
using Case = gpu_check::Case;
struct NamedCase {
  std::string name;
  std::function<Case()> make;
  double histories;  // about a second's on one core
};
/// The one made last is kept; benchmarks of one case have to come one after the other.
const Case& made(const NamedCase& named);
/// Frees it.
void forget_cases();

/// Folders with a case.toml that YTTERBY_BENCH_CASES names, separated by colons.
std::vector<std::string> case_folders();

/// A folder for files, gone at the end of the program.
const std::string& scratch_folder();

/// CPU time of the calling thread, and of the program [s].
double thread_seconds();
double program_seconds();

/// Two batches of the transport, folded; with their wall time from the first history to the last fold.
struct Transport {
  double seconds = 0;      // wall
  double cpu_seconds = 0;  // in histories, of all threads
  double segments = 0;     // straight flights
};
Transport run_transport(const TransportTables& tables, const CpuLauncher& launcher, int threads,
                        std::uint64_t histories);

/// Memory that can be had without swapping [bytes]; 0 where the system does not tell.
double available_memory();

/// The largest memory that was held since its making, beyond what was held then [bytes]; negative where the system does
/// not tell.
class PeakMemory {
 public:
  PeakMemory();
  [[nodiscard]] double bytes() const;

 private:
  double before_ = -1;
};

}  // namespace ytterby::bench
