#pragma once
// What the harnesses of HDF5 files have besides their reader; each includes this once. Inputs are changed through
// the library; where FUZZ_BYTES is set, a third of them as bytes.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/base/error.h"
#include "tests/fuzz/hdf5_fuzz.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  using namespace ytterby;
  if (fuzz::changes_bytes() && seed % 3 == 0) return LLVMFuzzerMutate(data, size, most);
  const std::size_t changed = fuzz::mutate_hdf5(data, size, most, seed);
  return changed > 0 ? changed : size;
}

namespace ytterby::fuzz {

/// `read` of a file with these bytes ends well or with Fault::input.
template <class Read>
int read_or_refuse(const std::uint8_t* data, std::size_t size, const Read& read) {
  const std::filesystem::path path = as_file(data, size);
  try {
    read(path);
  } catch (const Error& error) {
    if (error.fault() != Fault::input) std::abort();
  }
  return 0;
}

}  // namespace ytterby::fuzz
