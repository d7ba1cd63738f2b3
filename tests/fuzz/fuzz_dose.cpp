// Any bytes are a dose file, or refused as input.

#include "io/results/dose_file.h"
#include "tests/fuzz/hdf5_harness.h"

using namespace ytterby;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::read_or_refuse(data, size, [](const std::filesystem::path& path) {
    const io::DoseFile dose = io::read_dose(path);
    if (dose.map.dose.size() != dose.map.grid.voxels() || dose.activity.size() != dose.map.dose.size()) std::abort();
  });
}
