#include "io/report/sections/function_section.h"

#include <fmt/format.h>

#include "io/evaluation/function_text.h"
#include "io/report/html.h"
#include "io/text/figures.h"

namespace ytterby::io {
namespace {

std::string cell(const std::string& text) { return "<td class=\"n\">" + text + "</td>"; }

std::string share(double value) { return fmt::format("{:.1f} %", 100 * value); }

/// Mean in Gy, shares in per cent.
std::string measure(const std::string& name, const validation::Estimate& e) {
  return name.ends_with("_Gy") ? figure(e.value, e.error) : figure(100 * e.value, 100 * e.error) + " %";
}

std::string heading(const std::string& name) {
  const std::string::size_type at = name.find("_V");
  return "<th class=\"n\">" +
         (at == std::string::npos ? std::string("mean Gy") : "&ge; " + name.substr(at + 2) + " Gy") + "</th>";
}

}  // namespace

std::string function_section(const Validation& v) {
  if (!v.function) return "";
  std::string rows, measures;
  for (const FunctionRegion& r : v.function->regions) {
    const std::vector<FunctionRow> methods = function_rows(v, r.name);
    const std::string shares = cell(share(r.share)) + cell(share(r.volume_share));
    if (methods.empty()) rows += "<tr class=\"group\"><th>" + escaped(r.name) + "</th>" + shares + "<td></td></tr>\n";
    bool first = true;
    for (const FunctionRow& m : methods) {
      rows +=
          fmt::format("<tr{}><th>{}</th>{}<td>{}</td>", first ? " class=\"group\"" : "", first ? escaped(r.name) : "",
                      first ? shares : cell("") + cell(""), escaped(method_label(m.method)));
      for (const auto& [name, estimate] : m.metrics->function) {
        rows += cell(measure(name, estimate));
        if (&m == &methods.front() && r.name == v.function->regions.front().name) measures += heading(name);
      }
      rows += "</tr>\n";
      first = false;
    }
  }
  return "<section aria-label=\"Dose by function\"><h2>Dose by function</h2>\n<p class=\"soft\">Counts of the image of "
         "function, as shares of those of the normal liver without tumours; the mean dose weighed by them, and the "
         "share of them that gets at least so much. " +
         share(v.function->tumour_share) + " of the counts in liver and tumours are the tumours', " +
         share(v.function->outside_liver) +
         " of the image's lie outside both.</p>\n<div class=\"wide\"><table "
         "id=\"function\"><thead><tr><th>part</th><th "
         "class=\"n\">function</th><th class=\"n\">volume</th><th>method</th>" +
         measures + "</tr></thead><tbody>\n" + rows + "</tbody></table></div></section>\n";
}

}  // namespace ytterby::io
