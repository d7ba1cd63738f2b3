// Reading a case, histograms, writing and reading the dose file.

#include <benchmark/benchmark.h>

#include <filesystem>
#include <optional>

#include "bench/bench.h"
#include "engine/dose/dvh.h"
#include "engine/simulation.h"
#include "io/case/phantom_case.h"
#include "io/prepare/dose_of_case.h"
#include "io/prepare/prepare.h"
#include "io/results/dose_file.h"

namespace ytterby::bench {
namespace {

namespace fs = std::filesystem;

/// The built-in patient as files.
fs::path patient_case(double spacing) {
  static const fs::path file = io::write_phantom_case("rescue", scratch_folder() + "/files", spacing);
  return file;
}

/// Its dose after a short run.
const io::DoseFile& patient_dose(double spacing) {
  static const io::DoseFile file = [spacing] {
    io::PreparedCase prepared = io::prepare(io::read_case(patient_case(spacing)));
    RunOptions options;
    options.backend = Backend::cpu;
    options.histories = 400'000;
    DoseMap map = simulate(prepared.phantom, prepared.source, options, prepared.structures);
    return io::make_dose_file(std::move(prepared), std::move(map));
  }();
  return file;
}

void prepare_case(benchmark::State& state, const std::function<fs::path()>& file) {
  double voxels = 0, bytes = 0;
  const fs::path path = file();
  for (auto _ : state) {
    const io::PreparedCase prepared = io::prepare(io::read_case(path));
    voxels = static_cast<double>(prepared.phantom.grid.voxels());
  }
  for (const auto& entry : fs::directory_iterator(path.parent_path()))
    if (entry.is_regular_file()) bytes += static_cast<double>(entry.file_size());
  state.counters["voxels"] = voxels;
  state.counters["folder_MB"] = bytes / 1e6;
}

/// Bytes of the images in a dose file, uncompressed.
double image_bytes(const io::DoseFile& file) {
  const double voxels = static_cast<double>(file.map.grid.voxels());
  const double per_voxel =
      3 * sizeof(float) + 1 + sizeof(double) + sizeof(float) * static_cast<double>(file.structures.size());
  return voxels * per_voxel;
}

void write_dose_file(benchmark::State& state, double spacing) {
  const io::DoseFile& file = patient_dose(spacing);
  const fs::path path = scratch_folder() + "/dose.h5";
  for (auto _ : state) io::write_dose(path, file);
  state.SetBytesProcessed(static_cast<std::int64_t>(image_bytes(file) * static_cast<double>(state.iterations())));
  state.counters["images_MB"] = image_bytes(file) / 1e6;
  state.counters["file_MB"] = static_cast<double>(fs::file_size(path)) / 1e6;
}

void read_dose_file(benchmark::State& state, double spacing) {
  const io::DoseFile& file = patient_dose(spacing);
  const fs::path path = scratch_folder() + "/read.h5";
  io::write_dose(path, file);
  for (auto _ : state) benchmark::DoNotOptimize(io::read_dose(path));
  state.SetBytesProcessed(static_cast<std::int64_t>(image_bytes(file) * static_cast<double>(state.iterations())));
}

void histograms(benchmark::State& state, double spacing) {
  const io::DoseFile& file = patient_dose(spacing);
  for (auto _ : state)
    for (const Structure& s : file.structures)
      benchmark::DoNotOptimize(DoseVolume(file.map.dose, s, file.phantom.density).histogram(s.name));
  state.counters["structures"] = static_cast<double>(file.structures.size());
  state.SetItemsProcessed(static_cast<std::int64_t>(static_cast<std::size_t>(state.iterations()) *
                                                    file.structures.size() * file.map.grid.voxels()));
}

template <class Run>
void add(const std::string& name, Run run) {
  benchmark::RegisterBenchmark(name.c_str(), run)
      ->MeasureProcessCPUTime()
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
}

}  // namespace

void register_files(const Settings& settings) {
  const std::string patient = settings.patient();
  const double spacing = settings.patient_spacing();
  add("files/prepare/" + patient,
      [spacing](benchmark::State& state) { prepare_case(state, [spacing] { return patient_case(spacing); }); });
  if (!settings.quick)
    for (const std::string& folder : case_folders()) {
      const fs::path path = fs::path(folder).lexically_normal();
      add("files/prepare/" + path.filename().string(),
          [path](benchmark::State& state) { prepare_case(state, [path] { return path / "case.toml"; }); });
    }
  add("files/write_dose/" + patient, [spacing](benchmark::State& state) { write_dose_file(state, spacing); });
  add("files/read_dose/" + patient, [spacing](benchmark::State& state) { read_dose_file(state, spacing); });
  add("files/histograms/" + patient, [spacing](benchmark::State& state) { histograms(state, spacing); });
}

}  // namespace ytterby::bench
