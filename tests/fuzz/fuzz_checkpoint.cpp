// Any bytes are a checkpoint, or refused as input.

#include "io/results/checkpoint_file.h"
#include "tests/fuzz/hdf5_harness.h"
#include "tests/fuzz/seeds.h"

using namespace ytterby;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::read_or_refuse(
      data, size, [](const std::filesystem::path& path) { io::read_checkpoint(path, fuzz::seeds_identity()); });
}
