#include "io/hdf5.h"

#include <hdf5.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>

#include "engine/error.h"
#include "engine/parallel.h"

namespace ytterby::io {
namespace {

constexpr std::uint64_t chunk_bytes = 1 << 20;
constexpr int deflate_level = 4;

/// A handle that closes itself.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  [[nodiscard]] hid_t id() const { return id_; }
  [[nodiscard]] bool valid() const { return id_ >= 0; }

 private:
  hid_t id_;
  Close close_;
};

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw Error(Fault::input, file.string() + ": " + what);
}

Handle checked(hid_t id, Handle::Close close, const std::filesystem::path& file, const std::string& what) {
  if (id < 0) fail(file, what);
  return {id, close};
}

void check(herr_t status, const std::filesystem::path& file, const std::string& what) {
  if (status < 0) fail(file, what);
}

/// The library prints its error stack unless told not to; it would be a second line on stderr.
void be_quiet() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

std::uint64_t product(const std::vector<std::uint64_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
}

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
void gather(const char* values, const std::vector<std::uint64_t>& shape, const std::vector<std::uint64_t>& chunk,
            const std::vector<hsize_t>& offset, std::uint64_t value_bytes, std::vector<char>& out) {
  std::fill(out.begin(), out.end(), '\0');
  const std::size_t rank = shape.size();
  const std::uint64_t row = std::min<std::uint64_t>(chunk[rank - 1], shape[rank - 1] - offset[rank - 1]) * value_bytes;
  const std::uint64_t rows = product(chunk) / chunk[rank - 1];
  for (std::uint64_t r = 0; r < rows; ++r) {
    std::uint64_t rest = r, from = 0, stride = 1;
    bool inside = true;
    for (std::size_t d = rank; d-- > 0;) {
      const std::uint64_t at = offset[d] + (d == rank - 1 ? 0 : rest % chunk[d]);
      if (d != rank - 1) rest /= chunk[d];
      inside = inside && at < shape[d];
      from += at * stride;
      stride *= shape[d];
    }
    if (inside) std::memcpy(out.data() + r * chunk[rank - 1] * value_bytes, values + from * value_bytes, row);
  }
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
  std::vector<std::vector<hsize_t>> offsets{std::vector<hsize_t>(shape.size(), 0)};
  for (std::size_t d = 0; d < shape.size(); ++d) {
    std::vector<std::vector<hsize_t>> next;
    for (const auto& offset : offsets) {
      for (std::uint64_t at = 0; at < shape[d]; at += chunk[d]) {
        next.push_back(offset);
        next.back()[d] = at;
      }
    }
    offsets = std::move(next);
  }
  constexpr std::size_t portion = 64;  // chunks held compressed at a time
  for (std::size_t first = 0; first < offsets.size(); first += portion) {
    const std::size_t n = std::min(portion, offsets.size() - first);
    std::vector<std::vector<unsigned char>> compressed(n);
    parallel_for(static_cast<int>(n), [&](int i) {
      std::vector<char> plain(product(chunk) * value_bytes);
      gather(values, shape, chunk, offsets[first + static_cast<std::size_t>(i)], value_bytes, plain);
      compressed[static_cast<std::size_t>(i)] = shuffle_and_deflate(plain, value_bytes);
    });
    for (std::size_t i = 0; i < n; ++i) {
      check(H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, offsets[first + i].data(), compressed[i].size(),
                           compressed[i].data()),
            file, "cannot be written: is the disk full?");
    }
  }
}

void write_values(const std::filesystem::path& file, hid_t id, const std::string& path, const void* values,
                  std::size_t count, const std::vector<std::uint64_t>& shape, hid_t type, std::uint64_t value_bytes) {
  if (product(shape) != count || count == 0) throw Error(Fault::internal, path + ": shape and values do not match");
  const std::vector<hsize_t> dims(shape.begin(), shape.end());
  const std::vector<std::uint64_t> chunk = chunk_shape(shape, value_bytes);
  const std::vector<hsize_t> chunk_dims(chunk.begin(), chunk.end());
  const Handle space =
      checked(H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr), H5Sclose, file, "no dataspace");
  const Handle properties = checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, file, "no property list");
  check(H5Pset_chunk(properties.id(), static_cast<int>(dims.size()), chunk_dims.data()), file, "no chunks");
  check(H5Pset_shuffle(properties.id()), file, "no shuffle filter");
  check(H5Pset_deflate(properties.id(), deflate_level), file, "no deflate filter");
  const Handle dataset =
      checked(H5Dcreate2(id, path.c_str(), type, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), H5Dclose, file,
              "cannot make the dataset " + path);
  write_chunks(file, dataset.id(), static_cast<const char*>(values), shape, chunk, value_bytes);
}

Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.id(), H5T_VARIABLE);
  H5Tset_cset(type.id(), H5T_CSET_UTF8);
  return type;
}

void write_attribute(const std::filesystem::path& file, hid_t id, const std::string& path, const std::string& name,
                     hid_t file_type, hid_t memory_type, const void* values, std::size_t count, bool scalar) {
  const hsize_t dims = count;
  const Handle object = checked(H5Oopen(id, path.c_str(), H5P_DEFAULT), H5Oclose, file, "has no " + path);
  const Handle space =
      checked(scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &dims, nullptr), H5Sclose, file, "no dataspace");
  const Handle attribute =
      checked(H5Acreate2(object.id(), name.c_str(), file_type, space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose, file,
              "cannot make the attribute " + name + " of " + path);
  check(H5Awrite(attribute.id(), memory_type, values), file, "cannot write the attribute " + name + " of " + path);
}

struct OpenAttribute {
  Handle attribute;
  std::size_t count;
};

OpenAttribute open_attribute(const std::filesystem::path& file, hid_t id, const std::string& path,
                             const std::string& name, H5T_class_t type_class) {
  const std::string what = "lacks the attribute " + name + " of " + path;
  Handle attribute =
      checked(H5Aopen_by_name(id, path.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose, file, what);
  const Handle type = checked(H5Aget_type(attribute.id()), H5Tclose, file, what);
  const H5T_class_t found = H5Tget_class(type.id());
  const bool numeric = type_class == H5T_FLOAT && (found == H5T_FLOAT || found == H5T_INTEGER);
  if (found != type_class && !numeric) fail(file, "the attribute " + name + " of " + path + " is of another type");
  if (type_class == H5T_STRING && H5Tis_variable_str(type.id()) <= 0) {
    fail(file, "the attribute " + name + " of " + path + " is no variable-length text");
  }
  const Handle space = checked(H5Aget_space(attribute.id()), H5Sclose, file, what);
  const hssize_t count = H5Sget_simple_extent_npoints(space.id());
  if (count < 0 || count > 1'000'000) fail(file, "the attribute " + name + " of " + path + " is too large");
  return {std::move(attribute), static_cast<std::size_t>(count)};
}

template <class T>
std::vector<T> read_values(const std::filesystem::path& file, hid_t id, const std::string& path, std::size_t count,
                           hid_t type) {
  const Handle dataset = checked(H5Dopen2(id, path.c_str(), H5P_DEFAULT), H5Dclose, file, "lacks the dataset " + path);
  const Handle space = checked(H5Dget_space(dataset.id()), H5Sclose, file, "cannot read " + path);
  const hssize_t found = H5Sget_simple_extent_npoints(space.id());
  if (found < 0 || static_cast<std::size_t>(found) != count) {
    fail(file, path + " holds " + std::to_string(found) + " values, needs to hold " + std::to_string(count));
  }
  std::vector<T> values(count);
  check(H5Dread(dataset.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), file,
        "cannot read " + path + ": the file is damaged");
  return values;
}

}  // namespace

Hdf5File Hdf5File::create(const std::filesystem::path& path) {
  be_quiet();
  const hid_t id = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  if (id < 0) fail(path, "cannot be written");
  return {id, path};
}

Hdf5File Hdf5File::open(const std::filesystem::path& path) {
  be_quiet();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) fail(path, "no such file");
  const hid_t id = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (id < 0) fail(path, "is no HDF5 file, or it is truncated");
  return {id, path};
}

Hdf5File::~Hdf5File() {
  if (id_ >= 0) H5Fclose(id_);
}

Hdf5File::Hdf5File(Hdf5File&& other) noexcept : id_(std::exchange(other.id_, -1)), path_(std::move(other.path_)) {}

void Hdf5File::close() {
  const bool flushed = H5Fflush(id_, H5F_SCOPE_LOCAL) >= 0;
  const bool closed = H5Fclose(std::exchange(id_, -1)) >= 0;
  if (!flushed || !closed) fail(path_, "cannot be written: is the disk full?");
}

void Hdf5File::make_group(const std::string& path) {
  const Handle group = checked(H5Gcreate2(id_, path.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose, path_,
                               "no group " + path);
}

void Hdf5File::write(const std::string& path, std::span<const float> v, const std::vector<std::uint64_t>& shape) {
  write_values(path_, id_, path, v.data(), v.size(), shape, H5T_IEEE_F32LE, sizeof(float));
}
void Hdf5File::write(const std::string& path, std::span<const double> v, const std::vector<std::uint64_t>& shape) {
  write_values(path_, id_, path, v.data(), v.size(), shape, H5T_IEEE_F64LE, sizeof(double));
}
void Hdf5File::write(const std::string& path, std::span<const std::uint8_t> v,
                     const std::vector<std::uint64_t>& shape) {
  write_values(path_, id_, path, v.data(), v.size(), shape, H5T_STD_U8LE, 1);
}
void Hdf5File::write(const std::string& path, std::span<const std::uint64_t> v,
                     const std::vector<std::uint64_t>& shape) {
  write_values(path_, id_, path, v.data(), v.size(), shape, H5T_STD_U64LE, sizeof(std::uint64_t));
}

void Hdf5File::write_table(const std::string& path, const std::vector<std::string>& names,
                           const std::vector<std::vector<float>>& columns) {
  const std::size_t rows = columns.front().size(), width = names.size() * sizeof(float);
  const Handle type = checked(H5Tcreate(H5T_COMPOUND, width), H5Tclose, path_, "no table type");
  std::vector<float> values(rows * names.size());
  for (std::size_t c = 0; c < names.size(); ++c) {
    check(H5Tinsert(type.id(), names[c].c_str(), c * sizeof(float), H5T_IEEE_F32LE), path_, "no column " + names[c]);
    for (std::size_t r = 0; r < rows; ++r) values[r * names.size() + c] = columns[c][r];
  }
  const hsize_t dims = rows;
  const Handle space = checked(H5Screate_simple(1, &dims, nullptr), H5Sclose, path_, "no dataspace");
  const Handle dataset =
      checked(H5Dcreate2(id_, path.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose,
              path_, "cannot make the table " + path);
  if (rows == 0) return;
  check(H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), path_, "cannot write " + path);
}

void Hdf5File::attribute(const std::string& path, const std::string& name, const std::string& value) {
  const Handle type = text_type();
  const char* const text = value.c_str();
  write_attribute(path_, id_, path, name, type.id(), type.id(), &text, 1, true);
}
void Hdf5File::attribute(const std::string& path, const std::string& name, double value) {
  write_attribute(path_, id_, path, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value, 1, true);
}
void Hdf5File::attribute(const std::string& path, const std::string& name, std::uint64_t value) {
  write_attribute(path_, id_, path, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value, 1, true);
}
void Hdf5File::attribute(const std::string& path, const std::string& name, const std::vector<double>& values) {
  write_attribute(path_, id_, path, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, values.data(), values.size(), false);
}
void Hdf5File::attribute(const std::string& path, const std::string& name, const std::vector<int>& values) {
  write_attribute(path_, id_, path, name, H5T_STD_I32LE, H5T_NATIVE_INT, values.data(), values.size(), false);
}
void Hdf5File::attribute(const std::string& path, const std::string& name, const std::vector<std::string>& values) {
  const Handle type = text_type();
  std::vector<const char*> texts;
  for (const std::string& v : values) texts.push_back(v.c_str());
  write_attribute(path_, id_, path, name, type.id(), type.id(), texts.data(), texts.size(), false);
}

bool Hdf5File::has(const std::string& path) const { return H5Lexists(id_, path.c_str(), H5P_DEFAULT) > 0; }

bool Hdf5File::has_attribute(const std::string& path, const std::string& name) const {
  return H5Aexists_by_name(id_, path.c_str(), name.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::string> Hdf5File::members(const std::string& path) const {
  std::vector<std::string> names;
  const Handle group = checked(H5Gopen2(id_, path.c_str(), H5P_DEFAULT), H5Gclose, path_, "lacks the group " + path);
  const auto collect = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  };
  check(H5Literate(group.id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names), path_, "cannot list " + path);
  return names;
}

std::vector<std::uint64_t> Hdf5File::shape(const std::string& path) const {
  const Handle dataset =
      checked(H5Dopen2(id_, path.c_str(), H5P_DEFAULT), H5Dclose, path_, "lacks the dataset " + path);
  const Handle space = checked(H5Dget_space(dataset.id()), H5Sclose, path_, "cannot read " + path);
  const int rank = H5Sget_simple_extent_ndims(space.id());
  std::vector<hsize_t> dims(static_cast<std::size_t>(std::max(rank, 0)));
  H5Sget_simple_extent_dims(space.id(), dims.data(), nullptr);
  return {dims.begin(), dims.end()};
}

std::vector<float> Hdf5File::floats(const std::string& path, std::size_t count) const {
  return read_values<float>(path_, id_, path, count, H5T_NATIVE_FLOAT);
}
std::vector<double> Hdf5File::doubles(const std::string& path, std::size_t count) const {
  return read_values<double>(path_, id_, path, count, H5T_NATIVE_DOUBLE);
}
std::vector<std::uint8_t> Hdf5File::bytes(const std::string& path, std::size_t count) const {
  return read_values<std::uint8_t>(path_, id_, path, count, H5T_NATIVE_UINT8);
}
std::vector<std::uint64_t> Hdf5File::words(const std::string& path, std::size_t count) const {
  return read_values<std::uint64_t>(path_, id_, path, count, H5T_NATIVE_UINT64);
}

std::vector<float> Hdf5File::column(const std::string& path, const std::string& name) const {
  const std::vector<std::uint64_t> dims = shape(path);
  if (dims.size() != 1 || dims[0] > 10'000'000) fail(path_, path + " is no table");
  const Handle type = checked(H5Tcreate(H5T_COMPOUND, sizeof(float)), H5Tclose, path_, "no table type");
  check(H5Tinsert(type.id(), name.c_str(), 0, H5T_NATIVE_FLOAT), path_, "no column " + name);
  if (dims[0] == 0) return {};
  return read_values<float>(path_, id_, path, dims[0], type.id());
}

std::vector<std::string> Hdf5File::texts(const std::string& path, const std::string& name) const {
  const OpenAttribute open = open_attribute(path_, id_, path, name, H5T_STRING);
  const Handle type = text_type();
  std::vector<char*> raw(open.count, nullptr);
  check(H5Aread(open.attribute.id(), type.id(), raw.data()), path_, "cannot read the attribute " + name);
  std::vector<std::string> values;
  for (char* text : raw) {
    values.emplace_back(text != nullptr ? text : "");
    H5free_memory(text);
  }
  return values;
}

std::string Hdf5File::text(const std::string& path, const std::string& name) const {
  const std::vector<std::string> values = texts(path, name);
  if (values.size() != 1) fail(path_, "the attribute " + name + " of " + path + " needs to be one text");
  return values.front();
}

std::vector<double> Hdf5File::numbers(const std::string& path, const std::string& name) const {
  const OpenAttribute open = open_attribute(path_, id_, path, name, H5T_FLOAT);
  std::vector<double> values(open.count);
  check(H5Aread(open.attribute.id(), H5T_NATIVE_DOUBLE, values.data()), path_, "cannot read the attribute " + name);
  return values;
}

double Hdf5File::number(const std::string& path, const std::string& name) const {
  const std::vector<double> values = numbers(path, name);
  if (values.size() != 1) fail(path_, "the attribute " + name + " of " + path + " needs to be one number");
  return values.front();
}

std::uint64_t Hdf5File::count(const std::string& path, const std::string& name) const {
  const OpenAttribute open = open_attribute(path_, id_, path, name, H5T_INTEGER);
  if (open.count != 1) fail(path_, "the attribute " + name + " of " + path + " needs to be one number");
  std::uint64_t value = 0;
  check(H5Aread(open.attribute.id(), H5T_NATIVE_UINT64, &value), path_, "cannot read the attribute " + name);
  return value;
}

}  // namespace ytterby::io
