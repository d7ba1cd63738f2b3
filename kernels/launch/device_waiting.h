#pragma once
// What waits on a device: electrons in the block's shared memory, photons in a queue in device memory. For Device see
// device_body.h.

#include "kernels/tally/quanta.h"
#include "kernels/transport/waiting.h"

namespace ytterby {

/// A photon in the queue between kernels: 48 bytes.
struct QueuedPhoton {
  float position[3];
  float direction[3];
  std::uint32_t quanta;
  std::uint32_t lineage, step;
  std::uint32_t history_low, history_high;
  std::uint32_t unused;
};
static_assert(sizeof(QueuedPhoton) == 48);

inline constexpr std::uint32_t shared_words_per_thread = 8 * 8;       // waiting_electrons entries of 8 words
inline constexpr std::uint32_t shared_words_with_photon = 8 * 8 + 9;  // in the photon kernel: the photon kept, too

}  // namespace ytterby

namespace ytterby::inline YTTERBY_LEVEL {

/// Electrons wait in the block's shared memory, photons go to a queue in device memory; but where the thread follows
/// photons (`keeps`), one photon waits in shared memory for the thread itself.
template <class Device, bool keeps = false>
struct DeviceWaiting {
  Device device;
  QueuedPhoton* out;
  unsigned long long* out_count;
  std::uint32_t out_capacity;
  std::uint32_t electron_count = 0;
  bool kept = false;  // a photon waits for this thread

  YTTERBY_HD bool push_electron(const WaitingElectron& w) {
    if (electron_count >= waiting_electrons) return false;
    const std::uint32_t base = electron_count++ * 8;
    device.shared(base + 0) = w.voxel;
    device.shared(base + 1) = w.energy;
    device.shared(base + 2) = w.lineage;
    device.shared(base + 3) = float_bits(w.strength_to_hinge);
    device.shared(base + 4) = w.step | (static_cast<std::uint32_t>(w.hinge) << 16);
    device.shared(base + 5) = w.position[0] | (static_cast<std::uint32_t>(w.position[1]) << 16);
    device.shared(base + 6) =
        w.position[2] | (static_cast<std::uint32_t>(static_cast<std::uint16_t>(w.direction[0])) << 16);
    device.shared(base + 7) = static_cast<std::uint16_t>(w.direction[1]) |
                              (static_cast<std::uint32_t>(static_cast<std::uint16_t>(w.direction[2])) << 16);
    return true;
  }

  YTTERBY_HD bool pop_electron(WaitingElectron& w) {
    if (electron_count == 0) return false;
    const std::uint32_t base = --electron_count * 8;
    const auto low = [](std::uint32_t word) { return static_cast<std::uint16_t>(word); };
    const auto high = [](std::uint32_t word) { return static_cast<std::uint16_t>(word >> 16); };
    w.voxel = device.shared(base + 0);
    w.energy = device.shared(base + 1);
    w.lineage = device.shared(base + 2);
    w.strength_to_hinge = bits_float(device.shared(base + 3));
    const std::uint32_t a = device.shared(base + 4), b = device.shared(base + 5);
    const std::uint32_t c = device.shared(base + 6), d = device.shared(base + 7);
    w.step = low(a);
    w.hinge = high(a);
    w.position[0] = low(b);
    w.position[1] = high(b);
    w.position[2] = low(c);
    w.direction[0] = static_cast<std::int16_t>(high(c));
    w.direction[1] = static_cast<std::int16_t>(low(d));
    w.direction[2] = static_cast<std::int16_t>(high(d));
    return true;
  }

  YTTERBY_HD void keep(const Photon& p) {
    constexpr std::uint32_t base = shared_words_per_thread;
    kept = true;
    device.shared(base + 0) = float_bits(p.position.x);
    device.shared(base + 1) = float_bits(p.position.y);
    device.shared(base + 2) = float_bits(p.position.z);
    device.shared(base + 3) = float_bits(p.direction.x);
    device.shared(base + 4) = float_bits(p.direction.y);
    device.shared(base + 5) = float_bits(p.direction.z);
    device.shared(base + 6) = p.quanta;
    device.shared(base + 7) = p.lineage;
    device.shared(base + 8) = p.step;
  }

  YTTERBY_HD Photon take_kept() {
    constexpr std::uint32_t base = shared_words_per_thread;
    const auto value = [this](std::uint32_t word) { return bits_float(device.shared(base + word)); };
    kept = false;
    const std::uint32_t quanta = device.shared(base + 6);
    return {{value(0), value(1), value(2)}, {value(3), value(4), value(5)}, to_MeV(quanta), quanta,
            device.shared(base + 7),        device.shared(base + 8)};
  }

  YTTERBY_HD bool push_photon(const Stream& stream, const Photon& p) {
    if constexpr (keeps) {
      if (!kept) {
        keep(p);
        return true;
      }
    }
    const unsigned long long slot = device.add(out_count, 1ull);
    if (slot >= out_capacity) return false;
    out[slot] = {{p.position.x, p.position.y, p.position.z},
                 {p.direction.x, p.direction.y, p.direction.z},
                 p.quanta,
                 p.lineage,
                 p.step,
                 stream.history_low,
                 stream.history_high,
                 0};
    return true;
  }
};

}  // namespace ytterby::inline YTTERBY_LEVEL
