// `ytterby replay`: the events of one history, on the CPU or on a CUDA device.

#include "engine/device/replay.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cmath>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/device/cuda_device.h"
#include "engine/run/batch_run.h"
#include "engine/run/device_choice.h"
#include "engine/tables/transport_tables.h"
#include "io/cli/options.h"
#include "io/cli/run/case_run.h"
#include "io/cli/run/run_flags.h"
#include "io/cli/verbs.h"

namespace ytterby::cli {
namespace {

constexpr std::array particle_names{"electron", "positron", "photon"};

double MeV(std::uint32_t quanta) { return std::ldexp(static_cast<double>(quanta), -30); }

/// Events with what their numbers stand for.
struct History {
  std::vector<ReplayEvent> events;
  std::vector<std::string> materials;  // by the index in an event
  Grid grid;
  std::uint64_t number = 0, seed = 0;
  std::string device;
};

std::string material_of(const History& history, const ReplayEvent& event) {
  return event.material < history.materials.size() ? history.materials[event.material] : "outside";
}

std::array<std::uint32_t, 3> voxel_of(const History& history, const ReplayEvent& event) {
  const auto nx = static_cast<std::uint32_t>(history.grid.shape[0]);
  const auto ny = static_cast<std::uint32_t>(history.grid.shape[1]);
  return {event.voxel % nx, event.voxel / nx % ny, event.voxel / nx / ny};
}

nlohmann::ordered_json as_json(const History& history) {
  nlohmann::ordered_json json{{"history", history.number}, {"seed", history.seed}, {"device", history.device}};
  json["events"] = nlohmann::ordered_json::array();
  for (const ReplayEvent& e : history.events) {
    nlohmann::ordered_json event{{"kind", name_of(e.kind)},
                                 {"particle", particle_names[e.particle]},
                                 {"position_cm", e.position},
                                 {"voxel", nullptr},
                                 {"energy_MeV", MeV(e.energy)},
                                 {"deposited_MeV", MeV(e.deposited)},
                                 {"material", nullptr},
                                 {"lineage", e.lineage},
                                 {"step", e.step}};
    if (e.material < history.materials.size()) {
      event["voxel"] = voxel_of(history, e);
      event["material"] = history.materials[e.material];
    }
    json["events"].push_back(event);
  }
  return json;
}

void print(const History& history) {
  fmt::print("history {} of seed {} on {}; positions from the grid's outer corner, energies in MeV\n", history.number,
             history.seed, history.device);
  fmt::print("{:12} {:8} {:>27} {:>15} {:>10} {:>10}  {:8} {:>4}  {}\n", "event", "particle", "x, y, z [cm]", "voxel",
             "energy", "deposited", "lineage", "step", "material");
  for (const ReplayEvent& e : history.events) {
    const auto voxel = voxel_of(history, e);
    const bool inside = e.material < history.materials.size();
    fmt::print("{:12} {:8} {:>9.5f}{:>9.5f}{:>9.5f} {:>15} {:>10.6f} {:>10.6f}  {:08x} {:>4}  {}\n", name_of(e.kind),
               particle_names[e.particle], e.position[0], e.position[1], e.position[2],
               inside ? fmt::format("{} {} {}", voxel[0], voxel[1], voxel[2]) : "-", MeV(e.energy), MeV(e.deposited),
               e.lineage, e.step, material_of(history, e));
  }
}

struct Options : RunFlags {
  std::string case_file, history, session;
  bool json = false, dry_run = false;
};

History replay_case(const Options& options) {
  const std::uint64_t number = count_option("--history", options.history, 0);
  if (number >> 48 != 0) throw Error(Fault::usage, "--history is " + options.history + ", needs to be below 2^48");
  const io::PreparedCase prepared = prepare_aloud(io::read_case(options.case_file));
  const io::TransportSection& transport = prepared.resolved.transport;
  RunOptions run;
  run.transport.electron_cutoff = transport.electron_cutoff_keV / 1000;
  run.transport.photon_cutoff = transport.photon_cutoff_keV / 1000;
  run.seed = options.seed.value_or(transport.seed);
  const std::uint64_t session = options.session.empty() ? 1 : count_option("--session", options.session, 1);
  if (session > std::max<std::size_t>(prepared.sessions.size(), 1))
    throw Error(Fault::usage, "--session is " + options.session + ", the case has " +
                                  std::to_string(std::max<std::size_t>(prepared.sessions.size(), 1)));
  run.seed += (session - 1) << 32;  // as `simulate` has it
  const Source& source = prepared.sessions.empty() ? prepared.source : prepared.sessions[session - 1].source;
  const TransportTables tables(prepared.phantom, source, run.transport);
  run.histories = options.histories.value_or(transport.histories);
  check_run(run);
  const TransportView view = tables.view(histories_per_batch(run.histories, run.batches));

  History history{{}, {}, prepared.phantom.grid, number, run.seed, "the CPU"};
  for (const std::uint8_t m : tables.listed) history.materials.push_back(prepared.phantom.materials[m].name);
  const BackendChoice choice = choose_backend(options.backend, options.cuda_devices);
  if (choice.cuda_devices.empty()) {
    history.events = replay(view, run.seed, number);
  } else {
    const std::unique_ptr<Device> gpu = open_cuda_device(choice.cuda_devices.front());
    history.events = replay_on(*gpu, view, run.seed, number);
    history.device = gpu->name();
  }
  return history;
}

}  // namespace

Action add_replay(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("case", options->case_file, "case file (TOML)")->required();
  app.add_option("--history", options->history, "the history's number, from 0 on")->required();
  options->backend = Backend::cpu;
  add_run_flags(
      app, *options,
      {.histories = "of the run that it is from, as first begun: they share out the emission; default: the case's",
       .seed = "seed of the random numbers; default: the case's",
       .device = "cpu (the default), cuda or cuda:N",
       .threads = nullptr});
  app.add_option("--session", options->session, "which of the case's sessions; default: the first");
  app.add_flag("--json", options->json, "print JSON");
  app.add_flag("--dry-run", options->dry_run, "print the resolved case with every default and stop");
  return [options] {
    if (options->dry_run) {
      print_resolved(io::read_case(options->case_file));
      return 0;
    }
    const History history = replay_case(*options);
    if (options->json) {
      std::cout << as_json(history).dump(1) << "\n";
    } else {
      print(history);
    }
    return 0;
  };
}

}  // namespace ytterby::cli
