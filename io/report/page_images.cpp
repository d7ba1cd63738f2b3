#include "io/report/page_images.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "io/report/base64.h"

namespace ytterby::io {
namespace {

std::string packed(const std::vector<unsigned char>& bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::vector<unsigned char> out(size);
  if (compress2(out.data(), &size, bytes.data(), static_cast<uLong>(bytes.size()), 9) != Z_OK) {
    throw Error(Fault::internal, "the report's images cannot be compressed");
  }
  out.resize(size);
  return base64(out);
}

}  // namespace

std::string packed_dose(const std::vector<float>& dose, double most, const PageWindow& w) {
  std::vector<unsigned char> bytes(2 * w.voxels());
  w.each([&](std::size_t page, std::size_t v) {
    const double root = std::sqrt(std::clamp(static_cast<double>(dose[v]) / most, 0.0, 1.0));
    const auto code = static_cast<unsigned>(std::lround(1023 * root));
    bytes[page] = static_cast<unsigned char>(code & 255);
    bytes[page + w.voxels()] = static_cast<unsigned char>(code >> 8);
  });
  return packed(bytes);
}

std::string packed_error(const DoseMap& map, const PageWindow& w) {
  std::vector<unsigned char> bytes(w.voxels());
  w.each([&](std::size_t page, std::size_t v) {
    const double ratio = static_cast<double>(map.uncertainty[v]) / static_cast<double>(map.dose[v]);
    const bool known = std::isfinite(ratio) && ratio > 0;
    bytes[page] =
        known ? static_cast<unsigned char>(std::clamp(std::lround(20 * std::log2(ratio / 1e-4)), 0L, 254L)) : 255;
  });
  return packed(bytes);
}

std::string packed_bytes(const std::vector<float>& values, double scale, const PageWindow& w) {
  std::vector<unsigned char> bytes(w.voxels());
  w.each([&](std::size_t page, std::size_t v) {
    bytes[page] = static_cast<unsigned char>(std::clamp(std::lround(scale * static_cast<double>(values[v])), 0L, 255L));
  });
  return packed(bytes);
}

std::string packed_coupled(const CorrelatedPart& part, const PageWindow& w) {
  std::vector<unsigned char> bytes(w.voxels());
  w.each([&](std::size_t page, std::size_t v) { bytes[page] = part.coupled[v] != 0 ? 255 : 0; });
  return packed(bytes);
}

}  // namespace ytterby::io
