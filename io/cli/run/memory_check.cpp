#include "io/cli/run/memory_check.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "engine/base/error.h"
#include "engine/methods/voxel_kernel.h"
#include "io/system/memory.h"

namespace ytterby::cli {
namespace {

constexpr double reference_density = 1.05;  // of a liver [g/cm3]: the reach of its kernel depends on it but little

std::string text_of(double bytes) {
  constexpr double MiB = 1 << 20, GiB = 1 << 30;
  return bytes < GiB ? fmt::format("{:.0f} MiB", bytes / MiB) : fmt::format("{:.2f} GiB", bytes / GiB);
}

int threads_of(const RunOptions& run) {
  return run.threads > 0 ? run.threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::uint64_t emitting(const Source& source) {
  const std::vector<double>& activity = source.voxels->activity;
  return static_cast<std::uint64_t>(std::count_if(activity.begin(), activity.end(), [](double a) { return a > 0; }));
}

std::uint64_t touched(const std::vector<Structure>& structures) {
  std::ptrdiff_t sum = 0;
  for (const Structure& s : structures) {
    sum += std::count_if(s.fraction.begin(), s.fraction.end(), [](float f) { return f != 0; });
  }
  return static_cast<std::uint64_t>(sum);
}

SimulationSize size_on(const Grid& grid, const RunOptions& run) {
  SimulationSize size;
  size.grid = grid;
  size.threads = threads_of(run);
  size.correlated = run.estimator == Estimator::correlated;
  for (std::size_t a = 0; a < 3; ++a) {
    size.half[a] = static_cast<int>(std::ceil(longest_restricted_range / reference_density / grid.spacing[a]));
  }
  return size;
}

double with_and_without_checkpoint(SimulationSize size, bool checkpoint) {
  size.checkpoint = checkpoint;
  return most_bytes(simulation_memory(size));
}

std::string name_of(const io::PreparedCase& prepared) { return prepared.resolved.file.string() + ": the run"; }

/// The most that the program will have had, with `more` beside what it has.
double peak_with(double more) {
  const io::MemoryUse use = io::memory_use();
  return std::max(use.peak, use.resident + more);
}

std::string available_text() { return text_of(io::memory_use().resident + io::memory_available()); }

}  // namespace

void require_memory(const std::string& what, double more) {
  const double available = io::memory_available(), resident = io::memory_use().resident;
  if (more <= available) return;
  throw Error(Fault::input, what + " needs about " + text_of(resident + more) + " of memory, " +
                                text_of(resident + available) +
                                " is available: a coarser [grid] or fewer --threads need less");
}

SimulationMemory simulation_memory_of(const io::PreparedCase& prepared, const RunOptions& run, bool last_state) {
  SimulationSize size = size_on(prepared.phantom.grid, run);
  size.structure_voxels = touched(prepared.structures);
  size.last_state = last_state;
  if (prepared.sessions.empty()) {
    size.source_voxels = emitting(prepared.source);
    return {with_and_without_checkpoint(size, false), with_and_without_checkpoint(size, true)};
  }
  // What earlier sessions leave: dose and error, with the correlated estimator two more arrays, and their final states.
  const auto voxels = static_cast<double>(size.grid.voxels());
  const double left = (8 + (size.correlated ? 5 : 0) + 24) * voxels;
  SimulationMemory most;
  for (std::size_t s = 0; s < prepared.sessions.size(); ++s) {
    const io::PreparedSession& session = prepared.sessions[s];
    SimulationSize of_session = size;
    of_session.source_voxels = emitting(session.source);
    of_session.structure_voxels += touched(session.structures);
    of_session.last_state = last_state || s + 1 < prepared.sessions.size();
    const auto copies = static_cast<double>(prepared.structures.size() + session.structures.size());
    const double beside = left * static_cast<double>(s) + 4 * copies * voxels;  // io::dose_by() joins the structures
    most.run = std::max(most.run, beside + with_and_without_checkpoint(of_session, false));
    most.with_checkpoint = std::max(most.with_checkpoint, beside + with_and_without_checkpoint(of_session, true));
  }
  return most;
}

double least_simulation_memory(const Grid& grid, const RunOptions& run) {
  return most_bytes(simulation_memory(size_on(grid, run)));
}

bool check_simulation_memory(const io::PreparedCase& prepared, const RunOptions& run, bool last_state) {
  const SimulationMemory memory = simulation_memory_of(prepared, run, last_state);
  require_memory(name_of(prepared), memory.run);
  const bool fits = memory.with_checkpoint <= io::memory_available();
  spdlog::info("memory: about {} needed, {} while a checkpoint is written, {} available",
               text_of(peak_with(memory.run)), text_of(peak_with(memory.with_checkpoint)), available_text());
  if (!fits) spdlog::warn("no checkpoints while the run goes on: they do not fit into memory");
  return fits;
}

void check_memory(const io::PreparedCase& prepared, double more) {
  require_memory(name_of(prepared), more);
  spdlog::info("memory: about {} needed, {} available", text_of(peak_with(more)), available_text());
}

}  // namespace ytterby::cli
