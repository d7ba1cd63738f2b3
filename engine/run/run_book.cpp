#include "engine/run/run_book.h"

#include <algorithm>
#include <bit>

namespace ytterby {
namespace {

/// After every batch would take as long as transport where there are many. By their number alone, so that a run which
/// was interrupted asks where one that was not does.
bool asks_voxels(int batches, int all) {
  if (batches < static_cast<int>(StopRule::first_test)) return false;
  const auto n = static_cast<unsigned>(batches);
  return batches >= all || n % std::max(1U, std::bit_floor(n) / 32) == 0;
}

double seconds_since(RunBook::Clock::time_point start) {
  return std::chrono::duration<double>(RunBook::Clock::now() - start).count();
}

}  // namespace

RunBook::RunBook(const RunOptions& options, std::uint64_t per_batch, std::string level, std::string device,
                 std::size_t voxels, std::size_t structures)
    : options_(options),
      per_batch_(per_batch),
      level_(std::move(level)),
      mean_met_(options.goal_uncertainty <= 0),
      voxels_met_(options.goal_voxel_uncertainty <= 0) {
  run.device = std::move(device);
  run.structure_energy.resize(structures);
  if (options.goal_uncertainty > 0) stop_rule_.emplace(options.goal_uncertainty);
  run.goal_reached = !has_goal();
  if (options.resume == nullptr) return;
  check_resume(*options.resume, options, per_batch, voxels, structures, level_);
  take_up(*options.resume);
}

void RunBook::take_up(const RunState& state) {
  run.batches = std::min(state.batches, options_.batches);
  run.ledger = state.ledger;
  run.structure_energy = state.structure_energy;
  for (auto& energies : run.structure_energy) energies.resize(static_cast<std::size_t>(run.batches));
  run.segments = state.segments;
  run.seconds = before_ = state.seconds;
  for (int batch = 0; batch < run.batches && !goal_met(); ++batch) ask_stop_rule(batch);
}

void RunBook::ask_stop_rule(int batch) {
  if (!stop_rule_) return;
  const auto goal = static_cast<std::size_t>(options_.goal_structure);
  mean_met_ = stop_rule_->add(run.structure_energy[goal][static_cast<std::size_t>(batch)]);
  run.goal_reached = goal_met();
  run.goal_error = stop_rule_->relative_error();
}

bool RunBook::voxels_due() const {
  return options_.goal_voxel_uncertainty > 0 && asks_voxels(run.batches, options_.batches);
}

void RunBook::ask_voxels() {
  if (options_.goal_voxel_uncertainty <= 0) return;
  voxels_met_ = false;
  if (!voxels_due()) return;
  run.voxel_error = options_.worst_voxel_error(run.sums, run.batches);
  voxels_met_ = run.voxel_error <= options_.goal_voxel_uncertainty;
  run.goal_reached = goal_met();
}

void RunBook::book(std::span<const double> energies) {
  for (std::size_t s = 0; s < run.structure_energy.size(); ++s) run.structure_energy[s].push_back(energies[s]);
  ask_stop_rule(run.batches++);
  run.seconds = before_ + seconds_since(start_);
}

void RunBook::add(const BatchTotals& totals) {
  run.ledger += totals.ledger;
  run.segments += totals.segments;
}

void RunBook::report_progress() const {
  if (!options_.on_progress) return;
  options_.on_progress({per_batch_ * static_cast<std::uint64_t>(run.batches),
                        per_batch_ * static_cast<std::uint64_t>(options_.batches), run.seconds,
                        run.goal_error >= 0 ? run.goal_error : run.voxel_error});
}

bool RunBook::asked_to_end() {
  run.interrupted = run.interrupted || (options_.interrupted && options_.interrupted());
  return run.interrupted;
}

RunState RunBook::state(BatchSums sums) const {
  RunState s;
  s.seed = options_.seed;
  s.per_batch = per_batch_;
  s.level = level_;
  s.batches = run.batches;
  s.sums = std::move(sums);
  s.ledger = run.ledger;
  s.structure_energy = run.structure_energy;
  s.segments = run.segments;
  s.seconds = before_ + seconds_since(start_);
  return s;
}

BatchSums RunBook::with_former(BatchSums sums) const {
  if (options_.resume != nullptr) sums.add(options_.resume->sums);
  return sums;
}

bool RunBook::close() {
  // Asked to end while the last histories were under way: nothing is left to interrupt.
  if (over()) run.interrupted = false;
  return keeps_checkpoints() && options_.last_state && !run.interrupted;
}

void RunBook::keep_last(RunState state) const {
  state.complete = true;
  keep(std::move(state));
}

}  // namespace ytterby
