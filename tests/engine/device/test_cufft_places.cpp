// Where cuFFT is looked for.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/device/cufft_places.h"

namespace ytterby {
namespace {

namespace fs = std::filesystem;

class CufftPlaces : public ::testing::Test {
 protected:
  CufftPlaces() {
    fs::remove_all(root_);
    fs::create_directories(root_ / "bin");
    setenv("PATH", ("/no/such/folder::" + (root_ / "bin").string() + ":" + path_).c_str(), 1);
  }
  ~CufftPlaces() override {
    setenv("PATH", path_.c_str(), 1);
    unsetenv("CUDA_HOME");
    fs::remove_all(root_);
  }
  /// Makes an empty file below the root.
  std::string make(const fs::path& file) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream{root_ / file};
    return (root_ / file).string();
  }
  static bool has(const std::string& place) {
    const std::vector<std::string> places = cufft_places();
    return std::find(places.begin(), places.end(), place) != places.end();
  }

  std::string path_ = std::getenv("PATH") != nullptr ? std::getenv("PATH") : "";
  fs::path root_ = fs::temp_directory_path() / ("ytterby-cufft-" + std::to_string(::getpid()));
};

TEST_F(CufftPlaces, AreInThePackagesOfThePythonOnThePath) {
  const std::string in_toolkit = make("lib/python3.12/site-packages/nvidia/cu13/lib/libcufft.so.12");
  const std::string by_itself = make("lib/python3.12/site-packages/nvidia/cufft/lib/libcufft.so.11");
  make("lib/python3.12/site-packages/nvidia/cu13/lib/libcublas.so.13");
  EXPECT_FALSE(has(in_toolkit));  // there is no Python there
  make("bin/python3");
  EXPECT_TRUE(has(in_toolkit));
  EXPECT_TRUE(has(by_itself));
  for (const std::string& place : cufft_places()) EXPECT_EQ(place.find("cublas"), std::string::npos) << place;
}

TEST_F(CufftPlaces, BeginWithTheToolkitThatIsNamed) {
  setenv("CUDA_HOME", "/opt/cuda", 1);
  EXPECT_EQ(cufft_places().front(), "/opt/cuda/lib64/libcufft.so.12");
  EXPECT_TRUE(has("libcufft.so.12"));  // as the loader finds it
}

}  // namespace
}  // namespace ytterby
