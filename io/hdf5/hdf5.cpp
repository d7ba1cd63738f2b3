#include "io/hdf5/hdf5.h"

#include <hdf5.h>

#include <algorithm>

#include "io/hdf5/hdf5_deflated.h"
#include "io/hdf5/hdf5_guard.h"
#include "io/hdf5/hdf5_handle.h"
#include "io/hdf5/hdf5_probe.h"

namespace ytterby::io {
namespace {

std::string product_text(const Hdf5Shape& shape) {
  std::string text;
  for (const std::uint64_t n : shape) text += (text.empty() ? "" : " x ") + std::to_string(n);
  return text.empty() ? "one" : text;
}

struct OpenAttribute {
  Hdf5Handle attribute;
  std::size_t count;
};

OpenAttribute open_attribute(const std::filesystem::path& file, hid_t id, const std::string& path,
                             const std::string& name, H5T_class_t type_class) {
  const std::string what = "lacks the attribute " + name + " of " + path;
  Hdf5Handle attribute =
      hdf5_checked(H5Aopen_by_name(id, path.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose, file, what);
  const Hdf5Handle type = hdf5_checked(H5Aget_type(attribute.id()), H5Tclose, file, what);
  const H5T_class_t found = H5Tget_class(type.id());
  const bool numeric = type_class == H5T_FLOAT && (found == H5T_FLOAT || found == H5T_INTEGER);
  if (found != type_class && !numeric) hdf5_fail(file, "the attribute " + name + " of " + path + " is of another type");
  if (type_class == H5T_STRING && H5Tis_variable_str(type.id()) <= 0) {
    hdf5_fail(file, "the attribute " + name + " of " + path + " is no variable-length text");
  }
  const Hdf5Handle space = hdf5_checked(H5Aget_space(attribute.id()), H5Sclose, file, what);
  const hssize_t count = H5Sget_simple_extent_npoints(space.id());
  if (count < 0 || count > 1'000'000) hdf5_fail(file, "the attribute " + name + " of " + path + " is too large");
  return {std::move(attribute), static_cast<std::size_t>(count)};
}

Hdf5Shape shape_of(const std::filesystem::path& file, hid_t dataset, const std::string& path) {
  const Hdf5Handle space = hdf5_checked(H5Dget_space(dataset), H5Sclose, file, "cannot read " + path);
  const int rank = H5Sget_simple_extent_ndims(space.id());
  std::vector<hsize_t> dims(static_cast<std::size_t>(std::max(rank, 0)));
  H5Sget_simple_extent_dims(space.id(), dims.data(), nullptr);
  return {dims.begin(), dims.end()};
}

/// Values of a dataset of exactly this shape and of numbers, whole ones where T is whole.
template <class T>
std::vector<T> read_values(const std::filesystem::path& file, hid_t id, const std::string& path, const Hdf5Shape& shape,
                           hid_t type) {
  const Hdf5Handle dataset =
      hdf5_checked(H5Dopen2(id, path.c_str(), H5P_DEFAULT), H5Dclose, file, "lacks the dataset " + path);
  const Hdf5Shape found = shape_of(file, dataset.id(), path);
  if (found != shape) {
    hdf5_fail(file, path + " holds " + product_text(found) + " values, needs to hold " + product_text(shape));
  }
  const Hdf5Handle stored = hdf5_checked(H5Dget_type(dataset.id()), H5Tclose, file, "cannot read " + path);
  const H5T_class_t kind = H5Tget_class(stored.id()), wanted = H5Tget_class(type);
  if (kind != wanted && !(wanted == H5T_FLOAT && kind == H5T_INTEGER)) {
    hdf5_fail(file, path + " holds values of another type");
  }
  std::size_t count = 1;
  for (const std::uint64_t n : shape) count *= n;  // of a shape that the file holds: no overflow
  if (const auto deflated = DeflatedDataset::of(dataset.id(), type, file, path)) {
    std::vector<T> values(count);
    deflated->read(reinterpret_cast<char*>(values.data()));
    return values;
  }
  check_hdf5_chunks(dataset.id(), file, path);
  std::vector<T> values(count);
  hdf5_check(H5Dread(dataset.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), file,
             "cannot read " + path + ": the file is damaged");
  return values;
}

}  // namespace

Hdf5File::Alone Hdf5File::alone() {
  static std::recursive_mutex mutex;
  return Alone(mutex);
}

Hdf5File Hdf5File::open(const std::filesystem::path& path, std::uint64_t largest_chunk) {
  hdf5_be_quiet();
  H5PLset_loading_state(0);  // a file may name a filter, but not have one loaded
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) hdf5_fail(path, "no such file");
  if (!std::filesystem::is_regular_file(status)) hdf5_fail(path, "is no regular file, needs to be an HDF5 file");
  const auto open_and_check = [&path, largest_chunk] {
    const hid_t id = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
    if (id < 0) hdf5_fail(path, "is no HDF5 file, or it is truncated");
    Hdf5File file(id, path);
    check_hdf5_structure(id, path, largest_chunk);
    return file;
  };
  Alone lock = alone();
  probe_hdf5(path, [&] { open_and_check(); });
  Hdf5File file = open_and_check();
  file.alone_ = std::move(lock);
  return file;
}

Hdf5File::~Hdf5File() {
  if (id_ >= 0) H5Fclose(id_);
}

Hdf5File::Hdf5File(Hdf5File&& other) noexcept
    : alone_(std::move(other.alone_)),
      id_(std::exchange(other.id_, -1)),
      path_(std::move(other.path_)),
      written_(std::move(other.written_)) {}

Hdf5Seal Hdf5File::seal_state() const {
  if (!has_attribute("/", hdf5_digest_name)) return Hdf5Seal::none;
  return text("/", hdf5_digest_name) == hdf5_digest_of(id_, path_) ? Hdf5Seal::fits : Hdf5Seal::broken;
}

bool Hdf5File::has(const std::string& path) const { return H5Lexists(id_, path.c_str(), H5P_DEFAULT) > 0; }

bool Hdf5File::has_attribute(const std::string& path, const std::string& name) const {
  return H5Aexists_by_name(id_, path.c_str(), name.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::string> Hdf5File::members(const std::string& path) const {
  const Hdf5Handle group =
      hdf5_checked(H5Gopen2(id_, path.c_str(), H5P_DEFAULT), H5Gclose, path_, "lacks the group " + path);
  const auto links = hdf5_links(group.id(), static_cast<std::size_t>(-1));
  if (!links) hdf5_fail(path_, "cannot list " + path);
  std::vector<std::string> names;
  for (const auto& [name, type] : *links) names.push_back(name);
  return names;
}

Hdf5Shape Hdf5File::shape(const std::string& path) const {
  const Hdf5Handle dataset =
      hdf5_checked(H5Dopen2(id_, path.c_str(), H5P_DEFAULT), H5Dclose, path_, "lacks the dataset " + path);
  return shape_of(path_, dataset.id(), path);
}

std::vector<float> Hdf5File::floats(const std::string& path, const Hdf5Shape& shape) const {
  return read_values<float>(path_, id_, path, shape, H5T_NATIVE_FLOAT);
}
std::vector<double> Hdf5File::doubles(const std::string& path, const Hdf5Shape& shape) const {
  return read_values<double>(path_, id_, path, shape, H5T_NATIVE_DOUBLE);
}
std::vector<std::uint8_t> Hdf5File::bytes(const std::string& path, const Hdf5Shape& shape) const {
  return read_values<std::uint8_t>(path_, id_, path, shape, H5T_NATIVE_UINT8);
}
std::vector<std::uint16_t> Hdf5File::half_words(const std::string& path, const Hdf5Shape& shape) const {
  return read_values<std::uint16_t>(path_, id_, path, shape, H5T_NATIVE_UINT16);
}
std::vector<std::uint64_t> Hdf5File::words(const std::string& path, const Hdf5Shape& shape) const {
  return read_values<std::uint64_t>(path_, id_, path, shape, H5T_NATIVE_UINT64);
}

std::string Hdf5File::dataset_text(const std::string& path) const {
  const Hdf5Handle dataset =
      hdf5_checked(H5Dopen2(id_, path.c_str(), H5P_DEFAULT), H5Dclose, path_, "lacks the dataset " + path);
  const Hdf5Handle stored = hdf5_checked(H5Dget_type(dataset.id()), H5Tclose, path_, "cannot read " + path);
  std::uint64_t count = 1;
  for (const std::uint64_t n : shape_of(path_, dataset.id(), path)) count *= n;
  if (H5Tget_class(stored.id()) != H5T_STRING || count != 1) hdf5_fail(path_, path + " needs to be one text");
  check_hdf5_chunks(dataset.id(), path_, path);
  if (H5Tis_variable_str(stored.id()) > 0) {
    char* raw = nullptr;
    hdf5_check(H5Dread(dataset.id(), stored.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, &raw), path_, "cannot read " + path);
    const std::string text = raw != nullptr ? raw : "";
    H5free_memory(raw);
    return text;
  }
  std::string text(H5Tget_size(stored.id()), '\0');
  hdf5_check(H5Dread(dataset.id(), stored.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()), path_,
             "cannot read " + path);
  text.resize(std::min(text.find('\0'), text.size()));
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

std::vector<float> Hdf5File::column(const std::string& path, const std::string& name) const {
  const Hdf5Shape dims = shape(path);
  if (dims.size() != 1 || dims[0] > 10'000'000) hdf5_fail(path_, path + " is no table");
  const Hdf5Handle dataset =
      hdf5_checked(H5Dopen2(id_, path.c_str(), H5P_DEFAULT), H5Dclose, path_, "lacks the dataset " + path);
  const Hdf5Handle stored = hdf5_checked(H5Dget_type(dataset.id()), H5Tclose, path_, "cannot read " + path);
  // The library reads a missing column as whatever was in memory.
  if (H5Tget_class(stored.id()) != H5T_COMPOUND || H5Tget_member_index(stored.id(), name.c_str()) < 0) {
    hdf5_fail(path_, path + " lacks the column " + name);
  }
  const Hdf5Handle type = hdf5_checked(H5Tcreate(H5T_COMPOUND, sizeof(float)), H5Tclose, path_, "no table type");
  hdf5_check(H5Tinsert(type.id(), name.c_str(), 0, H5T_NATIVE_FLOAT), path_, "no column " + name);
  if (dims[0] == 0) return {};
  return read_values<float>(path_, id_, path, dims, type.id());
}

std::vector<std::string> Hdf5File::texts(const std::string& path, const std::string& name) const {
  const OpenAttribute open = open_attribute(path_, id_, path, name, H5T_STRING);
  const Hdf5Handle type = hdf5_text_type();
  std::vector<char*> raw(open.count, nullptr);
  hdf5_check(H5Aread(open.attribute.id(), type.id(), raw.data()), path_, "cannot read the attribute " + name);
  std::vector<std::string> values;
  for (char* text : raw) {
    values.emplace_back(text != nullptr ? text : "");
    H5free_memory(text);
  }
  return values;
}

std::string Hdf5File::text(const std::string& path, const std::string& name) const {
  const std::vector<std::string> values = texts(path, name);
  if (values.size() != 1) hdf5_fail(path_, "the attribute " + name + " of " + path + " needs to be one text");
  return values.front();
}

std::vector<double> Hdf5File::numbers(const std::string& path, const std::string& name) const {
  const OpenAttribute open = open_attribute(path_, id_, path, name, H5T_FLOAT);
  std::vector<double> values(open.count);
  hdf5_check(H5Aread(open.attribute.id(), H5T_NATIVE_DOUBLE, values.data()), path_,
             "cannot read the attribute " + name);
  return values;
}

double Hdf5File::number(const std::string& path, const std::string& name) const {
  const std::vector<double> values = numbers(path, name);
  if (values.size() != 1) hdf5_fail(path_, "the attribute " + name + " of " + path + " needs to be one number");
  return values.front();
}

std::uint64_t Hdf5File::count(const std::string& path, const std::string& name) const {
  const OpenAttribute open = open_attribute(path_, id_, path, name, H5T_INTEGER);
  if (open.count != 1) hdf5_fail(path_, "the attribute " + name + " of " + path + " needs to be one number");
  const Hdf5Handle type = hdf5_checked(H5Aget_type(open.attribute.id()), H5Tclose, path_, "cannot read " + name);
  if (H5Tget_sign(type.id()) != H5T_SGN_NONE) {  // the library would make 0 of negative ones
    std::int64_t signed_value = -1;
    hdf5_check(H5Aread(open.attribute.id(), H5T_NATIVE_INT64, &signed_value), path_,
               "cannot read the attribute " + name);
    if (signed_value < 0) hdf5_fail(path_, "the attribute " + name + " of " + path + " is negative");
  }
  std::uint64_t value = 0;
  hdf5_check(H5Aread(open.attribute.id(), H5T_NATIVE_UINT64, &value), path_, "cannot read the attribute " + name);
  return value;
}

}  // namespace ytterby::io
