#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/base/units.h"
#include "engine/base/version.h"
#include "io/evaluation/ensemble.h"
#include "io/evaluation/ensemble_parts.h"
#include "validation/ensemble/partial_volume.h"

namespace ytterby::io {
namespace {

using validation::Ruling;
using validation::Sample;
using validation::UncertaintySource;

constexpr std::uint64_t most_noise_pairs = 100;  // samples whose noise is drawn anew, for the share of noise
constexpr std::uint64_t samples_a_check = 100;

/// Samples and what rules say of them. Where noise is drawn, the first samples again with other noise.
struct Drawn {
  std::vector<Sample> samples, other_noise;
  std::vector<std::vector<Ruling>> rulings, other_rulings;
};

Drawn draw_all(const validation::Ensemble& ensemble, const SampledRules& rules, const EnsembleOptions& options) {
  Drawn d;
  const std::uint64_t pairs =
      ensemble.input().uncertainty.drawn(UncertaintySource::noise) ? std::min(most_noise_pairs, options.samples) : 0;
  d.samples.resize(options.samples);
  d.rulings.resize(options.samples);
  d.other_noise.resize(pairs);
  d.other_rulings.resize(pairs);
  std::atomic<std::uint64_t> done{0};
  std::mutex told;
  parallel_for(
      static_cast<int>(options.samples + pairs),
      [&](int i) {
        const auto n = static_cast<std::uint64_t>(i);
        const bool first = n < options.samples;
        const std::uint64_t at = first ? n : n - options.samples;
        // Noise of samples that are not drawn is noise of its own.
        Sample sample =
            first ? ensemble.sample(options.seed, at) : ensemble.sample(options.seed, at, options.samples + at);
        std::vector<Ruling> rulings = rules.judged(sample);
        (first ? d.rulings : d.other_rulings)[at] = std::move(rulings);
        (first ? d.samples : d.other_noise)[at] = std::move(sample);
        const std::uint64_t count = ++done;
        const std::lock_guard lock(told);
        if (options.on_progress) options.on_progress(count);
      },
      options.threads);
  return d;
}

std::vector<EnsembleStructure> structures_of(const validation::Ensemble& ensemble, const Drawn& drawn,
                                             const validation::VarianceShares& shares) {
  const Sample as_it_is = ensemble.as_it_is();
  const auto& input = ensemble.input();
  std::vector<EnsembleStructure> all;
  for (std::size_t k = 0; k < ensemble.structures().size(); ++k) {
    EnsembleStructure s;
    s.name = ensemble.structures()[k];
    const Structure& structure = k < input.own.size() ? input.own[k] : input.derived[k - input.own.size()];
    s.role = structure.role;
    const auto over = [&](const std::vector<Sample>& samples, const auto& number) {
      std::vector<double> values;
      for (const Sample& sample : samples) values.push_back(number(sample.structures[k]));
      return values;
    };
    for (std::size_t m = 0; m < ensemble.names().names.size(); ++m) {
      const auto number = [m](const validation::SampledStructure& of) { return of.measures[m]; };
      const std::vector<double> values = over(drawn.samples, number);
      s.measures.push_back({ensemble.names().names[m], as_it_is.structures[k].measures[m],
                            validation::spread_of(values), shares.of(values, over(drawn.other_noise, number))});
    }
    s.dose = input.histogram_at;
    for (std::size_t h = 0; h < s.dose.size(); ++h) {
      const validation::Spread band = validation::spread_of(
          over(drawn.samples, [h](const validation::SampledStructure& of) { return of.histogram[h]; }));
      s.low_95.push_back(band.low_95);
      s.median.push_back(band.median);
      s.high_95.push_back(band.high_95);
    }
    if (structure.role == Role::tumour) {
      const Grid& grid = input.phantom.grid;
      s.recovery_low = validation::recovery_coefficient(structure.fraction, grid, input.uncertainty.psf[1]);
      s.recovery_high = validation::recovery_coefficient(structure.fraction, grid, input.uncertainty.psf[0]);
    }
    all.push_back(std::move(s));
  }
  return all;
}

std::vector<double> values_of(const std::vector<std::vector<Ruling>>& rulings, std::size_t rule) {
  std::vector<double> values;
  for (const auto& of_sample : rulings) values.push_back(of_sample[rule].value.value_or(std::nan("")));
  return values;
}

/// The same rule by the ensemble's method, of one by the partition model.
std::optional<std::size_t> of_method(const Validation& v, const Ruling& ruling, const std::string& method) {
  if (ruling.method != "partition") return {};
  for (std::size_t r = 0; r < v.rulings.size(); ++r) {
    const Ruling& other = v.rulings[r];
    if (other.method == method && other.id == ruling.id && other.structure == ruling.structure &&
        other.session == ruling.session) {
      return r;
    }
  }
  return {};
}

/// How much two numbers of the same samples differ otherwise from sample to sample; none where one is unknown.
std::optional<EnsembleRule::Difference> difference_of(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> difference, percent;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(a[i] + b[i] > 0)) return {};
    difference.push_back(a[i] - b[i]);
    percent.push_back(200 * (a[i] - b[i]) / (a[i] + b[i]));
  }
  return EnsembleRule::Difference{validation::spread_of(difference).standard_deviation,
                                  validation::spread_of(percent).standard_deviation};
}

std::vector<EnsembleRule> rules_of(const Validation& v, const Drawn& drawn, const std::string& method,
                                   const validation::VarianceShares& shares) {
  std::vector<EnsembleRule> all;
  for (std::size_t r = 0; r < v.rulings.size(); ++r) {
    const Ruling& ruling = v.rulings[r];
    const bool sampled = ruling.method.empty() || ruling.method == method || ruling.method == "partition";
    if (!sampled) continue;
    EnsembleRule rule{ruling.id, ruling.method, ruling.structure, ruling.session, {}, {}, {}, {}};
    if (ruling.verdict != validation::Judgement::not_judged) {
      const auto holds = std::count_if(drawn.rulings.begin(), drawn.rulings.end(), [&](const auto& of_sample) {
        return of_sample[r].verdict == validation::Judgement::pass;
      });
      rule.probability = static_cast<double>(holds) / static_cast<double>(drawn.rulings.size());
    }
    const std::vector<double> values = values_of(drawn.rulings, r);
    const bool known = std::none_of(values.begin(), values.end(), [](double x) { return std::isnan(x); });
    if (known) {
      for (const double share : {0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975})
        rule.quantiles[share] = validation::quantile(values, share);
      // A number that no draw moves has the rounding of sums alone.
      if (validation::spread_of(values).standard_deviation > 1e-9 * std::abs(values.front()))
        rule.shares = shares.of(values, values_of(drawn.other_rulings, r));
    }
    if (const auto twin = of_method(v, ruling, method); known && twin)
      rule.from_method = difference_of(values, values_of(drawn.rulings, *twin));
    all.push_back(std::move(rule));
  }
  return all;
}

void take_joint(const Validation& v, const Drawn& drawn, const std::string& method, EnsembleResult& e) {
  for (const MethodMetrics& m : v.methods) {
    if (m.method != method && m.method != "partition") continue;
    const auto holds = std::count_if(drawn.rulings.begin(), drawn.rulings.end(),
                                     [&](const auto& of_sample) { return !validation::broken(of_sample, m.method); });
    e.probability_by_method[m.method] = static_cast<double>(holds) / static_cast<double>(drawn.rulings.size());
  }
  const auto judge = e.probability_by_method.find(v.judge);
  if (judge != e.probability_by_method.end()) e.probability_all = judge->second;
}

/// Every hundredth sample by transport of the activity that was drawn, in the masks that were drawn; one at least.
std::vector<EnsembleCheck> checks_of(const validation::Ensemble& ensemble, const EnsembleOptions& options) {
  std::vector<EnsembleCheck> all;
  const auto& input = ensemble.input();
  if (!options.transport || !input.uncertainty.changes_shape() || input.sessions.size() != 1) return all;
  for (std::uint64_t i = 0; i < options.samples; i += samples_a_check) {
    validation::SampledPatient p = ensemble.patient(options.seed, i);
    Source source;
    source.voxels = VoxelSource{std::move(p.activity.front())};
    const DoseMap map = options.transport(input.phantom, source, p.structures, i);
    for (const Structure& s : p.structures) {
      const auto of = std::find_if(map.structures.begin(), map.structures.end(),
                                   [&](const StructureDose& d) { return d.name == s.name; });
      double energy = 0, mass = 0;
      for (std::size_t v = 0; v < s.fraction.size(); ++v) {
        const double m = static_cast<double>(s.fraction[v]) * static_cast<double>(input.phantom.density[v]);
        energy += m * static_cast<double>(p.dose.front()[v]);
        mass += m;
      }
      if (of == map.structures.end() || !(mass > 0)) continue;
      all.push_back({i, s.name, energy / mass, of->mean, of->error()});
    }
  }
  return all;
}

/// The replicates' files and hashes.
std::vector<InputFile> replicates_in(const PreparedCase& prepared) {
  std::vector<InputFile> files;
  const UncertaintySection u = uncertainty_of(prepared.resolved);
  for (const Replicates& r : u.replicates)
    for (const std::string& name : r.files) {
      const auto found = std::find_if(prepared.inputs.begin(), prepared.inputs.end(),
                                      [&](const InputFile& input) { return input.name == name; });
      files.push_back({name, found == prepared.inputs.end() ? "" : found->sha256});
    }
  return files;
}

}  // namespace

EnsembleResult run_ensemble(const PreparedCase& prepared, const DoseFile& dose, const std::string& file,
                            const VoxelKernel& kernel, const EnsembleOptions& options) {
  Evaluation evaluation(prepared);
  evaluation.add(dose, file);
  const Validation v = evaluation.judged();
  validation::EnsembleInput input = ensemble_case(prepared, dose, kernel, v.protocol).input;
  input.threads = options.threads;
  const validation::Ensemble ensemble(std::move(input));
  const SampledRules rules(v, ensemble, dose.map.method);
  const Drawn drawn = draw_all(ensemble, rules, options);
  std::vector<validation::Draw> draws;
  for (const Sample& s : drawn.samples) draws.push_back(s.draw);
  const validation::VarianceShares shares(draws);
  EnsembleResult e;
  e.case_name = prepared.resolved.name;
  e.content_hash = prepared.content_hash;
  e.method = dose.map.method;
  e.judge = v.judge;
  e.program_version = program_version();
  e.settings = uncertainty_of(prepared.resolved);
  e.replicates = replicates_in(prepared);
  e.samples = options.samples;
  e.seed = options.seed;
  e.warnings = v.warnings;
  e.structures = structures_of(ensemble, drawn, shares);
  e.rules = rules_of(v, drawn, dose.map.method, shares);
  take_joint(v, drawn, dose.map.method, e);
  e.checks = checks_of(ensemble, options);
  return e;
}

}  // namespace ytterby::io
