#include "io/hdf5/hdf5_deflated.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "engine/base/parallel.h"
#include "io/hdf5/hdf5_handle.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

/// Inflates to exactly as many bytes as there is room for.
bool inflate_into(const std::vector<unsigned char>& stored, std::vector<unsigned char>& out) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return false;
  stream.next_in = const_cast<unsigned char*>(stored.data());  // zlib's interface; it is not written to
  stream.avail_in = static_cast<uInt>(stored.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&stream, Z_FINISH);
  const bool whole = status == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  return whole;
}

/// Deflate alone, or behind shuffle; true in `shuffled` for the latter.
bool is_deflated(hid_t properties, bool& shuffled) {
  const int filters = H5Pget_nfilters(properties);
  if (filters < 1 || filters > 2) return false;
  std::array<H5Z_filter_t, 2> filter{};
  for (unsigned i = 0; i < static_cast<unsigned>(filters); ++i) {
    unsigned flags = 0;
    std::size_t values = 0;
    filter[i] = H5Pget_filter2(properties, i, &flags, &values, nullptr, 0, nullptr, nullptr);
  }
  shuffled = filters == 2;
  return filters == 1 ? filter[0] == H5Z_FILTER_DEFLATE
                      : filter[0] == H5Z_FILTER_SHUFFLE && filter[1] == H5Z_FILTER_DEFLATE;
}

}  // namespace

DeflatedDataset::DeflatedDataset(std::int64_t dataset, ChunkShape shape, ChunkShape chunk, std::uint64_t value_bytes,
                                 bool shuffled, std::string damaged, fs::path path)
    : dataset_(dataset),
      shape_(std::move(shape)),
      chunk_(std::move(chunk)),
      value_bytes_(value_bytes),
      chunk_values_(product(chunk_)),
      shuffled_(shuffled),
      damaged_(std::move(damaged)),
      path_(std::move(path)) {}

std::optional<DeflatedDataset> DeflatedDataset::of(std::int64_t dataset, std::int64_t type, const fs::path& path,
                                                   const std::string& name) {
  const std::string damaged = "cannot read " + name + ": the file is damaged";
  const Hdf5Handle properties = hdf5_checked(H5Dget_create_plist(dataset), H5Pclose, path, damaged);
  bool shuffled = false;
  if (H5Pget_layout(properties.id()) != H5D_CHUNKED || !is_deflated(properties.id(), shuffled)) return {};
  const Hdf5Handle stored = hdf5_checked(H5Dget_type(dataset), H5Tclose, path, damaged);
  const H5T_class_t kind = H5Tget_class(stored.id());
  if ((kind != H5T_FLOAT && kind != H5T_INTEGER) || H5Tequal(stored.id(), type) <= 0) return {};
  const Hdf5Handle space = hdf5_checked(H5Dget_space(dataset), H5Sclose, path, damaged);
  std::array<hsize_t, H5S_MAX_RANK> dims{}, chunk_dims{};
  const int rank = H5Sget_simple_extent_dims(space.id(), dims.data(), nullptr);
  if (rank < 1 || H5Pget_chunk(properties.id(), rank, chunk_dims.data()) != rank) return {};
  const ChunkShape shape(dims.begin(), dims.begin() + rank), chunk(chunk_dims.begin(), chunk_dims.begin() + rank);
  std::uint64_t wanted = 1;
  for (std::size_t a = 0; a < shape.size(); ++a) wanted *= (shape[a] + chunk[a] - 1) / chunk[a];
  hsize_t count = 0;
  hdf5_check(H5Dget_num_chunks(dataset, space.id(), &count), path, damaged);
  if (product(shape) == 0 || count != wanted) return {};  // what is not there reads as a fill value
  return DeflatedDataset(dataset, shape, chunk, H5Tget_size(stored.id()), shuffled, damaged, path);
}

std::vector<unsigned char> DeflatedDataset::stored(const ChunkShape& corner) const {
  const std::vector<hsize_t> at(corner.begin(), corner.end());
  hsize_t size = 0;
  hdf5_check(H5Dget_chunk_storage_size(dataset_, at.data(), &size), path_, damaged_);
  if (size == 0 || size > compressBound(static_cast<uLong>(chunk_values_ * value_bytes_)) + 64)
    hdf5_fail(path_, damaged_);
  std::vector<unsigned char> bytes(size);
  std::uint32_t skipped = 0;
  hdf5_check(H5Dread_chunk(dataset_, H5P_DEFAULT, at.data(), &skipped, bytes.data()), path_, damaged_);
  if (skipped != 0) hdf5_fail(path_, damaged_);
  return bytes;
}

/// Inflates a chunk and copies its values to where row `first` begins at `out`; false where it does not fit.
bool DeflatedDataset::place(const std::vector<unsigned char>& stored, const ChunkShape& corner, std::uint64_t first,
                            char* out) const {
  std::vector<unsigned char> values(chunk_values_ * value_bytes_);
  if (!inflate_into(stored, values)) return false;
  if (shuffled_ && value_bytes_ > 1) {
    std::vector<unsigned char> ordered(values.size());
    for (std::size_t b = 0; b < value_bytes_; ++b)
      for (std::size_t i = 0; i < chunk_values_; ++i) ordered[i * value_bytes_ + b] = values[b * chunk_values_ + i];
    values.swap(ordered);
  }
  const std::uint64_t skipped = first * (product(shape_) / shape_[0]);
  for_chunk_runs(shape_, chunk_, corner, [&](std::uint64_t from, std::uint64_t to, std::uint64_t length) {
    std::memcpy(out + (to - skipped) * value_bytes_, values.data() + from * value_bytes_, length * value_bytes_);
  });
  return true;
}

void DeflatedDataset::read_rows(std::uint64_t first, std::uint64_t n, char* out) const {
  const std::vector<ChunkShape> all = chunk_corners(shape_, chunk_, first, std::min(first + n, shape_[0]));
  for (std::size_t begin = 0; begin < all.size(); begin += hdf5_chunks_at_once) {
    const std::size_t count = std::min(hdf5_chunks_at_once, all.size() - begin);
    std::vector<std::vector<unsigned char>> bytes(count);
    for (std::size_t i = 0; i < count; ++i) bytes[i] = stored(all[begin + i]);
    std::vector<char> whole(count);
    parallel_for(static_cast<int>(count), [&](int i) {
      const auto c = static_cast<std::size_t>(i);
      whole[c] = place(bytes[c], all[begin + c], first, out) ? 1 : 0;
    });
    if (std::find(whole.begin(), whole.end(), 0) != whole.end()) hdf5_fail(path_, damaged_);
  }
}

void DeflatedDataset::read(char* out) const { read_rows(0, shape_[0], out); }

}  // namespace ytterby::io
