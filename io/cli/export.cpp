// `ytterby export`: doses for other programs.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/dose/dvh.h"
#include "io/cli/run/files.h"
#include "io/cli/verbs.h"
#include "io/dicom/rtdose.h"
#include "io/images/image_file.h"
#include "io/results/dose_file.h"
#include "io/system/output_file.h"
#include "io/text/csv_cell.h"

namespace ytterby::cli {
namespace {

namespace fs = std::filesystem;

/// Histograms as lines of structure, dose and volume. They are made anew from the doses, whose chunks are checked as
/// they are inflated: the file's own tables are for other programs, and nothing guards their bytes.
void write_dvhs(const fs::path& path, const io::DoseFile& file) {
  std::string text = "structure,dose_Gy,volume_fraction\n";
  for (const Structure& structure : file.structures) {
    const Dvh dvh = DoseVolume(file.map.dose, structure, file.phantom.density).histogram(structure.name);
    const std::string name = io::csv_cell(dvh.name);
    for (std::size_t i = 0; i < dvh.dose.size(); ++i) {
      text += name + ',' + io::to_text(dvh.dose[i]) + ',' + io::to_text(dvh.volume_fraction[i]) + '\n';
    }
  }
  io::write_file(path, text);
}

Image<float> chosen(const io::DoseFile& file, const fs::path& path, const std::string& what) {
  const Grid& grid = file.map.grid;
  if (what == "dose") return {grid, file.map.dose};
  if (what == "density") return {grid, file.phantom.density};
  if (what == "activity") return {grid, {file.activity.begin(), file.activity.end()}};
  if (file.map.uncertainty.empty()) {
    throw Error(Fault::input, path.string() + ": has no uncertainty, its method (" + file.map.method + ") states none");
  }
  return {grid, file.map.uncertainty};
}

struct Options {
  std::string input, output, identity, plan, what = "dose";
  bool force = false, json = false, dry_run = false, unverified = false;
};

io::RtdoseLinks links_of(const io::DoseFile& file, const Options& options) {
  io::RtdoseLinks links;
  if (!options.identity.empty()) links.identity = io::read_identity(options.identity, file.patient);
  if (!options.plan.empty()) links.plan = io::read_plan_reference(options.plan, file.patient);
  return links;
}

void write_file(const io::DoseFile& file, const Options& options) {
  const fs::path output = options.output;
  const std::string ending = output.extension().string(), &what = options.what;
  if (ending == ".csv") {
    write_dvhs(output, file);
    return;
  }
  const Image<float> image = chosen(file, options.input, what);
  if (ending != ".dcm") {
    io::write_image(output, image);
    return;
  }
  io::write_rtdose(output, image, what == "dose" ? io::DoseType::physical : io::DoseType::error, file.patient,
                   "Y-90 " + what + " (" + file.map.method + ")", file.warnings, links_of(file, options));
}

int run_export(const Options& options) {
  const fs::path output = options.output;
  std::vector<io::ReadFile> inputs;
  if (!options.identity.empty()) inputs.push_back({options.identity, "the CT"});
  if (!options.plan.empty()) inputs.push_back({options.plan, "the plan"});
  check_files({{output, "-o"}}, with_doses(std::move(inputs), {options.input}), force_option(options.force));
  const bool rtdose = output.extension() == ".dcm", table = output.extension() == ".csv";
  if (rtdose && options.what != "dose" && options.what != "uncertainty") {
    throw Error(Fault::usage,
                "RTDOSE (.dcm) holds dose or uncertainty, " + options.what + " goes to .nii.gz, .nrrd or .mha");
  }
  if (!rtdose && !(options.identity.empty() && options.plan.empty()))
    throw Error(Fault::usage, "--identity-from-ct and --plan go with RTDOSE (.dcm)");
  const io::DoseFile file = io::read_dose(options.input, options.unverified ? io::Trust::any : io::Trust::whole);
  if (!options.dry_run) write_file(file, options);
  if (!options.json && !options.dry_run) return 0;
  const nlohmann::ordered_json json{{"dose_file", options.input},       {"method", file.map.method},
                                    {"case", file.case_name},           {"what", table ? "histograms" : options.what},
                                    {"shape_xyz", file.map.grid.shape}, {"file", options.output}};
  std::cout << json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
  return 0;
}

}  // namespace

Action add_export(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("dose", options->input, "dose file (HDF5)")->required();
  app.add_option("-o,--output", options->output,
                 "file to write: .dcm (RTDOSE), .nii.gz, .nrrd, .mha, or .csv (dose-volume histograms)")
      ->required();
  app.add_option("--what", options->what, "dose, uncertainty (one standard error), density or activity")
      ->check(CLI::IsMember({"dose", "uncertainty", "density", "activity"}))
      ->capture_default_str();
  app.add_option("--identity-from-ct", options->identity,
                 "a slice or folder of the dose's CT: PatientName, PatientID and study of it go into RTDOSE");
  app.add_option("--plan", options->plan, "RT plan (DICOM) that RTDOSE refers to");
  app.add_flag("--unverified", options->unverified, "take the dose as it is where the file was changed or damaged");
  add_force_flag(app, options->force);
  app.add_flag("--json", options->json, "print what was written as JSON");
  app.add_flag("--dry-run", options->dry_run, "read the dose, print what would be written as JSON and stop");
  return [options] { return run_export(*options); };
}

}  // namespace ytterby::cli
