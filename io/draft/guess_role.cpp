#include "io/draft/guess_role.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace ytterby::io {
namespace {

using Words = std::vector<std::string>;

/// Letters without their accents, as far as organs' names in these languages have them (UTF-8).
std::string plain_letters(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> accents{
      {{"ä", "ae"}, {"Ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"é", "e"}, {"è", "e"}, {"í", "i"}, {"ó", "o"}, {"á", "a"}}};
  std::string text(name);
  for (const auto& [accent, plain] : accents) {
    for (std::size_t at = 0; (at = text.find(accent, at)) != std::string::npos;) text.replace(at, accent.size(), plain);
  }
  return text;
}

/// Words in small letters: runs of letters, cut where a capital follows a small letter ("LungL", "wholeLiver").
Words words_of(std::string_view name) {
  Words words;
  bool inside = false, small = false;
  for (const char c : plain_letters(name)) {
    const auto u = static_cast<unsigned char>(c);
    if (!std::isalpha(u)) {
      inside = false;
      continue;
    }
    if (!inside || (small && std::isupper(u))) words.emplace_back();
    words.back() += static_cast<char>(std::tolower(u));
    inside = true;
    small = std::islower(u) != 0;
  }
  return words;
}

bool one_of(const std::string& word, std::span<const std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool has(const Words& words, std::span<const std::string_view> list) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& w) { return one_of(w, list); });
}

constexpr std::array<std::string_view, 7> liver{"liver", "leber", "foie", "higado", "fegato", "hepar", "hep"};
constexpr std::array<std::string_view, 13> lung{"lung",    "lungs",   "lunge",       "lungen",   "lungenfluegel",
                                                "poumon",  "poumons", "pulmon",      "pulmones", "polmone",
                                                "polmoni", "pulmo",   "lungenlappen"};
constexpr std::array<std::string_view, 23> tumour{
    "tumor",  "tumors",  "tumour",     "tumours",    "tumeur",    "tumeurs",   "tumore",    "tumoren",
    "tumori", "tumores", "lesion",     "lesions",    "laesion",   "laesionen", "gtv",       "hcc",
    "met",    "mets",    "metastasis", "metastases", "metastase", "satellite", "satellites"};
constexpr std::array<std::string_view, 10> perfused{"perfused", "perfusion", "perfundiert", "perfundiertes",
                                                    "treated",  "angiosome", "territory",   "infused",
                                                    "perf",     "perfuse"};
constexpr std::array<std::string_view, 9> taken_off{"minus",  "without", "ohne",      "sans", "healthy",
                                                    "normal", "non",     "excluding", "not"};
constexpr std::array<std::string_view, 10> sides{"l",      "r",  "left", "right",  "links",
                                                 "rechts", "li", "re",   "gauche", "droit"};
constexpr std::array<std::string_view, 7> lobes{"lobe", "lobes", "lappen", "upper", "lower", "middle", "lobo"};
constexpr std::array<std::string_view, 20> near{"vessel",  "vessels", "segment", "ring",  "margin", "shell",   "nodule",
                                                "nodules", "nodes",   "vein",    "veins", "artery", "trachea", "portal",
                                                "cyst",    "cysts",   "spared",  "body",  "ctv",    "ptv"};

constexpr std::array<std::string_view, 12> function{"mebrofenin", "mebrofenine",   "bromebrofenin", "brida",
                                                    "bromida",    "choletec",      "disofenin",     "hida",
                                                    "gsa",        "hepatobiliary", "hepatobiliaer", "hepatobiliaire"};

/// "liver-GTV", "liver_minus_tumor", "normal liver": a word of the liver, then what is taken off.
bool is_remainder(const Words& words, std::string_view name) {
  if (has(words, taken_off)) return true;
  const std::size_t minus = name.find('-');
  if (minus == std::string_view::npos) return false;
  return has(words_of(name.substr(0, minus)), liver) && has(words_of(name.substr(minus)), tumour) &&
         !has(words_of(name.substr(0, minus)), tumour);
}

}  // namespace

RoleGuess guess_role(std::string_view name) {
  const Words words = words_of(name);
  if (has(words, near)) return {};
  const bool of_liver = has(words, liver), of_lung = has(words, lung), of_tumour = has(words, tumour);
  if (of_liver && is_remainder(words, name)) return {Role::liver, false, true};
  if (has(words, taken_off)) return {};
  if (of_lung) return of_tumour ? RoleGuess{} : RoleGuess{Role::lung, has(words, sides) || has(words, lobes), false};
  if (of_tumour) return {Role::tumour, false, false};
  if (has(words, perfused)) return {Role::perfused, false, false};
  if (of_liver && !has(words, lobes) && !has(words, sides)) return {Role::liver, false, false};
  return {};
}

bool names_function(std::string_view name) { return has(words_of(name), function); }

std::string structure_name(std::string_view name) {
  std::string text;
  for (const char c : plain_letters(name)) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) && u < 128) {
      text += static_cast<char>(std::tolower(u));
    } else if (!text.empty() && text.back() != '-') {
      text += '-';
    }
  }
  while (!text.empty() && text.back() == '-') text.pop_back();
  return text.empty() || is_reserved(text) ? "tumour" : text;
}

}  // namespace ytterby::io
