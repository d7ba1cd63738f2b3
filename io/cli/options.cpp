#include "io/cli/options.h"

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"

namespace ytterby::cli {

std::uint64_t count_option(const std::string& option, const std::string& text, std::uint64_t low) {
  const auto value = io::parse_count(text);
  if (!value || *value < low) {
    throw Error(Fault::usage,
                option + " is " + text + ", needs to be a whole number from " + std::to_string(low) + " on, e.g. 2e7");
  }
  return *value;
}

double share_option(const std::string& option, const std::string& text) {
  const bool percent = text.ends_with('%');
  const auto value = io::parse_number(std::string_view(text).substr(0, text.size() - (percent ? 1 : 0)));
  const double share = value.value_or(0) / (percent ? 100 : 1);
  if (!(share > 0) || !(share < 1)) {
    throw Error(Fault::usage, option + " is " + text + ", needs to be above 0 and below 1, e.g. 1% or 0.01");
  }
  return share;
}

double extent_option(const std::string& option, double mm) {
  if (!(mm > 0) || !(mm <= 1000)) {
    throw Error(Fault::usage, option + " is " + io::to_text(mm) + ", needs to be above 0 to 1000 mm");
  }
  return mm * cm_per_mm;
}

double number_option(const std::string& option, double value, double low, double high) {
  if (!(value >= low) || !(value <= high)) {
    throw Error(Fault::usage, option + " is " + io::to_text(value) + ", needs to be " + io::to_text(low) + " to " +
                                  io::to_text(high));
  }
  return value;
}

int threads_option(const std::string& text) {
  constexpr std::uint64_t most = 4096;
  const std::uint64_t threads = count_option("--threads", text, 1);
  if (threads > most) throw Error(Fault::usage, "--threads is " + text + ", needs to be 1 to 4096");
  return static_cast<int>(threads);
}

std::optional<Estimator> estimator_option(const std::string& text) {
  if (text == "auto") return {};
  for (const Estimator e : {Estimator::plain, Estimator::correlated}) {
    if (text == estimator_name(e)) return e;
  }
  throw Error(Fault::usage, "--estimator is " + text + ", needs to be auto, plain or correlated");
}

DeviceOption device_option(const std::string& text) {
  if (text == "auto") return {Backend::automatic, {}};
  if (text == "cpu") return {Backend::cpu, {}};
  if (text == "cuda") return {Backend::cuda, {}};
  DeviceOption option{Backend::cuda, {}};
  std::string_view rest(text);
  bool good = rest.starts_with("cuda:");
  for (rest.remove_prefix(good ? 5 : rest.size()); good;) {
    const std::size_t comma = rest.find(',');
    const std::string item(rest.substr(0, comma));
    good = !item.empty() && item.size() <= 4 && item.find_first_not_of("0123456789") == std::string::npos;
    if (good) option.cuda_devices.push_back(std::stoi(item));
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (good) return option;
  throw Error(Fault::usage, "--device is " + text + ", needs to be auto, cpu, cuda, or devices such as cuda:0,1");
}

}  // namespace ytterby::cli
