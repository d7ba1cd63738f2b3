#include "io/report/verify_page.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "io/report/html.h"
#include "io/report/plain_page.h"
#include "io/text/figures.h"

namespace ytterby::io {
namespace {

using nlohmann::json;
using Rows = std::vector<std::vector<std::string>>;

std::string plain(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number()) return "-";
  const double number = value.get<double>();
  return number != 0 && std::abs(number) < 1 ? fmt::format("{:.3f}", number) : fmt::format("{:.4g}", number);
}

std::string shown(const json& value) { return escaped(plain(value)); }

std::string verdict(const json& value) { return judgement(value.is_string() ? value.get<std::string>() : ""); }

std::string tone_of(const json& verdict) {
  if (!verdict.is_string()) return "";
  return verdict == "pass" || verdict == "fail" ? verdict.get<std::string>() : "";
}

std::string interval(const json& metric) {
  return metric["low_95"].is_number() ? plain(metric["low_95"]) + " to " + plain(metric["high_95"]) : "";
}

/// The interval in brackets where there is one.
std::string within(const json& metric) {
  const std::string text = interval(metric);
  return text.empty() ? "" : " (" + text + ")";
}

/// A side's value, with its interval of all uncertainties where one was drawn.
std::string with_interval(const json& metric, const std::string& side) {
  const auto low = metric.find(side + "_low_95"), high = metric.find(side + "_high_95");
  std::string text = shown(metric[side]);
  if (low == metric.end() || high == metric.end()) return text;
  return text + " <small>(" + shown(*low) + " to " + shown(*high) + ")</small>";
}

/// How likely a rule holds on a side, in a column of its own where one was drawn; nothing where none was there.
std::string probability(const json& rule, const char* key, const json& side) {
  const auto drawn = side.find("ensemble"), found = rule.find(key);
  if (drawn == side.end() || found == rule.end() || !found->is_number()) return "";
  return sampled_probability_text(found->get<double>(), (*drawn)["samples"].get<std::uint64_t>());
}

bool has_ensemble(const json& v) { return v["plan"].contains("ensemble") || v["delivered"].contains("ensemble"); }

/// A metric's name in the files, "D95_Gy", as readers write it.
std::string metric_label(const std::string& name) {
  if (name == "mean_Gy") return "mean, Gy";
  if (name.starts_with('V')) return name + " Gy, share";
  return name.substr(0, name.find('_')) + ", Gy";
}

/// What was given; where the case states none, what its image holds.
Tile activity_tile(const json& a) {
  const std::string planned = "planned " + plain(a["planned_GBq"]) + " GBq";
  if (a["given_GBq"].is_number()) return {"Activity given", plain(a["given_GBq"]) + " GBq", planned, ""};
  return {"Activity in the image", plain(a["image_GBq"]) + " GBq", planned + "; what was given is not stated", ""};
}

/// Warnings one by one, what is only to be noted together below them.
std::string caveats(const json& warnings) {
  std::string text, notes;
  int count = 0;
  for (const json& w : warnings) {
    const std::string line = shown(w["text"]) + " <span class=\"soft\">" + shown(w["code"]) + "</span>";
    if (plain(w["class"]) == "note") {
      notes += "<li>" + line + "</li>\n";
      ++count;
    } else {
      text += "<p class=\"note\"><b>" + shown(w["class"]) + ":</b> " + line + "</p>\n";
    }
  }
  if (count == 0) return text;
  return text + fmt::format("<div class=\"note\"><b>Notes ({})</b><ul>\n{}</ul></div>\n", count, notes);
}

/// A mean dose, planned and delivered by the method that judges, else by the first that has it.
Tile dose_tile(const json& v, const std::string& name, const char* label) {
  Tile tile{label, "-", "", ""};
  const std::string judge = plain(v["judge"]);
  for (const json& s : v["structures"]) {
    if (s["name"] != name) continue;
    for (const auto& [method, metrics] : s["methods"].items()) {
      if (!metrics.contains("mean_Gy")) continue;
      const bool judges = method == judge;
      if (tile.value != "-" && !judges) continue;
      const json& m = metrics["mean_Gy"];
      tile.value = plain(m["delivered"]) + " Gy";
      tile.detail = "planned " + plain(m["planned"]) + " Gy; ratio " + plain(m["ratio"]) + within(m) + ", " +
                    method_label(method);
    }
  }
  return tile;
}

std::string overview(const json& v) {
  const json& delivered = v["delivered"]["verdict"];
  const json& plan = v["plan"]["verdict"];
  const bool broken = delivered == "fail";
  return tiles({{"Delivery", broken ? "FAIL" : plain(delivered),
                 "plan: " + plain(plan) + ", judged by " + method_label(plain(v["judge"])), tone_of(delivered)},
                activity_tile(v["activity"]),
                dose_tile(v, "tumours", "Tumours, mean"),
                dose_tile(v, "normal-liver", "Normal liver, mean"),
                dose_tile(v, "lungs", "Lungs, mean")});
}

std::string activity_table(const json& v) {
  const json& a = v["activity"];
  Rows rows{{"activity, GBq", shown(a["planned_GBq"]), shown(a["given_GBq"])},
            {"in the image, GBq (expected of what was given)", "",
             shown(a["image_GBq"]) +
                 (a["expected_in_image_GBq"].is_number() ? " (" + shown(a["expected_in_image_GBq"]) + ")" : "")},
            {"image after administration, h", "", shown(a["hours_after"])}};
  if (v["uptake"].is_object()) {
    const json &ratio = v["uptake"]["tumour_to_normal"], &shunt = v["uptake"]["lung_shunt_fraction"];
    rows.push_back({"tumour-to-normal, predicted and found", shown(ratio["planned"]), shown(ratio["delivered"])});
    rows.push_back({"lung shunt fraction, predicted and found", shown(shunt["planned"]),
                    shown(shunt["delivered"]) + " (" + shown(shunt["delivered_from"]) + ")"});
  }
  return "<h2>Activity and uptake</h2>\n" + data_table({"", "planned", "delivered"}, rows);
}

/// Delivered over planned as a difference, in words of colour where the interval leaves 1 out.
std::string ratio_cell(const json& metric) {
  if (!metric["ratio"].is_number()) return "-";
  const double ratio = metric["ratio"].get<double>();
  const bool apart = metric["low_95"].is_number() && metric["high_95"].is_number() &&
                     (metric["low_95"].get<double>() > 1 || metric["high_95"].get<double>() < 1);
  const std::string text = percent(ratio - 1);
  return apart ? "<span class=\"caution\">" + text + "</span>" : text;
}

std::string structures_table(const json& v) {
  Rows rows;
  for (const json& s : v["structures"]) {
    std::string name = shown(s["name"]);
    for (const auto& [method, metrics] : s["methods"].items()) {
      std::string by = escaped(method_label(method));
      for (const char* metric :
           {"mean_Gy", "D95_Gy", "D70_Gy", "D50_Gy", "V100", "V200", "V400", "BED_Gy", "function_mean_Gy"}) {
        if (!metrics.contains(metric)) continue;
        const json& m = metrics[metric];
        rows.push_back({name, by, metric_label(metric), with_interval(m, "planned"), with_interval(m, "delivered"),
                        ratio_cell(m), shown(m["ratio"]), escaped(interval(m))});
        name.clear(), by.clear();
      }
    }
  }
  return std::string(
             "<h2>Structures</h2>\n<p class=\"soft\">Differences whose 95 % interval leaves no difference out are "
             "coloured. Blur and shift of the images are not corrected.") +
         (has_ensemble(v) ? " In brackets: 95 % intervals of all that was drawn as not known; those of the ratio take "
                            "plan and delivery as independent."
                          : std::string{}) +
         "</p>\n" +
         data_table({"structure", "method", "measure", "planned", "delivered", "difference", "ratio", "95 %"}, rows, 3);
}

std::string isodoses_table(const json& v) {
  const std::string heading = "<h2>Isodoses</h2>\n";
  if (v["no_isodoses"].is_string()) return heading + "<p>None: " + shown(v["no_isodoses"]) + ".</p>\n";
  Rows rows;
  for (const json& o : v["isodoses"]) {
    rows.push_back(
        {fmt::format("{} Gy ({:.0f} % of the goal)", shown(o["level_Gy"]), 100 * o["share_of_goal"].get<double>()),
         escaped(method_label(plain(o["method"]))), shown(o["planned_mL"]), shown(o["delivered_mL"]),
         shown(o["dice"])});
  }
  return heading + data_table({"isodose", "method", "planned mL", "delivered mL", "Dice"}, rows, 2);
}

std::string rules_table(const json& v) {
  const bool known = has_ensemble(v);
  Rows rows;
  for (const json& r : v["rules"]) {
    rows.push_back({shown(r["id"]), escaped(method_label(plain(r["method"]))),
                    shown(r["structure"]) + (r["session"].is_string() ? " " + shown(r["session"]) : ""),
                    r["reason"].is_string() ? shown(r["reason"]) : "", shown(r["planned_value"]),
                    verdict(r["planned_verdict"]), shown(r["value"]), verdict(r["verdict"])});
    if (!known) continue;
    std::vector<std::string>& row = rows.back();
    row.insert(row.begin() + 6, probability(r, "planned_probability", v["plan"]));
    row.push_back(probability(r, "probability", v["delivered"]));
  }
  std::vector<std::string> heading{"rule", "method", "structure", "reason", "planned", "", "delivered", ""};
  if (known)
    heading = {"rule", "method", "structure", "reason", "planned", "", "holds with", "delivered", "", "holds with"};
  return "<h2>Protocol</h2>\n" + data_table(heading, rows, 4);
}

}  // namespace

std::string verify_page(const std::string& verify_json) {
  const json v = json::parse(verify_json);
  std::string body = "<p class=\"soft\">" + shown(v["protocol"]["title"]) + "</p>\n" + overview(v);
  body += caveats(v["warnings"]);
  body += rules_table(v) + activity_table(v) + structures_table(v) + isodoses_table(v);
  body += "<p class=\"soft\">Version " + shown(v["program_version"]) + "</p>\n";
  return plain_page("Plan against delivery: " + plain(v["plan"]["case"]) + ", " + plain(v["delivered"]["case"]), body);
}

}  // namespace ytterby::io
