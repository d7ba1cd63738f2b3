#include "engine/device/replay.h"

#include <algorithm>

#include "engine/device/device_tables.h"

namespace ytterby {
namespace {

constexpr std::uint32_t usual_events = 1u << 14;  // some 30 are normal at 3 mm; a longer history runs twice

/// Runs `list` with room for so many events, and again with enough of it.
template <class List>
std::vector<ReplayEvent> list_all(List list) {
  std::vector<ReplayEvent> events(usual_events);
  const std::uint32_t count = list(events);
  events.resize(count);
  if (count > usual_events) list(events);
  return events;
}

}  // namespace

std::string_view name_of(ReplayKind kind) {
  switch (kind) {
    case ReplayKind::emitted:
      return "emitted";
    case ReplayKind::crossed:
      return "crossed";
    case ReplayKind::turned:
      return "turned";
    case ReplayKind::passed:
      return "passed";
    case ReplayKind::knocked_on:
      return "knocked-on";
    case ReplayKind::lost:
      return "lost";
    case ReplayKind::radiated:
      return "radiated";
    case ReplayKind::resumed:
      return "resumed";
    case ReplayKind::absorbed:
      return "absorbed";
    case ReplayKind::escaped:
      return "escaped";
    case ReplayKind::photon:
      return "photon";
    case ReplayKind::photon_ended:
      return "photon-ended";
    case ReplayKind::freed:
      return "freed";
  }
  return "unknown";
}

std::vector<ReplayEvent> replay(const TransportView& view, std::uint64_t seed, std::uint64_t history) {
  return list_all([&](std::vector<ReplayEvent>& events) {
    std::vector<std::uint32_t> shared(shared_words_per_thread);
    std::vector<WaitingPhoton> photons(waiting_photons);
    std::uint32_t count = 0;
    list_events(ReplayLaunch{view, seed, history, photons.data(), events.data(),
                             static_cast<std::uint32_t>(events.size()), &count},
                LoneThread{shared.data()});
    return count;
  });
}

std::vector<ReplayEvent> replay_on(Device& device, const TransportView& view, std::uint64_t seed,
                                   std::uint64_t history) {
  const DeviceTables tables(device, view);
  const DeviceBuffer<WaitingPhoton> photons(device, waiting_photons);
  const DeviceBuffer<std::uint32_t> count(device, std::size_t{1});
  return list_all([&](std::vector<ReplayEvent>& events) {
    const DeviceBuffer<ReplayEvent> list(device, events.size());
    device.launch(DeviceStream::copy, ReplayLaunch{tables.view, seed, history, photons.data(), list.data(),
                                                   static_cast<std::uint32_t>(events.size()), count.data()});
    const std::uint32_t counted = count.host().front();
    events = list.host(0, std::min<std::size_t>(counted, events.size()));
    return counted;
  });
}

}  // namespace ytterby
