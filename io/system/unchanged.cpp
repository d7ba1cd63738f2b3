#include "io/system/unchanged.h"

#include <sys/stat.h>

#include <system_error>
#include <utility>

#include "engine/base/error.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;
using Prints = std::map<fs::path, std::vector<long long>>;

void add(const fs::path& path, Prints& prints) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) return;
  prints[path] = {static_cast<long long>(s.st_dev),
                  static_cast<long long>(s.st_ino),
                  s.st_size,
                  s.st_mtim.tv_sec,
                  s.st_mtim.tv_nsec,
                  s.st_ctim.tv_sec,
                  s.st_ctim.tv_nsec};
}

Prints prints_of(const std::vector<ReadFile>& files) {
  Prints prints;
  for (const ReadFile& file : files) {
    std::error_code failed;
    if (!fs::is_directory(file.path, failed)) {
      add(file.path, prints);
      continue;
    }
    constexpr auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at(file.path, options, failed), end; !failed && at != end;
         at.increment(failed)) {
      if (at->is_regular_file(failed) && (!file.counts || file.counts(at->path()))) add(at->path(), prints);
    }
  }
  return prints;
}

}  // namespace

Unchanged::Unchanged(std::vector<ReadFile> files) : files_(std::move(files)), prints_(prints_of(files_)) {}

void Unchanged::check() const {
  const Prints now = prints_of(files_);
  const auto refuse = [](const fs::path& path, const char* what) {
    throw Error(Fault::input, path.string() + ": " + what + " while it was read: run again when nobody writes there");
  };
  for (const auto& [path, print] : prints_) {
    const auto found = now.find(path);
    if (found == now.end()) refuse(path, "has gone");
    if (found->second != print) refuse(path, "was changed");
  }
  for (const auto& [path, print] : now) {
    if (!prints_.contains(path)) refuse(path, "has come");
  }
}

}  // namespace ytterby::io
