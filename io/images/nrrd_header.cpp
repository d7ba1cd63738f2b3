#include "io/images/nrrd_header.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "io/images/text_header.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_segments = 10'000;

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw Error(Fault::input, path.string() + ": " + what);
}

/// Signs that take a space's axes to LPS; empty where the space does not say which way the patient lies.
std::optional<std::array<double, 3>> to_lps(std::string space) {
  std::transform(space.begin(), space.end(), space.begin(), [](unsigned char c) { return std::tolower(c); });
  if (space.ends_with("-time")) space.resize(space.size() - 5);
  if (space.size() == 4 && space.ends_with("t")) space.resize(3);
  if (space == "right-anterior-superior" || space == "ras") return std::array<double, 3>{-1, -1, 1};
  if (space == "left-anterior-superior" || space == "las") return std::array<double, 3>{1, -1, 1};
  if (space == "left-posterior-superior" || space == "lps") return std::array<double, 3>{1, 1, 1};
  return {};
}

/// The numbers of "(1, 0, 0)", and where it ends; a fourth one is of time.
Vector3 vector_of(const fs::path& path, const std::string& text, std::size_t& at, const std::string& field) {
  const std::size_t end = text.find(')', at);
  const auto damaged = [&] { refuse(path, field + " is damaged: " + text.substr(0, 100)); };
  if (text[at] != '(' || end == std::string::npos) damaged();
  std::vector<double> numbers;
  for (std::size_t from = at + 1; from <= end;) {
    const std::size_t to = std::min(text.find(',', from), end);
    const auto value = parse_number(std::string_view(text).substr(from, to - from));
    if (!value) damaged();
    numbers.push_back(*value);
    from = to + 1;
  }
  if (numbers.size() != 3 && numbers.size() != 4) damaged();
  at = end + 1;
  return {numbers[0], numbers[1], numbers[2]};
}

/// The axes that lie in space; others are "none", or of time alone.
std::vector<Vector3> axes_of(const fs::path& path, const std::string& text) {
  std::vector<Vector3> axes;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ' || text[at] == '\t') {
      ++at;
    } else if (text.compare(at, 4, "none") == 0) {
      at += 4;
    } else {
      const Vector3 v = vector_of(path, text, at, "space directions");
      if (v != Vector3{0, 0, 0} || axes.size() < 3) axes.push_back(v);
    }
  }
  return axes;
}

int whole(const fs::path& path, const std::string& key, const std::string& text) {
  const auto value = parse_number(text);
  if (!value || *value != std::floor(*value) || std::abs(*value) > 1e9) {
    refuse(path, key + " is \"" + text.substr(0, 40) + "\", needs a whole number");
  }
  return static_cast<int>(*value);
}

}  // namespace

Grid nrrd_place(const fs::path& path) {
  const TextHeader header = read_text_header(path);
  const std::string space = header.value("space");
  const auto signs = to_lps(space);
  if (!signs) {
    refuse(path, "its space is \"" + space.substr(0, 60) +
                     "\", needs to be left-posterior-superior, right-anterior-superior or left-anterior-superior");
  }
  const std::vector<Vector3> axes = axes_of(path, header.value("spacedirections"));
  if (axes.size() != 3) {
    refuse(path, "has " + std::to_string(axes.size()) + " axes in space (space directions), needs 3");
  }
  const std::string at = header.value("spaceorigin");
  if (at.empty()) refuse(path, "states no space origin");
  std::size_t from = 0;
  const Vector3 origin = vector_of(path, at, from, "space origin");
  Grid grid;
  for (std::size_t a = 0; a < 3; ++a) {
    const double length = std::hypot(axes[a][0], axes[a][1], axes[a][2]);
    if (!(length > 0)) refuse(path, "axis " + std::to_string(a) + " has no length (space directions)");
    grid.spacing[a] = length * cm_per_mm;
    grid.origin[a] = (*signs)[a] * origin[a] * cm_per_mm;
    for (std::size_t row = 0; row < 3; ++row) grid.direction[3 * row + a] = (*signs)[row] * axes[a][row] / length;
  }
  return grid;
}

bool is_lps(const fs::path& path) {
  return to_lps(read_text_header(path).value("space")) == std::array<double, 3>{1, 1, 1};
}

std::vector<SlicerSegment> slicer_segments(const fs::path& path) {
  const TextHeader header = read_text_header(path);
  std::vector<SlicerSegment> segments;
  for (std::size_t i = 0; i < most_segments; ++i) {
    const std::string prefix = "Segment" + std::to_string(i) + "_";
    const std::string id = header.key(prefix + "ID");
    if (id.empty()) break;
    SlicerSegment s{id, header.key(prefix + "Name"), static_cast<int>(i), 1};
    if (s.name.empty()) s.name = id;
    const std::string layer = header.key(prefix + "Layer"), value = header.key(prefix + "LabelValue");
    if (!layer.empty()) s.layer = whole(path, prefix + "Layer", layer);
    if (!value.empty()) s.value = whole(path, prefix + "LabelValue", value);
    segments.push_back(std::move(s));
  }
  return segments;
}

}  // namespace ytterby::io
