#include "io/images/transform_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string_view>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "io/hdf5/hdf5.h"
#include "io/system/memory.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_text = 1 << 20;  // bytes; rigid transforms take hundreds
constexpr std::size_t most_parts = 100;
constexpr const char* remedy = "needs an ITK transform file: text (#Insight Transform File V1.0), .h5 or .mat";

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(Fault::input, file.string() + ": " + what);
}

/// Without control characters, cut short.
std::string shown(std::string_view text) {
  std::string result(text.substr(0, 60));
  std::replace_if(
      result.begin(), result.end(), [](char c) { return static_cast<unsigned char>(c) < 32; }, '?');
  return result;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// "Euler3DTransform" of "Euler3DTransform_double_3_3".
std::string type_of(const fs::path& file, std::string_view name) {
  const std::size_t cut = name.find('_');
  const std::string_view rest = cut == std::string_view::npos ? std::string_view{} : name.substr(cut);
  if (rest != "_double_3_3" && rest != "_float_3_3") {
    refuse(file, "has the transform \"" + shown(name) + "\", needs one of 3 dimensions, as ..._double_3_3");
  }
  return std::string(name.substr(0, cut));
}

void check_list(const fs::path& file, const std::vector<TransformPart>& parts) {
  if (parts.empty()) refuse(file, std::string("holds no transform, ") + remedy);
  if (parts.size() > most_parts) refuse(file, "holds more than 100 transforms");
  if (parts.size() > 1 && parts.front().type != "CompositeTransform") {
    refuse(file, "holds " + std::to_string(parts.size()) + " transforms, needs to hold one, or a CompositeTransform");
  }
}

/// Lines of "Key: value" about one transform after the other.
class TextReader {
 public:
  explicit TextReader(const fs::path& file) : file_(file) {}

  void line(std::string_view text, int number) {
    number_ = number;
    text = trimmed(text);
    if (text.empty() || text.front() == '#') return;
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) fail("has no colon: \"" + shown(text) + "\"");
    const std::string_view key = trimmed(text.substr(0, colon)), value = trimmed(text.substr(colon + 1));
    if (key == "Transform") {
      finish();
      parts_.push_back({type_of(file_, value), {}, {}});
      has_parameters_ = has_fixed_ = false;
    } else if (key == "Parameters") {
      take(value, "Parameters", has_parameters_, &TransformPart::parameters);
    } else if (key == "FixedParameters") {
      take(value, "FixedParameters", has_fixed_, &TransformPart::fixed);
    } else {
      fail("has \"" + shown(key) + "\", needs Transform, Parameters or FixedParameters");
    }
  }
  std::vector<TransformPart> result() {
    finish();
    return std::move(parts_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Fault::input, file_.string() + ":" + std::to_string(number_) + ": " + what);
  }
  /// Parameters belong to every transform but a composite and the identity; what is fixed may be missing.
  void finish() const {
    if (parts_.empty() || has_parameters_) return;
    const std::string& type = parts_.back().type;
    if (type != "CompositeTransform" && type != "IdentityTransform")
      refuse(file_, "its " + type + " has no Parameters");
  }
  void take(std::string_view text, const std::string& name, bool& taken, std::vector<double> TransformPart::*to) {
    if (parts_.empty()) fail("has " + name + " before a Transform");
    if (taken) fail("has " + name + " twice");
    taken = true;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
      const std::string_view token = text.substr(at, end - at);
      const auto value = parse_number(token);
      if (!value) fail(name + " has \"" + shown(token) + "\", needs numbers with a decimal point");
      (parts_.back().*to).push_back(*value);
      at = std::min(text.find_first_not_of(" \t", end), text.size());
    }
  }

  const fs::path& file_;
  int number_ = 0;
  std::vector<TransformPart> parts_;
  bool has_parameters_ = false, has_fixed_ = false;
};

/// ITK's HDF5: /TransformGroup/0, 1, ... with TransformType, TransformParameters and TransformFixedParameters, the
/// latter two misspelt ("Tranform") by versions before 5.
class Hdf5Reader {
 public:
  explicit Hdf5Reader(const fs::path& file) : file_(file), h5_(Hdf5File::open(file, largest_chunk)) {
    if (!h5_.has(top_)) refuse(file, std::string("is HDF5 without a TransformGroup, ") + remedy);
    count_ = h5_.members(top_).size();
    if (count_ > most_parts) refuse(file, "holds more than 100 transforms");
  }

  [[nodiscard]] std::vector<TransformPart> parts() const {
    std::vector<TransformPart> parts;
    for (std::size_t i = 0; i < count_; ++i) {
      const std::string type = type_at(i);
      parts.push_back(
          {type, list(i, "Parameters", type == displacement_field_type), list(i, "FixedParameters", false)});
    }
    return parts;
  }
  [[nodiscard]] bool holds(const std::string& type) const {
    for (std::size_t i = 0; i < count_; ++i) {
      if (type_at(i) == type) return true;
    }
    return false;
  }

 private:
  static constexpr std::uint64_t largest_chunk = 1ULL << 31;  // ITK deflates a field in one chunk

  [[nodiscard]] std::string place(std::size_t i) const { return top_ + "/" + std::to_string(i); }

  [[nodiscard]] std::string type_at(std::size_t i) const {
    if (!h5_.has(place(i))) refuse(file_, "has no " + place(i) + "/, its transforms are not counted from 0");
    if (!h5_.has(place(i) + "/TransformType")) refuse(file_, "has no " + place(i) + "/TransformType");
    return type_of(file_, h5_.dataset_text(place(i) + "/TransformType"));
  }

  [[nodiscard]] std::vector<double> list(std::size_t i, const std::string& name, bool field) const {
    constexpr std::uint64_t most_linear = 1000, most_of_field = 1'500'000'000;
    for (const std::string& spelling : {"/Transform" + name, "/Tranform" + name}) {
      const std::string at = place(i) + spelling;
      if (!h5_.has(at)) continue;
      const Hdf5Shape shape = h5_.shape(at);
      if (shape.size() != 1) refuse(file_, at + " is no list of numbers");
      if (shape[0] == 0) return {};
      if (shape[0] > (field ? most_of_field : most_linear)) {
        refuse(file_, at + " has " + std::to_string(shape[0]) + " numbers: too many for a transform of its type");
      }
      check_room(file_, 64.0 * static_cast<double>(shape[0]));  // the numbers, and the field made of them
      std::vector<double> values = h5_.doubles(at, shape);
      if (std::any_of(values.begin(), values.end(), [](double v) { return !std::isfinite(v); })) {
        refuse(file_, at + " has a NaN or infinity");
      }
      return values;
    }
    return {};
  }

  const fs::path& file_;
  Hdf5File h5_;
  std::string top_ = "/TransformGroup";
  std::size_t count_ = 0;
};

bool is_hdf5(const fs::path& file) {
  std::array<char, 8> head{};
  std::ifstream stream(file, std::ios::binary);
  stream.read(head.data(), head.size());
  return stream.gcount() == 8 && std::string_view(head.data(), 8) == "\x89HDF\r\n\x1a\n";
}

/// MATLAB 4 as ITK writes it: a matrix named by the type with the parameters, then one named "fixed". Each has five
/// little-endian 32-bit words (type, rows, columns, imaginary, length of the name), the name and the numbers.
std::vector<TransformPart> read_matlab(const fs::path& file, const std::string& bytes) {
  std::vector<TransformPart> parts;
  std::size_t at = 0;
  const auto take = [&](void* to, std::size_t n) {
    if (n > bytes.size() - at) refuse(file, "is damaged: a MATLAB matrix ends too early");
    std::memcpy(to, bytes.data() + at, n);
    at += n;
  };
  while (at < bytes.size()) {
    std::array<std::int32_t, 5> head{};
    take(head.data(), sizeof head);
    const bool is_float = head[0] % 100 == 10;
    const bool known = (head[0] % 100 == 0 || is_float) && head[0] >= 0 && head[0] < 1000 && head[3] == 0;
    const std::int64_t count = std::int64_t{head[1]} * head[2];
    if (!known || head[1] < 0 || head[2] < 0 || count > 1000 || head[4] < 1 || head[4] > 100) {
      refuse(file, std::string("is no MATLAB file of a linear transform, ") + remedy);
    }
    std::string name(static_cast<std::size_t>(head[4]), '\0');
    take(name.data(), name.size());
    name.resize(std::strlen(name.c_str()));
    std::vector<double> values;
    for (std::int64_t i = 0; i < count; ++i) {
      double value = 0;
      float narrow = 0;
      is_float ? take(&narrow, sizeof narrow) : take(&value, sizeof value);
      values.push_back(is_float ? static_cast<double>(narrow) : value);
      if (!std::isfinite(values.back())) refuse(file, "has a NaN or infinity");
    }
    if (name == "fixed") {
      if (parts.empty()) refuse(file, "has fixed parameters before a transform");
      parts.back().fixed = std::move(values);
    } else {
      parts.push_back({type_of(file, name), std::move(values), {}});
    }
  }
  return parts;
}

}  // namespace

std::vector<TransformPart> parse_transform_text(const std::string& text, const fs::path& file) {
  TextReader reader(file);
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (number == 0 && !text.starts_with("#Insight Transform File V1.0")) {
      refuse(file, std::string("is no ITK transform file, ") + remedy);
    }
    reader.line(std::string_view(text).substr(at, end - at), ++number);
    at = end + 1;
  }
  std::vector<TransformPart> parts = reader.result();
  check_list(file, parts);
  return parts;
}

std::vector<TransformPart> read_transform_parts(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) refuse(file, fs::exists(file, error) ? "is no regular file" : "no such file");
  if (is_hdf5(file)) {
    std::vector<TransformPart> parts = Hdf5Reader(file).parts();
    check_list(file, parts);
    return parts;
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) refuse(file, "cannot be opened");
  std::string bytes(largest_text + 1, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (stream.bad()) refuse(file, "cannot be read");
  bytes.resize(static_cast<std::size_t>(stream.gcount()));
  std::vector<TransformPart> parts;
  if (bytes.size() > largest_text) {
    refuse(file, std::string("is too large for a rigid transform, ") + remedy);
  } else if (std::string ending = file.extension().string(); ending == ".mat") {
    parts = read_matlab(file, bytes);
  } else {
    return parse_transform_text(bytes, file);
  }
  check_list(file, parts);
  return parts;
}

bool holds_displacement_field(const fs::path& file) {
  return is_hdf5(file) && Hdf5Reader(file).holds(displacement_field_type);
}

}  // namespace ytterby::io
