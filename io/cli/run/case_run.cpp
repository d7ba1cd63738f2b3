#include "io/cli/run/case_run.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iostream>
#include <set>
#include <string>

#include "io/case/case_inputs.h"
#include "io/cli/run/memory_check.h"

namespace ytterby::cli {

void print_resolved(const io::CaseFile& c) {
  std::cout << io::write_case(c, io::absolute_paths(c)) << '\n' << io::inputs_as_comments(c);
}

io::PreparedCase prepare_aloud(const io::CaseFile& c, const RunMemory& run, io::Keep keep) {
  const auto on_grid = [&](const io::PreparationSize& size) {
    const double after = io::prepared_memory(size) + (run ? run(size.grid) : 0);
    require_memory(c.file.string() + ": its dose grid of " + std::to_string(size.grid.voxels()) + " voxels",
                   std::max(io::preparation_memory(size), after));
  };
  io::PreparedCase prepared = io::prepare(c, on_grid, keep);
  for (const io::InputFile& input : prepared.inputs) spdlog::debug("{}: SHA-256 {}", input.name, input.sha256);
  spdlog::debug("content hash {}", prepared.content_hash);
  for (const std::string& note : prepared.notes) spdlog::info("{}", note);
  tell_warnings(prepared.warnings);
  return prepared;
}

void tell_warnings(const io::Warnings& warnings, std::size_t from) {
  static std::set<std::string> told;  // by this process: a chain of verbs meets the same warnings in each
  for (std::size_t i = from; i < warnings.size(); ++i) {
    if (told.insert(warnings[i].text).second) spdlog::warn("{}", warnings[i].text);
  }
}

}  // namespace ytterby::cli
