#include "engine/dose/sessions.h"

#include <cmath>

#include "engine/base/error.h"
#include "engine/dose/statistics.h"

namespace ytterby {
namespace {

/// Root of the sum of squares; NaN stands for nothing, and stays where there is nothing else.
float in_quadrature(float a, float b) {
  if (a != a) return b;
  if (b != b) return a;
  return std::hypot(a, b);
}

void add_ledger(const EnergyLedger& a, EnergyLedger& sum) {
  sum.emitted += a.emitted;
  sum.deposited += a.deposited;
  sum.escaped += a.escaped;
  sum.discarded += a.discarded;
}

void add_voxels(const DoseMap& map, DoseMap& sum) {
  for (std::size_t v = 0; v < sum.dose.size(); ++v) sum.dose[v] += map.dose[v];
  for (std::size_t v = 0; v < sum.uncertainty.size(); ++v) {
    sum.uncertainty[v] = in_quadrature(sum.uncertainty[v], map.uncertainty[v]);
  }
  if (map.hits.size() != sum.hits.size()) sum.hits.clear();
  for (std::size_t v = 0; v < sum.hits.size(); ++v)
    sum.hits[v] = counted_hits(std::uint64_t{sum.hits[v]} + map.hits[v]);
}

/// Before the decays are added up. Sessions may share a kernel: their kernels' errors add up one by one.
void add_correlated(const DoseMap& map, DoseMap& sum) {
  if (!map.correlated) return;
  if (!sum.correlated) sum.correlated = CorrelatedPart{};
  CorrelatedPart& all = *sum.correlated;
  const CorrelatedPart& part = *map.correlated;
  all.coupled.resize(part.coupled.size());
  all.kernel_error.resize(part.kernel_error.size());
  for (std::size_t v = 0; v < part.coupled.size(); ++v) {
    all.coupled[v] = all.coupled[v] | part.coupled[v];
    all.kernel_error[v] += part.kernel_error[v];
  }
  all.share = (all.share * sum.decays + part.share * map.decays) / (sum.decays + map.decays);
  if (all.kernel_histories == 0) {
    all.density = part.density;
    all.kernel_histories = part.kernel_histories;
  }
}

/// Energy emitted per decay [quanta].
double emitted_per_decay(const DoseMap& map) {
  return map.histories > 0
             ? static_cast<double>(map.ledger.emitted) * quanta_weight(map) / static_cast<double>(map.histories)
             : 0;
}

}  // namespace

DoseMap sum_of_sessions(std::span<const SessionDose> sessions, std::size_t structures) {
  if (sessions.empty()) throw Error(Fault::internal, "no session to add up");
  DoseMap sum = sessions.front().map;
  sum.structures.resize(structures);
  double emitted = emitted_per_decay(sum) * sum.decays;
  for (const SessionDose& session : sessions.subspan(1)) {
    const DoseMap& map = session.map;
    if (map.dose.size() != sum.dose.size() || map.uncertainty.size() != sum.uncertainty.size() ||
        map.structures.size() < structures) {
      throw Error(Fault::input, "session " + session.name + " is not of the grid and structures of the first");
    }
    add_voxels(map, sum);
    add_ledger(map.ledger, sum.ledger);
    for (std::size_t s = 0; s < structures; ++s) {
      sum.structures[s].mean += map.structures[s].mean;
      sum.structures[s].mean_error = std::hypot(sum.structures[s].mean_error, map.structures[s].mean_error);
      sum.structures[s].kernel_error += map.structures[s].kernel_error;
    }
    add_correlated(map, sum);
    emitted += emitted_per_decay(map) * map.decays;
    sum.histories += map.histories;
    sum.batches += map.batches;
    sum.decays += map.decays;
    sum.interrupted = sum.interrupted || map.interrupted;
    sum.goal_reached = sum.goal_reached && map.goal_reached;
    sum.seconds_tables += map.seconds_tables;
    sum.seconds_transport += map.seconds_transport;
    sum.segments += map.segments;
  }
  // Each session's histories had a weight of their own.
  if (sum.correlated && sum.ledger.emitted > 0)
    sum.correlated->weight =
        emitted / sum.decays * static_cast<double>(sum.histories) / static_cast<double>(sum.ledger.emitted);
  return sum;
}

}  // namespace ytterby
