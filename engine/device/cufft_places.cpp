#include "engine/device/cufft_places.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <system_error>

namespace ytterby {
namespace {

namespace fs = std::filesystem;

/// Folders in `folder`, in alphabetical order; none where it cannot be read.
std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error))
    if (std::error_code none; i->is_directory(none)) found.push_back(i->path());
  std::sort(found.begin(), found.end());
  return found;
}

/// nvidia/*/lib in the packages of the Python whose program is in `bin`.
std::vector<fs::path> python_folders(const fs::path& bin) {
  std::vector<fs::path> found;
  std::error_code error;
  if (!fs::exists(bin / "python3", error)) return found;
  for (const fs::path& lib : folders_in(bin.parent_path() / "lib")) {
    if (!lib.filename().string().starts_with("python3")) continue;
    for (const char* packages : {"site-packages", "dist-packages"})
      for (const fs::path& package : folders_in(lib / packages / "nvidia"))
        if (fs::is_directory(package / "lib", error)) found.push_back(package / "lib");
  }
  return found;
}

}  // namespace

std::vector<std::string> cufft_places() {
  constexpr const char* names[] = {"libcufft.so.12", "libcufft.so.11"};
  std::vector<std::string> places;
  for (const char* variable : {"CUDA_HOME", "CUDA_PATH"})
    if (const char* home = std::getenv(variable))
      for (const char* name : names) places.push_back(std::string(home) + "/lib64/" + name);
  for (const char* folder : {"", "/usr/local/cuda/lib64/"})
    for (const char* name : names) places.push_back(std::string(folder) + name);
  const char* path = std::getenv("PATH");
  std::istringstream programs(path != nullptr ? path : "");
  for (std::string bin; std::getline(programs, bin, ':');)
    for (const fs::path& folder : python_folders(bin))
      for (const char* name : names) {
        std::error_code error;
        if (fs::exists(folder / name, error)) places.push_back((folder / name).string());
      }
  return places;
}

}  // namespace ytterby
