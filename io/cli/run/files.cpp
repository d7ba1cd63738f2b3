#include "io/cli/run/files.h"

#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>

namespace ytterby::cli {

void add_force_flag(CLI::App& app, bool& force) {
  app.add_flag("--force", force, "write over finished work too: another dose, a kernel, a checkpoint");
}

std::unique_ptr<io::OutputFile> hold_output(const std::string& path) {
  auto held = std::make_unique<io::OutputFile>(path);
  if (!held->remark().empty()) spdlog::warn("{}", held->remark());
  return held;
}

std::vector<io::ReadFile> with_doses(std::vector<io::ReadFile> inputs, const std::vector<std::string>& doses) {
  for (const std::string& dose : doses) inputs.push_back({dose, "a dose file"});
  return inputs;
}

void check_files(const std::vector<io::WrittenFile>& outputs, const std::vector<io::ReadFile>& inputs, io::Force force,
                 const std::optional<io::DoseClaim>& run) {
  io::check_outputs(outputs, inputs);
  for (const io::WrittenFile& output : outputs) {
    if (!output.path.empty()) io::check_replaced(output.path, force, run);
  }
}

}  // namespace ytterby::cli
