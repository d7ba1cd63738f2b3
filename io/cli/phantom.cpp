// `ytterby phantom NAME -o DIR`: analytic phantoms as case folders.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/base/units.h"
#include "engine/phantoms/phantoms.h"
#include "io/case/phantom_case.h"
#include "io/cli/ends/stop_signals.h"
#include "io/cli/verbs.h"

namespace ytterby::cli {

Action add_phantom(CLI::App& app) {
  struct Options {
    std::string name, folder;
    double spacing_mm = 0;
    bool json = false, dry_run = false;
  };
  auto options = std::make_shared<Options>();
  std::string names;
  for (const std::string& name : phantom_names()) names += (names.empty() ? "" : ", ") + name;
  app.add_option("name", options->name, names)->required();
  app.add_option("-o,--output", options->folder, "folder to write to: new, empty, or an earlier phantom's")->required();
  app.add_flag("--json", options->json, "print JSON");
  app.add_flag("--dry-run", options->dry_run, "print the case file and stop");
  CLI::Option* spacing =
      app.add_option("--spacing", options->spacing_mm, "voxel size [mm]; default: the phantom's own");
  return [options, spacing] {
    const auto size = *spacing ? std::optional(options->spacing_mm * cm_per_mm) : std::nullopt;
    if (options->dry_run) {
      std::cout << io::phantom_case_text(options->name);
      return 0;
    }
    const StopSignals signals;  // a file that its list lacks yet would have the next phantom refuse the folder
    const std::string file = io::write_phantom_case(options->name, options->folder, size).string();
    std::cout << (options->json ? nlohmann::json{{"case", file}}.dump(2) : file) << '\n';
    return 0;
  };
}

}  // namespace ytterby::cli
