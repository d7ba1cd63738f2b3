// What the chunks of a foreign file hold, before the HDF5 library inflates them.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "engine/base/parallel.h"
#include "io/hdf5/hdf5_chunk_layout.h"
#include "io/hdf5/hdf5_guard.h"
#include "io/hdf5/hdf5_handle.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

/// True where the stream inflates to `wanted` bytes exactly; never holds more than a block of them.
bool inflates_to(const std::vector<unsigned char>& stored, std::uint64_t wanted) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return false;
  std::array<unsigned char, 1 << 16> block;
  stream.next_in = const_cast<unsigned char*>(stored.data());  // zlib's interface; it is not written to
  stream.avail_in = static_cast<uInt>(stored.size());
  std::uint64_t given = 0;
  int status = Z_OK;
  while (status == Z_OK && given <= wanted) {
    stream.next_out = block.data();
    stream.avail_out = static_cast<uInt>(block.size());
    status = inflate(&stream, Z_NO_FLUSH);
    given += block.size() - stream.avail_out;
  }
  inflateEnd(&stream);
  return status == Z_STREAM_END && given == wanted;
}

struct Deflated {
  std::uint64_t chunk_bytes = 0;
  bool deflate = false, checksum = false;
};

Deflated deflated(hid_t properties, std::size_t value_bytes) {
  Deflated d;
  for (unsigned i = 0; i < static_cast<unsigned>(std::max(0, H5Pget_nfilters(properties))); ++i) {
    unsigned flags = 0;
    std::size_t values = 0;
    const H5Z_filter_t filter = H5Pget_filter2(properties, i, &flags, &values, nullptr, 0, nullptr, nullptr);
    d.deflate = d.deflate || filter == H5Z_FILTER_DEFLATE;
    d.checksum = d.checksum || filter == H5Z_FILTER_FLETCHER32;
  }
  std::array<hsize_t, H5S_MAX_RANK> chunk{};
  d.chunk_bytes = value_bytes;
  const int rank = H5Pget_chunk(properties, H5S_MAX_RANK, chunk.data());
  for (int i = 0; i < rank; ++i) d.chunk_bytes *= chunk[static_cast<std::size_t>(i)];
  return d;
}

}  // namespace

void check_hdf5_chunks(std::int64_t dataset, const fs::path& path, const std::string& name) {
  const std::string damaged = "cannot read " + name + ": the file is damaged";
  const Hdf5Handle properties = hdf5_checked(H5Dget_create_plist(dataset), H5Pclose, path, damaged);
  if (H5Pget_layout(properties.id()) != H5D_CHUNKED) return;
  const Hdf5Handle type = hdf5_checked(H5Dget_type(dataset), H5Tclose, path, damaged);
  const Hdf5Handle space = hdf5_checked(H5Dget_space(dataset), H5Sclose, path, damaged);
  const Deflated how = deflated(properties.id(), H5Tget_size(type.id()));
  if (how.deflate && how.checksum) {
    hdf5_fail(path, name + " is deflated and has Fletcher-32 checksums, needs to have one of the two");
  }
  hsize_t count = 0;
  hdf5_check(H5Dget_num_chunks(dataset, space.id(), &count), path, damaged);
  for (hsize_t first = 0; first < count; first += hdf5_chunks_at_once) {
    std::vector<std::vector<unsigned char>> stored(std::min<hsize_t>(hdf5_chunks_at_once, count - first));
    std::vector<char> whole(stored.size());
    for (hsize_t i = 0; i < stored.size(); ++i) {
      std::array<hsize_t, H5S_MAX_RANK> offset{};
      hsize_t size = 0;
      unsigned skipped = 0;
      hdf5_check(H5Dget_chunk_info(dataset, space.id(), first + i, offset.data(), &skipped, nullptr, &size), path,
                 damaged);
      const bool fits = how.deflate ? size <= compressBound(static_cast<uLong>(how.chunk_bytes)) + 64
                                    : size == how.chunk_bytes + (how.checksum ? 4 : 0);
      if (skipped != 0 || !fits) hdf5_fail(path, damaged);
      if (!how.deflate) continue;
      stored[i].resize(size);
      hdf5_check(H5Dread_chunk(dataset, H5P_DEFAULT, offset.data(), &skipped, stored[i].data()), path, damaged);
    }
    if (!how.deflate) continue;
    parallel_for(static_cast<int>(stored.size()), [&](int i) {
      const auto at = static_cast<std::size_t>(i);
      whole[at] = inflates_to(stored[at], how.chunk_bytes) ? 1 : 0;
    });
    for (const char ok : whole) {
      if (ok == 0) hdf5_fail(path, damaged);
    }
  }
}

}  // namespace ytterby::io
