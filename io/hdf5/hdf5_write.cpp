// The writing half of Hdf5File.

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "engine/base/parallel.h"
#include "io/hdf5/hdf5.h"
#include "io/hdf5/hdf5_chunk_layout.h"
#include "io/hdf5/hdf5_handle.h"
#include "io/system/output_file.h"
#include "io/system/sha256.h"

namespace ytterby::io {
namespace {

constexpr std::uint64_t chunk_bytes = 1 << 20;
constexpr int deflate_level = 4;

/// About 1 MiB, whole rows first, then whole slices.
std::vector<std::uint64_t> chunk_shape(const std::vector<std::uint64_t>& shape, std::uint64_t value_bytes) {
  std::vector<std::uint64_t> chunk(shape.size(), 1);
  std::uint64_t room = std::max<std::uint64_t>(1, chunk_bytes / value_bytes);
  for (std::size_t i = shape.size(); i-- > 0;) {
    chunk[i] = std::clamp<std::uint64_t>(room, 1, std::max<std::uint64_t>(1, shape[i]));
    room = std::max<std::uint64_t>(1, room / chunk[i]);
  }
  return chunk;
}

/// Copies one chunk out of the values, zeros beyond the edge.
void gather(const char* values, const ChunkShape& shape, const ChunkShape& chunk, const ChunkShape& corner,
            std::uint64_t value_bytes, std::vector<char>& out) {
  std::fill(out.begin(), out.end(), '\0');
  for_chunk_runs(shape, chunk, corner, [&](std::uint64_t to, std::uint64_t from, std::uint64_t length) {
    std::memcpy(out.data() + to * value_bytes, values + from * value_bytes, length * value_bytes);
  });
}

/// HDF5's shuffle filter: first bytes of all values, then second bytes, ...; then deflate.
std::vector<unsigned char> shuffle_and_deflate(const std::vector<char>& in, std::uint64_t value_bytes) {
  std::vector<unsigned char> shuffled(in.size());
  const std::size_t n = in.size() / value_bytes;
  for (std::size_t b = 0; b < value_bytes; ++b) {
    for (std::size_t i = 0; i < n; ++i) shuffled[b * n + i] = static_cast<unsigned char>(in[i * value_bytes + b]);
  }
  uLongf length = compressBound(static_cast<uLong>(in.size()));
  std::vector<unsigned char> out(length);
  if (compress2(out.data(), &length, shuffled.data(), static_cast<uLong>(in.size()), deflate_level) != Z_OK) {
    throw Error(Fault::internal, "deflate failed");
  }
  out.resize(length);
  return out;
}

void write_chunks(const std::filesystem::path& file, hid_t dataset, const char* values,
                  const std::vector<std::uint64_t>& shape, const std::vector<std::uint64_t>& chunk,
                  std::uint64_t value_bytes) {
  const std::vector<ChunkShape> corners = chunk_corners(shape, chunk, 0, shape[0]);
  for (std::size_t first = 0; first < corners.size(); first += hdf5_chunks_at_once) {
    const std::size_t n = std::min(hdf5_chunks_at_once, corners.size() - first);
    std::vector<std::vector<unsigned char>> compressed(n);
    parallel_for(static_cast<int>(n), [&](int i) {
      std::vector<char> plain(product(chunk) * value_bytes);
      gather(values, shape, chunk, corners[first + static_cast<std::size_t>(i)], value_bytes, plain);
      compressed[static_cast<std::size_t>(i)] = shuffle_and_deflate(plain, value_bytes);
    });
    for (std::size_t i = 0; i < n; ++i) {
      const std::vector<hsize_t> corner(corners[first + i].begin(), corners[first + i].end());
      hdf5_check(H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, corner.data(), compressed[i].size(), compressed[i].data()),
                 file, "cannot be written: is the disk full?");
    }
  }
}

std::string_view bytes_of(const void* values, std::size_t count, std::size_t value_bytes) {
  return {static_cast<const char*>(values), count * value_bytes};
}

void write_values(const std::filesystem::path& file, hid_t id, const std::string& path, const void* values,
                  std::size_t count, const std::vector<std::uint64_t>& shape, hid_t type, std::uint64_t value_bytes) {
  if (product(shape) != count || count == 0) throw Error(Fault::internal, path + ": shape and values do not match");
  const std::vector<hsize_t> dims(shape.begin(), shape.end());
  const std::vector<std::uint64_t> chunk = chunk_shape(shape, value_bytes);
  const std::vector<hsize_t> chunk_dims(chunk.begin(), chunk.end());
  const Hdf5Handle space = hdf5_checked(H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr), H5Sclose,
                                        file, "no dataspace");
  const Hdf5Handle properties = hdf5_checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, file, "no property list");
  hdf5_check(H5Pset_chunk(properties.id(), static_cast<int>(dims.size()), chunk_dims.data()), file, "no chunks");
  hdf5_check(H5Pset_shuffle(properties.id()), file, "no shuffle filter");
  hdf5_check(H5Pset_deflate(properties.id(), deflate_level), file, "no deflate filter");
  const Hdf5Handle dataset =
      hdf5_checked(H5Dcreate2(id, path.c_str(), type, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), H5Dclose,
                   file, "cannot make the dataset " + path);
  write_chunks(file, dataset.id(), static_cast<const char*>(values), shape, chunk, value_bytes);
}

void write_attribute(const std::filesystem::path& file, hid_t id, const std::string& path, const std::string& name,
                     hid_t file_type, hid_t memory_type, const void* values, std::size_t count, bool scalar) {
  const hsize_t dims = count;
  const Hdf5Handle object = hdf5_checked(H5Oopen(id, path.c_str(), H5P_DEFAULT), H5Oclose, file, "has no " + path);
  const Hdf5Handle space = hdf5_checked(scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &dims, nullptr), H5Sclose,
                                        file, "no dataspace");
  const Hdf5Handle attribute =
      hdf5_checked(H5Acreate2(object.id(), name.c_str(), file_type, space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                   file, "cannot make the attribute " + name + " of " + path);
  hdf5_check(H5Awrite(attribute.id(), memory_type, values), file, "cannot write the attribute " + name + " of " + path);
}

}  // namespace

Hdf5File Hdf5File::create(const std::filesystem::path& path) {
  hdf5_be_quiet();
  // Formats of 1.10 have checksums over everything but values and texts, so that a flipped bit is noticed.
  const Hdf5Handle access = hdf5_checked(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, path, "no property list");
  hdf5_check(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V110, H5F_LIBVER_V110), path, "no HDF5 of 1.10 or newer");
  const hid_t id = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.id());
  if (id < 0) hdf5_fail(path, "cannot be written");
  return {id, path};
}

void Hdf5File::seal() { attribute("/", hdf5_digest_name, written_.hex()); }

void Hdf5File::close() {
  const bool flushed = H5Fflush(id_, H5F_SCOPE_LOCAL) >= 0;
  const bool closed = H5Fclose(std::exchange(id_, -1)) >= 0;
  if (!flushed || !closed) hdf5_fail(path_, "cannot be written: is the disk full?");
}

void Hdf5File::make_group(const std::string& path) {
  const Hdf5Handle group = hdf5_checked(H5Gcreate2(id_, path.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose,
                                        path_, "no group " + path);
  written_.group(path);
}

void Hdf5File::write(const std::string& path, std::span<const float> v, const std::vector<std::uint64_t>& shape) {
  write_values(path_, id_, path, v.data(), v.size(), shape, H5T_IEEE_F32LE, sizeof(float));
  written_.dataset(path, "f4", shape, sha256(bytes_of(v.data(), v.size(), sizeof(float))));
}
void Hdf5File::write(const std::string& path, std::span<const double> v, const std::vector<std::uint64_t>& shape) {
  write_values(path_, id_, path, v.data(), v.size(), shape, H5T_IEEE_F64LE, sizeof(double));
  written_.dataset(path, "f8", shape, sha256(bytes_of(v.data(), v.size(), sizeof(double))));
}
void Hdf5File::write(const std::string& path, std::span<const std::uint8_t> v,
                     const std::vector<std::uint64_t>& shape) {
  write_values(path_, id_, path, v.data(), v.size(), shape, H5T_STD_U8LE, 1);
  written_.dataset(path, "u1", shape, sha256(bytes_of(v.data(), v.size(), 1)));
}
void Hdf5File::write(const std::string& path, std::span<const std::uint16_t> v,
                     const std::vector<std::uint64_t>& shape) {
  write_values(path_, id_, path, v.data(), v.size(), shape, H5T_STD_U16LE, sizeof(std::uint16_t));
  written_.dataset(path, "u2", shape, sha256(bytes_of(v.data(), v.size(), sizeof(std::uint16_t))));
}
void Hdf5File::write(const std::string& path, std::span<const std::uint64_t> v,
                     const std::vector<std::uint64_t>& shape) {
  write_values(path_, id_, path, v.data(), v.size(), shape, H5T_STD_U64LE, sizeof(std::uint64_t));
  written_.dataset(path, "u8", shape, sha256(bytes_of(v.data(), v.size(), sizeof(std::uint64_t))));
}

void Hdf5File::write_table(const std::string& path, const std::vector<std::string>& names,
                           const std::vector<std::vector<float>>& columns) {
  const std::size_t rows = columns.front().size(), width = names.size() * sizeof(float);
  const Hdf5Handle type = hdf5_checked(H5Tcreate(H5T_COMPOUND, width), H5Tclose, path_, "no table type");
  std::vector<float> values(rows * names.size());
  std::string columns_text;
  for (std::size_t c = 0; c < names.size(); ++c) {
    columns_text += (c == 0 ? "" : ",") + names[c] + ":f4";
    hdf5_check(H5Tinsert(type.id(), names[c].c_str(), c * sizeof(float), H5T_IEEE_F32LE), path_,
               "no column " + names[c]);
    for (std::size_t r = 0; r < rows; ++r) values[r * names.size() + c] = columns[c][r];
  }
  written_.dataset(path, columns_text, {rows}, sha256(bytes_of(values.data(), values.size(), sizeof(float))));
  const hsize_t dims = rows;
  const Hdf5Handle space = hdf5_checked(H5Screate_simple(1, &dims, nullptr), H5Sclose, path_, "no dataspace");
  const Hdf5Handle properties = hdf5_checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, path_, "no property list");
  if (rows > 0) {
    const hsize_t chunk = std::clamp<hsize_t>(chunk_bytes / width, 1, rows);
    hdf5_check(H5Pset_chunk(properties.id(), 1, &chunk), path_, "no chunks");
    hdf5_check(H5Pset_fletcher32(properties.id()), path_, "no checksums");
  }
  const Hdf5Handle dataset =
      hdf5_checked(H5Dcreate2(id_, path.c_str(), type.id(), space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
                   H5Dclose, path_, "cannot make the table " + path);
  if (rows == 0) return;
  hdf5_check(H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), path_,
             "cannot write " + path);
}

void Hdf5File::attribute(const std::string& path, const std::string& name, const std::string& value) {
  const Hdf5Handle type = hdf5_text_type();
  const char* const text = value.c_str();
  write_attribute(path_, id_, path, name, type.id(), type.id(), &text, 1, true);
  written_.attribute(path, name, "text", {}, std::string(text) + '\0');
}
void Hdf5File::attribute(const std::string& path, const std::string& name, double value) {
  write_attribute(path_, id_, path, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value, 1, true);
  written_.attribute(path, name, "f8", {}, bytes_of(&value, 1, sizeof(value)));
}
void Hdf5File::attribute(const std::string& path, const std::string& name, std::uint64_t value) {
  write_attribute(path_, id_, path, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value, 1, true);
  written_.attribute(path, name, "u8", {}, bytes_of(&value, 1, sizeof(value)));
}
void Hdf5File::attribute(const std::string& path, const std::string& name, const std::vector<double>& values) {
  write_attribute(path_, id_, path, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, values.data(), values.size(), false);
  written_.attribute(path, name, "f8", {values.size()}, bytes_of(values.data(), values.size(), sizeof(double)));
}
void Hdf5File::attribute(const std::string& path, const std::string& name, const std::vector<int>& values) {
  write_attribute(path_, id_, path, name, H5T_STD_I32LE, H5T_NATIVE_INT, values.data(), values.size(), false);
  written_.attribute(path, name, "i4", {values.size()}, bytes_of(values.data(), values.size(), sizeof(int)));
}
void Hdf5File::attribute(const std::string& path, const std::string& name, const std::vector<std::string>& values) {
  const Hdf5Handle type = hdf5_text_type();
  std::vector<const char*> texts;
  std::string bytes;
  for (const std::string& v : values) {
    texts.push_back(v.c_str());
    bytes += std::string(v.c_str()) + '\0';
  }
  write_attribute(path_, id_, path, name, type.id(), type.id(), texts.data(), texts.size(), false);
  written_.attribute(path, name, "text", {values.size()}, bytes);
}

void write_hdf5(const std::filesystem::path& path, const std::function<void(Hdf5File&)>& content,
                const std::filesystem::path& like) {
  const Hdf5File::Alone lock = Hdf5File::alone();  // checkpoints are written beside a run
  const auto fill = [&](const std::filesystem::path& temporary) {
    try {
      Hdf5File h5 = Hdf5File::create(temporary);
      content(h5);
      h5.seal();
      h5.close();
    } catch (const Error& error) {
      if (error.fault() != Fault::input) throw;
      hdf5_fail(path, "cannot be written: is the disk full?");  // not the temporary file's name
    }
  };
  const auto whole = [](const std::filesystem::path& temporary) {
    try {
      return Hdf5File::open(temporary).seal_state() == Hdf5Seal::fits;
    } catch (const Error&) {
      return false;
    }
  };
  OutputFile(path, like).write(fill, whole);
}

}  // namespace ytterby::io
