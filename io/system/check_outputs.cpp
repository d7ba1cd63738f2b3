#include "io/system/check_outputs.h"

#include <sys/stat.h>

#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "engine/base/error.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

/// Where a file is or will be: links are followed, also those that point to nothing yet, as OutputFile follows them.
fs::path place_of(fs::path path) {
  std::error_code failed;
  for (int links = 0; links < 40 && fs::is_symlink(path, failed); ++links) {
    const fs::path target = fs::read_symlink(path, failed);
    if (failed) break;
    path = path.parent_path() / target;
  }
  fs::path place = fs::weakly_canonical(fs::absolute(path, failed), failed);
  if (failed) place = path.lexically_normal();
  return place.has_filename() ? place : place.parent_path();  // no slash at the end
}

/// Device and inode: the same for all names of a file that exists, hard links among them.
using Identity = std::pair<dev_t, ino_t>;

std::optional<Identity> identity_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return Identity{status.st_dev, status.st_ino};
}

/// Files found again by where they are, or by what they are.
template <class File>
class Places {
 public:
  void add(const File& file) {
    places_.emplace(place_of(file.path), &file);
    if (const auto id = identity_of(file.path)) identities_.emplace(*id, &file);
  }
  /// The file that is `path`; null where there is none.
  [[nodiscard]] const File* same(const fs::path& path) const {
    const auto id = identity_of(path);
    const auto at = id ? identities_.find(*id) : identities_.end();
    return at == identities_.end() ? nullptr : at->second;
  }
  /// The file that is `path`, or stands as a folder on its way.
  [[nodiscard]] const File* on_the_way(const fs::path& path) const {
    if (const File* file = same(path)) return file;
    for (fs::path place = place_of(path); place.has_relative_path(); place = place.parent_path()) {
      if (const auto at = places_.find(place); at != places_.end()) return at->second;
    }
    return nullptr;
  }

 private:
  std::map<fs::path, const File*> places_;
  std::map<Identity, const File*> identities_;
};

[[noreturn]] void refuse(const WrittenFile& output, const fs::path& other, const std::string& what) {
  const std::string how = output.path == other ? "it is " : "it is, or lies in the place of, " + other.string() + ", ";
  throw Error(Fault::input, output.path.string() + ": cannot be the output (" + output.what + "): " + how + what);
}

/// Outputs among themselves.
Places<WrittenFile> distinct(const std::vector<WrittenFile>& outputs) {
  Places<WrittenFile> places;
  for (int pass = 0; pass < 2; ++pass) {  // the second finds what stands on the way of an earlier one
    for (const WrittenFile& o : outputs) {
      if (o.path.empty()) continue;
      const WrittenFile* other = places.on_the_way(pass == 0 ? o.path : place_of(o.path).parent_path());
      if (other != nullptr && other != &o) {
        refuse(o, other->path, "another output of this command (" + other->what + ")");
      }
      places.add(o);
    }
  }
  return places;
}

}  // namespace

void check_outputs(const std::vector<WrittenFile>& outputs, const std::vector<ReadFile>& inputs) {
  const Places<WrittenFile> written = distinct(outputs);
  Places<ReadFile> files;
  for (const ReadFile& input : inputs) {
    const std::string what = "which is read as " + input.what;
    if (const WrittenFile* o = written.on_the_way(input.path)) refuse(*o, input.path, what);
    std::error_code failed;
    if (!fs::is_directory(input.path, failed)) {
      files.add(input);
      continue;
    }
    constexpr auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at(input.path, options, failed), end; !failed && at != end;
         at.increment(failed)) {
      const WrittenFile* o = written.same(at->path());
      if (o == nullptr || (input.counts && !input.counts(at->path()))) continue;
      refuse(*o, at->path(), "which is read as part of " + input.what);
    }
  }
  for (const WrittenFile& o : outputs) {
    if (o.path.empty()) continue;
    if (const ReadFile* input = files.on_the_way(o.path)) refuse(o, input->path, "which is read as " + input->what);
  }
}

}  // namespace ytterby::io
