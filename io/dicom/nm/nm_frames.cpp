#include "io/dicom/nm/nm_frames.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <numeric>
#include <set>

#include "engine/base/error.h"
#include "engine/base/numbers.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(Fault::input, file.string() + ": " + what);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool holds(const std::string& text, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* w) { return text.find(w) != std::string::npos; });
}

/// One way in which frames may differ beside their slice.
struct Dimension {
  DcmTagKey vector, count;
  const char* name;  // of one of them
  const char* key;   // of [activity]; empty where the case cannot choose
};

std::array<Dimension, 7> dimensions() {
  return {{{DCM_EnergyWindowVector, DCM_NumberOfEnergyWindows, "energy window", "energy_window"},
           {DCM_DetectorVector, DCM_NumberOfDetectors, "detector", "detector"},
           {DCM_TimeSlotVector, DCM_NumberOfTimeSlots, "time slot", "time_slot"},
           {DCM_RRIntervalVector, DCM_NumberOfRRIntervals, "R-R interval", ""},
           {DCM_PhaseVector, DCM_NumberOfPhases, "phase", ""},
           {DCM_RotationVector, DCM_NumberOfRotations, "rotation", ""},
           {DCM_TimeSliceVector, DCM_NumberOfTimeSlices, "time slice", ""}}};
}

/// "1 "scatter", 2 "Tc-99m"" of what a vector names.
std::string list_of(const std::set<int>& numbers, const std::vector<std::string>& names) {
  std::string list;
  for (const int n : numbers) {
    list += (list.empty() ? "" : ", ") + std::to_string(n);
    const auto i = static_cast<std::size_t>(n - 1);
    if (n >= 1 && i < names.size() && !names[i].empty()) list += " \"" + names[i] + "\"";
  }
  return list;
}

/// The number that the case asks for; empty where it asks for none.
std::optional<int> wanted_number(const Dimension& dimension, const NmChoice& choice,
                                 const std::vector<std::string>& names) {
  const std::string key = dimension.key;
  if (key == "detector") return choice.detector;
  if (key == "time_slot") return choice.time_slot;
  if (key != "energy_window" || choice.energy_window.empty()) return {};
  const auto named = std::find(names.begin(), names.end(), choice.energy_window);
  if (named != names.end()) return static_cast<int>(named - names.begin()) + 1;
  const auto number = parse_number(choice.energy_window);
  return number && *number == std::floor(*number) && std::abs(*number) < 1e6 ? static_cast<int>(*number) : -1;
}

/// Frames of the list that the dimension leaves.
std::vector<int> filtered(DcmItem& d, const fs::path& file, const Dimension& dimension, const NmChoice& choice,
                          const std::vector<int>& left, int frames, std::size_t& detector) {
  const std::vector<int> vector = nm_vector(d, file, dimension.vector, frames);
  const bool windows = std::string(dimension.key) == "energy_window";
  const std::vector<std::string> names = windows ? nm_window_names(d) : std::vector<std::string>{};
  const std::optional<int> wanted = wanted_number(dimension, choice, names);
  std::set<int> numbers(vector.begin(), vector.end());
  if (vector.empty()) numbers.insert(1);
  if (wanted && !numbers.contains(*wanted)) {
    refuse(file, "has no " + std::string(dimension.name) + " " +
                     (windows ? "\"" + choice.energy_window + "\"" : std::to_string(*wanted)) + "; there is " +
                     list_of(numbers, names));
  }
  if (numbers.size() > 1 && !wanted) {
    refuse(file, "has " + std::to_string(numbers.size()) + " " + dimension.name + "s (" + list_of(numbers, names) +
                     "), " +
                     (*dimension.key != '\0' ? std::string(dimension.key) + " needs to choose one"
                                             : "needs to be an image of one"));
  }
  if (vector.empty()) return left;
  const int chosen = wanted.value_or(*numbers.begin());
  if (std::string(dimension.key) == "detector" && chosen >= 1) detector = static_cast<std::size_t>(chosen - 1);
  std::vector<int> result;
  for (const int frame : left) {
    if (vector[static_cast<std::size_t>(frame)] == chosen) result.push_back(frame);
  }
  return result;
}

/// Which counts would make as many frames as there are, for a message.
std::string explained(DcmItem& d) {
  std::string text;
  for (const Dimension& dimension : dimensions()) {
    const int n = count_of(d, dimension.count).value_or(1);
    if (n > 1) text += (text.empty() ? ": " : ", ") + std::to_string(n) + " " + dimension.name + "s";
  }
  return text;
}

/// A known unit of activity concentration in Bq/mL; 0 for others. UCUM is case-sensitive, scanners are not.
double becquerel_per_mL(std::string unit) {
  unit = lower(std::move(unit));
  std::erase_if(unit, [](char c) { return c == '{' || c == '}' || c == ' '; });
  if (unit == "bq/ml" || unit == "bqml" || unit == "bq/cm3") return 1;
  if (unit == "kbq/ml" || unit == "kbq/cm3") return 1e3;
  return unit == "mbq/ml" ? 1e6 : 0;
}

}  // namespace

std::vector<int> nm_vector(DcmItem& d, const fs::path& file, const DcmTagKey& key, int frames) {
  const std::vector<double> written = numbers_of(d, key);
  if (written.empty()) return {};
  if (written.size() != static_cast<std::size_t>(frames)) {
    refuse(file, name_of(key) + " has " + std::to_string(written.size()) + " numbers for " + std::to_string(frames) +
                     " frames");
  }
  return {written.begin(), written.end()};
}

std::vector<std::string> nm_window_names(DcmItem& d) {
  std::vector<std::string> names;
  for (DcmItem* window : items_of(d, DCM_EnergyWindowInformationSequence)) {
    names.push_back(name_text_of(d, *window, DCM_EnergyWindowName));
  }
  return names;
}

NmFrames choose_frames(DcmItem& d, const fs::path& file, int frames, const NmChoice& choice) {
  NmFrames result;
  std::vector<int> left(static_cast<std::size_t>(std::max(frames, 0)));
  std::iota(left.begin(), left.end(), 0);
  for (const Dimension& dimension : dimensions()) {
    left = filtered(d, file, dimension, choice, left, frames, result.detector);
  }
  const auto slices = count_of(d, DCM_NumberOfSlices);
  if (slices && *slices > 0 && static_cast<std::size_t>(*slices) != left.size()) {
    refuse(file, "has " + std::to_string(left.size()) + " frames for " + std::to_string(*slices) +
                     " slices (NumberOfSlices)" + explained(d) + ", and no vector that says which is which");
  }
  const std::vector<int> vector = nm_vector(d, file, DCM_SliceVector, frames);
  if (vector.empty()) {
    result.frame_of_slice = std::move(left);
    return result;
  }
  result.frame_of_slice.assign(left.size(), -1);
  for (const int frame : left) {
    const int slice = vector[static_cast<std::size_t>(frame)] - 1;
    const bool beyond = slice < 0 || static_cast<std::size_t>(slice) >= left.size();
    if (beyond || result.frame_of_slice[static_cast<std::size_t>(slice)] >= 0) {
      refuse(file, "SliceVector (0054,0080) names slice " + std::to_string(slice + 1) + " twice or beyond the frames");
    }
    result.frame_of_slice[static_cast<std::size_t>(slice)] = frame;
  }
  return result;
}

void check_emission(DcmItem& d, const fs::path& file, const NmChoice& choice) {
  const std::string type = text_of(d, DCM_ImageType);
  if (type.find("\\TRANSMISSION") != std::string::npos) {
    refuse(file, "ImageType is " + type + ": a transmission image, which shows no activity");
  }
  if (type.find("\\RECON") == std::string::npos && type.find("\\TOMO") != std::string::npos) {
    refuse(file, "ImageType is " + type + ": projections, needs the reconstructed image (RECON TOMO)");
  }
  for (const char* planar : {"\\STATIC", "\\WHOLE BODY", "\\DYNAMIC", "\\GATED"}) {
    if (type.find(planar) != std::string::npos) {
      refuse(file, "ImageType is " + type + ": a planar image, needs a reconstructed one (RECON TOMO)");
    }
  }
  const std::string described = lower(text_of(d, DCM_SeriesDescription) + "\\" + type);
  if (holds(described, {"mu map", "mumap", "mu-map", "mu_map", "umap", "attenuation map", "attenuationmap",
                        "attenuation_map", "attenmap", "atten map"})) {
    refuse(file, "is an attenuation map by its SeriesDescription or ImageType, which shows no activity");
  }
  const std::vector<std::string> windows = nm_window_names(d);
  if (windows.size() == 1 && choice.energy_window.empty() && holds(lower(windows[0]), {"scatter"})) {
    refuse(file, "shows the energy window \"" + windows[0] +
                     "\" alone, which is scatter; [activity] energy_window = \"" + windows[0] + "\" insists");
  }
}

std::vector<RealWorldValues> real_world_values(DcmItem& d, const fs::path& file) {
  std::vector<RealWorldValues> all;
  for (DcmItem* mapping : items_of(d, DCM_RealWorldValueMappingSequence)) {
    double unit = 0;
    for (DcmItem* code : items_of(*mapping, DCM_MeasurementUnitsCodeSequence)) {
      unit = becquerel_per_mL(text_of(*code, DCM_CodeValue));
    }
    if (unit == 0) continue;
    const auto slope = number_of(*mapping, DCM_RealWorldValueSlope);
    if (!slope || !(*slope > 0)) {
      refuse(file, "RealWorldValueMappingSequence (0040,9096) maps to Bq/mL without a RealWorldValueSlope above 0");
    }
    RealWorldValues line{unit * *slope, unit * number_of(*mapping, DCM_RealWorldValueIntercept).value_or(0)};
    const auto bound = [&](const DcmTagKey& whole, const DcmTagKey& real, double otherwise) {
      const auto stated = number_of(*mapping, mapping->tagExists(whole) ? whole : real);
      return stated.value_or(otherwise);
    };
    line.first = bound(DCM_RealWorldValueFirstValueMapped, DCM_DoubleFloatRealWorldValueFirstValueMapped, line.first);
    line.last = bound(DCM_RealWorldValueLastValueMapped, DCM_DoubleFloatRealWorldValueLastValueMapped, line.last);
    all.push_back(line);
  }
  return all;
}

double philips_activity_scale(DcmItem& d) {
  for (Uint16 block = 0x10; block <= 0xff; ++block) {
    if (text_of(d, DcmTagKey(0x7053, block)) != "Philips PET Private Group") continue;
    const DcmTagKey key(0x7053, static_cast<Uint16>(block << 8 | 0x09));
    DcmElement* element = nullptr;
    if (d.findAndGetElement(key, element).bad() || element == nullptr) return 0;
    // Implicit transfer syntaxes leave a private element without its representation: text all the same.
    if (Uint8* bytes = nullptr; element->getUint8Array(bytes).good() && bytes != nullptr) {
      const std::string text(reinterpret_cast<const char*>(bytes), element->getLength());
      return parse_number(text.substr(0, text.find('\0'))).value_or(0);
    }
    return number_of(d, key).value_or(0);
  }
  return 0;
}

}  // namespace ytterby::io
