// `ytterby check`: is a file of ours whole?

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "io/cli/verbs.h"
#include "io/hdf5/hdf5.h"
#include "io/results/checkpoint_file.h"
#include "io/results/dose_file.h"
#include "io/results/dose_format.h"
#include "io/results/kernel_file.h"

namespace ytterby::cli {
namespace {

struct Finding {
  std::string file, format, problem;  // whole: no problem
};

/// Reads all of it as its reader does, which compares it with its digest, too.
void read_whole(const std::string& file, std::string& format) {
  io::Warnings warnings;
  {
    const io::Hdf5File h5 = io::Hdf5File::open(file);
    format = h5.has_attribute("/", "format") ? h5.text("/", "format") : "";
    if (const auto warning = io::check_seal(h5, file)) warnings.push_back(*warning);
  }
  if (format == io::dose_format::name) {
    io::read_dose(file);
  } else if (format == io::kernel_format) {
    io::read_kernel(file, warnings);
  } else if (format == io::checkpoint_format) {
    io::read_checkpoint(file);
  } else {
    throw Error(Fault::input, file + ": is no dose, kernel or checkpoint");
  }
  if (!warnings.empty()) throw Error(Fault::input, warnings.front().text);
}

Finding look_at(const std::string& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) throw Error(Fault::input, file + ": no such file");
  if (::access(file.c_str(), R_OK) != 0) throw Error(Fault::input, file + ": may not be read");
  Finding finding{file, "", ""};
  try {
    read_whole(file, finding.format);
  } catch (const Error& error) {
    if (error.fault() != Fault::input) throw;
    finding.problem = error.what();
  }
  return finding;
}

int run_check(const std::vector<std::string>& files, bool json) {
  constexpr int not_whole = 5;
  int status = 0;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const std::string& file : files) {
    const Finding f = look_at(file);
    if (!f.problem.empty()) status = not_whole;
    list.push_back({{"file", f.file}, {"format", f.format}, {"whole", f.problem.empty()}, {"problem", f.problem}});
    if (!json) std::cout << (f.problem.empty() ? f.file + ": whole (" + f.format + ")" : f.problem) << '\n';
  }
  if (json) std::cout << list.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
  return status;
}

}  // namespace

Action add_check(CLI::App& app) {
  auto files = std::make_shared<std::vector<std::string>>();
  auto json = std::make_shared<bool>(false);
  app.add_option("files", *files, "dose files, kernels or checkpoints (HDF5)")->required();
  app.add_flag("--json", *json, "print the findings as JSON");
  return [files, json] { return run_check(*files, *json); };
}

}  // namespace ytterby::cli
