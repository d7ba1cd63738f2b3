#include "io/case/phantom_case.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <system_error>
#include <vector>

#include "engine/base/error.h"
#include "engine/phantoms/phantoms.h"
#include "io/images/image_file.h"
#include "io/images/input_hash.h"
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

constexpr const char* list_name = "phantom.sha256";

/// What a phantom wrote into its folder: file names and their hashes, as sha256sum writes them.
using OwnFiles = std::map<std::string, std::string>;

OwnFiles read_list(const fs::path& folder) {
  OwnFiles own;
  std::ifstream stream(folder / list_name);
  for (std::string hash, name; stream >> hash && std::getline(stream >> std::ws, name);) own[name] = hash;
  return own;
}

void write_list(const fs::path& folder, const OwnFiles& own) {
  std::string text;
  for (const auto& [name, hash] : own) text += hash + "  " + name + "\n";
  write_file(folder / list_name, text);
}

[[noreturn]] void refuse_folder(const fs::path& folder, const std::string& file, const std::string& why) {
  throw Error(Fault::input, folder.string() + ": is no folder for a phantom: " + (folder / file).string() + " " + why +
                                "; a phantom is written into a new or empty folder, or its own");
}

/// The files there that are a phantom's, unchanged; refuses a folder that holds something else, or foreign files under
/// the names of `files`.
OwnFiles check_own_folder(const fs::path& folder, const std::vector<std::string>& files) {
  std::error_code failed;
  const OwnFiles own = read_list(folder);
  OwnFiles there;
  for (const std::string& name : files) {
    if (fs::exists(folder / name, failed) && !own.contains(name)) refuse_folder(folder, name, "is there");
  }
  for (const auto& [name, hash] : own) {
    if (!fs::exists(folder / name, failed)) continue;
    if (sha256_of_file(folder / name) != hash) refuse_folder(folder, name, "was changed since a phantom wrote it");
    there[name] = hash;
  }
  if (!own.empty()) return there;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with('.')) refuse_folder(folder, name, "is there");
  }
  return {};
}

/// A file of the phantom and what writes it.
struct PhantomFile {
  std::string name;
  std::function<void(const fs::path&)> write;
};

std::vector<PhantomFile> files_of(const AnalyticPhantom& phantom) {
  std::vector<PhantomFile> files;
  if (phantom.ct) {
    files.push_back({"ct.nii.gz", [&](const fs::path& path) { write_image(path, whole_numbers(*phantom.ct)); }});
  }
  if (phantom.labels) {
    files.push_back({"labels.nii.gz", [&](const fs::path& path) { write_image(path, *phantom.labels); }});
  }
  files.push_back({"activity.nii.gz", [&](const fs::path& path) { write_image(path, phantom.activity); }});
  for (const Structure& s : phantom.structures) {
    files.push_back({s.name + ".nii.gz", [&](const fs::path& path) {
                       write_image(path, Image<float>{phantom.activity.grid, s.fraction});
                     }});
  }
  files.push_back({"case.toml", [&](const fs::path& path) { write_file(path, case_text(phantom)); }});
  return files;
}

}  // namespace

std::string phantom_case_text(const std::string& name) { return case_text(make_phantom(name)); }

fs::path write_phantom_case(const std::string& name, const fs::path& folder, std::optional<double> spacing) {
  const AnalyticPhantom phantom = make_phantom(name, spacing);
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed || !fs::is_directory(folder)) {
    throw Error(Fault::input, folder.string() + ": cannot be made a folder" + (failed ? ": " + failed.message() : ""));
  }
  const std::vector<PhantomFile> files = files_of(phantom);
  std::vector<std::string> names;
  for (const PhantomFile& file : files) names.push_back(file.name);
  OwnFiles own = check_own_folder(folder, names);
  for (const PhantomFile& file : files) {
    file.write(folder / file.name);
    own[file.name] = sha256_of_file(folder / file.name);
    write_list(folder, own);  // before the next is begun
  }
  return folder / "case.toml";
}

}  // namespace ytterby::io
