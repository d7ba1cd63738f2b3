#include "io/report/sections/sheet_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/base/version.h"
#include "io/report/doses_at_hand.h"
#include "io/report/html.h"
#include "io/report/rules.h"
#include "io/report/sections/summary_section.h"
#include "io/text/figures.h"

namespace ytterby::io {
namespace {

constexpr std::size_t most_notes = 12;  // in full on the sheet; more stand in the appendix

std::string cell(const std::string& text) { return "<td class=\"n\">" + text + "</td>"; }

/// One row a structure: Monte Carlo with its error, every other method with its difference.
std::string doses_table(const ReportInput& input) {
  const std::vector<NamedDoses> doses = doses_at_hand(input);
  std::vector<std::string> methods;
  for (const NamedDoses& s : doses) {
    for (const auto& [method, mean] : s.means) {
      if (std::find(methods.begin(), methods.end(), method) == methods.end()) methods.push_back(method);
    }
  }
  std::string head = "<th>mean dose, Gy</th>", rows;
  for (const std::string& m : methods) head += "<th class=\"n\">" + escaped(method_label(m)) + "</th>";
  for (const NamedDoses& s : doses) {
    rows += "<tr><th>" + escaped(s.structure) + "</th>";
    const validation::Estimate* truth = s.by("monte-carlo");
    for (const std::string& m : methods) {
      const validation::Estimate* e = s.by(m);
      std::string text = e == nullptr ? "-" : m == "monte-carlo" ? figure(e->value, e->error) : three_digits(e->value);
      if (e != nullptr && truth != nullptr && e != truth && truth->value > 0) {
        text += " (" + percent(e->value / truth->value - 1) + ")";
      }
      rows += cell(text);
    }
    rows += "</tr>\n";
  }
  return "<table><thead><tr>" + head + "</tr></thead><tbody>\n" + rows + "</tbody></table>\n";
}

/// What decides the verdict.
std::string rules_table(const Validation& v) {
  std::string rows;
  for (const validation::Ruling& rule : v.rulings) {
    if (!decides(rule, v.judge)) continue;
    rows += "<tr><th>" + escaped(rule_name(rule)) + "</th>" + cell(escaped(rule_value(rule))) +
            cell(escaped(rule_limits(rule))) + cell(escaped(rule_margin(rule))) + "<td><b>" +
            std::string(validation::judgement_name(rule.verdict)) + "</b></td></tr>\n";
  }
  return "<table><thead><tr><th>rule</th><th class=\"n\">value</th><th class=\"n\">limits</th><th "
         "class=\"n\">margin</th><th>verdict</th></tr></thead><tbody>\n" +
         rows + "</tbody></table>\n";
}

std::string verdict_lines(const ReportInput& input) {
  if (!input.verdict) return "<p><b>No protocol was judged.</b></p>\n";
  const Validation& v = *input.verdict;
  const Deciding d = deciding_rule(v, v.judge);
  std::string text =
      fmt::format("<p><b>{}</b>: {}, judged by the {}", escaped(verdict_in_words(d.broken > 0, caveats_of(input))),
                  escaped(v.protocol.title), escaped(method_label(v.judge)));
  if (d.rule != nullptr) {
    text += fmt::format("; {} {}: {}", d.broken > 0 ? "broken:" : "nearest to its limit:", escaped(rule_name(*d.rule)),
                        escaped(rule_distance(*d.rule)));
  }
  return text + ".</p>\n" + rules_table(v);
}

std::string activity_line(const DoseFile& f) {
  const ActivityAccount& a = f.account;
  std::string text = fmt::format("<p>Activity {}", activity_text(a.administered > 0 ? a.administered : a.on_grid));
  if (a.lung_shunt_fraction) text += fmt::format(", lung shunt {} %", three_digits(100 * *a.lung_shunt_fraction));
  text += fmt::format("; {} of it in the lungs as computed, {} off the image.", activity_text(a.in_lungs),
                      activity_text(a.off_image));
  return text + "</p>\n";
}

std::string caveats(const ReportInput& input) {
  const Warnings all = caveats_of(input);
  if (all.empty()) return "<p>None.</p>\n";
  std::string rows, codes;
  std::size_t shown = 0;
  for (const WarningClass kind : {WarningClass::wrong_dose, WarningClass::note}) {
    for (const Warning& w : all) {
      if (w.kind != kind) continue;
      if (kind == WarningClass::note && shown >= most_notes) {
        codes += (codes.empty() ? "" : ", ") + escaped(w.code);
        continue;
      }
      ++shown;
      rows += fmt::format("<li>{}{}</li>\n", kind == WarningClass::wrong_dose ? "<b>Check:</b> " : "", escaped(w.text));
    }
  }
  if (!codes.empty()) rows += "<li>In the appendix: " + codes + ".</li>\n";
  return "<ul>" + rows + "</ul>\n";
}

std::string provenance(const ReportInput& input) {
  std::string rows;
  for (const DoseFile& f : input.doses) {
    rows +=
        fmt::format("<tr><th>{}</th><td>{}</td><td>{}</td><td>{} ({})</td></tr>\n", escaped(method_label(f.map.method)),
                    f.map.histories > 0 ? fmt::format("{} histories, seed {}", f.map.histories, f.map.seed) : "-",
                    escaped(f.created), escaped(f.program_version), escaped(f.git_commit));
  }
  return "<table><tbody>\n" + rows + "</tbody></table>\n<p>Content hash <code>" +
         escaped(input.doses.front().content_hash) + "</code>; page by Ytterby " + escaped(program_version()) +
         ".</p>\n";
}

std::string signatures() {
  std::string rows;
  for (const char* who : {"Computed by", "Checked by (physicist)", "Approved by (physician)"}) {
    rows += fmt::format("<tr><th>{}</th><td></td><td></td><td></td></tr>\n", who);
  }
  return "<table "
         "class=\"signatures\"><thead><tr><th></th><th>name</th><th>date</th><th>signature</th></tr></thead><tbody>\n" +
         rows + "</tbody></table>\n";
}

}  // namespace

std::string sheet_section(const ReportInput& input) {
  const std::string title = escaped(input.case_name);
  return "<section id=\"sheet\" aria-hidden=\"true\">\n<div class=\"sheet-page\"><h1>Dose report: " + title +
         "</h1>\n<p class=\"soft\">Yttrium-90 radioembolization, absorbed dose from complete decay. Page 1 of 2: the "
         "result.</p>\n" +
         "<h2>Activity</h2>\n" + activity_line(input.doses.front()) + "<h2>Doses</h2>\n" + doses_table(input) +
         "<h2>Verdict</h2>\n" + verdict_lines(input) + "</div>\n<div class=\"sheet-page\"><h1>Dose report: " + title +
         "</h1>\n<p class=\"soft\">Page 2 of 2: caveats, provenance, signatures. What follows is the appendix.</p>\n" +
         "<h2>Caveats</h2>\n" + caveats(input) + "<h2>Provenance</h2>\n" + provenance(input) + "<h2>Signatures</h2>\n" +
         signatures() +
         "<p class=\"soft\">Research software, not a medical device. The doses are a calculation from the images and "
         "numbers "
         "named in the appendix.</p></div>\n</section>\n";
}

}  // namespace ytterby::io
