#include "io/report/sections/known_to_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "io/report/html.h"
#include "io/report/rules.h"
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

/// One bar of the variance, with the same in words, each beside its colour.
std::string bar(const std::vector<VarianceShare>& shares) {
  std::string rects, words;
  double at = 0;
  for (const VarianceShare& s : largest_first(shares)) {
    const Named source = named(s.source);
    const double width = std::min(100 * s.value, 100 - at);
    rects += fmt::format("<rect x=\"{:.1f}\" y=\"0\" width=\"{:.1f}\" height=\"10\" fill=\"{}\"/>", at, width,
                         source.colour);
    words += fmt::format(
        "{}<svg class=\"swatch\" viewBox=\"0 0 1 1\" aria-hidden=\"true\"><rect width=\"1\" height=\"1\" "
        "fill=\"{}\"/></svg>{}\u00A0{:.0f}\u00A0±\u00A0{:.0f}\u00A0%",
        words.empty() ? "" : ", ", source.colour, source.name, 100 * s.value, std::max(1.0, 100 * s.error));
    at += width;
  }
  if (words.empty()) return "";
  return "<svg class=\"decides\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">" + rects +
         "</svg><span class=\"soft\">" + words + "</span>";
}

/// Of rounding in a convolution no digit is shown.
std::string dose_text(double gray) { return three_digits(std::abs(gray) < 1e-6 ? 0 : gray); }

std::string interval(double low, double high) { return three_digits(low) + " to " + three_digits(high); }

/// A rule as a physician speaks of it.
std::string in_words(const std::string& id) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 14> words{
      {{"lesion-count", "number of lesions"},
       {"lesion-size", "largest lesion"},
       {"screening-lung-dose", "lung dose at screening"},
       {"spared-liver", "liver outside the treatment"},
       {"tumour-dose", "tumour dose"},
       {"perfused-dose", "dose to the perfused volume"},
       {"normal-dose", "dose to the normal liver"},
       {"lung-dose-session", "lung dose of a session"},
       {"lung-dose-cumulative", "lung dose of all sessions"},
       {"session-count", "number of sessions"},
       {"extrahepatic", "activity outside the liver"},
       {"spared-activity", "activity outside the treatment"},
       {"sphere-count", "number of spheres"},
       {"margin-dose", "dose to the tumour's margin"}}};
  for (const auto& [rule, name] : words)
    if (rule == id) return std::string(name);
  return id;
}

const validation::Ruling* ruling_of(const Validation& v, const EnsembleRule& e) {
  const auto found = std::find_if(v.rulings.begin(), v.rulings.end(), [&](const validation::Ruling& r) {
    return r.id == e.id && r.method == e.method && r.structure == e.structure && r.session == e.session;
  });
  return found == v.rulings.end() ? nullptr : &*found;
}

/// "Monte Carlo", "the partition model": behind "by".
std::string by(const std::string& method) {
  return (method == "monte-carlo" || method == "local-deposition" ? "" : "the ") + method_label(method);
}

std::string rule_rows(const Validation& v) {
  std::string rows;
  for (const EnsembleRule& r : v.ensemble->rules) {
    if (!r.probability || certain(r)) continue;
    const validation::Ruling* ruling = ruling_of(v, r);
    const std::string unit = ruling == nullptr || ruling->unit == "1" || ruling->unit.empty() ? "" : " " + ruling->unit;
    const auto low = r.quantiles.find(0.025), high = r.quantiles.find(0.975);
    const bool known = low != r.quantiles.end() && high != r.quantiles.end() && low->second < high->second;
    const std::string where = r.structure + (r.session.empty() ? "" : " " + r.session);
    const std::string limits = ruling == nullptr ? "" : rule_limits(*ruling);
    rows += fmt::format(
        "<tr><td>{}{}<br><small>{}</small></td><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
        "<td>{}</td></tr>\n",
        escaped(in_words(r.id)), escaped(where.empty() ? "" : ", " + where), escaped(r.id),
        escaped(limits.empty() ? "" : limits + unit), escaped(r.method.empty() ? "" : method_label(r.method)),
        sampled_probability_text(*r.probability, v.ensemble->samples),
        known ? escaped(interval(low->second, high->second) + unit) : "", bar(r.shares));
  }
  return rows;
}

/// Rules that hold, or are broken, whatever is drawn.
std::string certain_rules(const Validation& v) {
  std::string hold, broken;
  for (const EnsembleRule& r : v.ensemble->rules) {
    if (!r.probability || !certain(r)) continue;
    std::string& list = *r.probability == 1 ? hold : broken;
    const std::string name = in_words(r.id) + (r.method.empty() ? "" : " by " + by(r.method));
    if (list.find(name) == std::string::npos) list += (list.empty() ? "" : ", ") + name;
  }
  std::string text;
  if (!hold.empty()) text += "<p class=\"soft\">Hold in any case: " + escaped(hold) + ".</p>\n";
  if (!broken.empty()) text += "<p class=\"soft\">Broken in any case: " + escaped(broken) + ".</p>\n";
  return text;
}

std::string structure_rows(const EnsembleResult& e) {
  std::string rows;
  for (const EnsembleStructure& s : e.structures) {
    rows += "<tr><th>" + escaped(s.name) + "</th>";
    for (const char* name : {"mean_Gy", "D95_Gy", "D70_Gy"}) {
      const EnsembleMeasure* m = find_measure(e, s.name, name);
      rows += m == nullptr ? "<td></td>"
                           : fmt::format("<td class=\"n\">{} <small>({} to {})</small></td>", dose_text(m->value),
                                         dose_text(m->spread.low_95), dose_text(m->spread.high_95));
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

/// "15 %", or of how many images.
std::string noise_text(const EnsembleResult& e) {
  if (e.replicates.empty()) return fmt::format("{:g} %", 100 * e.settings.noise_relative);
  return fmt::format("as {} images{} differ", e.replicates.size(),
                     e.settings.replicates_are_parts ? " that it is made of" : " of the same");
}

std::string settings_sentence(const EnsembleResult& e) {
  const UncertaintySection& u = e.settings;
  return fmt::format(
      "Drawn {} times, one standard deviation each: activity {:g} %, lung shunt {:g} %, mass of the lungs {:g} %, "
      "place of the activity image {:g}, {:g} and {:g} mm, contours {:g} mm, noise of the image {}, density {:g} "
      "%, "
      "breathing {:g} mm, tumour-to-normal ratio {:g} %; resolution of the image {:g} to {:g} mm, {}.",
      e.samples, 100 * u.activity_relative, 100 * u.shunt_relative, 100 * u.lung_mass_relative, u.registration_mm[0],
      u.registration_mm[1], u.registration_mm[2], u.contour_mm, noise_text(e), 100 * u.density_relative,
      u.respiration_mm, 100 * u.tumour_to_normal_relative, u.psf_fwhm_mm[0], u.psf_fwhm_mm[1],
      u.yang ? "corrected for" : "not corrected for");
}

}  // namespace

std::string known_to_section(const Validation& v) {
  if (!v.ensemble) return "";
  const EnsembleResult& e = *v.ensemble;
  std::string text = "<section id=\"known\" aria-label=\"How well it is known\"><h2>How well it is known</h2>\n";
  text += fmt::format(
      "<p>The activity that was measured, the place of its image on the CT, the contours and more could as well be a "
      "little different. {} such possibilities were computed, each judged by all rules.</p>\n",
      e.samples);
  for (const auto& [method, p] : e.probability_by_method) {
    text += fmt::format("<p>All judged rules hold with a probability of <b>{}</b> by {}{}.</p>\n",
                        sampled_probability_text(p, e.samples), escaped(by(method)),
                        method == e.judge ? ", which judges" : "");
  }
  text +=
      "<p class=\"soft\">Ranges hold 95 of 100 possibilities. Bars: how much of the uncertainty (of its variance) each "
      "cause brings alone, with the error of this share itself; causes below 5 % are not named, and what is left white "
      "is theirs and that of causes together.</p>\n"
      "<div class=\"wide\"><table><thead><tr><th>rule</th><th>limit</th><th>method</th><th class=\"n\">holds with</th>"
      "<th class=\"n\">value lies in</th><th>what decides</th></tr></thead><tbody>\n" +
      rule_rows(v) + "</tbody></table></div>\n" + certain_rules(v) +
      "<div class=\"wide\"><table><thead><tr><th>structure</th><th class=\"n\">mean, Gy</th>"
      "<th class=\"n\">D95, Gy</th><th class=\"n\">D70, Gy</th><th>what decides the mean</th>"
      "<th class=\"n\">seen of its activity</th></tr></thead><tbody>\n" +
      structure_rows(e) +
      "</tbody></table></div>\n<p class=\"soft\">D95 and D70: what 95 and 70 % of the volume get at least. Seen of its "
      "activity: how much of a tumour's activity an image of this resolution shows within its contour.";
  text +=
      e.settings.yang
          ? " Ranges are of doses corrected for the image's resolution; the doses before them are not corrected, and "
            "may lie outside.</p>\n"
          : " The image is taken as it is, so that ranges are of the dose that it shows: what its blur takes from "
            "small parts and edges is in none of them. Means and D50 bear that; of the D95 of a tumour the range is "
            "too narrow (of images made from a known activity it held the truth in 52 to 81 of 100).</p>\n";
  return text + "<p class=\"soft\">" + escaped(settings_sentence(e)) + " Doses by " + escaped(by(e.method)) +
         ".</p></section>\n";
}

}  // namespace ytterby::io
