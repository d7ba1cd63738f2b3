// Any bytes are ITK transforms in HDF5, displacement fields among them, or refused as input.

#include <cmath>

#include "io/images/transform_file.h"
#include "tests/fuzz/hdf5_harness.h"

using namespace ytterby;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::read_or_refuse(data, size, [](const std::filesystem::path& path) {
    io::holds_displacement_field(path);
    for (const io::TransformPart& part : io::read_transform_parts(path)) {
      for (const double v : part.parameters) {
        if (!std::isfinite(v)) std::abort();
      }
    }
  });
}
