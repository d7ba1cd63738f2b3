#include "record.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <sstream>

namespace ytterby::gpu_check {
namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result + "\"";
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

const char* word(Finding::State state) {
  switch (state) {
    case Finding::State::good:
      return "good";
    case Finding::State::bad:
      return "bad";
    case Finding::State::skipped:
      return "skipped";
  }
  return "";
}

/// {"a": f(a), ...} over named values.
template <class Value, class Format>
std::string object(const std::vector<std::pair<std::string, Value>>& values, Format format) {
  std::string text = "{";
  for (const auto& [name, value] : values)
    text += (text.size() > 1 ? ",\n    " : "\n    ") + quoted(name) + ": " + format(value);
  return text + (values.empty() ? "}" : "\n  }");
}

std::string rate_details(const Rate& r) {
  return "{\"median\": " + number(r.median) + ", \"low\": " + number(r.low) + ", \"high\": " + number(r.high) +
         ", \"runs\": " + std::to_string(r.runs) + ", \"histories\": " + std::to_string(r.histories) + "}";
}

std::string agreement_details(const DeviceAgreement& a) {
  return "{\"rms_z\": " + number(a.rms_z) + ", \"worst_z\": " + number(a.worst_z) +
         ", \"voxels\": " + std::to_string(a.voxels) + ", \"voxels_differing\": " + std::to_string(a.differing) +
         ", \"histories_compared\": " + std::to_string(a.paths) +
         ", \"histories_diverged\": " + std::to_string(a.diverged) + "}";
}

std::string values_list(const std::vector<double>& values) {
  std::string text = "[";
  for (const double v : values) text += (text.size() > 1 ? ", " : "") + number(v);
  return text + "]";
}

std::string results_object(const std::vector<Benchmark>& results) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Benchmark& b : results) {
    std::string row = "{";
    for (const auto& [name, values] : b.quantities)
      row += (row.size() > 1 ? ", " : "") + quoted(name) + ": " + values_list(values);
    rows.emplace_back(b.name, row + "}");
  }
  return object(rows, [](const std::string& row) { return row; });
}

/// What was skipped and why, by name, as tools/bench has it.
std::string skipped_object(const std::vector<Finding>& findings) {
  std::vector<std::pair<std::string, std::string>> skipped;
  for (const Finding& f : findings)
    if (f.state == Finding::State::skipped) skipped.emplace_back(f.what, f.detail);
  return object(skipped, quoted);
}

void rate_rows(std::ostringstream& out, const std::string& where,
               const std::vector<std::pair<std::string, Rate>>& rates) {
  for (const auto& [name, r] : rates)
    out << "| " << name << " | " << where << " | " << number(r.median) << " | " << number(r.low) << " to "
        << number(r.high) << " | " << r.runs << " of " << number(static_cast<double>(r.histories)) << " |\n";
}

}  // namespace

bool Record::good() const {
  return std::none_of(findings.begin(), findings.end(),
                      [](const Finding& f) { return f.state == Finding::State::bad; });
}

std::string as_json(const Record& r) {
  const auto median = [](const Rate& rate) { return number(rate.median); };
  std::string findings;
  for (const Finding& f : r.findings)
    findings += (findings.empty() ? "\n    " : ",\n    ") + ("{\"what\": " + quoted(f.what) + ", \"state\": \"") +
                word(f.state) + "\", \"detail\": " + quoted(f.detail) + "}";
  return "{\n  \"format\": \"ytterby-bench\",\n  \"date\": " + quoted(r.date) + ",\n  \"device\": " + quoted(r.device) +
         ",\n  \"devices\": " + std::to_string(r.devices) + ",\n  \"driver_cuda\": " + quoted(r.driver) +
         ",\n  \"runtime_cuda\": " + quoted(r.runtime) + ",\n  \"commit\": " + quoted(r.commit) +
         ",\n  \"build\": " + quoted(r.build) + ",\n  \"host\": " + quoted(r.host) +
         ",\n  \"stage\": " + quoted(r.stage) + ",\n  \"cores\": " + std::to_string(r.cores) +
         ",\n  \"seconds\": " + number(r.seconds) +
         ",\n  \"gpu\": " + object(r.gpu, [](const std::string& value) { return value; }) +
         ",\n  \"finished\": " + (r.finished ? "true" : "false") +
         ",\n  \"passed\": " + (r.finished && r.good() ? "true" : "false") +
         ",\n  \"histories_per_s\": " + object(r.rates, median) + ",\n  \"rates\": " + object(r.rates, rate_details) +
         ",\n  \"host_histories_per_s\": " + object(r.host_rates, median) +
         ",\n  \"skipped\": " + skipped_object(r.findings) + ",\n  \"results\": " + results_object(r.results) +
         ",\n  \"agreement\": " + object(r.agreement, agreement_details) + ",\n  \"findings\": [" + findings +
         (findings.empty() ? "]" : "\n  ]") + "\n}\n";
}

std::string as_markdown(const Record& r) {
  std::ostringstream out;
  out << "# " << r.device << ", " << r.date << "\n\nCommit " << r.commit << ", " << r.build << "; driver for CUDA "
      << r.driver << ", runtime " << r.runtime << "; host: " << r.host << ".\n\n";
  out << "| check | state | detail |\n| --- | --- | --- |\n";
  for (const Finding& f : r.findings) out << "| " << f.what << " | " << word(f.state) << " | " << f.detail << " |\n";
  if (!r.rates.empty() || !r.host_rates.empty()) {
    out << "\n| case | on | histories/s, median | range | runs |\n| --- | --- | --- | --- | --- |\n";
    rate_rows(out, r.device, r.rates);
    rate_rows(out, r.host, r.host_rates);
  }
  return out.str();
}

std::string name_of(const Record& r) {
  std::istringstream words(r.device);
  std::string name = "cpu";
  for (std::string w; words >> w;) {
    if (w == "no") break;
    if (std::none_of(w.begin(), w.end(), [](unsigned char c) { return std::isdigit(c); })) continue;
    name.clear();
    for (const char c : w)
      name += std::isalnum(static_cast<unsigned char>(c)) ? static_cast<char>(std::tolower(c)) : '-';
    break;
  }
  return r.date.substr(0, 10) + "-" + name;
}

}  // namespace ytterby::gpu_check
