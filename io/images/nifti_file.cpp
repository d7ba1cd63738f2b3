#include "io/images/nifti_file.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "engine/grid/voxel_name.h"

namespace ytterby::io {
namespace {

constexpr std::size_t header_size = 348;
constexpr double spacing_tolerance = 1e-3;  // of pixdim
constexpr double shear_tolerance = 1e-3;    // of direction cosines; float headers are good to 1e-6
constexpr double affine_tolerance = 0.1;    // voxels, between qform and sform

using GzFile = std::unique_ptr<gzFile_s, int (*)(gzFile)>;

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& what) {
  throw Error(Fault::input, path.string() + ": " + what);
}

template <class T>
T number_at(const unsigned char* bytes, bool swapped) {
  std::array<unsigned char, sizeof(T)> raw;
  std::copy_n(bytes, sizeof(T), raw.begin());
  if (swapped) std::reverse(raw.begin(), raw.end());
  return std::bit_cast<T>(raw);
}

/// Fields of the NIfTI-1 header by their byte offset (nifti1.h, 2007), in the file's byte order.
class Header {
 public:
  explicit Header(const std::array<unsigned char, header_size>& bytes) : bytes_(bytes) {
    swap_ = number<std::int32_t>(0) != static_cast<std::int32_t>(header_size);
  }
  template <class T>
  [[nodiscard]] T number(std::size_t offset) const {
    return number_at<T>(bytes_.data() + offset, swap_);
  }
  [[nodiscard]] int dimension(std::size_t i) const { return number<std::int16_t>(40 + 2 * i); }
  [[nodiscard]] double real(std::size_t offset) const { return static_cast<double>(number<float>(offset)); }
  [[nodiscard]] double pixdim(std::size_t i) const { return real(76 + 4 * i); }
  [[nodiscard]] double sform(std::size_t row, std::size_t column) const { return real(280 + 16 * row + 4 * column); }
  [[nodiscard]] int qform_code() const { return number<std::int16_t>(252); }
  [[nodiscard]] int sform_code() const { return number<std::int16_t>(254); }
  [[nodiscard]] int intent() const { return number<std::int16_t>(68); }
  [[nodiscard]] std::string intent_name() const {
    const char* text = reinterpret_cast<const char*>(bytes_.data() + 328);
    std::string name(text, ::strnlen(text, 16));
    std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 32; });
    return name;
  }
  [[nodiscard]] bool swapped() const { return swap_; }
  [[nodiscard]] bool single_file() const { return std::memcmp(bytes_.data() + 344, "n+1", 3) == 0; }

 private:
  const std::array<unsigned char, header_size>& bytes_;
  bool swap_ = false;
};

/// Columns of voxel axes [mm] and origin, in NIfTI's RAS.
struct RasAffine {
  std::array<Vector3, 3> column;
  Vector3 origin{};

  [[nodiscard]] Vector3 at(double x, double y, double z) const {
    Vector3 p = origin;
    for (std::size_t row = 0; row < 3; ++row) p[row] += column[0][row] * x + column[1][row] * y + column[2][row] * z;
    return p;
  }
};

RasAffine sform_of(const Header& header) {
  RasAffine a;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t c = 0; c < 3; ++c) a.column[c][row] = header.sform(row, c);
    a.origin[row] = header.sform(row, 3);
  }
  return a;
}

/// Method 2 of nifti1.h: a unit quaternion of which b, c, d are stored, and qfac for the third axis.
RasAffine qform_of(const Header& header) {
  double b = header.real(256), c = header.real(260), d = header.real(264);
  double a = 1 - (b * b + c * c + d * d);
  if (a < 1e-7) {
    const double length = std::sqrt(b * b + c * c + d * d);
    b /= length;
    c /= length;
    d /= length;
    a = 0;
  } else {
    a = std::sqrt(a);
  }
  const double qfac = header.pixdim(0) < 0 ? -1 : 1;
  RasAffine q;
  q.column[0] = {a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)};
  q.column[1] = {2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)};
  q.column[2] = {2 * (b * d + a * c) * qfac, 2 * (c * d - a * b) * qfac, (a * a + d * d - b * b - c * c) * qfac};
  for (std::size_t i = 0; i < 3; ++i) {
    for (double& v : q.column[i]) v *= header.pixdim(i + 1);
  }
  q.origin = {header.real(268), header.real(272), header.real(276)};
  return q;
}

/// A field of vectors lies in five dimensions, the fourth of which is time (nifti1.h).
void check_vectors(const std::filesystem::path& path, const Header& header) {
  constexpr int displacement = 1006, vector = 1007;  // NIFTI_INTENT_DISPVECT, NIFTI_INTENT_VECTOR
  if (header.dimension(0) != 5 || header.dimension(4) != 1 || header.dimension(5) != 3) {
    refuse(path, "is no field of displacements, needs five dimensions, the last of 3 components (nx, ny, nz, 1, 3)");
  }
  const int intent = header.intent();
  if (intent != displacement && intent != vector) {
    refuse(path, "has the intent " + std::to_string(intent) +
                     ", needs to be 1007 (vector, as ITK and ANTs write it) or 1006 (displacement vector)");
  }
  const std::string name = header.intent_name();
  if (!name.empty()) {  // NiftyReg's "NREG_TRANS", SPM's "Mapping": positions, or vectors in other axes
    refuse(path, "has the intent name \"" + name + "\": needs displacements as ITK writes them, without a name");
  }
}

void check_shape(const std::filesystem::path& path, const Header& header, int components) {
  if (components == 3) check_vectors(path, header);
  const int dimensions = header.dimension(0);
  if (dimensions < 3 || dimensions > 7) {
    refuse(path, "has " + std::to_string(dimensions) + " dimensions, needs to be a 3-D image");
  }
  for (std::size_t i = 1; i <= static_cast<std::size_t>(dimensions); ++i) {
    const int n = header.dimension(i);
    if (n < 1) refuse(path, "dimension " + std::to_string(i) + " is " + std::to_string(n) + ", needs to be above 0");
    if (i > 3 && n != 1 && !(components == 3 && i == 5))
      refuse(path, "holds " + std::to_string(n) + " frames, needs to be one 3-D image");
  }
}

void check_numbers(const std::filesystem::path& path, const Header& header) {
  for (std::size_t i = 1; i <= 3; ++i) {
    const double spacing = header.pixdim(i);
    if (!(spacing > 0) || !std::isfinite(spacing)) {
      refuse(path, "voxel spacing is " + to_text(spacing, 6) + " mm (pixdim[" + std::to_string(i) +
                       "]), needs to be above 0: save the image anew, a flipped axis goes into its affine");
    }
  }
  for (std::size_t i = 0; i < 12; ++i) {
    if (header.sform_code() > 0 && !std::isfinite(header.sform(i / 4, i % 4)))
      refuse(path, "its sform holds a NaN or infinity");
    if (i < 6 && !std::isfinite(header.real(256 + 4 * i))) refuse(path, "its qform holds a NaN or infinity");
  }
}

/// An sform may be any matrix; a grid has axes at right angles, and pixdim says how long they are.
void check_sform(const std::filesystem::path& path, const Header& header, const RasAffine& a, bool has_qform) {
  std::array<double, 3> length{};
  for (std::size_t c = 0; c < 3; ++c) {
    length[c] = std::hypot(a.column[c][0], a.column[c][1], a.column[c][2]);
    if (std::abs(length[c] - header.pixdim(c + 1)) > spacing_tolerance * header.pixdim(c + 1)) {
      refuse(path, "voxel spacing is " + std::to_string(header.pixdim(c + 1)) + " mm by pixdim and " +
                       std::to_string(length[c]) + " mm by the sform, these need to agree");
    }
  }
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = i + 1; j < 3; ++j) {
      double product = 0;
      for (std::size_t row = 0; row < 3; ++row) product += a.column[i][row] * a.column[j][row] / length[i] / length[j];
      if (std::abs(product) <= shear_tolerance) continue;
      refuse(path, "its sform is sheared: axes " + std::to_string(i) + " and " + std::to_string(j) + " are " +
                       to_text(std::abs(std::asin(std::clamp(product, -1.0, 1.0))) * 180 / 3.14159265358979, 3) +
                       " degrees off right angles, its axes need to be at right angles" +
                       (has_qform ? " (affine = \"qform\" takes its other affine)" : ""));
    }
  }
}

/// Refuses a file that means two places: programs differ in which affine they take.
void check_agreement(const std::filesystem::path& path, const Header& header, const RasAffine& s, const RasAffine& q) {
  double farthest = 0;
  for (int corner = 0; corner < 8; ++corner) {
    std::array<double, 3> at{};
    for (std::size_t a = 0; a < 3; ++a) at[a] = (corner >> a & 1) != 0 ? header.dimension(a + 1) - 1 : 0;
    const Vector3 u = s.at(at[0], at[1], at[2]), v = q.at(at[0], at[1], at[2]);
    farthest = std::max(farthest, std::hypot(u[0] - v[0], u[1] - v[1], u[2] - v[2]));
  }
  const double voxel = std::min({header.pixdim(1), header.pixdim(2), header.pixdim(3)});
  if (farthest <= affine_tolerance * voxel) return;
  const auto place = [](const Vector3& p) {
    return "(" + to_text(p[0], 6) + ", " + to_text(p[1], 6) + ", " + to_text(p[2], 6) + ")";
  };
  refuse(path, "its qform and its sform are up to " + to_text(farthest, 4) + " mm apart: the first voxel lies at " +
                   place(q.origin) + " mm by the qform and at " + place(s.origin) +
                   " mm by the sform (RAS); affine = \"sform\" or \"qform\" decides");
}

/// The affine that counts, checked.
RasAffine affine_of(const std::filesystem::path& path, const Header& header, Affine affine) {
  const bool has_s = header.sform_code() > 0, has_q = header.qform_code() > 0;
  if (!has_s && !has_q) {
    refuse(path, "has no orientation (qform_code and sform_code are 0), needs one of them");
  }
  if (affine == Affine::sform && !has_s) refuse(path, "has no sform (sform_code is 0), which affine asks for");
  if (affine == Affine::qform && !has_q) refuse(path, "has no qform (qform_code is 0), which affine asks for");
  check_numbers(path, header);
  const RasAffine s = sform_of(header), q = qform_of(header);
  if (affine == Affine::qform || !has_s) return q;
  if (affine == Affine::agreed && has_q) check_agreement(path, header, s, q);
  check_sform(path, header, s, has_q);
  return s;
}

Grid grid_of(const Header& header, const RasAffine& a) {
  Grid grid;
  for (std::size_t c = 0; c < 3; ++c) {
    grid.shape[c] = header.dimension(c + 1);
    const double length = std::hypot(a.column[c][0], a.column[c][1], a.column[c][2]);
    grid.spacing[c] = length * cm_per_mm;
    for (std::size_t row = 0; row < 3; ++row) {
      const double to_lps = row < 2 ? -1 : 1;
      grid.direction[3 * row + c] = to_lps * a.column[c][row] / length;
      grid.origin[row] = to_lps * a.origin[row] * cm_per_mm;
    }
  }
  return grid;
}

/// True when the unit of length is stated; only millimetres pass.
bool check_units(const std::filesystem::path& path, const Header& header) {
  const int unit = header.number<std::uint8_t>(123) & 7;
  if (unit == 1) refuse(path, "lengths are in metres (xyzt_units), need to be in mm");
  if (unit == 3) refuse(path, "lengths are in micrometres (xyzt_units), need to be in mm");
  return unit == 2;
}

/// Bytes of a value of NIfTI's datatype; 0 for colours and complex numbers.
std::size_t bytes_of(int type) {
  switch (type) {
    case 2:
    case 256:
      return 1;
    case 4:
    case 512:
      return 2;
    case 8:
    case 16:
    case 768:
      return 4;
    case 64:
    case 1024:
    case 1280:
      return 8;
    default:
      return 0;
  }
}

double value_of(const unsigned char* bytes, int type, bool swapped) {
  switch (type) {
    case 2:
      return *bytes;
    case 256:
      return static_cast<std::int8_t>(*bytes);
    case 4:
      return number_at<std::int16_t>(bytes, swapped);
    case 512:
      return number_at<std::uint16_t>(bytes, swapped);
    case 8:
      return number_at<std::int32_t>(bytes, swapped);
    case 768:
      return number_at<std::uint32_t>(bytes, swapped);
    case 16:
      return static_cast<double>(number_at<float>(bytes, swapped));
    case 64:
      return number_at<double>(bytes, swapped);
    case 1024:
      return static_cast<double>(number_at<std::int64_t>(bytes, swapped));
    default:
      return static_cast<double>(number_at<std::uint64_t>(bytes, swapped));
  }
}

GzFile open_gz(const std::filesystem::path& path) {
  GzFile file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) refuse(path, "cannot be opened");
  gzbuffer(file.get(), 1 << 17);
  return file;
}

std::string truncated(std::size_t needed, std::size_t found) {
  return "is truncated: the header announces " + std::to_string(needed) + " bytes, there are " + std::to_string(found);
}

/// Takes a file's bytes one portion after the other.
class Stream {
 public:
  explicit Stream(const std::filesystem::path& path) : path_(path), file_(open_gz(path)) {}

  /// Up to `wanted` bytes; fewer at the end alone.
  std::size_t read(unsigned char* to, std::size_t wanted) {
    std::size_t got = 0;
    while (got < wanted) {
      const int n = gzread(file_.get(), to + got, static_cast<unsigned>(std::min<std::size_t>(wanted - got, 1 << 20)));
      if (n < 0) refuse(path_, "is damaged: its data cannot be read, end too early or fail their checksum");
      if (n == 0) break;
      got += static_cast<std::size_t>(n);
    }
    found_ += got;
    return got;
  }
  [[nodiscard]] std::size_t found() const { return found_; }

  /// What lies behind the data has to be there as a whole, too: a checksum comes last.
  void finish(std::size_t announced) {
    constexpr std::size_t most_behind = 1 << 20;  // bytes that nobody announced
    std::vector<unsigned char> block(1 << 16);
    while (read(block.data(), block.size()) > 0) {
      if (found_ > announced + most_behind) refuse(path_, "is damaged: it holds more than its header announces");
    }
    int status = Z_OK;
    gzerror(file_.get(), &status);
    if (status != Z_OK && status != Z_STREAM_END) refuse(path_, "is damaged: its data cannot be read to their end");
  }

 private:
  const std::filesystem::path& path_;
  GzFile file_;
  std::size_t found_ = 0;
};

}  // namespace

NiftiHeader read_nifti_header(const std::filesystem::path& path, Affine affine, int components) {
  const GzFile file = open_gz(path);
  std::array<unsigned char, header_size> bytes{};
  const int got = gzread(file.get(), bytes.data(), header_size);
  if (got < 0) refuse(path, "is damaged: its data cannot be read, end too early or fail their checksum");
  if (got != static_cast<int>(header_size)) refuse(path, "is no NIfTI file: shorter than its 348-byte header");
  const Header header(bytes);
  const auto first = number_at<std::int32_t>(bytes.data(), false), other = number_at<std::int32_t>(bytes.data(), true);
  if (first == 540 || other == 540) refuse(path, "is NIfTI-2, needs to be NIfTI-1");
  if (header.number<std::int32_t>(0) != static_cast<std::int32_t>(header_size) || !header.single_file()) {
    refuse(path, "is no NIfTI-1 file");
  }
  check_shape(path, header, components);
  NiftiHeader result;
  result.components = components;
  result.vectors_in_ras = components == 3 && header.intent() == 1006;
  result.grid = grid_of(header, affine_of(path, header, affine));
  result.unit_stated = check_units(path, header);
  const double slope = header.real(112), intercept = header.real(116);
  if (!std::isfinite(slope) || !std::isfinite(intercept)) {
    refuse(path, "its scl_slope is " + to_text(slope, 6) + " and its scl_inter " + to_text(intercept, 6) +
                     ", need to be numbers: save it anew, or with scl_slope 0 where its values are not scaled");
  }
  if (slope != 0) {
    result.slope = slope;
    result.intercept = intercept;
  }
  result.type = header.number<std::int16_t>(70);
  result.swapped = header.swapped();
  result.value_bytes = bytes_of(result.type);
  if (result.value_bytes == 0) {
    refuse(path, "has values of NIfTI's datatype " + std::to_string(result.type) + ", needs one number per voxel");
  }
  if (header.number<std::int16_t>(72) != static_cast<int>(8 * result.value_bytes)) {
    refuse(path, "has " + std::to_string(header.number<std::int16_t>(72)) + " bits per voxel, its datatype has " +
                     std::to_string(8 * result.value_bytes));
  }
  const double offset = header.real(108);
  if (!(offset >= 0) || offset > 1e9) refuse(path, "vox_offset is " + std::to_string(offset) + ", is out of range");
  result.offset = static_cast<std::size_t>(std::max(offset, 352.0));
  return result;
}

template <class T>
std::vector<T> read_nifti_values(const std::filesystem::path& path, const NiftiHeader& header) {
  Stream stream(path);
  const std::size_t voxels = header.grid.voxels(), count = voxels * static_cast<std::size_t>(header.components);
  const std::size_t announced = header.offset + count * header.value_bytes;
  std::vector<unsigned char> block(1 << 18);  // a multiple of every value's bytes
  while (stream.found() < header.offset) {
    if (stream.read(block.data(), std::min(block.size(), header.offset - stream.found())) == 0) {
      refuse(path, truncated(announced, stream.found()));
    }
  }
  std::vector<T> values;
  values.reserve(count);  // growing it would take up to three times the room for a moment
  const bool scaled = header.slope != 1 || header.intercept != 0;
  while (values.size() < count) {
    const std::size_t wanted = std::min(block.size(), (count - values.size()) * header.value_bytes);
    if (stream.read(block.data(), wanted) != wanted) refuse(path, truncated(announced, stream.found()));
    for (std::size_t at = 0; at < wanted; at += header.value_bytes) {
      double value = value_of(block.data() + at, header.type, header.swapped);
      if (scaled) value = header.slope * value + header.intercept;
      const T stored = static_cast<T>(value);
      if (!std::isfinite(stored)) {
        refuse(path, voxel_name(header.grid, values.size() % voxels) + " is " +
                         (std::isnan(stored) ? "NaN" : "infinite") + ", every voxel needs to be a number");
      }
      values.push_back(stored);
    }
  }
  stream.finish(announced);
  return values;
}

template std::vector<float> read_nifti_values(const std::filesystem::path&, const NiftiHeader&);
template std::vector<double> read_nifti_values(const std::filesystem::path&, const NiftiHeader&);

}  // namespace ytterby::io
