#include "io/cli/run/kept.h"

#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>

#include "engine/base/version.h"
#include "kernels/launch/launch_cpu.h"

namespace ytterby::cli {

void add_keep_older_flag(CLI::App& app, bool& keep_older) {
  app.add_flag("--keep-older", keep_older,
               "keep a finished dose that fits though another build of the program made it");
}

std::string made_otherwise(const io::DoseFile& file, const RunFlags& run) {
  if (file.git_commit != git_commit()) return "made by " + file.git_commit;
  if (file.build != build_description()) return "made by another build (" + file.build + ")";
  if (file.map.method != "monte-carlo") return "";
  const std::string& device = file.map.device;
  const bool on_cpu = device.starts_with("cpu ");
  if (on_cpu && run.backend != Backend::cuda) {
    const std::string level = "cpu " + std::string(best_cpu_launcher().level);
    return device.starts_with(level + ",") || device == level ? "" : "made on " + device;
  }
  const bool same_kind = on_cpu ? run.backend != Backend::cuda : run.backend != Backend::cpu;
  return same_kind ? "" : "made on " + device;
}

bool may_stay(io::DoseFile& file, const std::string& name, const RunFlags& run, bool keep_older) {
  const std::string how = made_otherwise(file, run);
  if (how.empty()) return true;
  if (!keep_older) {
    spdlog::info("{}: was {}, this is {}: it is made anew (--keep-older keeps it)", name, how, git_commit());
    return false;
  }
  const std::string text = name + ": kept, " + how;
  spdlog::warn("{}", text);
  file.warnings.push_back({"dose-kept", io::WarningClass::note, text, {}});
  return true;
}

}  // namespace ytterby::cli
