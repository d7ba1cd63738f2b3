// Any bytes are a kernel, or refused as input.

#include "io/results/kernel_file.h"
#include "tests/fuzz/hdf5_harness.h"

using namespace ytterby;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::read_or_refuse(data, size, [](const std::filesystem::path& path) {
    io::Warnings warnings;
    const VoxelKernel kernel = io::read_kernel(path, warnings);
    if (kernel.dose.size() != kernel.variance.size() || kernel.dose.empty()) std::abort();
  });
}
