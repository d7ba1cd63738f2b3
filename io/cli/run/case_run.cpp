#include "io/cli/run/case_run.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "engine/base/error.h"
#include "io/cli/run/memory_check.h"

namespace ytterby::cli {

namespace fs = std::filesystem;

void check_output(const io::CaseFile& c, const fs::path& output) {
  std::vector<fs::path> inputs{c.file};
  const auto add = [&](const std::string& name) {
    if (!name.empty()) inputs.push_back(c.path_of(name));
  };
  const auto add_structures = [&](const std::vector<io::StructureEntry>& structures) {
    for (const io::StructureEntry& s : structures) {
      for (const std::string& name : {s.mask, s.image, s.rtstruct, s.seg}) add(name);
    }
  };
  if (c.medium) {
    for (const std::string& name : {c.medium->ct, c.medium->labels, c.medium->calibration}) add(name);
  }
  if (c.activity) add(c.activity->image);
  add_structures(c.structures);
  for (const io::SessionEntry& s : c.sessions) {
    add(s.activity.image);
    add_structures(s.structures);
  }
  for (const fs::path& input : inputs) {
    std::error_code ignored;
    if (fs::equivalent(input, output, ignored)) {
      throw Error(Fault::input, output.string() + ": cannot be the output, it is an input of the case");
    }
  }
}

io::PreparedCase prepare_aloud(const io::CaseFile& c, const RunMemory& run) {
  io::PreparedCase prepared = io::prepare(c, [&](const io::PreparationSize& size) {
    const double after = io::prepared_memory(size) + (run ? run(size.grid) : 0);
    require_memory(c.file.string() + ": its dose grid of " + std::to_string(size.grid.voxels()) + " voxels",
                   std::max(io::preparation_memory(size), after));
  });
  for (const std::string& note : prepared.notes) spdlog::info("{}", note);
  tell_warnings(prepared.warnings);
  return prepared;
}

void tell_warnings(const io::Warnings& warnings, std::size_t from) {
  for (std::size_t i = from; i < warnings.size(); ++i) spdlog::warn("{}", warnings[i].text);
}

}  // namespace ytterby::cli
