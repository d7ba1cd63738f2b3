#include "work.h"

#include <cstdio>

#include "engine/device/replay.h"

namespace ytterby::gpu_check {
namespace {

/// A lone thread that counts its atomics.
struct CountingThread {
  std::uint32_t* words;
  const unsigned long long *tally, *tally_end;
  std::uint64_t *deposits, *others;

  [[nodiscard]] std::uint32_t thread() const { return 0; }
  [[nodiscard]] std::uint32_t threads() const { return 1; }
  unsigned long long add(unsigned long long* p, unsigned long long v) const {
    ++*(p >= tally && p < tally_end ? deposits : others);
    const unsigned long long old = *p;
    *p += v;
    return old;
  }
  void add_from_all(unsigned long long* p, unsigned long long v) const { add(p, v); }
  void set_bits(std::uint32_t* p, std::uint32_t bits) const { *p |= bits; }
  [[nodiscard]] std::uint32_t& shared(std::uint32_t w) const { return words[w]; }
};

/// Transports the histories as a device does, photon round by photon round; counts atomics.
void count_atomics(const TransportView& view, std::uint32_t histories, Work& work) {
  constexpr int rounds = 96;
  std::vector<unsigned long long> tally(view.grid.voxels.size, 0), next(rounds + 1, 0), queued(rounds + 2, 0);
  std::vector<QueuedPhoton> queue[2];
  for (auto& q : queue) q.resize(histories);
  std::vector<std::uint32_t> shared(shared_words_with_photon);
  std::uint64_t deposits = 0, others = 0;
  const CountingThread thread{shared.data(), tally.data(), tally.data() + tally.size(), &deposits, &others};
  DeviceTotals totals{};
  DeviceLaunch launch;
  launch.view = view;
  launch.seed = 1;
  launch.count = histories;
  launch.portion = 8;
  launch.next = next.data();
  launch.tally = tally.data();
  launch.totals = &totals;
  launch.out = queue[0].data();
  launch.out_count = queued.data();
  launch.queue_capacity = launch.out_capacity = histories;
  follow_histories(launch, thread);
  launch.portion = 1;
  for (int round = 0; round < rounds; ++round) {
    launch.next = next.data() + 1 + round;
    launch.queue = queue[round % 2].data();
    launch.queued = queued.data() + round;
    launch.out = queue[(round + 1) % 2].data();
    launch.out_count = queued.data() + round + 1;
    follow_queued_photons(launch, thread);
    work.photons += static_cast<double>(queued[static_cast<std::size_t>(round)]);
  }
  work.deposits = static_cast<double>(deposits);
  work.other_atomics = static_cast<double>(others);
}

void count_events(const TransportView& view, std::uint32_t histories, Work& work) {
  for (std::uint32_t h = 0; h < histories; ++h) {
    for (const ReplayEvent& e : replay(view, 1, h)) {
      if (e.particle == 2) continue;
      const bool of_flight = e.kind != ReplayKind::emitted && e.kind != ReplayKind::resumed &&
                             e.kind != ReplayKind::freed && e.kind != ReplayKind::photon_ended;
      work.flights += of_flight;
      work.hinges += e.kind == ReplayKind::turned;
      work.crossings += e.kind == ReplayKind::crossed;
      work.moller += e.kind == ReplayKind::knocked_on;
      work.events += e.kind == ReplayKind::knocked_on || e.kind == ReplayKind::lost || e.kind == ReplayKind::radiated ||
                     e.kind == ReplayKind::passed;
    }
  }
}

}  // namespace

Work count_work(const Case& c, std::uint32_t histories) {
  const TransportView view = c.tables.view(histories);
  Work work;
  count_atomics(view, histories, work);
  count_events(view, histories, work);
  for (double* value : {&work.flights, &work.hinges, &work.events, &work.crossings, &work.moller, &work.photons,
                        &work.deposits, &work.other_atomics})
    *value /= histories;
  return work;
}

std::string text_of(const Work& w) {
  char text[256];
  std::snprintf(text, sizeof text,
                "a history has %.1f flights, %.1f hinges, %.1f events, %.2f faces crossed, %.2f secondaries, %.3f "
                "photons, %.2f deposits, %.2f other atomics",
                w.flights, w.hinges, w.events, w.crossings, w.moller, w.photons, w.deposits, w.other_atomics);
  return text;
}

}  // namespace ytterby::gpu_check
