#include "io/report/plain_page.h"

#include <fmt/format.h>

#include "io/report/content_policy.h"
#include "io/report/html.h"

namespace ytterby::io {
namespace {

// Colours that are told apart by the colour-blind, with 4.5 to 1 of contrast on both grounds; words say the same.
constexpr std::string_view style =
    ":root{color-scheme:light dark;--ink:#1c2430;--soft:#566172;--ground:#fff;--line:#d5dae1;--raised:#f5f7fa;"
    "--pass:#0b6b4f;--fail:#b3261e;--caution:#8a5a00;--note:#fff6dd}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#a3adba;--ground:#12161c;--line:#323b47;"
    "--raised:#1b212a;--pass:#58c9a3;--fail:#ff8a80;--caution:#f0b849;--note:#2c2616}}"
    "body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:76rem;padding:1.2rem 1rem 3rem;color:var(--ink);"
    "background:var(--ground)}"
    "h1{font-size:1.5rem;line-height:1.25;margin:.2rem 0 .4rem}h2{font-size:1.15rem;margin:1.8rem 0 .4rem}"
    "a{color:inherit}.soft{color:var(--soft)}"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.7rem;margin:1rem 0}"
    ".tile{border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem;background:var(--raised)}"
    ".tile h3{font-size:.85rem;font-weight:600;color:var(--soft);margin:0}"
    ".tile p{margin:.1rem 0}.tile .value{font-size:1.5rem;font-weight:650;line-height:1.2}"
    ".tile .detail{font-size:.85rem;color:var(--soft)}"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;margin:.3rem 0 1rem;font-variant-numeric:tabular-nums}"
    "th,td{padding:.25rem .7rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}"
    "th{color:var(--soft);font-weight:600}td{white-space:nowrap}td.text,.text{text-align:left;white-space:normal}"
    ".pass{color:var(--pass)}.fail{color:var(--fail);font-weight:650}.caution{color:var(--caution)}"
    ".note{background:var(--note);padding:.5rem .9rem;border-left:4px solid var(--caution);margin:.5rem 0}"
    "svg{max-width:100%;height:auto;background:#fff}"
    "@media print{body{margin:0;max-width:none;font-size:10pt}.scroll{overflow:visible}tr,svg{break-inside:avoid}}";

std::string row(const std::vector<std::string>& cells, const char* tag, int texts) {
  std::string text = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const char* left = static_cast<int>(i) < texts ? " class=\"text\"" : "";
    text += fmt::format("<{0}{2}>{1}</{0}>", tag, cells[i], left);
  }
  return text + "</tr>\n";
}

}  // namespace

std::string plain_page(const std::string& title, std::string_view body) {
  std::string text = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n";
  text += content_policy("", style);
  text += "\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>" + escaped(title);
  text += "</title>\n<style>" + std::string(style) + "</style></head><body><main>\n<h1>" + escaped(title) + "</h1>\n";
  return text + std::string(body) + "</main></body></html>\n";
}

std::string tiles(const std::vector<Tile>& all) {
  std::string text = "<div class=\"tiles\">\n";
  for (const Tile& t : all) {
    text += fmt::format(
        "<section class=\"tile\"><h3>{}</h3><p class=\"value {}\">{}</p><p class=\"detail\">{}</p></section>\n",
        escaped(t.name), escaped(t.tone), escaped(t.value), escaped(t.detail));
  }
  return text + "</div>\n";
}

std::string data_table(const std::vector<std::string>& heading, const std::vector<std::vector<std::string>>& rows,
                       int texts) {
  std::string text = "<div class=\"scroll\"><table>\n" + row(heading, "th", texts);
  for (const std::vector<std::string>& cells : rows) text += row(cells, "td", texts);
  return text + "</table></div>\n";
}

std::string judgement(std::string_view word) {
  if (word == "pass") return "<span class=\"pass\">pass</span>";
  if (word == "fail") return "<span class=\"fail\">FAIL</span>";
  return "not judged";
}

}  // namespace ytterby::io
