#include "stage_record.h"

#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>

#include "engine/base/version.h"
#include "kernels/launch/launch.h"

namespace ytterby::gpu_check {
namespace {

std::string now() {
  const std::time_t t = std::time(nullptr);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&t));
  return text;
}

}  // namespace

Stage::Stage(const Settings& settings, const CudaStatus& status) : settings_(settings) {
  const std::vector<CudaDeviceInfo> usable = usable_cuda_devices(status);
  record.date = now();
  record.device = usable.empty() ? "no GPU" : usable.front().name;
  record.devices = static_cast<int>(usable.size());
  record.driver = status.driver;
  record.runtime = status.runtime;
  record.commit = git_commit();
  record.build = build_description();
  record.stage = settings.stage;
  record.finished = false;
  record.cores = static_cast<int>(std::thread::hardware_concurrency());
  record.host = std::string("cpu ") + best_cpu_launcher().level + ", " + std::to_string(record.cores) + " threads";
  std::printf("device: %s x %d; driver for CUDA %s, runtime %s; commit %s\n", record.device.c_str(), record.devices,
              record.driver.c_str(), record.runtime.c_str(), record.commit.c_str());
}

void Stage::show(Finding found) {
  const char* marks[] = {"ok      ", "FAILED  ", "skipped "};
  std::printf("%s%s: %s\n", marks[static_cast<int>(found.state)], found.what.c_str(), found.detail.c_str());
  std::fflush(stdout);
  record.findings.push_back(std::move(found));
  save();
}

void Stage::skip(std::initializer_list<const char*> what, const std::string& why) {
  for (const char* w : what) show({settings_.require_gpu ? Finding::State::bad : Finding::State::skipped, w, why});
}

int Stage::finish() {
  record.finished = true;
  save();
  if (!settings_.folder.empty()) std::printf("record: %s.json\n", path().c_str());
  return record.good() ? 0 : 5;
}

std::string Stage::path() const { return settings_.folder + "/" + name_of(record) + "-" + record.stage; }

/// Whole or not at all: the process may be killed at any time.
void Stage::save() {
  record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  if (settings_.folder.empty()) return;
  std::filesystem::create_directories(settings_.folder);
  const std::pair<const char*, std::string> files[] = {{".json", as_json(record)}, {".md", as_markdown(record)}};
  for (const auto& [ending, text] : files) {
    const std::string name = path() + ending;
    std::ofstream(name + ".part") << text;
    std::filesystem::rename(name + ".part", name);
  }
}

}  // namespace ytterby::gpu_check
