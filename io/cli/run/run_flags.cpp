#include "io/cli/run/run_flags.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <utility>

#include "io/cli/options.h"

namespace ytterby::cli {
namespace {

void add(CLI::App& app, const std::string& name, const char* text, std::function<void(const std::string&)> take) {
  if (text == nullptr) return;
  app.add_option_function<std::string>(name, std::move(take), text);
}

}  // namespace

void add_run_flags(CLI::App& app, RunFlags& flags, const RunFlagTexts& texts) {
  add(app, "--histories", texts.histories,
      [&flags](const std::string& value) { flags.histories = count_option("--histories", value, 1); });
  add(app, "--seed", texts.seed, [&flags](const std::string& value) { flags.seed = count_option("--seed", value, 0); });
  add(app, "--device", texts.device, [&flags](const std::string& value) {
    const DeviceOption device = device_option(value);
    flags.backend = device.backend;
    flags.cuda_devices = device.cuda_devices;
  });
  add(app, "--threads", texts.threads, [&flags](const std::string& value) { flags.threads = threads_option(value); });
}

void add_goal_flags(CLI::App& app, GoalFlags& flags) {
  add(app, "--uncertainty", "stop when the goal's mean dose has this standard error, e.g. 1%",
      [&flags](const std::string& value) { flags.uncertainty = share_option("--uncertainty", value); });
  add(app, "--voxel-uncertainty",
      "stop when every voxel at least half inside the goal and above half its mean dose has this standard error, e.g. "
      "1%",
      [&flags](const std::string& value) { flags.voxel_uncertainty = share_option("--voxel-uncertainty", value); });
  app.add_option("--goal", flags.goal, "structure that the uncertainties are of")->capture_default_str();
}

}  // namespace ytterby::cli
