#include "io/images/text_header.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/numbers.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_line = 100'000, longest_header = 1 << 20, most_lines = 10'000;
constexpr double most_dimensions = 10;

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw Error(Fault::input, path.string() + ": " + what);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(blank) - first + 1));
}

std::string found_in(const std::vector<std::pair<std::string, std::string>>& list, const std::string& name) {
  for (const auto& [key, value] : list) {
    if (key == name) return value;
  }
  return {};
}

bool is_nrrd(const fs::path& path) {
  const std::string ending = lower(path.extension().string());
  return ending == ".nrrd" || ending == ".nhdr";
}

/// Up to the empty line of NRRD, or to MetaImage's ElementDataFile, which passes over empty lines.
TextHeader read_header(const fs::path& path) {
  const bool nrrd = is_nrrd(path);
  TextHeader header;
  std::ifstream file(path, std::ios::binary);
  std::string start(longest_header, '\0');
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(file.gcount()));
  std::size_t at = 0;
  for (std::size_t n = 0; at < start.size(); ++n) {
    const std::size_t end = std::min(start.find('\n', at), start.size());
    std::string_view line = std::string_view(start).substr(at, end - at);
    if (line.size() > longest_line || n > most_lines) refuse(path, "its header has too long a line, or too many lines");
    at = end + 1;
    header.bytes = std::min(at, start.size());
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find('\r') != std::string_view::npos || line.find('\0') != std::string_view::npos) {
      refuse(path, "its header has a line with control characters");  // libraries differ in where such a line ends
    }
    if (nrrd && line.empty()) return header;
    const std::size_t colon = line.find_first_of("=:");
    if (colon == std::string_view::npos) continue;
    if (nrrd && line.substr(colon, 2) == ":=") {  // a key of the user's
      header.keys.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 2)));
      continue;
    }
    std::string name = lower(std::string(line.substr(0, colon)));
    std::erase_if(name, [](char c) { return c == ' ' || c == '\t'; });
    header.fields.emplace_back(name, trimmed(line.substr(colon + 1)));
    if (!nrrd && name == "elementdatafile") return header;
  }
  if (start.size() == longest_header) refuse(path, "its header is longer than 1 MiB");
  if (!nrrd) refuse(path, "its header has no ElementDataFile");
  return header;
}

/// Where the data are, as the header writes it; empty where they follow.
std::string data_file(const fs::path& path, const TextHeader& header) {
  std::string found;
  const std::string name = is_nrrd(path) ? "datafile" : "elementdatafile";
  for (const auto& [field, value] : header.fields) {
    if (field != name) continue;
    if (!found.empty()) refuse(path, "its header names two data files");
    found = value;
  }
  return lower(found) == "local" ? std::string() : found;
}

std::size_t occurrences(const std::string& text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

void check_units(const fs::path& path, const std::string& units) {
  for (std::size_t at = units.find('"'); at != std::string::npos;) {
    const std::size_t end = units.find('"', at + 1);
    if (end == std::string::npos) refuse(path, "its space units are damaged: " + units.substr(0, 100));
    const std::string unit = units.substr(at + 1, end - at - 1);
    if (unit != "mm") refuse(path, "lengths are in \"" + unit + "\" (space units), need to be in \"mm\"");
    at = units.find('"', end + 1);
  }
}

void check_geometry(const fs::path& path, const TextHeader& header) {
  for (const auto& [name, written] : header.fields) {
    const std::string value = lower(written);
    if (name == "ndims" || name == "dimension") {
      const auto n = parse_number(value);
      if (!n || !(*n >= 1 && *n <= most_dimensions))
        refuse(path, "has " + value.substr(0, 40) + " dimensions, needs to be a 3-D image");
    }
    const bool geometry = name.starts_with("space") || name == "elementspacing" || name == "offset" ||
                          name == "origin" || name == "position" || name == "transformmatrix" ||
                          name == "orientation" || name == "rotation";
    if (geometry && (value.find("nan") != std::string::npos || value.find("inf") != std::string::npos) &&
        name != "space") {
      refuse(path, "its header has a NaN or infinity: " + name + " " + value.substr(0, 100));
    }
    if (name == "spaceunits") check_units(path, value);
  }
  const auto dimensions = parse_number(header.value("dimension"));
  const std::size_t without = occurrences(lower(header.value("spacedirections")), "none");
  if (dimensions && static_cast<double>(without) > std::max(0.0, *dimensions - 3)) {
    refuse(path, "an axis has no direction (space directions: none)");
  }
}

/// MetaImage's defaults are 1 mm, the identity and 0: guesses, of which the first makes a wrong volume.
void check_meta(const fs::path& path, const TextHeader& header, bool& states_place) {
  if (header.value("elementspacing").empty()) {
    refuse(path, "states no ElementSpacing, needs the size of its voxels in mm");
  }
  const auto states = [&](std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* name) { return !header.value(name).empty(); });
  };
  states_place = states({"transformmatrix", "orientation", "rotation"}) && states({"offset", "origin", "position"});
}

/// ITK leaves the values as they are, other programs scale them.
void check_scale(const fs::path& path, const TextHeader& header) {
  for (const auto& [name, value] : header.fields) {
    const bool slope = name == "elementtointensityfunctionslope";
    if ((!slope && name != "elementtointensityfunctionoffset") || parse_number(value) == (slope ? 1.0 : 0.0)) continue;
    refuse(path,
           std::string("its ElementToIntensityFunction") + (slope ? "Slope" : "Offset") + " is " + value.substr(0, 40) +
               ", which programs apply or do not: scale the values themselves and set it to " + (slope ? "1" : "0"));
  }
}

bool says_true(const std::string& value) { return value.starts_with('t') || value.starts_with('1'); }

/// What follows a MetaImage's header, where ITK cannot read it without help.
void check_meta_data(const fs::path& path, const TextHeader& header, const std::string& data) {
  const fs::path holder = data.empty() ? path : path.parent_path() / data;
  const auto size = parse_number(header.value("compresseddatasize"));
  if (data.empty() && says_true(lower(header.value("compresseddata"))) && !(size && *size > 0)) {
    refuse(path, "is compressed and does not state its CompressedDataSize: needs the line CompressedDataSize = " +
                     std::to_string(fs::file_size(path) - header.bytes) +
                     " before ElementDataFile, or to be saved anew without compression");
  }
  const std::string binary = lower(header.value("binarydata"));
  if (binary.empty() || says_true(binary)) return;
  std::ifstream file(holder, std::ios::binary);
  char last = ' ';
  if (file.seekg(-1, std::ios::end) && file.get(last) &&
      std::string_view(" \t\r\n").find(last) == std::string_view::npos) {
    refuse(path,
           "its values are text (BinaryData = False) that breaks off after the last digit: needs a line break at its "
           "end, if it is whole");
  }
}

}  // namespace

std::string TextHeader::value(const std::string& name) const { return found_in(fields, name); }
std::string TextHeader::key(const std::string& name) const { return found_in(keys, name); }

TextHeader read_text_header(const fs::path& path) { return read_header(path); }

void check_text_header(const fs::path& path, bool& states_place) {
  const TextHeader header = read_header(path);
  check_geometry(path, header);
  states_place = true;
  if (!is_nrrd(path)) check_meta(path, header, states_place);
  const std::string data = data_file(path, header);
  if (!is_nrrd(path)) check_scale(path, header);
  if (!is_nrrd(path) && data.empty()) check_meta_data(path, header, data);
  if (data.empty()) return;
  const std::string ending = lower(path.extension().string());
  if (ending != ".mhd" && ending != ".nhdr") {
    refuse(path,
           "its data are in \"" + data.substr(0, 100) + "\", those of a " + ending + " file need to be in itself");
  }
  const fs::path written = data;
  const bool below = written.is_relative() && std::find(written.begin(), written.end(), "..") == written.end();
  const std::string word = lower(data.substr(0, 4));
  if (!below || word == "list" || data.find('%') != std::string::npos) {
    refuse(path, "its data are in \"" + data.substr(0, 100) + "\", need to be in one file in its folder or below");
  }
  std::error_code error;
  if (!fs::is_regular_file(path.parent_path() / written, error)) {
    refuse(path, "its data file \"" + data.substr(0, 100) + "\" is not there");
  }
  if (!is_nrrd(path)) check_meta_data(path, header, data);
}

std::string detached_data(const fs::path& header) {
  const std::string ending = lower(header.extension().string());
  if (ending != ".mhd" && ending != ".nhdr") return {};
  return data_file(header, read_header(header));
}

}  // namespace ytterby::io
