#include "io/images/nifti_check.h"

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

#include "engine/base/error.h"

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
  [[nodiscard]] bool swapped() const { return swap_; }
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

/// First value of a block that is NaN or infinite; -1 without one. Such values reach ITK's caller as zeros.
template <class Bits>
std::ptrdiff_t find_not_finite(const std::vector<char>& block, std::size_t bytes, bool swapped, Bits exponent) {
  for (std::size_t i = 0; i + sizeof(Bits) <= bytes; i += sizeof(Bits)) {
    std::array<char, sizeof(Bits)> raw;
    std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(i), sizeof(Bits), raw.begin());
    if (swapped) std::reverse(raw.begin(), raw.end());
    if ((std::bit_cast<Bits>(raw) & exponent) == exponent) return static_cast<std::ptrdiff_t>(i / sizeof(Bits));
  }
  return -1;
}

void check_block(const std::filesystem::path& path, const Header& header, const std::vector<char>& block,
                 std::size_t bytes, std::size_t first_byte) {
  const int datatype = header.number<std::int16_t>(70);
  std::ptrdiff_t bad = -1;
  if (datatype == 16) bad = find_not_finite<std::uint32_t>(block, bytes, header.swapped(), 0x7F800000U);
  if (datatype == 64) bad = find_not_finite<std::uint64_t>(block, bytes, header.swapped(), 0x7FF0000000000000U);
  if (bad < 0) return;
  const std::size_t voxel = first_byte / (datatype == 16 ? 4 : 8) + static_cast<std::size_t>(bad);
  const auto nx = static_cast<std::size_t>(header.dimension(1)), ny = static_cast<std::size_t>(header.dimension(2));
  refuse(path, "voxel (" + std::to_string(voxel % nx) + ", " + std::to_string(voxel / nx % ny) + ", " +
                   std::to_string(voxel / nx / ny) + ") is NaN or infinite, every voxel needs to be a number");
}

std::string truncated(std::size_t needed, std::size_t found) {
  return "is truncated: the header announces " + std::to_string(needed) + " bytes, there are " + std::to_string(found);
}

/// Reads to the end: all data there, checksum right, every value a number.
void check_data(const std::filesystem::path& path, gzFile file, const Header& header, std::size_t offset,
                std::size_t bytes) {
  std::vector<char> block(1 << 18);
  std::size_t found = header_size;
  const auto read = [&](std::size_t wanted) {
    const int n = gzread(file, block.data(), static_cast<unsigned>(std::min(wanted, block.size())));
    if (n < 0) refuse(path, "is damaged: its compressed data end too early or fail their checksum");
    found += static_cast<std::size_t>(n);
    return static_cast<std::size_t>(n);
  };
  while (found < offset) {
    if (read(offset - found) == 0) refuse(path, truncated(offset + bytes, found));
  }
  for (std::size_t done = 0; done < bytes;) {
    const std::size_t n = read(bytes - done);
    if (n == 0) refuse(path, truncated(offset + bytes, found));
    check_block(path, header, block, n, done);
    done += n;
  }
  constexpr std::size_t most_behind = 1 << 20;  // bytes that nobody announced
  while (read(block.size()) > 0) {
    if (found > offset + bytes + most_behind) refuse(path, "is damaged: it holds more than its header announces");
  }
  int status = Z_OK;
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
  if (!std::isfinite(header.number<float>(112)) || !std::isfinite(header.number<float>(116))) {
    refuse(path, "its scl_slope or scl_inter is not finite");
  }
  double data = static_cast<double>(header.number<std::int16_t>(72)) / 8.0;  // bytes per voxel
  for (std::size_t i = 1; i <= 3; ++i) data *= header.dimension(i);
  const double offset = static_cast<double>(header.number<float>(108));
  if (!(offset >= 0) || offset > 1e9) refuse(path, "vox_offset is " + std::to_string(offset) + ", is out of range");
  if (!(data >= 1)) refuse(path, "has no bits per voxel");
  check_data(path, file.get(), header, static_cast<std::size_t>(std::max(offset, 352.0)),
             static_cast<std::size_t>(data));
  return unit_known;
}

}  // namespace ytterby::io
