// A cohort for a terminal.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/cli/cohort/cohort.h"
#include "io/text/figures.h"

namespace ytterby::cli {
namespace {

using validation::Confident;
using validation::DifferenceUnit;
using validation::Judgement;

std::string number(double value) {
  if (!std::isfinite(value)) return "-";
  return std::abs(value) < 1 && value != 0 ? fmt::format("{:.3f}", value) : fmt::format("{:.5g}", value);
}
std::string with_sign(double value) { return std::isfinite(value) ? fmt::format("{:+.2f}", value) : "-"; }

/// Characters, not bytes: every byte but UTF-8's continuations.
std::size_t length(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}
std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, length(text)), ' ');
}

std::string dose_cells(const PatientResult& p, const CohortDoses& d) {
  const CohortDoses* truth = monte_carlo_of(p);
  std::string cells;
  for (std::size_t r = 0; r < cohort_regions.size(); ++r) {
    double gray = std::nan(""), percent = gray;
    if (truth != nullptr && truth != &d) {
      gray = d.mean[r].value - truth->mean[r].value;
      percent = 100 * gray / truth->mean[r].value;
    }
    cells += fmt::format(" | {:>8} {:>7} {:>8} {:>7}", number(d.mean[r].value), number(d.mean[r].error),
                         with_sign(gray), with_sign(percent));
  }
  return cells;
}

std::string doses_table(const CohortResult& result, std::size_t width) {
  std::string text = padded("patient", width) + fmt::format(" {:<19}", "method");
  for (const char* region : cohort_regions) {
    text += fmt::format(" | {:>8} {:>7} {:>8} {:>7}", std::string(region).substr(0, 8), "+- Gy", "diff Gy", "diff %");
  }
  text += '\n';
  for (const PatientResult& p : result.patients) {
    if (p.status != PatientStatus::done) {
      text +=
          padded(p.patient.name, width) + " " + std::string(patient_status_name(p.status)) + ": " + p.message + "\n";
    }
    for (const CohortDoses& d : p.doses) {
      text += padded(&d == &p.doses.front() ? p.patient.name : "", width) + fmt::format(" {:<19}", d.method) +
              dose_cells(p, d) + "\n";
    }
  }
  return text;
}

/// What means are known to, of the methods that an ensemble has drawn.
std::string known_table(const CohortResult& result, std::size_t width) {
  std::string text = padded("patient", width) + fmt::format(" {:<19}", "95 % interval of");
  for (const char* region : cohort_regions) text += fmt::format(" | {:>18}", region);
  text += " | all rules hold\n";
  for (const PatientResult& p : result.patients) {
    bool first = true;
    for (const CohortDoses& d : p.doses) {
      const auto all = p.probability_by_method.find(d.method);
      if (all == p.probability_by_method.end()) continue;
      text += padded(first ? p.patient.name : "", width) + fmt::format(" {:<19}", d.method);
      for (const Known& k : d.known)
        text += fmt::format(" | {:>18}", k.drawn() ? io::three_digits(k.low) + " to " + io::three_digits(k.high) : "-");
      text += fmt::format(" | {:.3f}\n", all->second);
      first = false;
    }
  }
  return text;
}

/// The rules of the patients' protocols.
std::vector<std::string> rules_of(const CohortResult& result) {
  std::vector<std::string> rules;
  for (const char* rule : cohort_rules) {
    const bool used = std::any_of(result.patients.begin(), result.patients.end(), [&](const PatientResult& p) {
      return std::any_of(p.rulings.begin(), p.rulings.end(), [&](const auto& r) { return r.id == rule; });
    });
    if (used) rules.emplace_back(rule);
  }
  return rules;
}

std::string rules_table(const CohortResult& result, std::size_t width) {
  std::string text = padded("patient", width) + fmt::format(" {:<19}", "method");
  const std::vector<std::string> rules = rules_of(result);
  for (const std::string& rule : rules) text += fmt::format(" {}", rule);
  text += "  judged\n";
  for (const PatientResult& p : result.patients) {
    for (const CohortDoses& d : p.doses) {
      text += padded(&d == &p.doses.front() ? p.patient.name : "", width) + fmt::format(" {:<19}", d.method);
      for (const std::string& rule : rules) {
        const auto verdict = judged(p, rule, d.method);
        const bool decided = verdict && *verdict != Judgement::not_judged;
        const char* shown = !decided ? "-" : *verdict == Judgement::fail ? "FAIL" : "pass";
        text += fmt::format(" {:<{}}", shown, rule.size());
      }
      const std::string verdict = p.exit_status == 5 ? "FAIL" : io::verdict_in_words(false, p.warnings);
      text += d.method == p.judge ? "  " + verdict + "\n" : "\n";
    }
  }
  return text;
}

std::string interval(const Confident& c) { return fmt::format("{:+.2f} ({:+.2f} to {:+.2f})", c.value, c.low, c.high); }

std::string agreement_row(const CohortAgreement& a, DifferenceUnit unit) {
  const auto& limits = unit == DifferenceUnit::gray ? a.gray : a.percent;
  const char* name = unit == DifferenceUnit::gray ? "Gy" : "%";
  const std::string head = fmt::format("{:<8} {:<19} {:<3}", a.region, a.method, name);
  if (!limits) return fmt::format("{} {:>3} not available: needs at least 2 patients\n", head, a.pairs.size());
  const std::string left =
      !std::isfinite(limits->own) ? "-"
      : limits->own_is_all        ? fmt::format("{:+.2f}, no spread left", limits->bias.value)
                           : fmt::format("{:+.2f} to {:+.2f}", limits->lower_without_own, limits->upper_without_own);
  return fmt::format("{} {:>3} {:<28} {:>7.2f} {:<29} {:<29} {:>8} {}\n", head, limits->pairs, interval(limits->bias),
                     limits->deviation, interval(limits->lower), interval(limits->upper), number(limits->own), left);
}

std::string agreements_table(const CohortResult& result) {
  std::string text = fmt::format("{:<8} {:<19} {:<3} {:>3} {:<28} {:>7} {:<29} {:<29} {:>8} {}\n", "region",
                                 "method less MC", "", "n", "bias (95 % CI)", "SD", "lower limit (95 % CI)",
                                 "upper limit (95 % CI)", "measured", "limits without it");
  for (const CohortAgreement& a : result.agreements) {
    text += agreement_row(a, DifferenceUnit::gray) + agreement_row(a, DifferenceUnit::percent);
  }
  return text +
         "limits: bias -+ 1.96 SD (Bland, Altman 1986), % of the mean of both methods; measured: what one "
         "patient's difference is uncertain by itself (Monte Carlo's statistical error" +
         (has_ensembles(result) ? ", for the partition model all uncertainties drawn too" : "") +
         "), which SD holds; limits without it: bias -+ 1.96 times what is left\n";
}

}  // namespace

std::string cohort_table(const CohortResult& result) {
  std::size_t width = 7;
  std::array<std::size_t, 3> count{};
  std::size_t failing = 0;
  for (const PatientResult& p : result.patients) {
    width = std::max(width, length(p.patient.name));
    ++count[static_cast<std::size_t>(p.status)];
    failing += p.exit_status == 5 ? 1 : 0;
  }
  std::string text = fmt::format("{}: {} of {} patients done, {} break a rule; {} broken, {} failed\n\n",
                                 result.list.name, count[0], result.patients.size(), failing, count[1], count[2]);
  text += doses_table(result, width);
  if (count[0] == 0) return text;
  text += '\n';
  if (has_ensembles(result)) text += known_table(result, width) + '\n';
  text += rules_table(result, width);
  if (result.agreements.empty()) return text;
  text += '\n';
  text += agreements_table(result);
  return text;
}

}  // namespace ytterby::cli
