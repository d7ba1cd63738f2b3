// A cohort as one page, with a link to each patient's.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string>
#include <vector>

#include "io/cli/cohort/cohort.h"
#include "io/report/html.h"
#include "io/report/plain_page.h"
#include "io/text/figures.h"
#include "io/text/warning.h"

namespace ytterby::cli {
namespace {

using validation::Confident;
using validation::Estimate;
using validation::Judgement;
using Cells = std::vector<std::string>;

/// A name as a relative address: bytes that mean something in one are written by their numbers.
std::string address(const std::string& name) {
  std::string text = "./";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte < 128 && (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.');
    text += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return text;
}

/// A dose with its standard error, or with what it is known to.
std::string dose(const Estimate& e, const Known& known) {
  if (!std::isfinite(e.value)) return "-";
  if (!known.drawn()) return io::figure(e.value, e.error);
  return fmt::format("{} <small>({} to {})</small>", io::three_digits(e.value), io::three_digits(known.low),
                     io::three_digits(known.high));
}

/// How likely all judged rules hold, by a method.
std::string all_hold(const PatientResult& p, const std::string& method) {
  const auto found = p.probability_by_method.find(method);
  return found == p.probability_by_method.end() ? "-" : io::sampled_probability_text(found->second, p.samples);
}

/// Names of the rules that are broken in the verdict, a protocol's own among them.
std::string broken_rules(const PatientResult& p) {
  std::vector<std::string> names;
  for (const validation::Ruling& r : p.rulings) {
    const bool counts = r.verdict == Judgement::fail && (r.method.empty() || r.method == p.judge);
    if (counts && std::find(names.begin(), names.end(), r.id) == names.end()) names.push_back(r.id);
  }
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

std::string verdict_cell(const PatientResult& p) {
  if (p.status != PatientStatus::done)
    return "<span class=\"fail\">" + std::string(patient_status_name(p.status)) + "</span>";
  if (p.exit_status == 5) return io::judgement("fail") + " " + io::escaped(broken_rules(p));
  const std::string words = io::verdict_in_words(false, p.warnings);
  return words == "pass" ? io::judgement("pass") : "<span class=\"caution\">" + io::escaped(words) + "</span>";
}

/// The judging method's tumour dose less Monte Carlo's.
std::string difference(const PatientResult& p) {
  const CohortDoses *truth = monte_carlo_of(p), *judge = doses_by(p, p.judge);
  if (truth == nullptr || judge == nullptr || truth == judge) return "-";
  return io::percent(judge->mean[0].value / truth->mean[0].value - 1);
}

Cells patient_row(const PatientResult& p) {
  const std::string name = io::escaped(p.patient.name);
  if (p.status != PatientStatus::done) return {name, verdict_cell(p), io::escaped(p.message), "", "", "", "", "", ""};
  const CohortDoses *shown = monte_carlo_of(p), *judge = doses_by(p, p.judge);
  if (shown == nullptr) shown = p.doses.empty() ? nullptr : &p.doses.front();
  Cells cells{"<a href=\"" + address(p.patient.name) + "/index.html\">" + name + "</a>", verdict_cell(p)};
  cells.push_back(shown == nullptr ? "" : io::escaped(io::method_label(shown->method)));
  for (std::size_t r = 0; r < cohort_regions.size(); ++r)
    cells.push_back(shown == nullptr ? "-" : dose(shown->mean[r], shown->known[r]));
  cells.push_back(judge == nullptr ? "-" : dose(judge->mean[0], judge->known[0]));
  cells.push_back(difference(p));
  cells.push_back(all_hold(p, p.judge));
  return cells;
}

std::string overview(const CohortResult& result) {
  const auto count = [&](auto&& holds) { return std::count_if(result.patients.begin(), result.patients.end(), holds); };
  const auto done = [](const PatientResult& p) { return p.status == PatientStatus::done; };
  const auto failed = count([&](const PatientResult& p) { return done(p) && p.exit_status == 5; });
  const auto all = count(done);
  const auto broken = static_cast<std::ptrdiff_t>(result.patients.size()) - all;
  const auto doubtful = count([&](const PatientResult& p) {
    return done(p) && p.exit_status != 5 && io::verdict_in_words(false, p.warnings) != "pass";
  });
  return io::tiles({{"Patients", std::to_string(result.patients.size()), fmt::format("{} judged", all), ""},
                    {"Pass", std::to_string(all - failed),
                     doubtful > 0 ? fmt::format("{} of them with warnings of a wrong dose", doubtful) : "", "pass"},
                    {"Fail", std::to_string(failed), "a judged rule is broken", failed > 0 ? "fail" : ""},
                    {"Broken", std::to_string(broken), "cases that could not be computed", broken > 0 ? "fail" : ""}});
}

std::string patients_table(const CohortResult& result) {
  const bool known = has_ensembles(result);
  Cells heading{"patient", "verdict", "doses by", "tumours", "normal liver", "lungs", "tumours, judged", "difference"};
  if (known) heading.emplace_back("all rules hold with");
  std::vector<Cells> rows;
  for (const PatientResult& p : result.patients) {
    rows.push_back(patient_row(p));
    rows.back().resize(heading.size());
  }
  const std::string errors = known ? "the range that all uncertainties drawn leave them with a probability of 95 %, or "
                                     "their standard error where none was drawn; the last columns are of "
                                   : "their standard errors; the last two columns are of ";
  return "<h2>Patients</h2>\n<p class=\"soft\">Mean doses in Gy with " + errors +
         "the method that judges, against Monte Carlo.</p>\n" + io::data_table(heading, rows, 3);
}

std::string interval(const Confident& c) { return fmt::format("{:+.1f} ({:+.1f} to {:+.1f})", c.value, c.low, c.high); }

/// The limits that are left of patients alone.
std::string limits_without_own(const validation::LimitsOfAgreement& limits) {
  if (!std::isfinite(limits.own)) return "not known";
  if (limits.own_is_all) return fmt::format("{:+.1f}: nothing is left", limits.bias.value);
  return fmt::format("{:+.1f} to {:+.1f}", limits.lower_without_own, limits.upper_without_own);
}

std::string agreement_table(const CohortResult& result) {
  std::vector<Cells> rows;
  for (const CohortAgreement& a : result.agreements) {
    Cells cells{io::escaped(a.region), io::escaped(io::method_label(a.method)), std::to_string(a.pairs.size())};
    if (a.percent) {
      for (const Confident& c : {a.percent->bias, a.percent->lower, a.percent->upper}) cells.push_back(interval(c));
      cells.push_back(fmt::format("{:.2f}", a.percent->own));
      cells.push_back(limits_without_own(*a.percent));
    } else {
      cells.insert(cells.end(), {"needs two patients", "", "", "", ""});
    }
    rows.push_back(std::move(cells));
  }
  if (rows.empty()) return "";
  return "<h2>Agreement with Monte Carlo</h2>\n<p class=\"soft\">Differences in % of the mean of both, with 95 % "
         "intervals: bias, and the limits that hold 95 % of patients (Bland, Altman 1986). Measured: how much one "
         "patient's "
         "difference is uncertain by itself, by Monte Carlo's statistical error" +
         (has_ensembles(result) ? std::string(" and, for the partition model, by all uncertainties drawn")
                                : std::string()) +
         " (root mean square). The last column is what this leaves of the limits: how far the methods really differ "
         "from patient to patient.</p>\n" +
         io::data_table({"region", "method", "patients", "bias, %", "lower limit, %", "upper limit, %", "measured, %",
                         "limits without it, %"},
                        rows, 2);
}

std::string warnings_list(const CohortResult& result) {
  std::string text;
  for (const PatientResult& p : result.patients) {
    for (const io::Warning& w : p.warnings)
      text += "<p class=\"note\"><b>" + io::escaped(p.patient.name) + "</b> (" + io::escaped(w.code) +
              "): " + io::escaped(w.text) + "</p>\n";
  }
  return text.empty() ? "" : "<h2>Warnings</h2>\n" + text;
}

}  // namespace

std::string cohort_page(const CohortResult& result) {
  std::string body = overview(result) + patients_table(result) + agreement_table(result);
  for (const auto& [name, svg] : cohort_plots(result)) body += svg.substr(svg.find("<svg")) + "\n";
  const std::string title = result.list.name.empty() ? "Cohort" : "Cohort: " + result.list.name;
  return io::plain_page(title, body + warnings_list(result));
}

}  // namespace ytterby::cli
