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

std::string packed_codes(std::vector<unsigned char> codes) {
  for (std::size_t i = codes.size(); i-- > 1;) codes[i] = static_cast<unsigned char>(codes[i] - codes[i - 1]);
  return packed(codes);
}

std::string packed_dose(const std::vector<float>& dose, double most, const PageWindow& w) {
  std::vector<unsigned char> bytes(2 * w.voxels());
  int before = 0;
  w.each([&](std::size_t page, std::size_t v) {
    const double root = std::sqrt(std::clamp(static_cast<double>(dose[v]) / most, 0.0, 1.0));
    const int code = static_cast<int>(std::lround(1023 * root)), step = code - before;
    const int zigzag = step < 0 ? -2 * step - 1 : 2 * step;
    bytes[page] = static_cast<unsigned char>(zigzag & 255);
    bytes[page + w.voxels()] = static_cast<unsigned char>(zigzag >> 8);
    before = code;
  });
  return packed(bytes);
}

std::string packed_error(const DoseMap& map, const PageWindow& w) {
  std::vector<unsigned char> codes(w.voxels());
  w.each([&](std::size_t page, std::size_t v) {
    const double ratio = static_cast<double>(map.uncertainty[v]) / static_cast<double>(map.dose[v]);
    const bool known = std::isfinite(ratio) && ratio > 0;
    codes[page] =
        known ? static_cast<unsigned char>(std::clamp(std::lround(8 * std::log2(ratio / 1e-4)), 0L, 254L)) : 255;
  });
  return packed_codes(std::move(codes));
}

std::string packed_bytes(const std::vector<float>& values, double scale, const PageWindow& w) {
  std::vector<unsigned char> codes(w.voxels());
  w.each([&](std::size_t page, std::size_t v) {
    codes[page] = static_cast<unsigned char>(std::clamp(std::lround(scale * static_cast<double>(values[v])), 0L, 255L));
  });
  return packed_codes(std::move(codes));
}

std::string packed_coupled(const CorrelatedPart& part, const PageWindow& w) {
  std::vector<unsigned char> codes(w.voxels());
  w.each([&](std::size_t page, std::size_t v) { codes[page] = part.coupled[v] != 0 ? 255 : 0; });
  return packed_codes(std::move(codes));
}

Projections projections(const std::vector<double>& values, const PageWindow& w) {
  const std::array<std::size_t, 3> n{static_cast<std::size_t>(w.count[0]), static_cast<std::size_t>(w.count[1]),
                                     static_cast<std::size_t>(w.count[2])};
  std::array<std::vector<double>, 3> most{std::vector<double>(n[1] * n[2]), std::vector<double>(n[0] * n[2]),
                                          std::vector<double>(n[0] * n[1])};
  Projections result;
  w.each([&](std::size_t page, std::size_t v) {
    const std::size_t x = page % n[0], y = page / n[0] % n[1], z = page / n[0] / n[1];
    const std::array<std::size_t, 3> at{y + n[1] * z, x + n[0] * z, x + n[0] * y};
    for (std::size_t a = 0; a < 3; ++a) most[a][at[a]] = std::max(most[a][at[a]], values[v]);
    result.most = std::max(result.most, values[v]);
  });
  for (std::size_t a = 0; a < 3; ++a) {
    std::vector<unsigned char> codes;
    for (const double value : most[a]) {
      codes.push_back(result.most > 0 ? static_cast<unsigned char>(std::lround(255 * std::sqrt(value / result.most)))
                                      : 0);
    }
    result.packed[a] = packed_codes(std::move(codes));
  }
  return result;
}

}  // namespace ytterby::io
