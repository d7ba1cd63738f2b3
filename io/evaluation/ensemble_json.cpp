// ENSEMBLE.json, written and read back.

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/error.h"
#include "io/evaluation/ensemble.h"

namespace ytterby::io {
namespace {

using nlohmann::ordered_json;
using validation::VarianceShare;

constexpr const char* format = "ytterby-ensemble";

ordered_json or_null(const std::string& text) { return text.empty() ? ordered_json(nullptr) : ordered_json(text); }
ordered_json or_null(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? ordered_json(*value) : ordered_json(nullptr);
}

std::string text_of(const ordered_json& json) { return json.is_string() ? json.get<std::string>() : std::string{}; }
std::optional<double> number_of(const ordered_json& json) {
  return json.is_number() ? std::optional(json.get<double>()) : std::nullopt;
}

ordered_json shares_json(const std::vector<VarianceShare>& shares) {
  ordered_json json = ordered_json::object();
  for (const VarianceShare& s : shares)
    json[std::string(validation::source_name(s.source))] = {{"share", s.value}, {"error", s.error}};
  return json;
}

std::vector<VarianceShare> read_shares(const ordered_json& json) {
  std::vector<VarianceShare> shares;
  for (const validation::UncertaintySource source : validation::uncertainty_sources) {
    const auto found = json.find(std::string(validation::source_name(source)));
    if (found == json.end()) continue;
    shares.push_back({source, found->at("share").get<double>(), found->at("error").get<double>()});
  }
  return shares;
}

/// Whose each replicate is, its file and its hash.
ordered_json replicates_json(const EnsembleResult& e) {
  ordered_json json = ordered_json::array();
  for (const Replicates& r : e.settings.replicates)
    for (const std::string& name : r.files) {
      const auto file =
          std::find_if(e.replicates.begin(), e.replicates.end(), [&](const InputFile& f) { return f.name == name; });
      json.push_back({{"session", or_null(r.session)},
                      {"image", name},
                      {"sha256", or_null(file == e.replicates.end() ? "" : file->sha256)}});
    }
  return json;
}

void read_replicates(const ordered_json& settings, EnsembleResult& e) {
  const auto list = settings.find("replicates");
  if (list == settings.end()) return;  // there were none yet
  e.settings.replicates_are_parts = text_of(settings.at("replicates_are")) == "parts";
  for (const ordered_json& one : *list) {
    const std::string session = text_of(one.at("session")), name = one.at("image").get<std::string>();
    std::vector<Replicates>& lists = e.settings.replicates;
    if (lists.empty() || lists.back().session != session) lists.push_back({session, {}});
    lists.back().files.push_back(name);
    e.replicates.push_back({name, text_of(one.at("sha256"))});
  }
}

ordered_json settings_json(const EnsembleResult& e) {
  const UncertaintySection& u = e.settings;
  return {{"activity_relative", u.activity_relative},
          {"shunt_relative", u.shunt_relative},
          {"lung_mass_relative", u.lung_mass_relative},
          {"registration_mm", u.registration_mm},
          {"contour_mm", u.contour_mm},
          {"psf_fwhm_mm", u.psf_fwhm_mm},
          {"partial_volume", u.yang ? "yang" : "none"},
          {"noise_relative", u.noise_relative},
          {"replicates", replicates_json(e)},
          {"replicates_are", or_null(u.replicates.empty()     ? ""
                                     : u.replicates_are_parts ? "parts"
                                                              : "whole")},
          {"density_relative", u.density_relative},
          {"respiration_mm", u.respiration_mm},
          {"tumour_to_normal_relative", u.tumour_to_normal_relative}};
}

UncertaintySection read_settings_of(const ordered_json& json) {
  UncertaintySection u;
  u.activity_relative = json.at("activity_relative").get<double>();
  u.shunt_relative = json.at("shunt_relative").get<double>();
  u.lung_mass_relative = json.at("lung_mass_relative").get<double>();
  u.registration_mm = json.at("registration_mm").get<Vector3>();
  u.contour_mm = json.at("contour_mm").get<double>();
  u.psf_fwhm_mm = json.at("psf_fwhm_mm").get<std::array<double, 2>>();
  u.yang = text_of(json.at("partial_volume")) == "yang";
  u.noise_relative = json.at("noise_relative").get<double>();
  u.density_relative = json.at("density_relative").get<double>();
  u.respiration_mm = json.at("respiration_mm").get<double>();
  u.tumour_to_normal_relative = json.at("tumour_to_normal_relative").get<double>();
  return u;
}

ordered_json structure_json(const EnsembleStructure& s) {
  ordered_json metrics = ordered_json::object();
  for (const EnsembleMeasure& m : s.measures) {
    metrics[m.name] = {{"value", m.value},
                       {"standard_deviation", m.spread.standard_deviation},
                       {"low_95", m.spread.low_95},
                       {"median", m.spread.median},
                       {"high_95", m.spread.high_95},
                       {"shares", shares_json(m.shares)}};
  }
  ordered_json json{{"name", s.name}, {"role", role_name(s.role)}, {"metrics", std::move(metrics)}};
  if (s.recovery_low)
    json["recovery_coefficient"] = {{"low", or_null(s.recovery_low)}, {"high", or_null(s.recovery_high)}};
  json["histogram"] = {{"dose_Gy", s.dose}, {"low_95", s.low_95}, {"median", s.median}, {"high_95", s.high_95}};
  return json;
}

EnsembleStructure read_structure(const ordered_json& json) {
  EnsembleStructure s;
  s.name = json.at("name").get<std::string>();
  s.role = role_of(json.at("role").get<std::string>()).value_or(Role::other);
  for (const auto& [name, m] : json.at("metrics").items()) {
    s.measures.push_back({name,
                          m.at("value").get<double>(),
                          {m.at("standard_deviation").get<double>(), m.at("low_95").get<double>(),
                           m.at("median").get<double>(), m.at("high_95").get<double>()},
                          read_shares(m.at("shares"))});
  }
  if (const auto rc = json.find("recovery_coefficient"); rc != json.end()) {
    s.recovery_low = number_of(rc->at("low"));
    s.recovery_high = number_of(rc->at("high"));
  }
  const ordered_json& histogram = json.at("histogram");
  s.dose = histogram.at("dose_Gy").get<std::vector<double>>();
  s.low_95 = histogram.at("low_95").get<std::vector<double>>();
  s.median = histogram.at("median").get<std::vector<double>>();
  s.high_95 = histogram.at("high_95").get<std::vector<double>>();
  for (const auto* column : {&s.low_95, &s.median, &s.high_95})
    if (column->size() != s.dose.size()) throw Error(Fault::input, "columns of a histogram differ in length");
  return s;
}

/// "0.025": the share of the samples below.
std::string share_name(double share) {
  std::string text = std::to_string(share);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

ordered_json rule_json(const EnsembleRule& r) {
  ordered_json quantiles = ordered_json::object();
  for (const auto& [share, value] : r.quantiles) quantiles[share_name(share)] = value;
  ordered_json from_method = nullptr;
  if (r.from_method) {
    from_method = {{"standard_deviation", r.from_method->deviation},
                   {"standard_deviation_percent", r.from_method->deviation_percent}};
  }
  return {{"id", r.id},
          {"method", or_null(r.method)},
          {"structure", or_null(r.structure)},
          {"session", or_null(r.session)},
          {"probability", or_null(r.probability)},
          {"quantiles", std::move(quantiles)},
          {"shares", shares_json(r.shares)},
          {"less_method", std::move(from_method)}};
}

EnsembleRule read_rule(const ordered_json& json) {
  EnsembleRule r{json.at("id").get<std::string>(),  text_of(json.at("method")),
                 text_of(json.at("structure")),     text_of(json.at("session")),
                 number_of(json.at("probability")), {},
                 read_shares(json.at("shares")),    {}};
  for (const auto& [share, value] : json.at("quantiles").items()) r.quantiles[std::stod(share)] = value.get<double>();
  if (const auto from = json.find("less_method"); from != json.end() && from->is_object()) {
    r.from_method = {from->at("standard_deviation").get<double>(),
                     from->at("standard_deviation_percent").get<double>()};
  }
  return r;
}

ordered_json check_json(const EnsembleCheck& c) {
  return {{"sample", c.sample},          {"structure", c.structure},      {"shortcut_Gy", c.shortcut},
          {"transport_Gy", c.transport}, {"transport_error_Gy", c.error}, {"difference_Gy", c.shortcut - c.transport}};
}

EnsembleResult interpret(const ordered_json& json) {
  EnsembleResult e;
  if (text_of(json.at("format")) != format) throw Error(Fault::input, "its format is no " + std::string(format));
  e.case_name = json.at("case").get<std::string>();
  e.content_hash = json.at("content_hash").get<std::string>();
  e.method = json.at("method").get<std::string>();
  e.judge = json.at("judge").get<std::string>();
  e.program_version = json.at("program_version").get<std::string>();
  if (const auto made_of = json.find("made_of"); made_of != json.end()) e.made_of = text_of(*made_of);
  e.samples = json.at("samples").get<std::uint64_t>();
  e.seed = json.at("seed").get<std::uint64_t>();
  e.settings = read_settings_of(json.at("settings"));
  read_replicates(json.at("settings"), e);
  e.probability_all = number_of(json.at("probability_all"));
  for (const auto& [method, p] : json.at("probability_by_method").items())
    e.probability_by_method[method] = p.get<double>();
  for (const ordered_json& s : json.at("structures")) e.structures.push_back(read_structure(s));
  for (const ordered_json& r : json.at("rules")) e.rules.push_back(read_rule(r));
  for (const ordered_json& c : json.at("check")) {
    e.checks.push_back({c.at("sample").get<std::uint64_t>(), c.at("structure").get<std::string>(),
                        c.at("shortcut_Gy").get<double>(), c.at("transport_Gy").get<double>(),
                        number_of(c.at("transport_error_Gy")).value_or(std::nan(""))});
  }
  return e;
}

}  // namespace

std::string ensemble_json(const EnsembleResult& e) {
  ordered_json json;
  json["format"] = format;
  json["case"] = e.case_name;
  json["content_hash"] = e.content_hash;
  json["program_version"] = e.program_version;
  json["made_of"] = or_null(e.made_of);
  json["method"] = e.method;
  json["judge"] = e.judge;
  json["samples"] = e.samples;
  json["seed"] = e.seed;
  json["settings"] = settings_json(e);
  json["probability_all"] = or_null(e.probability_all);
  json["probability_by_method"] = ordered_json::object();
  for (const auto& [method, p] : e.probability_by_method) json["probability_by_method"][method] = p;
  json["rules"] = ordered_json::array();
  for (const EnsembleRule& r : e.rules) json["rules"].push_back(rule_json(r));
  json["structures"] = ordered_json::array();
  for (const EnsembleStructure& s : e.structures) json["structures"].push_back(structure_json(s));
  json["check"] = ordered_json::array();
  for (const EnsembleCheck& c : e.checks) json["check"].push_back(check_json(c));
  json["warnings"] = ordered_json::parse(warnings_json(e.warnings));
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

EnsembleResult read_ensemble(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(Fault::input, path.string() + ": cannot be read");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  try {
    return interpret(ordered_json::parse(text));
  } catch (const Error& error) {
    throw Error(Fault::input, path.string() + ": is no ensemble of this program: " + error.what());
  } catch (const std::exception& error) {
    throw Error(Fault::input,
                path.string() + ": is no ensemble of this program (ytterby ensemble writes one): " + error.what());
  }
}

}  // namespace ytterby::io
