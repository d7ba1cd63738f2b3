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

/// Four words that shared and global memory move at once.
struct alignas(16) Quad {
  std::uint32_t a, b, c, d;
};

inline constexpr std::uint32_t shared_words_per_thread = 8 * 8;       // waiting_electrons entries of 8 words
inline constexpr std::uint32_t shared_words_with_photon = 8 * 8 + 9;  // in the photon kernel: the photon kept, too

}  // namespace ytterby

namespace ytterby::inline YTTERBY_LEVEL {

/// A waiting electron in words, as device memory holds it.
struct WaitingWords {
  std::uint32_t w[8];
};

YTTERBY_HD WaitingWords words_of(const WaitingElectron& e) {
  const auto both = [](std::uint32_t low, std::int16_t high) {
    return low | static_cast<std::uint32_t>(static_cast<std::uint16_t>(high)) << 16;
  };
  return {{e.voxel, e.energy, e.lineage, float_bits(e.strength_to_hinge),
           e.step | static_cast<std::uint32_t>(e.hinge) << 16,
           e.position[0] | static_cast<std::uint32_t>(e.position[1]) << 16, both(e.position[2], e.direction[0]),
           both(static_cast<std::uint16_t>(e.direction[1]), e.direction[2])}};
}

YTTERBY_HD WaitingElectron electron_of(const WaitingWords& words) {
  const auto low = [](std::uint32_t word) { return static_cast<std::uint16_t>(word); };
  const auto high = [](std::uint32_t word) { return static_cast<std::uint16_t>(word >> 16); };
  const std::uint32_t a = words.w[4], b = words.w[5], c = words.w[6], d = words.w[7];
  return {words.w[0],
          words.w[1],
          words.w[2],
          bits_float(words.w[3]),
          low(a),
          high(a),
          {low(b), high(b), low(c)},
          {static_cast<std::int16_t>(high(c)), static_cast<std::int16_t>(low(d)), static_cast<std::int16_t>(high(d))}};
}

/// Puts a photon into the queue in device memory; false where that is full.
template <class Device>
YTTERBY_HD bool queue_photon(Device device, QueuedPhoton* out, unsigned long long* count, std::uint32_t capacity,
                             const Stream& stream, const Photon& p) {
  const unsigned long long slot = device.add(count, 1ull);
  if (slot >= capacity) return false;
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
    const WaitingWords words = words_of(w);
    for (std::uint32_t i = 0; i < 8; ++i) device.shared(base + i) = words.w[i];
    return true;
  }

  /// Word by word: by way of WaitingWords it takes 12 registers more.
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
    return queue_photon(device, out, out_count, out_capacity, stream, p);
  }
};

}  // namespace ytterby::inline YTTERBY_LEVEL
