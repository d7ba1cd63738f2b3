#include "io/case/planar_shunt.h"

#include <cmath>
#include <cstdint>
#include <utility>

#include "io/text/toml_text.h"

namespace ytterby::io {
namespace {

constexpr const char* region_forms =
    " needs to be a mask (\"lungs.nii.gz\"), { image = \"rois.nii.gz\", label = 1 }, or rectangles of pixels "
    "[first column, first row, last column, last row], from 1";

std::optional<std::array<int, 4>> rectangle_of(const toml::node& node) {
  const toml::array* four = node.as_array();
  if (four == nullptr || four->size() != 4) return {};
  std::array<int, 4> rectangle{};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto value = four->get(i)->value_exact<std::int64_t>();
    if (!value || *value < 1 || *value > 100'000) return {};
    rectangle[i] = static_cast<int>(*value);
  }
  if (rectangle[2] < rectangle[0] || rectangle[3] < rectangle[1]) return {};
  return rectangle;
}

std::vector<int> whole_numbers(TomlTable& table, const char* key, double most) {
  std::vector<int> result;
  for (const double value : table.numbers(key, 1, most)) {
    if (value != std::floor(value))
      table.fail(std::string("[activity] lung_shunt_from ") + key + " needs whole numbers");
    result.push_back(static_cast<int>(value));
  }
  return result;
}

PlanarRegion read_region(TomlTable& table, const char* key, const std::string& file) {
  PlanarRegion region;
  const toml::node* node = table.node(key);
  if (node == nullptr) return region;
  const auto fail = [&] { table.fail(*node, std::string("[activity] lung_shunt_from ") + key + region_forms); };
  if (node->is_string()) {
    region.image = table.required_text(key);
  } else if (const toml::table* labels = node->as_table()) {
    TomlTable keys(*labels, std::string("[activity] lung_shunt_from ") + key, file);
    region.image = keys.required_text("image");
    region.label = whole_numbers(keys, "label", 16'777'216);
    keys.finish();
    if (region.label.empty()) fail();
  } else if (const auto one = rectangle_of(*node)) {
    region.rectangles.push_back(*one);
  } else if (const toml::array* several = node->as_array()) {
    for (const toml::node& element : *several) {
      const auto rectangle = rectangle_of(element);
      if (!rectangle) fail();
      region.rectangles.push_back(*rectangle);
    }
  }
  if (region.empty()) fail();
  return region;
}

void check(const TomlTable& table, const PlanarShunt& s) {
  if (s.planar.empty() || s.planar.size() > 2) {
    table.fail("[activity] lung_shunt_from needs planar = a folder or file, or [\"ANTERIOR\", \"POSTERIOR\"]");
  }
  if (s.lungs.empty() || s.liver.empty()) {
    table.fail("[activity] lung_shunt_from needs lungs and liver, regions of the planar views");
  }
  if (!s.frames.empty() && (s.frames.size() != 2 || s.frames[0] == s.frames[1])) {
    table.fail("[activity] lung_shunt_from frames needs two numbers, of the anterior and the posterior view");
  }
  if (!s.frames.empty() && (s.planar.size() == 2 || !s.energy_window.empty() || !s.scatter_window.empty())) {
    table.fail("[activity] lung_shunt_from frames goes with one object, without energy_window and scatter_window");
  }
  if (s.scatter_window.empty() != (s.scatter_factor == 0)) {
    table.fail("[activity] lung_shunt_from needs scatter_window and scatter_factor together");
  }
}

}  // namespace

PlanarShunt read_planar_shunt(TomlTable table, const std::string& file) {
  PlanarShunt s;
  s.line = table.line();
  s.planar = table.texts("planar");
  s.series = table.text_or("series", "");
  s.frames = whole_numbers(table, "frames", 100'000);
  s.lungs = read_region(table, "lungs", file);
  s.liver = read_region(table, "liver", file);
  s.background = read_region(table, "background", file);
  s.mirrored = table.boolean("mirrored");
  s.energy_window = table.text_or("energy_window", "");
  s.scatter_window = table.texts("scatter_window");
  s.scatter_factor = table.number("scatter_factor", 0, 10, TomlTable::Low::open).value_or(0);
  table.finish();
  check(table, s);
  return s;
}

std::string planar_shunt_text(const PlanarShunt& s, const std::function<std::string(const std::string&)>& path) {
  const auto list = [](const auto& values, const auto& text_of) {
    std::string text;
    for (const auto& value : values) text += (text.empty() ? "" : ", ") + text_of(value);
    return "[" + text + "]";
  };
  const auto whole = [](int value) { return std::to_string(value); };
  const auto file = [&](const std::string& name) { return toml_quoted(path(name)); };
  const auto region = [&](const PlanarRegion& r) {
    if (!r.label.empty()) return "{ image = " + file(r.image) + ", label = " + list(r.label, whole) + " }";
    if (!r.image.empty()) return file(r.image);
    return list(r.rectangles, [&](const auto& rectangle) { return list(rectangle, whole); });
  };
  std::string text = "{ planar = " + list(s.planar, file);
  if (!s.series.empty()) text += ", series = " + toml_quoted(s.series);
  if (!s.frames.empty()) text += ", frames = " + list(s.frames, whole);
  text += ", lungs = " + region(s.lungs) + ", liver = " + region(s.liver);
  if (!s.background.empty()) text += ", background = " + region(s.background);
  if (s.mirrored) text += std::string(", mirrored = ") + (*s.mirrored ? "true" : "false");
  if (!s.energy_window.empty()) text += ", energy_window = " + toml_quoted(s.energy_window);
  if (!s.scatter_window.empty()) {
    text += ", scatter_window = " + list(s.scatter_window, toml_quoted);
    text += ", scatter_factor = " + toml_decimal(s.scatter_factor);
  }
  return text + " }";
}

std::vector<std::string> region_files(const PlanarShunt& s) {
  std::vector<std::string> files;
  for (const PlanarRegion* region : {&s.lungs, &s.liver, &s.background}) {
    if (!region->image.empty()) files.push_back(region->image);
  }
  return files;
}

}  // namespace ytterby::io
