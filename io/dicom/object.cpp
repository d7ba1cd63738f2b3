#include "io/dicom/object.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <memory>
#include <string_view>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "io/dicom/character_set.h"

namespace ytterby::io {
namespace {

[[noreturn]] void fail(const std::string& what) { throw Error(Fault::input, what); }

enum class Looks { other, unmarked, marked };

/// The preamble's mark, or a first element of group 8 as files without one begin.
Looks looks_of(const std::filesystem::path& path) {
  std::array<char, 132> head{};
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(path.string() + ": cannot be opened: " + std::strerror(errno));
  file.read(head.data(), head.size());
  if (file.bad()) fail(path.string() + ": cannot be read: " + std::strerror(errno));
  if (file.gcount() == 132 && std::string_view(&head[128], 4) == "DICM") return Looks::marked;
  const bool group = file.gcount() >= 8 && (head[0] == 8 || head[0] == 2) && head[1] == 0 && head[3] == 0;
  return group ? Looks::unmarked : Looks::other;
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.pop_back();
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

}  // namespace

void prepare_dcmtk() {
  static const bool loaded = [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    dcmEnableUnknownVRConversion.set(OFTrue);
    return dcmDataDict.isDictionaryLoaded();
  }();
  if (!loaded) throw Error(Fault::internal, "DCMTK's data dictionary (dicom.dic) is not installed");
}

std::unique_ptr<DcmFileFormat> load_dicom(const std::filesystem::path& path, unsigned longest) {
  const Looks looks = looks_of(path);
  if (looks == Looks::other) return nullptr;
  prepare_dcmtk();  // its dictionary takes time and, where memory runs out, crashes: not for other formats
  auto file = std::make_unique<DcmFileFormat>();
  const OFCondition status = file->loadFile(path.string().c_str(), EXS_Unknown, EGL_noChange, longest, ERM_autoDetect);
  if (status.good()) return file;
  // Without the mark, what was read before the damage has to say that it is DICOM.
  DcmDataset& d = *file->getDataset();
  if (looks == Looks::marked || !text_of(d, DCM_SOPClassUID).empty() || !text_of(d, DCM_Modality).empty()) {
    fail(path.string() + ": is a truncated or damaged DICOM file (" + status.text() + "): copy it anew");
  }
  return nullptr;
}

std::string text_of(DcmItem& item, const DcmTagKey& key) {
  OFString text;
  if (item.findAndGetOFStringArray(key, text).bad()) return {};
  return trimmed({text.c_str(), text.length()});
}

std::string code_of(DcmItem& item, const DcmTagKey& key) {
  std::string code = text_of(item, key);
  for (char& c : code) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return code;
}

std::string name_text_of(DcmItem& object, DcmItem& item, const DcmTagKey& key) {
  std::string text = text_of(item, key);
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != 27; })) {
    return text;
  }
  std::string set = text_of(item, DCM_SpecificCharacterSet);
  if (set.empty()) set = text_of(object, DCM_SpecificCharacterSet);
  return trimmed(to_utf8(text, set));
}

std::string name_of(const DcmTagKey& key) {
  return std::string(DcmTag(key).getTagName()) + " " + key.toString().c_str();
}

std::vector<double> numbers_of(DcmItem& item, const DcmTagKey& key) {
  std::vector<double> result;
  std::string text = text_of(item, key);
  if (text.ends_with('\\')) text.pop_back();  // a value that is not there
  if (text.empty()) return result;
  const auto values = std::count(text.begin(), text.end(), '\\') + 1;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find('\\', from), text.size());
    std::string part = text.substr(from, to - from);
    if (const auto first = part.find_first_not_of(' '); first != std::string::npos && part[first] == '+') {
      part.erase(0, first + 1);
    }
    const auto value = parse_number(part);
    if (!value) {
      const std::string place =
          values == 1 ? "" : " as value " + std::to_string(result.size() + 1) + " of " + std::to_string(values);
      fail(name_of(key) + " is \"" + text.substr(from, std::min<std::size_t>(to - from, 60)) + "\"" + place +
           ", needs " + (values == 1 ? "a number" : "numbers"));
    }
    result.push_back(*value);
    from = to + 1;
  }
  return result;
}

std::optional<double> number_of(DcmItem& item, const DcmTagKey& key) {
  const std::vector<double> values = numbers_of(item, key);
  return values.empty() ? std::nullopt : std::optional(values.front());
}

std::optional<int> count_of(DcmItem& item, const DcmTagKey& key) {
  const auto value = number_of(item, key);
  if (!value || *value < 0 || *value > 1e9 || *value != std::floor(*value)) return {};
  return static_cast<int>(*value);
}

std::vector<DcmItem*> items_of(DcmItem& item, const DcmTagKey& key) {
  std::vector<DcmItem*> items;
  DcmSequenceOfItems* sequence = nullptr;
  if (item.findAndGetSequence(key, sequence).bad() || sequence == nullptr) return items;
  DcmObject* next = nullptr;
  while ((next = sequence->nextInContainer(next)) != nullptr) {
    if (auto* one = dynamic_cast<DcmItem*>(next)) items.push_back(one);
  }
  return items;
}

std::array<Vector3, 3> axes_of(const std::vector<double>& c) {
  if (c.size() != 6) fail("ImageOrientationPatient has " + std::to_string(c.size()) + " numbers, needs 6");
  Vector3 x{c[0], c[1], c[2]}, y{c[3], c[4], c[5]};
  const double lx = std::sqrt(dot(x, x)), ly = std::sqrt(dot(y, y)), across = dot(x, y);
  if (!(std::abs(lx - 1) < 1e-2) || !(std::abs(ly - 1) < 1e-2) || !(std::abs(across) < 1e-2)) {
    fail("ImageOrientationPatient is not of two unit vectors at right angles (lengths " + to_text(lx, 6) + " and " +
         to_text(ly, 6) + ", product " + to_text(across, 3) + ")");
  }
  for (double& v : x) v /= lx;
  const double along = dot(x, y);
  for (std::size_t a = 0; a < 3; ++a) y[a] -= along * x[a];
  const double rest = std::sqrt(dot(y, y));
  for (double& v : y) v /= rest;
  return {x, y, Vector3{x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]}};
}

}  // namespace ytterby::io
