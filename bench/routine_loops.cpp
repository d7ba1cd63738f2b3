// Loops over single routines; compiled once per instruction level. No header of the standard library that defines
// functions may come in here: the linker could take the copy made for a newer processor.

#include "bench/routine_loops.h"

#include "kernels/physics/compton.h"
#include "kernels/transport/history.h"

namespace ytterby::inline YTTERBY_LEVEL {
namespace {

using bench::Routine;

/// Kinetic energies over the spectrum of 90Y, 0.05 to 1.97 MeV.
float energy_of(std::uint64_t i) { return 0.05f + 0.03f * static_cast<float>(i & 63u); }

double philox(std::uint64_t count) {
  std::uint32_t sum = 0;
  const Stream stream = stream_of(1, 1);
  for (std::uint64_t i = 0; i < count; ++i) {
    sum ^= stream.draw(0, static_cast<std::uint32_t>(i)).w[0];
    asm volatile("" : "+r"(sum));  // one block at a time, as a history draws them
  }
  return static_cast<double>(sum);
}

double deflection(const TransportView& view, std::uint64_t count) {
  float sum = 0;
  const Stream stream = stream_of(1, 1);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Block block = stream.draw(0, static_cast<std::uint32_t>(i));
    const float range = range_of_energy(view.physics, 0, energy_of(i));
    sum += sample_deflection(view.physics, static_cast<std::uint32_t>(i & 3u), 0, range, block.w[0]);
  }
  return static_cast<double>(sum);
}

/// A routine that draws its own numbers.
template <class Sample>
double sampled(std::uint64_t count, Sample sample) {
  float sum = 0;
  const Stream stream = stream_of(1, 1);
  for (std::uint64_t i = 0; i < count; ++i) {
    Draws draws{stream, 0, static_cast<std::uint32_t>(i)};
    sum += sample(energy_of(i), draws);
  }
  return static_cast<double>(sum);
}

double emit(const TransportView& view, std::uint64_t count, std::int64_t* tally) {
  ThreadTally scores{tally, {}};
  float sum = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    Electron e;
    emit_primary(e, view, stream_of(1, i), scores);
    sum += e.range + e.direction.x;
  }
  return static_cast<double>(sum) + static_cast<double>(scores.totals.emitted);
}

/// Crosses faces along straight lines that start where histories do; counts faces.
double walk(const TransportView& view, std::uint64_t count, std::int64_t* tally) {
  ThreadTally scores{tally, {}};
  double sum = 0;
  std::uint64_t faces = 0;
  for (std::uint64_t history = 0; faces < count; ++history) {
    Electron e;
    emit_primary(e, view, stream_of(1, history), scores);
    while (true) {
      const Face face = next_face(e, view.grid);
      advance(e, view.grid, face.distance);
      ++faces;
      if (!cross_face(e, view.grid, face.axis)) break;
      enter_voxel(e, view.grid);
      sum += static_cast<double>(e.density);
    }
  }
  return sum;
}

/// Into voxels in no order: what a cache miss costs is part of it.
double deposit(const TransportView& view, std::uint64_t count, std::int64_t* tally) {
  ThreadTally scores{tally, {}};
  std::uint32_t place = 1;
  for (std::uint64_t i = 0; i < count; ++i) {
    place = place * 1664525u + 1013904223u;  // Knuth's linear congruential generator
    scores.deposit(multiply_high(place, view.grid.voxels.size), place & 0xffffu);
  }
  return static_cast<double>(tally[0]);
}

}  // namespace

double run_routine(Routine routine, const TransportView& view, std::uint64_t count, std::int64_t* tally) {
  switch (routine) {
    case Routine::philox:
      return philox(count);
    case Routine::deflection:
      return deflection(view, count);
    case Routine::moller:
      return sampled(count, [](float T, Draws& d) { return sample_moller_fraction(T, 0.01f, d); });
    case Routine::bremsstrahlung:
      return sampled(count, [&](float T, Draws& d) { return sample_bremsstrahlung(view.physics, 0, T, d); });
    case Routine::compton:
      return sampled(count, [](float k, Draws& d) { return sample_compton(k, d).energy; });
    case Routine::emit:
      return emit(view, count, tally);
    case Routine::walk:
      return walk(view, count, tally);
    case Routine::deposit:
      return deposit(view, count, tally);
  }
  return 0;
}

}  // namespace ytterby::inline YTTERBY_LEVEL
