#include "io/report/sections/known_to_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "io/report/html.h"
#include "io/text/figures.h"

namespace ytterby::io {
namespace {

using validation::UncertaintySource;
using validation::VarianceShare;

constexpr double worth_naming = 0.05;  // of the variance

/// A source as a physician calls it, and its colour (Okabe and Ito's, which colour-blind people tell apart).
struct Named {
  const char* name;
  const char* colour;
};
Named named(UncertaintySource source) {
  constexpr std::array<Named, validation::uncertainty_sources.size()> all{{{"measured activity", "#0072b2"},
                                                                           {"lung shunt", "#cc79a7"},
                                                                           {"mass of the lungs", "#9e6b8c"},
                                                                           {"place of the activity image", "#e69f00"},
                                                                           {"contours", "#009e73"},
                                                                           {"resolution of the image", "#56b4e9"},
                                                                           {"noise of the image", "#7f7f7f"},
                                                                           {"density", "#b59f3b"},
                                                                           {"breathing", "#d55e00"},
                                                                           {"tumour-to-normal ratio", "#332288"}}};
  return all[static_cast<std::size_t>(source)];
}

std::vector<VarianceShare> largest_first(std::vector<VarianceShare> shares) {
  std::sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.value > b.value; });
  std::erase_if(shares, [](const VarianceShare& s) { return s.value < worth_naming; });
  return shares;
}

/// One bar of the variance, with the same in words.
std::string bar(const std::vector<VarianceShare>& shares) {
  std::string rects, words;
  double at = 0;
  for (const VarianceShare& s : largest_first(shares)) {
    const double width = std::min(100 * s.value, 100 - at);
    rects += fmt::format("<rect x=\"{:.1f}\" y=\"0\" width=\"{:.1f}\" height=\"10\" fill=\"{}\"/>", at, width,
                         named(s.source).colour);
    words += fmt::format("{}{} {:.0f}\u00A0%", words.empty() ? "" : ", ", named(s.source).name, 100 * s.value);
    at += width;
  }
  if (words.empty()) return "";
  return "<svg class=\"decides\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">" + rects +
         "</svg><span class=\"soft\">" + words + "</span>";
}

std::string interval(double low, double high) { return three_digits(low) + " to " + three_digits(high); }

/// Of 1000 patients known as well as this one so many: what a probability of samples can be told to.
std::string percent_text(double p) {
  if (p > 0.995) return "above 99 %";
  return p < 0.005 ? "below 1 %" : fmt::format("{:.0f} %", 100 * p);
}

std::string rule_rows(const EnsembleResult& e) {
  std::string rows;
  for (const EnsembleRule& r : e.rules) {
    if (!r.probability) continue;
    const auto low = r.quantiles.find(0.025), high = r.quantiles.find(0.975);
    const bool known = low != r.quantiles.end() && high != r.quantiles.end() && low->second < high->second;
    const std::string where = r.structure + (r.session.empty() ? "" : " " + r.session);
    rows += fmt::format("<tr><td>{}{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n",
                        escaped(r.id), escaped(where.empty() ? "" : ", " + where), escaped(method_label(r.method)),
                        percent_text(*r.probability), known ? interval(low->second, high->second) : "", bar(r.shares));
  }
  return rows;
}

std::string structure_rows(const EnsembleResult& e) {
  std::string rows;
  for (const EnsembleStructure& s : e.structures) {
    rows += "<tr><th>" + escaped(s.name) + "</th>";
    for (const char* name : {"mean_Gy", "D95_Gy", "D70_Gy"}) {
      const EnsembleMeasure* m = find_measure(e, s.name, name);
      rows += m == nullptr ? "<td></td>"
                           : fmt::format("<td class=\"n\">{} <small>({})</small></td>", three_digits(m->value),
                                         interval(m->spread.low_95, m->spread.high_95));
    }
    const EnsembleMeasure* mean = find_measure(e, s.name, "mean_Gy");
    rows += "<td>" + (mean == nullptr ? "" : bar(mean->shares)) + "</td>";
    if (s.recovery_low && s.recovery_high) {
      rows += fmt::format("<td class=\"n\">{}</td>", interval(100 * *s.recovery_low, 100 * *s.recovery_high) + " %");
    } else {
      rows += "<td></td>";
    }
    rows += "</tr>\n";
  }
  return rows;
}

std::string settings_sentence(const EnsembleResult& e) {
  const UncertaintySection& u = e.settings;
  return fmt::format(
      "Drawn {} times, one standard deviation each: activity {:g} %, lung shunt {:g} %, mass of the lungs {:g} %, "
      "place of "
      "the activity image {:g}, {:g} and {:g} mm, contours {:g} mm, noise of the image {:g} %, density {:g} %, "
      "breathing {:g} "
      "mm, tumour-to-normal ratio {:g} %; resolution of the image {:g} to {:g} mm, {}.",
      e.samples, 100 * u.activity_relative, 100 * u.shunt_relative, 100 * u.lung_mass_relative, u.registration_mm[0],
      u.registration_mm[1], u.registration_mm[2], u.contour_mm, 100 * u.noise_relative, 100 * u.density_relative,
      u.respiration_mm, 100 * u.tumour_to_normal_relative, u.psf_fwhm_mm[0], u.psf_fwhm_mm[1],
      u.yang ? "corrected"
             : "not corrected: recovery is the share of a tumour's activity that such an image shows in it");
}

}  // namespace

std::string known_to_section(const Validation& v) {
  if (!v.ensemble) return "";
  const EnsembleResult& e = *v.ensemble;
  std::string text = "<section id=\"known\" aria-label=\"How well it is known\"><h2>How well it is known</h2>\n";
  for (const auto& [method, p] : e.probability_by_method) {
    text += fmt::format("<p>All judged rules hold with a probability of <b>{}</b> by the {}.</p>\n", percent_text(p),
                        escaped(method_label(method)));
  }
  text +=
      "<p class=\"soft\">Ranges are 95 % intervals. Bars: how much of the uncertainty each source brings; what is left "
      "white is that of sources together.</p>\n"
      "<div class=\"wide\"><table><thead><tr><th>rule</th><th>method</th><th class=\"n\">holds with</th>"
      "<th class=\"n\">95 %</th><th>what decides</th></tr></thead><tbody>\n" +
      rule_rows(e) +
      "</tbody></table></div>\n<div class=\"wide\"><table><thead><tr><th>structure</th><th class=\"n\">mean Gy</th>"
      "<th class=\"n\">D95 Gy</th><th class=\"n\">D70 Gy</th><th>what decides the mean</th><th "
      "class=\"n\">recovery</th>"
      "</tr></thead><tbody>\n" +
      structure_rows(e) + "</tbody></table></div>\n";
  return text + "<p class=\"soft\">" + escaped(settings_sentence(e)) + " Doses by the " +
         escaped(method_label(e.method)) + ".</p></section>\n";
}

}  // namespace ytterby::io
