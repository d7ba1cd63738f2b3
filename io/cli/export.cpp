// `ytterby export`: doses for other programs.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <memory>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "io/cli/verbs.h"
#include "io/dicom/rtdose.h"
#include "io/images/image_file.h"
#include "io/results/dose_file.h"
#include "io/system/output_file.h"

namespace ytterby::cli {
namespace {

namespace fs = std::filesystem;

/// Histograms as lines of structure, dose and volume.
void write_dvhs(const fs::path& path, const io::DoseFile& file) {
  io::OutputFile output(path);
  std::ofstream stream(output.temporary());
  stream << "structure,dose_Gy,volume_fraction\n";
  for (const Dvh& dvh : file.dvhs) {
    std::string name = dvh.name;
    for (std::size_t at = name.find('"'); at != std::string::npos; at = name.find('"', at + 2)) name.insert(at, "\"");
    for (std::size_t i = 0; i < dvh.dose.size(); ++i) {
      stream << '"' << name << "\"," << io::to_text(dvh.dose[i]) << ',' << io::to_text(dvh.volume_fraction[i]) << '\n';
    }
  }
  stream.close();
  if (!stream) throw Error(Fault::input, path.string() + ": cannot be written: is the disk full?");
  output.commit();
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

int run_export(const fs::path& input, const fs::path& output, const std::string& what) {
  const std::string ending = output.extension().string();
  std::error_code ignored;
  if (fs::equivalent(input, output, ignored)) {
    throw Error(Fault::input, output.string() + ": cannot be the output, it is the input");
  }
  const io::DoseFile file = io::read_dose(input);
  if (ending == ".csv") {
    write_dvhs(output, file);
    return 0;
  }
  const Image<float> image = chosen(file, input, what);
  if (ending != ".dcm") {
    io::write_image(output, image);
    return 0;
  }
  if (what != "dose" && what != "uncertainty") {
    throw Error(Fault::usage, "RTDOSE (.dcm) holds dose or uncertainty, " + what + " goes to .nii.gz, .nrrd or .mha");
  }
  io::write_rtdose(output, image, what == "dose" ? io::DoseType::physical : io::DoseType::error, file.patient,
                   "Y-90 " + what + " (" + file.map.method + ")", file.warnings);
  return 0;
}

}  // namespace

Action add_export(CLI::App& app) {
  struct Options {
    std::string input, output, what = "dose";
  };
  auto options = std::make_shared<Options>();
  app.add_option("dose", options->input, "dose file (HDF5)")->required();
  app.add_option("-o,--output", options->output,
                 "file to write: .dcm (RTDOSE), .nii.gz, .nrrd, .mha, or .csv (dose-volume histograms)")
      ->required();
  app.add_option("--what", options->what, "dose, uncertainty (one standard error), density or activity")
      ->check(CLI::IsMember({"dose", "uncertainty", "density", "activity"}))
      ->capture_default_str();
  return [options] { return run_export(options->input, options->output, options->what); };
}

}  // namespace ytterby::cli
