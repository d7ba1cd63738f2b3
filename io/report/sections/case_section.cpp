#include "io/report/sections/case_section.h"

#include <fmt/format.h>

#include "io/evaluation/manual_text.h"
#include "io/report/html.h"
#include "io/text/figures.h"

namespace ytterby::io {
namespace {

std::string activity_rows(const ActivityAccount& a) {
  const auto gbq = [](double becquerel) { return activity_text(becquerel); };
  std::string rows;
  if (a.administered > 0) rows += table_row("administered", gbq(a.administered));
  rows +=
      table_row("in the source of the calculation", gbq(a.on_grid)) + table_row("of it in the lungs", gbq(a.in_lungs));
  rows += table_row("lung shunt off the image", gbq(a.off_image)) +
          table_row("in the image, off the dose grid", gbq(a.off_grid));
  rows += table_row("beside the CT or in gas", gbq(a.overhang));
  rows += table_row("lung shunt fraction", a.lung_shunt_fraction
                                               ? fmt::format("{} %{}", three_digits(100 * *a.lung_shunt_fraction),
                                                             a.shunt_from_image ? " (from the image)" : "")
                                               : "not known");
  if (a.dropped_share > 0)
    rows += table_row("counts dropped, outside liver and lungs", three_digits(100 * a.dropped_share) + " %");
  rows += table_row("lungs", a.lungs_cut_off ? "cut off by the image" : three_digits(a.lung_mass / 1000) + " kg");
  return rows;
}

std::string activity_table(const ActivityAccount& a) {
  return fmt::format("<div class=\"wide\"><table><tbody>\n{}</tbody></table></div>\n", activity_rows(a));
}

}  // namespace

std::string activity_section(const DoseFile& f) {
  std::string text = "<section aria-label=\"Where the activity is\"><h2>Where the activity is</h2>\n";
  if (f.sessions.empty()) return text + activity_table(f.account) + "</section>\n";
  for (const SessionRecord& s : f.sessions) {
    text += fmt::format("<h3>{}</h3>\n{}", escaped(s.dose.name), activity_table(s.account));
  }
  return text + "</section>\n";
}

std::string manual_section(const ManualActivities& manual) {
  std::string rows, lines = manual_lines(manual);
  while (!lines.empty()) {
    const std::size_t colon = lines.find(": "), end = lines.find('\n');
    rows += table_row(lines.substr(0, colon), lines.substr(colon + 2, end - colon - 2));
    lines.erase(0, end + 1);
  }
  if (rows.empty()) return "";
  return "<h3>What the manual of resin microspheres would have given</h3>\n<div class=\"wide\"><table><tbody>\n" +
         rows + "</tbody></table></div>\n";
}

std::string provenance_section(const std::vector<DoseFile>& doses) {
  std::string text =
      "<section id=\"provenance\" aria-label=\"Provenance\"><h2>Provenance</h2>\n<div "
      "class=\"wide\"><table><thead><tr><th>method</th><th class=\"n\">histories</th><th "
      "class=\"n\">seed</th>"
      "<th>device</th><th>made</th><th>program</th></tr></thead><tbody>\n";
  for (const DoseFile& f : doses) {
    text += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td><td>{} ({})</td></tr>\n",
        escaped(method_label(f.map.method)), f.map.histories > 0 ? std::to_string(f.map.histories) : "-",
        f.map.histories > 0 ? std::to_string(f.map.seed) : "-", escaped(f.map.device), escaped(f.created),
        escaped(f.program_version), escaped(f.git_commit));
  }
  text += "</tbody></table></div>\n";
  for (const DoseFile& f : doses) {
    if (!f.map.correlated) continue;
    text += fmt::format(
        "<p class=\"soft\">Estimator of {}: correlated; the histories of {:.1f} % of the decays also ran in a uniform "
        "medium "
        "of {:.3f} g/cm3 (the voxels under \"run twice\" above, /coupled of the dose file), whose kernel is of {} "
        "histories.</p>\n",
        escaped(method_label(f.map.method)), 100 * f.map.correlated->share, f.map.correlated->density,
        f.map.correlated->kernel_histories);
  }
  const DoseFile& f = doses.front();
  text += "<div class=\"wide\"><table><thead><tr><th>input</th><th>SHA-256</th></tr></thead><tbody>\n";
  for (const InputFile& i : f.inputs)
    text += "<tr><td>" + escaped(i.name) + "</td><td><code>" + escaped(i.sha256) + "</code></td></tr>\n";
  text += "</tbody></table></div>\n";
  text += fmt::format(
      "<p class=\"soft\">Content hash {}; half-life {:g} h, mean energy {:.5f} MeV per decay; "
      "dose to {}.</p>\n",
      escaped(f.content_hash), f.half_life_h, f.mean_energy,
      f.dose_to_water ? "water, by stopping-power ratios of each voxel's material" : "medium");
  return text +
         "<details open><summary>The resolved case: with it, the inputs above, the seed and the histories, the run can "
         "be repeated</summary>\n<pre>" +
         escaped(f.resolved_case) + "</pre></details></section>\n";
}

}  // namespace ytterby::io
