#include "engine/run/batch_run.h"

#include "engine/base/error.h"
#include "kernels/tables/tables_view.h"

namespace ytterby {
namespace {

std::string status_text(std::uint32_t status) {
  std::string text;
  if (status & status_electron_stack_full) text += " electron stack full;";
  if (status & status_photon_queue_full) text += " photon queue full;";
  if (status & status_step_cap) text += " step cap met;";
  if (status & status_tally_overflow) text += " tally overflow;";
  if (status & status_reference_left) text += " an electron left the reference medium;";
  return text;
}

}  // namespace

void check_run(const RunOptions& options) {
  constexpr int most_batches = 4096, most_threads = 4096;
  if (options.batches < 2 || options.batches > most_batches)
    throw Error(Fault::usage, "batches is " + std::to_string(options.batches) + ", needs to be 2 to 4096");
  if (options.threads < 0 || options.threads > most_threads)
    throw Error(Fault::usage,
                "threads is " + std::to_string(options.threads) + ", needs to be 1 to 4096, or 0 for all processors");
  if (options.histories == 0) throw Error(Fault::usage, "histories is 0, needs to be above 0");
  if (options.histories / static_cast<std::uint64_t>(options.batches) > std::uint64_t{1} << 31)
    throw Error(Fault::usage, "histories is " + std::to_string(options.histories) +
                                  ", needs to be at most 2^31 in a batch: raise the number of batches");
}

void check_batch(int batch, std::uint32_t status, const EnergyLedger& ledger) {
  const std::string place = "batch " + std::to_string(batch) + ":";
  if (status != 0) throw Error(Fault::internal, place + status_text(status));
  if (ledger.balanced()) return;
  const __int128 off = ledger.emitted - ledger.deposited - ledger.escaped - ledger.discarded;
  throw Error(Fault::internal,
              place + " the energy ledger is off by " + std::to_string(static_cast<std::int64_t>(off)) + " quanta");
}

EnergyLedger checked_ledger(int batch, const PortionTotals& totals, std::int64_t tallied) {
  const EnergyLedger ledger{totals.emitted, tallied + totals.reference_deposited, totals.escaped, totals.discarded};
  check_batch(batch, totals.status, ledger);
  check_batch(batch, 0, {totals.reference_emitted, totals.reference_deposited, totals.reference_lost, 0});
  return ledger;
}

double batch_energy(const PortionRunner& runner, const SparseStructure& structure, std::size_t index,
                    std::span<const std::int64_t> tally) {
  return structure.energy(tally) + (runner.known.empty() ? 0.0 : runner.known[index]);
}

void check_resume(const RunState& state, const RunOptions& options, std::uint64_t per_batch, std::size_t voxels,
                  std::size_t structures, const std::string& level) {
  const auto refuse = [](const std::string& what) { throw Error(Fault::input, "the checkpoint is of " + what); };
  if (state.seed != options.seed)
    refuse("seed " + std::to_string(state.seed) + ", this run has " + std::to_string(options.seed));
  if (state.per_batch != per_batch)
    refuse(std::to_string(state.per_batch) + " histories a batch, this run has " + std::to_string(per_batch));
  if (state.level != level) refuse("a run at level " + state.level + ", this one is at " + level);
  bool fits = state.sums.sum().size() == voxels && (state.tally.empty() || state.tally.size() == voxels);
  for (const BatchPart& part : state.later) fits = fits && part.tally.size() == voxels;
  if (!fits) refuse("another grid");
  fits = state.structure_energy.size() == structures && state.batches >= 0 && state.done <= per_batch;
  for (const auto& energies : state.structure_energy)
    fits = fits && energies.size() == static_cast<std::size_t>(state.batches);
  for (const BatchPart& part : state.later) fits = fits && part.batch > state.batches && part.done <= per_batch;
  if (!fits) refuse("other structures");
}

}  // namespace ytterby
