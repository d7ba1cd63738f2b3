// The page's tables, and its parts put together.

#include "io/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/embed.h"
#include "engine/base/error.h"
#include "engine/base/version.h"
#include "engine/grid/crop.h"
#include "io/report/page_data.h"

#ifndef YTTERBY_REPORT_DIR
#error "YTTERBY_REPORT_DIR has to be the path of io/report, as a string"
#endif

YTTERBY_EMBED(ytterby_report_html, YTTERBY_REPORT_DIR "/page.html");
YTTERBY_EMBED(ytterby_report_css, YTTERBY_REPORT_DIR "/page.css");
YTTERBY_EMBED(ytterby_report_js, YTTERBY_REPORT_DIR "/page.js");

namespace ytterby::io {
namespace {

using nlohmann::ordered_json;

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

/// A cell's text: numbers to four digits, nothing for null.
std::string shown(const ordered_json& value, const char* nothing = "") {
  if (value.is_number()) return fmt::format("{:.4g}", value.get<double>());
  if (value.is_string()) return escaped(value.get<std::string>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return nothing;
}

std::string field(const ordered_json& object, const char* key, const char* nothing = "") {
  const auto found = object.find(key);
  return found == object.end() ? nothing : shown(*found, nothing);
}

/// A value exactly at a limit passes unless the rule's settings say that it fails.
std::string limits_of(const ordered_json& rule) {
  const std::string low = field(rule, "limit_low"), high = field(rule, "limit_high");
  if (!low.empty() && !high.empty()) return low + " to " + high;
  const ordered_json settings = rule.value("settings", ordered_json::object());
  const bool strict = settings.is_object() && settings.value("at_limit", ordered_json()) == "fail";
  if (!low.empty()) return (strict ? "above " : "at least ") + low;
  return high.empty() ? "" : (strict ? "below " : "at most ") + high;
}

std::string settings_of(const ordered_json& rule) {
  std::string text;
  const auto settings = rule.find("settings");
  if (settings == rule.end() || !settings->is_object()) return text;
  for (const auto& [key, value] : settings->items()) {
    text +=
        (text.empty() ? "" : ", ") + escaped(key) + " = " + (value.is_array() ? escaped(value.dump()) : shown(value));
  }
  return text;
}

/// A share has the unit 1, which nobody writes.
std::string value_of(const ordered_json& rule) {
  const std::string unit = field(rule, "unit");
  return field(rule, "value", "-") + (unit.empty() || unit == "1" ? "" : " " + unit);
}

std::string rule_row(const ordered_json& rule, bool decides) {
  const std::string verdict = field(rule, "verdict");
  const auto method = rule.value("method", ordered_json());
  std::string what = field(rule, "id");
  if (const std::string structure = field(rule, "structure"); !structure.empty()) what += ", " + structure;
  if (const std::string session = field(rule, "session"); !session.empty()) what += ", " + session;
  const auto probability = rule.find("probability");
  const std::string p = probability != rule.end() && probability->is_number()
                            ? fmt::format("{:.1f} %", 100 * probability->get<double>())
                            : "";
  return fmt::format(
      "<tr{}><td><span class=\"word {}\">{}</span></td><td>{}</td><td>{}</td><td class=\"n\">{}</td>"
      "<td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n",
      decides ? " class=\"judge\"" : "", verdict, verdict, what,
      method.is_string() ? escaped(method_label(method)) : "", value_of(rule), limits_of(rule), field(rule, "margin"),
      p, field(rule, "reason"));
}

std::string rules_table(const std::string& rows) {
  return "<div class=\"wide\"><table><thead><tr><th>verdict</th><th>rule</th><th>method</th><th class=\"n\">value</th>"
         "<th class=\"n\">limits</th><th class=\"n\">margin</th><th class=\"n\">probability</th><th>reason</th></tr>"
         "</thead><tbody>\n" +
         rows + "</tbody></table></div>\n";
}

/// Rows of what decides and of Monte Carlo come first; other methods, single lesions and margins behind a fold.
struct RuleRows {
  std::string first, others, settings;
  int failed = 0, judged = 0;
};

RuleRows rows_of(const ordered_json& rules, const std::string& judge) {
  RuleRows rows;
  std::vector<std::string> seen;
  for (const ordered_json& rule : rules) {
    const auto method = rule.value("method", ordered_json());
    const bool decides = method.is_null() || method == judge;
    const std::string verdict = rule.value("verdict", std::string()), id = field(rule, "id");
    const bool informs = verdict == "not-judged" && rule.value("value", ordered_json()).is_number();
    ((decides || method == "monte-carlo") && !informs ? rows.first : rows.others) +=
        rule_row(rule, decides && !informs);
    if (decides) {
      rows.failed += verdict == "fail" ? 1 : 0;
      rows.judged += verdict == "not-judged" ? 0 : 1;
    }
    if (std::find(seen.begin(), seen.end(), id) != seen.end()) continue;
    seen.push_back(id);
    rows.settings += "<tr><th>" + id + "</th><td>" + settings_of(rule) + "</td></tr>\n";
  }
  return rows;
}

/// The warnings, those that may make a dose wrong first; nothing where there is none.
std::string warnings_section(const Warnings& warnings) {
  if (warnings.empty()) return "";
  std::string rows;
  for (const WarningClass kind : {WarningClass::wrong_dose, WarningClass::note}) {
    for (const Warning& w : warnings) {
      if (w.kind != kind) continue;
      rows += fmt::format("<li class=\"{}\"><b>{}</b> ({}): {}</li>\n", warning_class_name(kind),
                          warning_class_name(kind), escaped(w.code), escaped(w.text));
    }
  }
  return fmt::format("<section id=\"warnings\"><h2>{} {}</h2>\n<ul>\n{}</ul></section>\n", warnings.size(),
                     warnings.size() == 1 ? "warning" : "warnings", rows);
}

std::string verdict_section(const ordered_json& verdict, const Warnings& warnings) {
  if (verdict.is_null() || !verdict.contains("rules")) return warnings_section(warnings);
  const std::string judge = verdict.value("judge", std::string("partition"));
  const RuleRows rows = rows_of(verdict["rules"], judge);
  const ordered_json protocol = verdict.value("protocol", ordered_json::object());
  const std::string title = protocol.is_object() ? protocol.value("title", std::string("protocol")) : "protocol";
  const bool doubted = wrong_dose_count(warnings) > 0;
  const std::string summary = rows.failed == 0
                                  ? fmt::format("<span class=\"word pass\">{}All {} rules hold.</span>",
                                                doubted ? verdict_in_words(false, warnings) + ": " : "", rows.judged)
                                  : fmt::format("<span class=\"word fail\">{} of {} rules {} broken.</span>",
                                                rows.failed, rows.judged, rows.failed == 1 ? "is" : "are");
  std::string text = fmt::format(
      "<div class=\"banner {}\" id=\"verdict\">{} {}, judged by the {} (shaded rows decide)</div>\n{}<h2>Rules</h2>\n",
      rows.failed > 0 ? "is-fail"
      : doubted       ? "is-doubted"
                      : "is-pass",
      summary, escaped(title), escaped(method_label(judge)), warnings_section(warnings));
  text += rules_table(rows.first);
  text +=
      "<p class=\"soft\">Probability: that the rule holds, given the statistical error of Monte Carlo and the errors "
      "of "
      "activity, shunt and lung mass that the case states.</p>\n";
  text += "<details><summary>Other methods, single lesions and margins</summary>\n" + rules_table(rows.others) +
          "</details>\n<details><summary>Settings in force</summary>\n<div class=\"wide\"><table><tbody>\n";
  return text + rows.settings + "</tbody></table></div></details>\n";
}

std::string cell(const ordered_json& method, const char* key) {
  return "<td class=\"n\">" + field(method, key, "-") + "</td>";
}

/// Mean with its error, and what else VERDICT.json says of each structure by each method.
std::string methods_section(const ordered_json& verdict) {
  if (verdict.is_null() || !verdict.contains("structures")) return "";
  std::string rows;
  for (const ordered_json& s : verdict["structures"]) {
    if (!s.contains("methods")) continue;
    const auto& methods = s["methods"];
    const auto mc = methods.find("monte-carlo");
    bool first = true;
    for (const auto& [name, m] : methods.items()) {
      std::string difference = "-";
      if (mc != methods.end() && name != "monte-carlo" && m.value("mean_Gy", ordered_json()).is_number() &&
          (*mc)["mean_Gy"].is_number() && (*mc)["mean_Gy"].get<double>() > 0) {
        difference = fmt::format("{:+.2f} %", 100 * (m["mean_Gy"].get<double>() / (*mc)["mean_Gy"].get<double>() - 1));
      }
      const std::string error = field(m, "mean_error_Gy");
      rows += fmt::format(
          "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td><td class=\"n\">{}{}</td><td "
          "class=\"n\">{}</td>",
          first ? field(s, "name") : "", first ? field(s, "volume_mL") : "", first ? field(s, "mass_kg") : "",
          escaped(method_label(name)), field(m, "mean_Gy", "-"), error.empty() ? "" : " &plusmn; " + error, difference);
      for (const char* key : {"D95_Gy", "D70_Gy", "D50_Gy", "D2_Gy"}) rows += cell(m, key);
      rows += "</tr>\n";
      first = false;
    }
  }
  return "<h2>Methods beside each other</h2>\n<div class=\"wide\"><table "
         "id=\"methods\"><thead><tr><th>structure</th><th class=\"n\">mL</th>"
         "<th class=\"n\">kg</th><th>method</th><th class=\"n\">mean Gy</th><th class=\"n\">to Monte Carlo</th><th "
         "class=\"n\">D95</th>"
         "<th class=\"n\">D70</th><th class=\"n\">D50</th><th class=\"n\">D2</th></tr></thead><tbody>\n" +
         rows + "</tbody></table></div>\n";
}

/// The same from the dose files, where there is no verdict.
ordered_json structures_of(const std::vector<DoseFile>& doses) {
  ordered_json list = ordered_json::array();
  for (const Structure& s : doses.front().structures) {
    ordered_json entry{{"name", s.name}};
    for (const DoseFile& f : doses) {
      const auto dose = std::find_if(f.map.structures.begin(), f.map.structures.end(),
                                     [&](const auto& d) { return d.name == s.name; });
      if (dose == f.map.structures.end()) continue;
      entry["volume_mL"] = dose->volume;
      entry["mass_kg"] = dose->mass / 1000;
      const DoseVolume volume(f.map.dose, s, f.phantom.density);
      ordered_json m{{"mean_Gy", dose->mean}};
      if (std::isfinite(dose->mean_error)) m["mean_error_Gy"] = dose->mean_error;
      if (!volume.empty()) {
        m["D95_Gy"] = volume.dose_to(0.95);
        m["D70_Gy"] = volume.dose_to(0.70);
        m["D50_Gy"] = volume.dose_to(0.50);
        m["D2_Gy"] = volume.dose_to(0.02);
      }
      entry["methods"][f.map.method] = std::move(m);
    }
    list.push_back(std::move(entry));
  }
  return list;
}

std::string row(const std::string& name, const std::string& value) {
  return "<tr><th>" + escaped(name) + "</th><td>" + escaped(value) + "</td></tr>\n";
}

std::string activity_rows(const ActivityAccount& a) {
  const auto gbq = [](double becquerel) { return fmt::format("{:.5g} GBq", becquerel / 1e9); };
  std::string rows;
  if (a.administered > 0) rows += row("administered", gbq(a.administered));
  rows += row("in the source of the calculation", gbq(a.on_grid)) + row("of it in the lungs", gbq(a.in_lungs));
  rows += row("lung shunt off the image", gbq(a.off_image)) + row("in the image, off the dose grid", gbq(a.off_grid));
  rows += row("beside the CT or in gas", gbq(a.overhang));
  rows += row("lung shunt fraction", a.lung_shunt_fraction ? fmt::format("{:.2f} %{}", 100 * *a.lung_shunt_fraction,
                                                                         a.shunt_from_image ? " (from the image)" : "")
                                                           : "not known");
  if (a.dropped_share > 0)
    rows += row("counts dropped, outside liver and lungs", fmt::format("{:.2f} %", 100 * a.dropped_share));
  rows += row("lungs", a.lungs_cut_off ? "cut off by the image" : fmt::format("{:.3f} kg", a.lung_mass / 1000));
  return rows;
}

std::string activity_table(const ActivityAccount& a) {
  return fmt::format("<div class=\"wide\"><table><tbody>\n{}</tbody></table></div>\n", activity_rows(a));
}

std::string activity_section(const DoseFile& f) {
  std::string text = "<h2>Where the activity is</h2>\n";
  if (f.sessions.empty()) return text + activity_table(f.account);
  for (const SessionRecord& s : f.sessions) {
    text += fmt::format("<h3>{}</h3>\n{}", escaped(s.dose.name), activity_table(s.account));
  }
  return text;
}

std::string provenance_section(const ReportInput& input) {
  std::string text =
      "<h2>Provenance</h2>\n<div class=\"wide\"><table><thead><tr><th>method</th><th class=\"n\">histories</th><th "
      "class=\"n\">seed</th>"
      "<th>device</th><th>made</th><th>program</th></tr></thead><tbody>\n";
  for (const DoseFile& f : input.doses) {
    text += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td><td>{} ({})</td></tr>\n",
        method_label(f.map.method), f.map.histories > 0 ? std::to_string(f.map.histories) : "-",
        f.map.histories > 0 ? std::to_string(f.map.seed) : "-", escaped(f.map.device), escaped(f.created),
        escaped(f.program_version), escaped(f.git_commit));
  }
  text += "</tbody></table></div>\n";
  for (const DoseFile& f : input.doses) {
    if (!f.map.correlated) continue;
    text += fmt::format(
        "<p class=\"soft\">Estimator of {}: correlated; the histories of {:.1f} % of the decays also ran in a uniform "
        "medium "
        "of {:.3f} g/cm3 (the voxels under \"run twice\" above, /coupled of the dose file), whose kernel is of {} "
        "histories.</p>\n",
        method_label(f.map.method), 100 * f.map.correlated->share, f.map.correlated->density,
        f.map.correlated->kernel_histories);
  }
  const DoseFile& f = input.doses.front();
  text += "<div class=\"wide\"><table><thead><tr><th>input</th><th>SHA-256</th></tr></thead><tbody>\n";
  for (const InputFile& i : f.inputs)
    text += "<tr><td>" + escaped(i.name) + "</td><td><code>" + escaped(i.sha256) + "</code></td></tr>\n";
  text += "</tbody></table></div>\n";
  text += fmt::format("<p class=\"soft\">Content hash {}; half-life {:g} h, mean energy {:.5f} MeV per decay.</p>\n",
                      escaped(f.content_hash), f.half_life_h, f.mean_energy);
  return text +
         "<details open><summary>The resolved case: with it, the inputs above, the seed and the histories, the run can "
         "be repeated</summary>\n<pre>" +
         escaped(f.resolved_case) + "</pre></details>\n";
}

/// Every {{name}} of the page is there once, in this order.
std::string filled(std::string page, const std::vector<std::pair<std::string, std::string>>& values) {
  std::string result;
  std::size_t at = 0;
  while (true) {
    const std::size_t open = page.find("{{", at);
    if (open == std::string::npos) break;
    const std::size_t close = page.find("}}", open);
    const std::string name = page.substr(open + 2, close - open - 2);
    const auto value = std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.first == name; });
    if (value == values.end()) throw Error(Fault::internal, "the report has no part " + name);
    result += page.substr(at, open - at) + value->second;
    at = close + 2;
  }
  return result + page.substr(at);
}

void check(const ReportInput& input) {
  if (input.doses.empty()) throw Error(Fault::input, "a report needs at least one dose");
  for (const DoseFile& f : input.doses) {
    if (!same_grid(f.map.grid, input.doses.front().map.grid)) {
      throw Error(Fault::input, "the doses by " + f.map.method + " and " + input.doses.front().map.method +
                                    " lie on different grids");
    }
    for (const DoseFile& other : input.doses) {
      if (&other != &f && other.map.method == f.map.method) {
        throw Error(Fault::input, "there are two doses by " + f.map.method + ", one of each method is needed");
      }
    }
  }
}

}  // namespace

std::string report_page(const ReportInput& input) {
  check(input);
  const DoseFile& f = input.doses.front();
  ordered_json verdict;
  if (!input.verdict_json.empty()) {
    verdict = ordered_json::parse(input.verdict_json, nullptr, false);
    if (verdict.is_discarded() || !verdict.is_object()) throw Error(Fault::input, "the verdict is no JSON object");
  }
  Warnings warnings = input.warnings;
  for (const DoseFile& dose : input.doses) merge_warnings(dose.warnings, warnings);
  const PageData data = page_data(input);
  const std::string methods =
      methods_section(verdict.is_null() ? ordered_json{{"structures", structures_of(input.doses)}} : verdict);
  const std::string css(ytterby_report_css, ytterby_report_css_end), js(ytterby_report_js, ytterby_report_js_end);
  const bool bands = input.volume_errors && std::any_of(input.doses.begin(), input.doses.end(), [](const DoseFile& d) {
                       return d.map.method == "monte-carlo";
                     });
  return filled(
      {ytterby_report_html, ytterby_report_html_end},
      {{"title", escaped("Dose report: " + input.case_name)},
       {"subtitle", escaped("yttrium-90 radioembolization, absorbed dose from complete decay; grid of " +
                            fmt::format("{:g} x {:g} x {:g} mm", f.map.grid.spacing[0] * 10, f.map.grid.spacing[1] * 10,
                                        f.map.grid.spacing[2] * 10))},
       {"css", css},
       {"verdict", verdict_section(verdict, warnings)},
       {"shown", escaped(data.shown)},
       {"dvh_note",
        bands ? "Bands: 95 % interval of the volume at each dose, from the statistical error of Monte Carlo." : ""},
       {"methods", methods},
       {"activity", activity_section(f)},
       {"provenance", provenance_section(input)},
       {"version", escaped(program_version())},
       {"data", data.json},
       {"js", js}});
}

}  // namespace ytterby::io
