#include "io/system/writer_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "engine/base/error.h"
#include "io/system/leftovers.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts)};
}

/// This process, as the next one reads it.
std::string holder() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return "process " + std::to_string(::getpid()) + " on " + host.data() + ", since " + now();
}

/// Who holds it: one line of printable characters, whatever stands there.
std::string holder_in(int file) {
  std::array<char, 400> text{};
  const ssize_t n = ::pread(file, text.data(), text.size(), 0);
  std::string line(text.data(), static_cast<std::size_t>(n > 0 ? n : 0));
  line.resize(std::min(line.find('\n'), line.size()));
  for (char& c : line) {
    if (c < 32 || c == 127) c = '?';
  }
  return line.empty() ? "another process" : line;
}

/// The lock file, made where there is none; one of another user may be one to read alone.
int open_lock(const fs::path& path) {
  int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (file >= 0 || errno != EACCES) return file;
  file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) errno = EACCES;
  return file;
}

/// Is `file` still what stands at `path`? Its last holder may have removed it in between.
bool is_at(int file, const fs::path& path) {
  struct stat open {
  }, there{};
  return ::fstat(file, &open) == 0 && ::stat(path.c_str(), &there) == 0 && open.st_dev == there.st_dev &&
         open.st_ino == there.st_ino;
}

/// Taking and letting go are one step each: a lock that is just let go would look like another process's.
std::mutex& one_at_a_time() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

struct WriterLock::Held {
  fs::path path;
  int file = -1;
  std::string remark;
  pid_t owner = ::getpid();
  std::optional<Leftover> leftover;  // while it is ours

  Held() = default;
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    if (file < 0) return;
    const StopSignalsLater later;
    leftover.reset();
    if (owner == ::getpid()) ::unlink(path.c_str());  // while it is ours: nobody else's is removed
    ::close(file);
  }

  /// False where the lock's file went away meanwhile: once more.
  bool take(const fs::path& output) {
    const StopSignalsLater later;
    file = open_lock(path);
    if (file < 0)
      throw Error(Fault::input,
                  output.string() + ": cannot be written: " + path.string() + ": " + std::strerror(errno));
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
      const int why = errno;
      const std::string other = holder_in(file);
      ::close(std::exchange(file, -1));
      if (why == EWOULDBLOCK || why == EACCES)
        throw WrittenByAnother(output.string() + ": another run is writing it: " + other + "; its lock is " +
                               path.string() + ", which goes when it ends");
      ::unlink(path.c_str());
      remark = output.string() + ": its file system has no locks (" + std::strerror(why) +
               "): a second run that writes there would not be noticed";
      return true;
    }
    if (!is_at(file, path)) {
      ::close(std::exchange(file, -1));
      return false;
    }
    leftover.emplace(path);
    const std::string text = holder() + "\n";
    // Without it the next one is told of nobody in particular.
    if (::ftruncate(file, 0) == 0) static_cast<void>(::pwrite(file, text.data(), text.size(), 0));
    return true;
  }
};

WriterLock::WriterLock(const fs::path& file) {
  const std::lock_guard guard(one_at_a_time());
  static std::map<fs::path, std::weak_ptr<Held>> all;
  std::error_code failed;
  fs::path folder = fs::canonical(file.has_parent_path() ? file.parent_path() : ".", failed);
  if (failed) folder = fs::absolute(file).parent_path();
  const fs::path path = folder / (".lock-" + file.filename().string());
  std::weak_ptr<Held>& mine = all[path];
  held_ = mine.lock();
  if (held_ && held_->owner == ::getpid()) return;
  held_ = std::make_shared<Held>();
  held_->path = path;
  constexpr int tries = 100;  // each is another process's end
  for (int i = 0; !held_->take(file); ++i) {
    if (i == tries) throw Error(Fault::input, file.string() + ": its lock " + path.string() + " comes and goes");
  }
  mine = held_;
}

WriterLock::~WriterLock() {
  const std::lock_guard guard(one_at_a_time());
  held_.reset();
}

const std::string& WriterLock::remark() const { return held_->remark; }

}  // namespace ytterby::io
