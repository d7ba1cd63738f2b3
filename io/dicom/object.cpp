#include "io/dicom/object.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/numbers.h"

namespace ytterby::io {
namespace {

[[noreturn]] void fail(const std::string& what) { throw Error(Fault::input, what); }

/// The preamble's mark, or a first element of group 8 as files without one begin.
bool looks_like_dicom(const std::filesystem::path& path) {
  std::array<char, 132> head{};
  std::ifstream file(path, std::ios::binary);
  file.read(head.data(), head.size());
  if (file.gcount() == 132 && std::string_view(&head[128], 4) == "DICM") return true;
  return file.gcount() >= 8 && (head[0] == 8 || head[0] == 2) && head[1] == 0 && head[3] == 0;
}

}  // namespace

void prepare_dcmtk() {
  static const bool loaded = [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    return dcmDataDict.isDictionaryLoaded();
  }();
  if (!loaded) throw Error(Fault::internal, "DCMTK's data dictionary (dicom.dic) is not installed");
}

std::unique_ptr<DcmFileFormat> load_dicom(const std::filesystem::path& path, unsigned longest) {
  prepare_dcmtk();
  if (!looks_like_dicom(path)) return nullptr;
  auto file = std::make_unique<DcmFileFormat>();
  const OFCondition status = file->loadFile(path.string().c_str(), EXS_Unknown, EGL_noChange, longest, ERM_autoDetect);
  return status.good() ? std::move(file) : nullptr;
}

std::string text_of(DcmItem& item, const DcmTagKey& key) {
  OFString text;
  if (item.findAndGetOFStringArray(key, text).bad()) return {};
  std::string result(text.c_str(), text.length());
  while (!result.empty() && (result.back() == ' ' || result.back() == '\0')) result.pop_back();
  while (!result.empty() && result.front() == ' ') result.erase(0, 1);
  return result;
}

std::string name_of(const DcmTagKey& key) {
  return std::string(DcmTag(key).getTagName()) + " " + key.toString().c_str();
}

std::vector<double> numbers_of(DcmItem& item, const DcmTagKey& key) {
  std::vector<double> result;
  const std::string text = text_of(item, key);
  if (text.empty()) return result;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find('\\', from), text.size());
    std::string part = text.substr(from, to - from);
    if (const auto first = part.find_first_not_of(' '); first != std::string::npos && part[first] == '+') {
      part.erase(0, first + 1);
    }
    const auto value = parse_number(part);
    if (!value) fail(name_of(key) + " is \"" + text.substr(0, 60) + "\", needs numbers");
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
