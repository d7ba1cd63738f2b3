// What the chain found, on one screen, as tables and as JSON.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "io/cli/chain/chain.h"
#include "io/cli/dose_table.h"
#include "io/evaluation/verdict_text.h"
#include "io/text/figures.h"

namespace ytterby::cli {
namespace {

using nlohmann::ordered_json;
using validation::Estimate;

/// A method's means in the three regions.
struct Means {
  std::string method;
  Estimate tumours, normal, lungs;
};

const StructureDose* find(const DoseMap& map, const std::string& name) {
  const auto at =
      std::find_if(map.structures.begin(), map.structures.end(), [&](const auto& s) { return s.name == name; });
  return at == map.structures.end() ? nullptr : &*at;
}

std::vector<Means> means_of(const ChainResult& r) {
  std::vector<Means> all;
  if (r.validation) {
    const io::Validation& v = *r.validation;
    for (std::size_t i = 0; i < v.methods.size(); ++i) {
      const validation::MethodDoses& doses = v.treatment.methods[i];
      Means m{doses.method, doses.tumours.value_or(Estimate{}), {}, doses.lung_sum.value_or(Estimate{})};
      for (const validation::StructureMetrics& s : v.methods[i].structures) {
        if (s.name == r.normal) m.normal = s.mean;
      }
      all.push_back(std::move(m));
    }
    // Monte Carlo, the yardstick, first.
    std::stable_partition(all.begin(), all.end(), [](const Means& m) { return m.method == "monte-carlo"; });
    return all;
  }
  for (const io::DoseFile& f : r.doses) {
    Means m{f.map.method, {}, {}, {}};
    if (const StructureDose* s = find(f.map, r.normal)) m.normal = {s->mean, s->error()};
    all.push_back(std::move(m));
  }
  return all;
}

std::string verdict_lines(const ChainResult& r) {
  if (!r.validation) return fmt::format("{}: no tumour, no verdict\n", r.case_name);
  const io::Validation& v = *r.validation;
  std::string text =
      fmt::format("{}: {} by the {} model, {}\n", r.case_name, v.broken() ? "FAIL" : "pass", v.judge, v.protocol.title);
  for (const validation::Ruling& rule : v.rulings) {
    const bool decides = rule.method.empty() || rule.method == v.judge;
    if (rule.verdict != validation::Judgement::fail || !decides) continue;
    text += fmt::format(
        "  broken: {}{}{}\n", rule.id, rule.structure.empty() ? "" : " of " + rule.structure,
        rule.value ? fmt::format(", {} {}", io::three_digits(*rule.value), rule.unit == "1" ? "" : rule.unit) : "");
  }
  return text;
}

/// A heading of one column.
std::string short_name(const std::string& method) {
  if (method == "monte-carlo") return "Monte Carlo";
  if (method == "voxel-kernel") return "kernel";
  if (method == "voxel-kernel-scaled") return "kernel/rho";
  return method == "local-deposition" ? "local" : method;
}

/// A column a method; Monte Carlo, the first, with its error.
std::string doses_table(const ChainResult& r) {
  const std::vector<Means> all = means_of(r);
  const auto line = [&](const std::string& name, const auto& cell) {
    std::string text = fmt::format("{:<16}", name);
    for (std::size_t i = 0; i < all.size(); ++i) text += fmt::format(" {:>{}}", cell(all[i], i), i == 0 ? 15 : 11);
    return text + "\n";
  };
  const auto row = [&](const std::string& name, Estimate Means::*mean) {
    return line(name, [mean](const Means& m, std::size_t i) {
      const Estimate& e = m.*mean;
      return i == 0 ? io::with_error(e.value, e.error) : io::three_digits(e.value);
    });
  };
  return line("mean dose [Gy]", [](const Means& m, std::size_t) { return short_name(m.method); }) +
         row("tumours", &Means::tumours) + row(r.normal, &Means::normal) + row("lungs", &Means::lungs);
}

std::string run_line(const ChainResult& r) {
  const DoseMap& m = r.doses.front().map;
  return fmt::format("Monte Carlo: {} histories, seed {}, {}, {:.0f} s; energy {}\n", m.histories, m.seed, m.device,
                     m.seconds_tables + m.seconds_transport,
                     m.ledger.balanced() ? "balances as integers" : "DOES NOT BALANCE");
}

}  // namespace

std::string chain_summary(const ChainResult& r) {
  std::string text = verdict_lines(r);
  const double given = r.account.administered > 0 ? r.account.administered : r.account.on_grid;
  text += fmt::format("activity: {}", io::activity_text(given));
  if (r.account.lung_shunt_fraction)
    text += fmt::format(", lung shunt {} %", io::three_digits(100 * *r.account.lung_shunt_fraction));
  if (r.plan && r.plan->plan.sessions.empty()) {
    text += "; no session planned, excluded by";
    for (const std::string& rule : r.plan->excluded) text += " " + rule;
  } else if (r.plan) {
    double planned = 0;
    for (const PlannedSession& s : r.plan->plan.sessions) planned += s.activity;
    text += fmt::format("; planned for {} Gy to the tumours: {}", io::three_digits(r.plan->goal),
                        io::activity_text(planned * 1e9));
    if (!r.plan->plan.binding.empty()) text += ", limited by " + r.plan->plan.binding;
  }
  text += "\n\n" + doses_table(r) + "\n" + run_line(r);
  return text;
}

std::string chain_tables(const ChainResult& r) {
  std::string text;
  if (r.plan) text += "== plan: the partition model\n\n" + io::plan_table(*r.plan) + "\n";
  for (const io::DoseFile& f : r.doses) text += "== " + f.map.method + "\n\n" + dose_table(f) + "\n";
  if (r.validation) text += "== the rules for every method\n\n" + io::verdict_table(*r.validation) + "\n";
  return text;
}

std::string chain_json(const ChainResult& r) {
  ordered_json json;
  json["case"] = r.case_name;
  json["verdict"] = nullptr;
  if (r.validation) json["verdict"] = r.validation->broken() ? "fail" : "pass";
  json["mean_Gy"] = ordered_json::object();
  const auto number = [](double value) { return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr); };
  for (const Means& m : means_of(r)) {
    json["mean_Gy"][m.method] = {{"tumours", number(m.tumours.value)}, {"tumours_error", number(m.tumours.error)},
                                 {r.normal, number(m.normal.value)},   {r.normal + "_error", number(m.normal.error)},
                                 {"lungs", number(m.lungs.value)},     {"lungs_error", number(m.lungs.error)}};
  }
  json["files"]["plan"] = r.plan ? ordered_json(r.files.plan.string()) : ordered_json(nullptr);
  json["files"]["verdict"] = r.validation ? ordered_json(r.files.verdict.string()) : ordered_json(nullptr);
  for (const auto& [method, path] : r.files.doses) json["files"]["doses"][method] = path.string();
  json["files"]["page"] = r.files.page.string();
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace ytterby::cli
