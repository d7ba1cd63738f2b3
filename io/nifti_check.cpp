#include "io/nifti_check.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "engine/error.h"

namespace ytterby::io {
namespace {

constexpr std::size_t header_size = 348;

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& what) {
  throw Error(Fault::input, path.string() + ": " + what);
}

/// Fields of the NIfTI-1 header by their byte offset (nifti1.h, 2007), in the file's byte order.
class Header {
 public:
  explicit Header(const std::array<unsigned char, header_size>& bytes) : bytes_(bytes) {
    swap_ = number<std::int32_t>(0) != static_cast<std::int32_t>(header_size);
  }
  template <class T>
  [[nodiscard]] T number(std::size_t offset) const {
    std::array<unsigned char, sizeof(T)> raw;
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), sizeof(T), raw.begin());
    if (swap_) std::reverse(raw.begin(), raw.end());
    return std::bit_cast<T>(raw);
  }
  [[nodiscard]] int dimension(std::size_t i) const { return number<std::int16_t>(40 + 2 * i); }
  [[nodiscard]] double pixdim(std::size_t i) const { return static_cast<double>(number<float>(76 + 4 * i)); }
  [[nodiscard]] double sform(std::size_t row, std::size_t column) const {
    return static_cast<double>(number<float>(280 + 16 * row + 4 * column));
  }
  [[nodiscard]] bool single_file() const { return std::memcmp(bytes_.data() + 344, "n+1", 3) == 0; }

 private:
  const std::array<unsigned char, header_size>& bytes_;
  bool swap_ = false;
};

void check_shape(const std::filesystem::path& path, const Header& header) {
  const int dimensions = header.dimension(0);
  if (dimensions < 3 || dimensions > 7) {
    refuse(path, "has " + std::to_string(dimensions) + " dimensions, needs to be a 3-D image");
  }
  for (std::size_t i = 1; i <= static_cast<std::size_t>(dimensions); ++i) {
    const int n = header.dimension(i);
    if (n < 1) refuse(path, "dimension " + std::to_string(i) + " is " + std::to_string(n) + ", needs to be above 0");
    if (i > 3 && n != 1) refuse(path, "holds " + std::to_string(n) + " frames, needs to be one 3-D image");
  }
}

void check_geometry(const std::filesystem::path& path, const Header& header) {
  for (std::size_t i = 1; i <= 3; ++i) {
    const double spacing = header.pixdim(i);
    if (!(spacing > 0) || !std::isfinite(spacing)) {
      refuse(path, "voxel spacing is " + std::to_string(spacing) + " mm, needs to be above 0");
    }
  }
  const int qform_code = header.number<std::int16_t>(252);
  const int sform_code = header.number<std::int16_t>(254);
  if (qform_code <= 0 && sform_code <= 0) {
    refuse(path, "has no orientation (qform_code and sform_code are 0), needs one of them");
  }
  for (std::size_t i = 0; i < 12; ++i) {
    if (sform_code > 0 && !std::isfinite(header.sform(i / 4, i % 4))) refuse(path, "its sform holds a NaN or infinity");
    if (i < 6 && !std::isfinite(header.number<float>(256 + 4 * i))) refuse(path, "its qform holds a NaN or infinity");
  }
  for (std::size_t column = 0; sform_code > 0 && column < 3; ++column) {
    const double length = std::hypot(header.sform(0, column), header.sform(1, column), header.sform(2, column));
    if (std::abs(length - header.pixdim(column + 1)) > 1e-3 * header.pixdim(column + 1)) {
      refuse(path, "voxel spacing is " + std::to_string(header.pixdim(column + 1)) + " mm by pixdim and " +
                       std::to_string(length) + " mm by the sform, these need to agree");
    }
  }
}

/// True when the unit of length is stated; only millimetres pass.
bool check_units(const std::filesystem::path& path, const Header& header) {
  const int unit = header.number<std::uint8_t>(123) & 7;
  if (unit == 1) refuse(path, "lengths are in metres (xyzt_units), need to be in mm");
  if (unit == 3) refuse(path, "lengths are in micrometres (xyzt_units), need to be in mm");
  return unit == 2;
}

/// Inflates (or reads) to the end of the data.
void check_length(const std::filesystem::path& path, gzFile file, double needed) {
  std::vector<char> buffer(1 << 18);
  double found = header_size;
  while (found < needed) {
    const int n = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()));
    if (n < 0) refuse(path, "is damaged: the compressed data do not fit their checksum or end too early");
    if (n == 0) break;
    found += n;
  }
  // gzread reports an early end of the compressed stream when closing or reading on.
  int status = Z_OK;
  gzerror(file, &status);
  if (found < needed || status == Z_BUF_ERROR) {
    refuse(path, "is truncated: the header announces " + std::to_string(static_cast<long long>(needed)) +
                     " bytes, there are " + std::to_string(static_cast<long long>(found)));
  }
  while (gzread(file, buffer.data(), static_cast<unsigned>(buffer.size())) > 0) {
  }
  gzerror(file, &status);
  if (status != Z_OK && status != Z_STREAM_END) refuse(path, "is damaged: its compressed data fail their checksum");
}

}  // namespace

bool check_nifti(const std::filesystem::path& path) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) refuse(path, "cannot be opened");
  gzbuffer(file.get(), 1 << 17);
  std::array<unsigned char, header_size> bytes{};
  if (gzread(file.get(), bytes.data(), header_size) != static_cast<int>(header_size)) {
    refuse(path, "is no NIfTI file: shorter than its 348-byte header");
  }
  const Header header(bytes);
  if (header.number<std::int32_t>(0) == 540) refuse(path, "is NIfTI-2, needs to be NIfTI-1");
  if (header.number<std::int32_t>(0) != static_cast<std::int32_t>(header_size) || !header.single_file()) {
    refuse(path, "is no NIfTI-1 file");
  }
  check_shape(path, header);
  check_geometry(path, header);
  const bool unit_known = check_units(path, header);
  double data = static_cast<double>(header.number<std::int16_t>(72)) / 8.0;  // bytes per voxel
  for (std::size_t i = 1; i <= 3; ++i) data *= header.dimension(i);
  const double offset = static_cast<double>(header.number<float>(108));
  if (!(offset >= 0) || offset > 1e9) refuse(path, "vox_offset is " + std::to_string(offset) + ", is out of range");
  check_length(path, file.get(), std::max(offset, 352.0) + data);
  return unit_known;
}

}  // namespace ytterby::io
