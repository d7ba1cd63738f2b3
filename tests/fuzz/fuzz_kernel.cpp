// Any bytes are a kernel, or refused as input. Inputs are changed through the HDF5 library two times out of three, else
// as bytes.

#include <cstdint>
#include <cstdlib>

#include "engine/error.h"
#include "io/kernel_file.h"
#include "tests/fuzz/hdf5_fuzz.h"

using namespace ytterby;

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  if (fuzz::changes_bytes() && seed % 3 == 0) return LLVMFuzzerMutate(data, size, most);
  const std::size_t changed = fuzz::mutate_hdf5(data, size, most, seed);
  return changed > 0 ? changed : size;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::filesystem::path path = fuzz::as_file(data, size);
  try {
    const VoxelKernel kernel = io::read_kernel(path);
    if (kernel.dose.size() != kernel.variance.size() || kernel.dose.empty()) std::abort();
  } catch (const Error& error) {
    if (error.fault() != Fault::input) std::abort();
  }
  return 0;
}
