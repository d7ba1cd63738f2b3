#include "io/report/verify_page.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "io/report/content_policy.h"
#include "io/report/html.h"

namespace ytterby::io {
namespace {

using nlohmann::json;

constexpr const char* style =
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;margin:.5rem 0 1.5rem;font-variant-numeric:tabular-nums}"
    "th,td{padding:.2rem .7rem;border-bottom:1px solid #ddd;text-align:right}"
    "th:first-child,td:first-child,td.text{text-align:left}"
    ".fail{color:#a00;font-weight:600}.pass{color:#060}.note{background:#fff6dd;padding:.5rem 1rem;border-left:4px "
    "solid #c90}"
    "@media print{body{margin:0}}";

std::string shown(const json& value) {
  if (value.is_string()) return escaped(value.get<std::string>());
  if (!value.is_number()) return "-";
  const double number = value.get<double>();
  return number != 0 && std::abs(number) < 1 ? fmt::format("{:.3f}", number) : fmt::format("{:.4g}", number);
}

std::string row(const std::vector<std::string>& cells, const char* tag = "td") {
  std::string text = "<tr>";
  for (const std::string& cell : cells) text += fmt::format("<{0}>{1}</{0}>", tag, cell);
  return text + "</tr>\n";
}

std::string verdict(const json& value) {
  if (!value.is_string()) return "-";
  const auto word = value.get<std::string>();
  return word == "pass" || word == "fail" ? fmt::format("<span class=\"{0}\">{0}</span>", word) : "not judged";
}

std::string activity_table(const json& v) {
  const json& a = v["activity"];
  std::string text = "<h2>Activity and uptake</h2>\n<table>\n" + row({"", "planned", "delivered"}, "th");
  text += row({"activity, GBq", shown(a["planned_GBq"]), shown(a["given_GBq"])});
  text += row({"in the image, GBq (expected of what was given)", "",
               shown(a["image_GBq"]) + " (" + shown(a["expected_in_image_GBq"]) + ")"});
  text += row({"image after administration, h", "", shown(a["hours_after"])});
  if (v["uptake"].is_object()) {
    const json &ratio = v["uptake"]["tumour_to_normal"], &shunt = v["uptake"]["lung_shunt_fraction"];
    text += row({"tumour-to-normal, predicted and found", shown(ratio["planned"]), shown(ratio["delivered"])});
    text += row({"lung shunt fraction, predicted and found", shown(shunt["planned"]),
                 shown(shunt["delivered"]) + " (" + shown(shunt["delivered_from"]) + ")"});
  }
  return text + "</table>\n";
}

std::string structures_table(const json& v) {
  std::string text = "<h2>Structures</h2>\n<table>\n" +
                     row({"structure", "method", "measure", "planned", "delivered", "ratio", "95 %"}, "th");
  for (const json& s : v["structures"]) {
    for (const auto& [method, metrics] : s["methods"].items()) {
      for (const char* name : {"mean_Gy", "D95_Gy", "D70_Gy", "D50_Gy", "V100", "V200", "V400", "BED_Gy"}) {
        if (!metrics.contains(name)) continue;
        const json& m = metrics[name];
        text += row({shown(s["name"]), escaped(method), name, shown(m["planned"]), shown(m["delivered"]),
                     shown(m["ratio"]), shown(m["low_95"]) + " to " + shown(m["high_95"])});
      }
    }
  }
  return text + "</table>\n";
}

std::string isodoses_table(const json& v) {
  std::string text = "<h2>Isodoses</h2>\n";
  if (v["no_isodoses"].is_string()) return text + "<p>None: " + shown(v["no_isodoses"]) + ".</p>\n";
  text += "<table>\n" + row({"isodose", "method", "planned mL", "delivered mL", "Dice"}, "th");
  for (const json& o : v["isodoses"]) {
    text +=
        row({fmt::format("{} Gy ({:.0f} % of the goal)", shown(o["level_Gy"]), 100 * o["share_of_goal"].get<double>()),
             shown(o["method"]), shown(o["planned_mL"]), shown(o["delivered_mL"]), shown(o["dice"])});
  }
  return text + "</table>\n";
}

std::string rules_table(const json& v) {
  std::string text = "<h2>Protocol</h2>\n<table>\n" +
                     row({"rule", "method", "structure", "planned", "", "delivered", "", "reason"}, "th");
  for (const json& r : v["rules"]) {
    text += row({shown(r["id"]), shown(r["method"]),
                 shown(r["structure"]) + (r["session"].is_string() ? " " + shown(r["session"]) : ""),
                 shown(r["planned_value"]), verdict(r["planned_verdict"]), shown(r["value"]), verdict(r["verdict"]),
                 r["reason"].is_string() ? shown(r["reason"]) : ""});
  }
  return text + "</table>\n";
}

}  // namespace

std::string verify_page(const std::string& verify_json) {
  const json v = json::parse(verify_json);
  std::string text = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n" + content_policy("", style) +
                     "\n<title>Plan against delivery: " + shown(v["plan"]["case"]) + "</title>\n<style>" + style +
                     "</style></head><body>\n";
  text += "<h1>Plan against delivery: " + shown(v["plan"]["case"]) + ", " + shown(v["delivered"]["case"]) + "</h1>\n";
  text += "<p>" + shown(v["protocol"]["title"]) + ", judged by " + shown(v["judge"]) + ": plan " +
          verdict(v["plan"]["verdict"]) + ", delivery " + verdict(v["delivered"]["verdict"]) + "</p>\n";
  for (const json& w : v["warnings"]) {
    text +=
        "<p class=\"note\"><b>" + shown(w["class"]) + "</b> (" + shown(w["code"]) + "): " + shown(w["text"]) + "</p>\n";
  }
  text += activity_table(v) + rules_table(v) + structures_table(v) + isodoses_table(v);
  return text + "<p>Version " + shown(v["program_version"]) + "</p>\n</body></html>\n";
}

}  // namespace ytterby::io
