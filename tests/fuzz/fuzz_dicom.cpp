// Any bytes are a structure set or a segmentation, or refused as input; the masks that come of them hold shares.

#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "engine/base/error.h"
#include "io/dicom/rtstruct.h"
#include "io/dicom/seg.h"

using namespace ytterby;

namespace {

void check(const Image<float>& image) {
  if (image.values.size() != image.grid.voxels()) std::abort();
  for (const float v : image.values) {
    if (!(v >= 0 && v <= 1)) std::abort();
  }
}

template <class Read>
void try_read(const Read& read) {
  try {
    check(read());
  } catch (const Error& error) {
    if (error.fault() != Fault::input) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = ::memfd_create("object", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  Grid grid;
  grid.shape = {32, 32, 16};
  grid.spacing = {1.6, 1.6, 2};
  grid.origin = {-25, -25, -16};
  for (const char* roi : {"patient", "lesion2 liver L lateral"}) {
    try_read([&] { return io::rasterise(io::read_contours(path, roi).contours, grid).inside; });
  }
  try_read([&] { return io::read_segment(path, "1").inside; });
  return 0;
}
