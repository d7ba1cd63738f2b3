#include "io/case/phantom_case.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <system_error>

#include "engine/base/error.h"
#include "engine/phantoms/phantoms.h"
#include "io/images/image_file.h"
#include "io/system/output_file.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

/// HU as the whole numbers that a CT holds.
Image<std::int16_t> whole_numbers(const Image<float>& ct) {
  Image<std::int16_t> image{ct.grid, {}};
  image.values.reserve(ct.values.size());
  for (const float hu : ct.values) image.values.push_back(static_cast<std::int16_t>(std::lround(hu)));
  return image;
}

std::string case_text(const AnalyticPhantom& phantom) {
  std::string text = fmt::format("# {}\n[case]\nname = \"{}\"\n\n[medium]\n", phantom.description, phantom.name);
  text += phantom.ct ? "ct = \"ct.nii.gz\"\ncalibration = \"schneider\"\n" : "labels = \"labels.nii.gz\"\n";
  for (const LabelMaterial& m : phantom.materials) {
    text += fmt::format("\n[[material]]\nlabel = {}\nname = \"{}\"\ndensity_g_cm3 = {}\n", m.label, m.name, m.density);
  }
  text += fmt::format("\n[activity]\nimage = \"activity.nii.gz\"\nquantity = \"{}\"\n",
                      phantom.quantity == ActivityQuantity::relative ? "relative" : "Bq");
  if (phantom.administered_GBq) text += fmt::format("administered_GBq = {}\n", *phantom.administered_GBq);
  if (phantom.lung_shunt_fraction) text += fmt::format("lung_shunt_fraction = {}\n", *phantom.lung_shunt_fraction);
  for (const Structure& s : phantom.structures) {
    text += fmt::format("\n[[structure]]\nname = \"{0}\"\nrole = \"{1}\"\nmask = \"{0}.nii.gz\"\n", s.name,
                        role_name(s.role));
  }
  if (phantom.ct) text += "\n[protocol]\npreset = \"rescue\"\n";
  return text;
}

}  // namespace

fs::path write_phantom_case(const std::string& name, const fs::path& folder, std::optional<double> spacing) {
  const AnalyticPhantom phantom = make_phantom(name, spacing);
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed || !fs::is_directory(folder)) {
    throw Error(Fault::input, folder.string() + ": cannot be made a folder" + (failed ? ": " + failed.message() : ""));
  }
  if (phantom.ct) write_image(folder / "ct.nii.gz", whole_numbers(*phantom.ct));
  if (phantom.labels) write_image(folder / "labels.nii.gz", *phantom.labels);
  write_image(folder / "activity.nii.gz", phantom.activity);
  for (const Structure& s : phantom.structures) {
    write_image(folder / (s.name + ".nii.gz"), Image<float>{phantom.activity.grid, s.fraction});
  }
  const fs::path case_file = folder / "case.toml";
  OutputFile output(case_file);
  std::ofstream stream(output.temporary(), std::ios::binary);
  stream << case_text(phantom);
  stream.close();
  if (!stream) throw Error(Fault::input, case_file.string() + ": cannot be written");
  output.commit();
  return case_file;
}

}  // namespace ytterby::io
