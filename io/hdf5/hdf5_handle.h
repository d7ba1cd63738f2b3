#pragma once
// Handles of the HDF5 library that close themselves; for io/hdf5*.cpp alone.

#include <hdf5.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/error.h"

namespace ytterby::io {

class Hdf5Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Hdf5Handle(hid_t id, Close close) : id_(id), close_(close) {}
  ~Hdf5Handle() {
    if (id_ >= 0) close_(id_);
  }
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Handle(const Hdf5Handle&) = delete;
  Hdf5Handle& operator=(const Hdf5Handle&) = delete;
  [[nodiscard]] hid_t id() const { return id_; }
  [[nodiscard]] bool valid() const { return id_ >= 0; }

 private:
  hid_t id_;
  Close close_;
};

[[noreturn]] inline void hdf5_fail(const std::filesystem::path& file, const std::string& what) {
  throw Error(Fault::input, file.string() + ": " + what);
}

inline Hdf5Handle hdf5_checked(hid_t id, Hdf5Handle::Close close, const std::filesystem::path& file,
                               const std::string& what) {
  if (id < 0) hdf5_fail(file, what);
  return {id, close};
}

inline void hdf5_check(herr_t status, const std::filesystem::path& file, const std::string& what) {
  if (status < 0) hdf5_fail(file, what);
}

/// The library prints its error stack unless told not to; it would be a second line on stderr. At exit it would close
/// what a damaged file left open, and crash on that. Without lists of freed memory it has none to collect where an
/// allocation fails: version 1.10.8 corrupts the heap there.
inline void hdf5_be_quiet() {
  static const bool before_anything = H5dont_atexit() >= 0 && H5set_free_list_limits(0, 0, 0, 0, 0, 0) >= 0;
  static_cast<void>(before_anything);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

/// The links of a group by name, up to `most` and one more; empty where it cannot be listed. In the library's native
/// order, which builds no table of them: it crashes where one is half built when the disk fails.
inline std::optional<std::vector<std::pair<std::string, H5L_type_t>>> hdf5_links(hid_t group, std::size_t most) {
  struct Listed {
    std::size_t most;
    std::vector<std::pair<std::string, H5L_type_t>> links;
  } listed{most, {}};
  const auto collect = [](hid_t, const char* link, const H5L_info_t* info, void* out) -> herr_t {
    auto& all = *static_cast<Listed*>(out);
    all.links.emplace_back(link, info->type);
    return all.links.size() > all.most ? 1 : 0;
  };
  if (H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, collect, &listed) < 0) return {};
  std::sort(listed.links.begin(), listed.links.end());
  return std::move(listed.links);
}

/// Text of any length, in UTF-8.
inline Hdf5Handle hdf5_text_type() {
  Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.id(), H5T_VARIABLE);
  H5Tset_cset(type.id(), H5T_CSET_UTF8);
  return type;
}

}  // namespace ytterby::io
