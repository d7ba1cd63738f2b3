#include "io/system/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <utility>

#include "engine/base/error.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
  throw Error(Fault::input, path.string() + ": cannot be written: " + why);
}
[[noreturn]] void refuse_by_system(const fs::path& path) { refuse(path, std::strerror(errno)); }

/// Processes on several machines, or in several containers, may share folder and process number.
std::string unlikely_twice() {
  std::random_device random;
  return std::to_string(::getpid()) + "-" + std::to_string(random());
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

/// Where the file will be; a link stays, and what it points to is written.
fs::path checked_place(fs::path path) {
  if (path.empty() || !path.has_filename()) throw Error(Fault::usage, "the output needs a file name");
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) refuse(path, "it is a folder, needs to be a file name");
  for (int links = 0; links < 40 && fs::is_symlink(path, ignored); ++links)
    path = path.parent_path() / fs::read_symlink(path, ignored);
  // A device or a pipe would be replaced by a file.
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored))
    refuse(path, "it is a device or a pipe, needs to be a file");
  if (!fs::is_directory(folder_of(path), ignored)) refuse(path, "there is no folder " + folder_of(path).string());
  return path;
}

/// An open file or folder.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags, mode_t mode = 0) : id_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~Descriptor() {
    if (id_ >= 0) ::close(id_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] bool valid() const { return id_ >= 0; }
  [[nodiscard]] int id() const { return id_; }

 private:
  int id_;
};

/// Gives the file the older one's group and mode, and its owner what `owner` says; where the group cannot be kept,
/// another one gets no more than everybody.
void keep_mode(int file, const fs::path& path, mode_t owner = 0) {
  struct stat before {
  }, now{};
  if (::stat(path.c_str(), &before) != 0 || ::fstat(file, &now) != 0) return;
  mode_t mode = before.st_mode & 0777;
  const bool same_group = now.st_gid == before.st_gid || ::fchown(file, static_cast<uid_t>(-1), before.st_gid) == 0;
  if (!same_group) mode = (mode & ~mode_t{070}) | (mode & 07) << 3;
  if (::fchmod(file, mode | owner) != 0) refuse_by_system(path);
}

/// A name is on the disk with its folder. Some file systems cannot flush one; those that fail have lost the name.
void flush_folder(const fs::path& path) {
  const Descriptor folder(folder_of(path), O_RDONLY | O_DIRECTORY);
  if (!folder.valid()) return;  // a folder may be writable and not readable
  if (::fsync(folder.id()) != 0 && errno != EINVAL && errno != ENOTSUP && errno != EROFS)
    throw Error(Fault::input,
                path.string() + ": is written, but its folder cannot be flushed to the disk: " + std::strerror(errno));
}

/// Does the file hold these bytes, and no more?
bool holds(const fs::path& path, std::string_view bytes) {
  std::ifstream stream(path, std::ios::binary);
  std::array<char, 1 << 16> block;
  while (stream && !bytes.empty()) {
    stream.read(block.data(), block.size());
    const auto n = static_cast<std::size_t>(stream.gcount());
    if (n > bytes.size() || std::string_view(block.data(), n) != bytes.substr(0, n)) return false;
    bytes.remove_prefix(n);
  }
  return bytes.empty() && stream.peek() == std::ifstream::traits_type::eof();
}

}  // namespace

OutputFile::OutputFile(fs::path path, fs::path like)
    : path_(checked_place(std::move(path))), like_(std::move(like)), lock_(path_) {
  temporary_ = folder_of(path_) / (".part-" + unlikely_twice() + "-" + path_.filename().string());
  leftover_.emplace(temporary_);
  // An empty probe, removed at once: a run that is killed in between leaves nothing.
  const Descriptor probe(temporary_, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (!probe.valid()) refuse_by_system(path_);
  ::unlink(temporary_.c_str());
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

/// Whose mode and group a new file gets.
const fs::path& OutputFile::older() const {
  struct stat there {};
  return like_.empty() || ::stat(path_.c_str(), &there) == 0 ? path_ : like_;
}

void OutputFile::make_temporary() const {
  struct stat before {};
  const mode_t mode = ::stat(older().c_str(), &before) == 0 ? 0600 : 0666;
  const Descriptor file(temporary_, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (!file.valid()) refuse_by_system(path_);
  keep_mode(file.id(), older(), 0600);
}

void OutputFile::write(const Fill& fill, const Check& whole) {
  ::unlink(temporary_.c_str());
  make_temporary();
  fill(temporary_);
  {
    const Descriptor file(temporary_, O_RDONLY);
    if (!file.valid() || ::fsync(file.id()) != 0) refuse_by_system(path_);
  }
  if (!whole(temporary_)) refuse(path_, "read back it is not what was written: is the disk full?");
  if (const Descriptor file(temporary_, O_RDONLY); file.valid()) keep_mode(file.id(), older());
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) refuse_by_system(path_);
  temporary_.clear();
  leftover_.reset();
  flush_folder(path_);
}

void write_file(const fs::path& path, std::string_view bytes) {
  OutputFile output(path);
  output.write(
      [&](const fs::path& temporary) {
        const Descriptor file(temporary, O_WRONLY | O_TRUNC);
        if (!file.valid()) refuse_by_system(path);
        for (std::string_view rest = bytes; !rest.empty();) {
          const ssize_t n = ::write(file.id(), rest.data(), rest.size());
          if (n < 0 && errno == EINTR) continue;
          if (n <= 0) refuse_by_system(path);
          rest.remove_prefix(static_cast<std::size_t>(n));
        }
      },
      [&](const fs::path& temporary) { return holds(temporary, bytes); });
}

}  // namespace ytterby::io
