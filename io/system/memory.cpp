#include "io/system/memory.h"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>

#include "engine/base/error.h"
#include "engine/base/numbers.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr double unlimited = std::numeric_limits<double>::infinity();
constexpr double bytes_per_kB = 1024;  // as /proc means it

/// The number behind `key` in a file of lines "key number" or "key: number kB".
std::optional<double> number_in(const fs::path& file, const std::string& key) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string first;
    double number = 0;
    if (words >> first >> number && first == key) return number;
  }
  return {};
}

/// The number that a file is; nothing for "max".
std::optional<double> number_of(const fs::path& file) {
  std::ifstream in(file);
  double number = 0;
  if (in >> number) return number;
  return {};
}

/// How the two versions of control groups name their files.
struct GroupFiles {
  const char *limit, *used, *reclaimable;
};
constexpr GroupFiles version_2{"memory.max", "memory.current", "inactive_file"};
constexpr GroupFiles version_1{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"};

double left_in_group(const fs::path& folder, const GroupFiles& files) {
  const auto limit = number_of(folder / files.limit), used = number_of(folder / files.used);
  if (!limit || !used) return unlimited;
  return std::max(0.0, *limit - *used + number_in(folder / "memory.stat", files.reclaimable).value_or(0));
}

/// From the group itself up to the root of its hierarchy: each may have a limit. In a container the group's own path
/// may be unknown there, and its limit is the root's.
double left_in_hierarchy(const fs::path& hierarchy, const std::string& group, const GroupFiles& files) {
  double left = left_in_group(hierarchy, files);
  for (fs::path at = fs::path(group).relative_path(); !at.empty(); at = at.parent_path()) {
    left = std::min(left, left_in_group(hierarchy / at, files));
  }
  return left;
}

/// Lines of /proc/self/cgroup are number:controllers:path, where version 2 has no controllers.
double left_in_groups(const fs::path& root) {
  const fs::path groups = root / "sys/fs/cgroup";
  double left = unlimited;
  std::ifstream in(root / "proc/self/cgroup");
  std::string line;
  while (std::getline(in, line)) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    std::string controllers = ",";
    controllers.append(line, first + 1, second - first - 1).append(",");
    const std::string path = line.substr(second + 1);
    if (controllers == ",,") left = std::min(left, left_in_hierarchy(groups, path, version_2));
    if (controllers.find(",memory,") != std::string::npos) {
      left = std::min(left, left_in_hierarchy(groups / "memory", path, version_1));
    }
  }
  return left;
}

double left_of_addresses(const fs::path& root) {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return unlimited;
  return std::max(0.0, static_cast<double>(limit.rlim_cur) - memory_use(root).space);
}

}  // namespace

MemoryUse memory_use(const fs::path& root) {
  const fs::path status = root / "proc/self/status";
  const auto of = [&](const char* key) { return bytes_per_kB * number_in(status, key).value_or(0); };
  return {of("VmRSS:"), of("VmHWM:"), of("VmSize:")};
}

double memory_available(const fs::path& root) {
  const auto machine = number_in(root / "proc/meminfo", "MemAvailable:");
  return std::min({machine ? bytes_per_kB * *machine : unlimited, left_in_groups(root), left_of_addresses(root)});
}

void check_room(const fs::path& file, double bytes) {
  constexpr double GiB = 1 << 30;
  const double available = memory_available();
  if (bytes <= available) return;
  throw Error(Fault::input, file.string() + ": needs about " + to_text(bytes / GiB, 3) + " GiB of memory to be read, " +
                                to_text(available / GiB, 3) + " GiB is available");
}

}  // namespace ytterby::io
