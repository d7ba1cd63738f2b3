// A cohort as CSV and as JSON (io/FORMATS.md).

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/numbers.h"
#include "engine/base/version.h"
#include "io/cli/cohort/cohort.h"
#include "io/text/csv_cell.h"

namespace ytterby::cli {
namespace {

using nlohmann::ordered_json;
using validation::Confident;
using validation::DifferenceUnit;
using validation::Estimate;
using validation::LimitsOfAgreement;

std::string number(double value) { return std::isfinite(value) ? io::to_text(value) : ""; }
ordered_json or_null(double value) { return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr); }
ordered_json or_null(const std::string& text) { return text.empty() ? ordered_json(nullptr) : ordered_json(text); }

/// A method less Monte Carlo; without numbers where one has none, and for Monte Carlo itself.
struct Departure {
  Estimate gray;
  double percent = std::nan("");  // of Monte Carlo's
};

Departure departure(const PatientResult& p, const CohortDoses& d, std::size_t region) {
  const CohortDoses* truth = monte_carlo_of(p);
  if (truth == nullptr || truth == &d) return {};
  Departure result{validation::difference_of({d.mean[region], truth->mean[region]}, DifferenceUnit::gray)};
  if (truth->mean[region].value != 0) result.percent = 100 * result.gray.value / truth->mean[region].value;
  return result;
}

/// Cells of a row, each behind a comma but the first.
class Row {
 public:
  void add(const std::string& cell) {
    if (!text_.empty()) text_ += ',';
    text_ += io::csv_cell(cell);
  }
  void add_empty(std::size_t cells) { text_.append(cells, ','); }
  [[nodiscard]] std::string line() const { return text_ + '\n'; }

 private:
  std::string text_;
};

Row header() {
  Row row;
  for (const char* column : {"patient", "case", "status", "message", "verdict", "judge", "normal_structure", "method",
                             "histories", "seed"}) {
    row.add(column);
  }
  for (const std::string region : cohort_regions) {
    for (const char* column : {"_Gy", "_error_Gy", "_difference_Gy", "_difference_error_Gy", "_difference_percent"}) {
      row.add(region + column);
    }
  }
  for (const char* rule : cohort_rules) row.add(rule);
  row.add("warnings");
  for (const std::string region : cohort_regions)
    for (const char* column : {"_low_95_Gy", "_high_95_Gy"}) row.add(region + column);
  row.add("probability_all");
  for (const std::string region : cohort_regions) row.add(region + "_difference_own_Gy");
  return row;
}

double probability_all(const PatientResult& p, const std::string& method) {
  const auto found = p.probability_by_method.find(method);
  return found == p.probability_by_method.end() ? std::nan("") : found->second;
}

Row row_of(const PatientResult& p) {
  Row row;
  row.add(p.patient.name);
  row.add(p.patient.case_file.string());
  row.add(std::string(patient_status_name(p.status)));
  row.add(p.message);
  row.add(p.status != PatientStatus::done ? "" : p.exit_status == 5 ? "fail" : "pass");
  row.add(p.judge);
  row.add(p.normal_structure);
  return row;
}

Row row_of(const PatientResult& p, const CohortDoses& d) {
  Row row = row_of(p);
  row.add(d.method);
  row.add(d.histories > 0 ? std::to_string(d.histories) : "");
  row.add(d.seed ? std::to_string(*d.seed) : "");
  for (std::size_t r = 0; r < cohort_regions.size(); ++r) {
    const Departure off = departure(p, d, r);
    for (const double value : {d.mean[r].value, d.mean[r].error, off.gray.value, off.gray.error, off.percent}) {
      row.add(number(value));
    }
  }
  for (const char* rule : cohort_rules) {
    const auto verdict = judged(p, rule, d.method);
    row.add(verdict ? std::string(validation::judgement_name(*verdict)) : "");
  }
  row.add(p.warnings.empty() ? "" : io::warnings_json(p.warnings));
  for (const Known& k : d.known)
    for (const double value : {k.low, k.high}) row.add(number(value));
  row.add(number(probability_all(p, d.method)));
  for (const Own& own : d.own) row.add(own.gray > 0 ? number(own.gray) : "");
  return row;
}

ordered_json patient_json(const PatientResult& p) {
  ordered_json json{{"name", p.patient.name},
                    {"case", p.patient.case_file.string()},
                    {"status", patient_status_name(p.status)},
                    {"message", or_null(p.message)},
                    {"verdict", nullptr},
                    {"judge", or_null(p.judge)},
                    {"normal_structure", or_null(p.normal_structure)},
                    {"warnings", ordered_json::parse(io::warnings_json(p.warnings))},
                    {"methods", ordered_json::object()}};
  if (p.status == PatientStatus::done) json["verdict"] = p.exit_status == 5 ? "fail" : "pass";
  for (const CohortDoses& d : p.doses) {
    ordered_json& method = json["methods"][d.method];
    method["histories"] = d.histories > 0 ? ordered_json(d.histories) : ordered_json(nullptr);
    method["seed"] = d.seed ? ordered_json(*d.seed) : ordered_json(nullptr);
    for (std::size_t r = 0; r < cohort_regions.size(); ++r) {
      const Departure off = departure(p, d, r);
      method[cohort_regions[r]] = {{"mean_Gy", or_null(d.mean[r].value)},
                                   {"mean_error_Gy", or_null(d.mean[r].error)},
                                   {"difference_Gy", or_null(off.gray.value)},
                                   {"difference_error_Gy", or_null(off.gray.error)},
                                   {"difference_percent", or_null(off.percent)}};
      if (d.own[r].gray > 0) method[cohort_regions[r]]["difference_own_Gy"] = d.own[r].gray;
      if (!d.known[r].drawn()) continue;
      method[cohort_regions[r]]["low_95_Gy"] = d.known[r].low;
      method[cohort_regions[r]]["high_95_Gy"] = d.known[r].high;
    }
    if (const double all = probability_all(p, d.method); std::isfinite(all)) method["probability_all"] = all;
    for (const char* rule : cohort_rules) {
      const auto verdict = judged(p, rule, d.method);
      if (verdict) method["rules"][rule] = validation::judgement_name(*verdict);
    }
  }
  return json;
}

ordered_json limits_json(const std::optional<LimitsOfAgreement>& limits) {
  if (!limits) return nullptr;
  const auto confident = [](const Confident& c) {
    return ordered_json{{"value", c.value}, {"low_95", c.low}, {"high_95", c.high}};
  };
  return {{"patients", limits->pairs},
          {"bias", confident(limits->bias)},
          {"standard_deviation", limits->deviation},
          {"lower_limit", confident(limits->lower)},
          {"upper_limit", confident(limits->upper)},
          {"statistical_error", or_null(limits->noise)},
          {"standard_deviation_without_it", or_null(limits->deviation_without_noise)},
          {"own", or_null(limits->own)},
          {"own_is_all", limits->own_is_all},
          {"standard_deviation_without_own", or_null(limits->deviation_without_own)},
          {"lower_limit_without_own", or_null(limits->lower_without_own)},
          {"upper_limit_without_own", or_null(limits->upper_without_own)}};
}

}  // namespace

std::string cohort_csv(const CohortResult& result) {
  std::string text = header().line();
  for (const PatientResult& p : result.patients) {
    for (const CohortDoses& d : p.doses) text += row_of(p, d).line();
    if (!p.doses.empty()) continue;
    Row row = row_of(p);
    row.add_empty(3 + 5 * cohort_regions.size() + cohort_rules.size() + 1 + 2 * cohort_regions.size() + 1 +
                  cohort_regions.size());
    text += row.line();
  }
  return text;
}

std::string cohort_json(const CohortResult& result) {
  ordered_json json{{"cohort", result.list.name}, {"program_version", program_version()}};
  json["patients"] = ordered_json::array();
  for (const PatientResult& p : result.patients) json["patients"].push_back(patient_json(p));
  json["agreement"] = ordered_json::array();
  for (const CohortAgreement& a : result.agreements) {
    json["agreement"].push_back({{"region", a.region},
                                 {"method", a.method},
                                 {"patients", a.pairs.size()},
                                 {"Gy", limits_json(a.gray)},
                                 {"percent", limits_json(a.percent)}});
  }
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace ytterby::cli
