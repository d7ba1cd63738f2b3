#include "io/system/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
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

/// Processes on several machines, or in several containers, may share folder and process number.
std::string unlikely_twice() {
  std::random_device random;
  return std::to_string(::getpid()) + "-" + std::to_string(random());
}

}  // namespace

OutputFile::OutputFile(fs::path path) : path_(std::move(path)) {
  if (path_.empty() || !path_.has_filename()) throw Error(Fault::usage, "the output needs a file name");
  std::error_code ignored;
  if (fs::is_directory(path_, ignored)) refuse(path_, "it is a folder, needs to be a file name");
  // A link stays, and what it points to is written.
  for (int links = 0; links < 40 && fs::is_symlink(path_, ignored); ++links)
    path_ = path_.parent_path() / fs::read_symlink(path_, ignored);
  // A device or a pipe would be replaced by a file.
  if (fs::exists(path_, ignored) && !fs::is_regular_file(path_, ignored))
    refuse(path_, "it is a device or a pipe, needs to be a file");
  fs::path folder = path_.parent_path();
  if (folder.empty()) folder = ".";
  if (!fs::is_directory(folder, ignored)) refuse(path_, "there is no folder " + folder.string());
  temporary_ = folder / (".part-" + unlikely_twice() + "-" + path_.filename().string());
  // An empty probe, removed at once: a run that is killed in between leaves nothing.
  const int probe = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (probe < 0) refuse(path_, std::strerror(errno));
  ::close(probe);
  ::unlink(temporary_.c_str());
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::commit() {
  const int file = ::open(temporary_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) refuse(path_, std::strerror(errno));
  const int synced = ::fsync(file);
  const int why = errno;
  ::close(file);
  if (synced != 0) refuse(path_, std::strerror(why));
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) refuse(path_, std::strerror(errno));
  temporary_.clear();
}

}  // namespace ytterby::io
