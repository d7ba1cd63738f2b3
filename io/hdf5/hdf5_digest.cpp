#include "io/hdf5/hdf5_digest.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "io/hdf5/hdf5_deflated.h"
#include "io/hdf5/hdf5_guard.h"
#include "io/hdf5/hdf5_handle.h"
#include "io/system/sha256.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;
using Shape = Hdf5Digest::Shape;

Shape shape_of(hid_t space) {
  std::array<hsize_t, H5S_MAX_RANK> dims{};
  const int rank = H5Sget_simple_extent_dims(space, dims.data(), nullptr);
  return {dims.begin(), dims.begin() + std::max(rank, 0)};
}

std::uint64_t count_of(const Shape& shape) {
  std::uint64_t count = 1;
  for (const std::uint64_t n : shape) count *= n;  // the guard has multiplied them
  return count;
}

class Walk {
 public:
  Walk(hid_t file, const fs::path& path) : file_(file), path_(path) {}

  std::string whole() {
    attributes(file_, "/");
    members("");
    return digest_.hex();
  }

 private:
  [[nodiscard]] Hdf5Handle checked(hid_t id, Hdf5Handle::Close close, const std::string& name) const {
    return hdf5_checked(id, close, path_, "cannot read " + name + ": the file is damaged");
  }
  void check(herr_t status, const std::string& name) const {
    hdf5_check(status, path_, "cannot read " + name + ": the file is damaged");
  }

  void members(const std::string& group) {
    const Hdf5Handle id =
        checked(H5Gopen2(file_, group.empty() ? "/" : group.c_str(), H5P_DEFAULT), H5Gclose, group + "/");
    const auto links = hdf5_links(id.id(), static_cast<std::size_t>(-1));
    if (!links) hdf5_fail(path_, "cannot read " + group + "/: the file is damaged");
    for (const auto& [name, type] : *links) object(group + "/" + name);
  }

  void object(const std::string& name) {
    const Hdf5Handle id = checked(H5Oopen(file_, name.c_str(), H5P_DEFAULT), H5Oclose, name);
    attributes(id.id(), name);
    if (H5Iget_type(id.id()) == H5I_GROUP) {
      digest_.group(name);
      members(name);
    } else {
      dataset(id.id(), name);
    }
  }

  /// The type's name, and the type to read it as: packed, little-endian.
  [[nodiscard]] std::pair<std::string, Hdf5Handle> canonical(hid_t type, const std::string& name) const {
    const H5T_class_t kind = H5Tget_class(type);
    if (kind == H5T_STRING) return {"text", checked(H5Tcopy(type), H5Tclose, name)};
    if (kind != H5T_COMPOUND) {
      Hdf5Handle number = checked(H5Tcopy(type), H5Tclose, name);
      check(H5Tset_order(number.id(), H5T_ORDER_LE), name);
      const char* letter = kind == H5T_FLOAT ? "f" : H5Tget_sign(type) == H5T_SGN_NONE ? "u" : "i";
      return {letter + std::to_string(H5Tget_size(type)), std::move(number)};
    }
    std::string text;
    std::vector<std::pair<std::string, Hdf5Handle>> columns;
    std::size_t width = 0;
    for (unsigned i = 0; i < static_cast<unsigned>(std::max(0, H5Tget_nmembers(type))); ++i) {
      const Hdf5Handle member = checked(H5Tget_member_type(type, i), H5Tclose, name);
      auto [of_member, number] = canonical(member.id(), name);
      char* raw = H5Tget_member_name(type, i);
      columns.emplace_back(raw != nullptr ? raw : "", std::move(number));
      H5free_memory(raw);
      width += H5Tget_size(columns.back().second.id());
      text += (text.empty() ? "" : ",") + columns.back().first + ":" + of_member;
    }
    Hdf5Handle table = checked(H5Tcreate(H5T_COMPOUND, width), H5Tclose, name);
    std::size_t at = 0;
    for (const auto& [column, number] : columns) {
      check(H5Tinsert(table.id(), column.c_str(), at, number.id()), name);
      at += H5Tget_size(number.id());
    }
    return {text, std::move(table)};
  }

  /// Each ends with a zero byte.
  static std::string joined(const std::vector<char*>& texts) {
    std::string bytes;
    for (char* text : texts) {
      bytes += text != nullptr ? text : "";
      bytes += '\0';
      H5free_memory(text);
    }
    return bytes;
  }

  void attributes(hid_t id, const std::string& object) {
    H5O_info_t info;
    check(H5Oget_info2(id, &info, H5O_INFO_NUM_ATTRS), object);
    for (hsize_t i = 0; i < info.num_attrs; ++i) {
      const Hdf5Handle attribute = checked(
          H5Aopen_by_idx(id, ".", H5_INDEX_NAME, H5_ITER_NATIVE, i, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, object);
      std::string name(static_cast<std::size_t>(std::max<ssize_t>(0, H5Aget_name(attribute.id(), 0, nullptr))), '\0');
      H5Aget_name(attribute.id(), name.size() + 1, name.data());
      if (object == "/" && name == hdf5_digest_name) continue;
      const Hdf5Handle stored = checked(H5Aget_type(attribute.id()), H5Tclose, object);
      const Hdf5Handle space = checked(H5Aget_space(attribute.id()), H5Sclose, object);
      const auto [type, memory] = canonical(stored.id(), object);
      const Shape shape = shape_of(space.id());
      digest_.attribute(object, name, type, shape, attribute_bytes(attribute.id(), memory.id(), shape));
    }
  }

  [[nodiscard]] std::string attribute_bytes(hid_t attribute, hid_t memory, const Shape& shape) const {
    const std::uint64_t count = count_of(shape);
    if (H5Tis_variable_str(memory) > 0) {
      std::vector<char*> texts(count, nullptr);
      check(H5Aread(attribute, memory, texts.data()), "an attribute");
      return joined(texts);
    }
    std::string bytes(count * H5Tget_size(memory), '\0');
    check(H5Aread(attribute, memory, bytes.data()), "an attribute");
    return bytes;
  }

  void dataset(hid_t id, const std::string& name) {
    const Hdf5Handle stored = checked(H5Dget_type(id), H5Tclose, name);
    const Hdf5Handle space = checked(H5Dget_space(id), H5Sclose, name);
    const auto [type, memory] = canonical(stored.id(), name);
    const Shape shape = shape_of(space.id());
    Sha256 hash;
    const std::optional<DeflatedDataset> deflated = DeflatedDataset::of(id, memory.id(), path_, name);
    if (!deflated) check_hdf5_chunks(id, path_, name);
    if (H5Tis_variable_str(stored.id()) > 0) {
      std::vector<char*> texts(count_of(shape), nullptr);
      check(H5Dread(id, memory.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()), name);
      hash.add(joined(texts));
    } else {
      add_values(id, memory.id(), space.id(), shape, name, deflated, hash);
    }
    digest_.dataset(name, type, shape, hash.hex());
  }

  /// Some MiB of whole chunks at a time, along the slowest axis.
  void add_values(hid_t id, hid_t type, hid_t space, const Shape& shape, const std::string& name,
                  const std::optional<DeflatedDataset>& deflated, Sha256& hash) const {
    const std::uint64_t count = count_of(shape);
    if (count == 0) return;
    const std::uint64_t rows = shape.empty() ? 1 : shape[0], row = count / rows * H5Tget_size(type);
    constexpr std::uint64_t portion = 8ULL << 20;
    std::uint64_t at_once = std::clamp<std::uint64_t>(portion / row, 1, rows);
    const std::uint64_t chunk = rows_of_chunk(id);
    at_once = std::min(rows, (at_once + chunk - 1) / chunk * chunk);
    std::vector<char> values(at_once * row);
    std::vector<hsize_t> start(shape.size(), 0), extent(shape.begin(), shape.end());
    for (std::uint64_t first = 0; first < rows; first += at_once) {
      const std::uint64_t n = std::min(at_once, rows - first);
      if (deflated) {
        deflated->read_rows(first, n, values.data());
        hash.add({values.data(), n * row});
        continue;
      }
      if (!shape.empty()) {
        start[0] = first;
        extent[0] = n;
        check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr), name);
      }
      const hsize_t length = count / rows * n;
      const Hdf5Handle memory = checked(H5Screate_simple(1, &length, nullptr), H5Sclose, name);
      check(H5Dread(id, type, memory.id(), space, H5P_DEFAULT, values.data()), name);
      hash.add({values.data(), n * row});
    }
  }

  static std::uint64_t rows_of_chunk(hid_t dataset) {
    const Hdf5Handle properties(H5Dget_create_plist(dataset), H5Pclose);
    std::array<hsize_t, H5S_MAX_RANK> chunk{};
    if (H5Pget_layout(properties.id()) != H5D_CHUNKED) return 1;
    return H5Pget_chunk(properties.id(), H5S_MAX_RANK, chunk.data()) > 0 ? chunk[0] : 1;
  }

  hid_t file_;
  const fs::path& path_;
  Hdf5Digest digest_;
};

}  // namespace

void Hdf5Digest::add(const std::string& kind, const std::string& path, const std::string& name, const std::string& type,
                     const Shape& shape, const std::string& sha256) {
  std::string extent;
  for (const std::uint64_t n : shape) extent += (extent.empty() ? "" : "x") + std::to_string(n);
  std::string key, fields;
  for (const std::string& field : {kind, path, name}) key += field + '\0';
  for (const std::string& field : {type, extent, sha256}) fields += field + '\0';
  entries_[key] = fields;
}

void Hdf5Digest::group(const std::string& path) { add("group", path, "", "", {}, ""); }

void Hdf5Digest::dataset(const std::string& path, const std::string& type, const Shape& shape,
                         const std::string& sha256) {
  add("dataset", path, "", type, shape, sha256);
}

void Hdf5Digest::attribute(const std::string& path, const std::string& name, const std::string& type,
                           const Shape& shape, std::string_view bytes) {
  add("attribute", path, name, type, shape, sha256(bytes));
}

std::string Hdf5Digest::hex() const {
  Sha256 hash;
  for (const auto& [key, fields] : entries_) {
    hash.add(key);
    hash.add(fields);
  }
  return hash.hex();
}

std::string hdf5_digest_of(std::int64_t file, const fs::path& path) { return Walk(file, path).whole(); }

}  // namespace ytterby::io
