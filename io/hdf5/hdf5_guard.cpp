#include "io/hdf5/hdf5_guard.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "io/hdf5/hdf5_handle.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_objects = 100'000;
constexpr int deepest = 8;
constexpr std::size_t largest_type = 4096;  // bytes of one value
constexpr std::uint64_t largest_attribute = 16ULL << 20;
constexpr double deflate_ratio = 1032;  // most that deflate can shrink (zlib's technical note)

/// For messages: names of a foreign file may hold anything.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
  }
  return text.size() > 80 ? text.substr(0, 80) + "..." : text;
}

struct Extent {
  std::vector<hsize_t> dims;
  std::uint64_t values = 1;
};

class Walk {
 public:
  Walk(hid_t file, const fs::path& path, std::uint64_t largest_chunk)
      : file_(file), path_(path), file_size_(fs::file_size(path)), largest_chunk_(largest_chunk) {}

  void whole() {
    const Hdf5Handle root = hdf5_checked(H5Gopen2(file_, "/", H5P_DEFAULT), H5Gclose, path_, "has no root group");
    enter(root.id(), "/");
    attributes(root.id(), "/");
    group(root.id(), "", 0);
  }

 private:
  [[noreturn]] void refuse(const std::string& name, const std::string& what) const {
    hdf5_fail(path_, "is damaged: " + printable(name) + " " + what);
  }

  void group(hid_t id, const std::string& name, int depth) {
    if (depth > deepest) refuse(name, "lies too deep");
    const auto links = hdf5_links(id, most_objects);
    if (!links) refuse(name + "/", "has no list");
    for (const auto& [link, type] : *links) object(id, link, type, name + "/" + link, depth);
  }

  void object(hid_t parent, const std::string& link, H5L_type_t type, const std::string& name, int depth) {
    if (type != H5L_TYPE_HARD) refuse(name, "is a link to somewhere else, needs to be in the file itself");
    const Hdf5Handle id = hdf5_checked(H5Oopen(parent, link.c_str(), H5P_DEFAULT), H5Oclose, path_,
                                       "is damaged: " + printable(name) + " cannot be opened");
    enter(id.id(), name);
    attributes(id.id(), name);
    const H5I_type_t kind = H5Iget_type(id.id());
    if (kind == H5I_GROUP) {
      group(id.id(), name, depth + 1);
    } else if (kind == H5I_DATASET) {
      dataset(id.id(), name);
    } else {
      refuse(name, "is neither a group nor a dataset");
    }
  }

  /// Notes the object; a second link to it may be a loop.
  void enter(hid_t id, const std::string& name) {
    H5O_info_t info;
    if (H5Oget_info2(id, &info, H5O_INFO_BASIC) < 0) refuse(name, "cannot be opened");
    if (!seen_.insert(info.addr).second) refuse(name, "is linked twice");
    if (seen_.size() > most_objects) refuse(name, "is one object too many");
  }

  [[nodiscard]] Extent extent(hid_t space, const std::string& name) const {
    const int rank = H5Sget_simple_extent_ndims(space);
    if (rank < 0 || rank > H5S_MAX_RANK || H5Sget_simple_extent_type(space) == H5S_NULL) refuse(name, "has no shape");
    Extent e;
    e.dims.resize(static_cast<std::size_t>(rank));
    if (rank > 0 && H5Sget_simple_extent_dims(space, e.dims.data(), nullptr) < 0) refuse(name, "has no shape");
    for (const hsize_t n : e.dims) {
      if (__builtin_mul_overflow(e.values, n, &e.values)) refuse(name, "has a shape beyond all bounds");
    }
    return e;
  }

  [[nodiscard]] std::uint64_t bytes(const Extent& e, hid_t type, const std::string& name) const {
    const std::size_t size = H5Tget_size(type);
    std::uint64_t total = 0;
    if (size == 0 || size > largest_type || __builtin_mul_overflow(e.values, std::uint64_t{size}, &total)) {
      refuse(name, "has values or a shape beyond all bounds");
    }
    return total;
  }

  static bool is_number(hid_t type) {
    const H5T_class_t c = H5Tget_class(type);
    return (c == H5T_INTEGER || c == H5T_FLOAT) && H5Tget_size(type) <= 8;
  }

  void attributes(hid_t id, const std::string& name) const {
    H5O_info_t info;
    if (H5Oget_info2(id, &info, H5O_INFO_NUM_ATTRS) < 0 || info.num_attrs > 1000)
      refuse(name, "has a list of attributes beyond bounds");
    for (hsize_t i = 0; i < info.num_attrs; ++i) {
      const Hdf5Handle attribute =
          hdf5_checked(H5Aopen_by_idx(id, ".", H5_INDEX_NAME, H5_ITER_NATIVE, i, H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                       path_, "is damaged: an attribute of " + printable(name) + " cannot be opened");
      const std::string what = "has an attribute that";
      const Hdf5Handle type =
          hdf5_checked(H5Aget_type(attribute.id()), H5Tclose, path_, "is damaged: an attribute has no type");
      const Hdf5Handle space =
          hdf5_checked(H5Aget_space(attribute.id()), H5Sclose, path_, "is damaged: an attribute has no shape");
      if (!is_number(type.id()) && H5Tget_class(type.id()) != H5T_STRING)
        refuse(name, what + " is neither number nor text");
      if (bytes(extent(space.id(), name), type.id(), name) > largest_attribute) refuse(name, what + " is too large");
      if (H5Tget_class(type.id()) == H5T_STRING) read_texts(attribute.id(), space.id(), type.id(), name);
    }
  }

  /// Texts of any length lie in a heap without checksums: all are read once.
  void read_texts(hid_t attribute, hid_t space, hid_t type, const std::string& name) const {
    if (H5Tis_variable_str(type) <= 0) return;
    std::vector<char*> texts(extent(space, name).values, nullptr);
    const bool read = H5Aread(attribute, type, texts.data()) >= 0;
    for (char* text : texts) H5free_memory(text);
    if (!read) refuse(name, "has a text that cannot be read");
  }

  /// The same for the texts of a dataset; other programs keep a few words so.
  void read_texts(hid_t dataset, const Extent& e, hid_t type, const std::string& name) const {
    constexpr std::uint64_t most_texts = 1000;
    if (e.values > most_texts) refuse(name, "holds neither numbers nor a table of them, but more than 1000 texts");
    if (H5Tis_variable_str(type) <= 0) return;
    check_hdf5_chunks(dataset, path_, printable(name));
    std::vector<char*> texts(e.values, nullptr);
    const bool read = H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()) >= 0;
    for (char* text : texts) H5free_memory(text);
    if (!read) refuse(name, "has a text that cannot be read");
  }

  void value_type(hid_t type, const std::string& name) const {
    if (is_number(type) || H5Tget_class(type) == H5T_STRING) return;
    if (H5Tget_class(type) != H5T_COMPOUND) refuse(name, "holds neither numbers nor a table of them, nor texts");
    const int members = H5Tget_nmembers(type);
    if (members < 1 || members > 64) refuse(name, "is a table of too many columns");
    for (unsigned i = 0; i < static_cast<unsigned>(members); ++i) {
      const Hdf5Handle member =
          hdf5_checked(H5Tget_member_type(type, i), H5Tclose, path_, "is damaged: a column has no type");
      if (!is_number(member.id())) refuse(name, "is a table of other things than numbers");
    }
  }

  void filters(hid_t properties, const std::string& name) const {
    const int n = H5Pget_nfilters(properties);
    if (n < 0 || n > 4) refuse(name, "has filters beyond bounds");
    for (unsigned i = 0; i < static_cast<unsigned>(n); ++i) {
      unsigned flags = 0;
      std::size_t values = 0;
      const H5Z_filter_t filter = H5Pget_filter2(properties, i, &flags, &values, nullptr, 0, nullptr, nullptr);
      if (filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_FLETCHER32) {
        refuse(name, "needs the filter " + std::to_string(filter) + ", may use shuffle, deflate and Fletcher-32 alone");
      }
    }
  }

  void dataset(hid_t id, const std::string& name) const {
    const Hdf5Handle type = hdf5_checked(H5Dget_type(id), H5Tclose, path_, "is damaged: a dataset has no type");
    const Hdf5Handle space = hdf5_checked(H5Dget_space(id), H5Sclose, path_, "is damaged: a dataset has no shape");
    const Hdf5Handle properties =
        hdf5_checked(H5Dget_create_plist(id), H5Pclose, path_, "is damaged: a dataset has no layout");
    value_type(type.id(), name);
    const Extent e = extent(space.id(), name);
    const std::uint64_t total = bytes(e, type.id(), name);
    filters(properties.id(), name);
    const H5D_layout_t layout = H5Pget_layout(properties.id());
    if (layout == H5D_VIRTUAL || H5Pget_external_count(properties.id()) != 0) refuse(name, "is stored in other files");
    if (total == 0) return;
    if (H5Tget_class(type.id()) == H5T_STRING) read_texts(id, e, type.id(), name);
    const std::uint64_t stored = H5Dget_storage_size(id);
    if (stored > file_size_)
      refuse(name, "is said to take " + std::to_string(stored) + " bytes, more than the file has");
    if (layout == H5D_CHUNKED) {
      chunks(id, space.id(), properties.id(), e, H5Tget_size(type.id()), name);
      if (static_cast<double>(total) > deflate_ratio * static_cast<double>(stored)) {
        refuse(name,
               "announces " + std::to_string(total) + " bytes, more than its " + std::to_string(stored) + " can hold");
      }
    } else if (H5Tis_variable_str(type.id()) <= 0 && stored != total) {  // in the file a text is a heap's reference
      refuse(name, "announces " + std::to_string(total) + " bytes, stored are " + std::to_string(stored));
    }
  }

  void chunks(hid_t id, hid_t space, hid_t properties, const Extent& e, std::size_t value_bytes,
              const std::string& name) const {
    std::array<hsize_t, H5S_MAX_RANK> chunk{};
    const int rank = H5Pget_chunk(properties, H5S_MAX_RANK, chunk.data());
    if (rank < 1 || static_cast<std::size_t>(rank) != e.dims.size()) refuse(name, "has chunks of another rank");
    std::uint64_t size = value_bytes, needed = 1;
    for (std::size_t d = 0; d < e.dims.size(); ++d) {
      if (chunk[d] == 0 || __builtin_mul_overflow(size, chunk[d], &size) || size > largest_chunk_) {
        refuse(name, "has chunks above " + std::to_string(largest_chunk_ >> 20U) + " MiB");
      }
      needed *= e.dims[d] / chunk[d] + (e.dims[d] % chunk[d] != 0 ? 1 : 0);  // no more than values
    }
    hsize_t found = 0;
    if (H5Dget_num_chunks(id, space, &found) < 0 || found != needed) {
      refuse(name, "has " + std::to_string(found) + " of its " + std::to_string(needed) + " chunks");
    }
  }

  hid_t file_;
  const fs::path& path_;
  std::uint64_t file_size_, largest_chunk_;
  std::set<haddr_t> seen_;
};

}  // namespace

void check_hdf5_structure(std::int64_t file, const fs::path& path, std::uint64_t largest_chunk) {
  Walk(file, path, largest_chunk).whole();
}

}  // namespace ytterby::io
