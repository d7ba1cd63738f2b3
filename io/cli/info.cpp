// `ytterby info`: version, build, devices and physics data.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "engine/base/version.h"
#include "engine/physics/library.h"
#include "engine/physics/material.h"
#include "engine/physics/nuclide.h"
#include "engine/run/device_choice.h"
#include "io/cli/verbs.h"
#include "kernels/launch/launch.h"

namespace ytterby::cli {
namespace {

nlohmann::ordered_json collect() {
  const Library& library = built_in_library();
  const Nuclide& nuclide = yttrium_90();
  const std::string build(build_description());
  nlohmann::ordered_json json;
  json["version"] = program_version();
  json["commit"] = git_commit();
  json["build"] = build;
  json["cpu"] = {{"threads", std::thread::hardware_concurrency()}, {"level", best_cpu_launcher().level}};
  const CudaStatus cuda = cuda_status();
  json["cuda"] = {{"compiled", cuda.compiled}, {"devices", nlohmann::ordered_json::array()}};
  for (const CudaDeviceInfo& device : cuda.devices)
    json["cuda"]["devices"].push_back({{"index", device.index},
                                       {"name", device.name},
                                       {"compute_capability", fmt::format("{}.{}", device.major, device.minor)},
                                       {"memory_MiB", device.memory >> 20},
                                       {"multiprocessors", device.processors}});
  if (!cuda.why_none.empty()) json["cuda"]["why_none"] = cuda.why_none;
  json["physics"] = {{"nuclide", nuclide.name},
                     {"half_life_h", nuclide.half_life_h},
                     {"mean_energy_MeV", nuclide.mean_energy},
                     {"dose_constant_Gy_kg_per_GBq", nuclide.dose_constant()},
                     {"elements", library.elements.size()},
                     {"materials", built_in_material_names()}};
  return json;
}

void print(const nlohmann::ordered_json& json) {
  const auto text = [](const nlohmann::ordered_json& value) { return value.get<std::string>(); };
  fmt::print("Ytterby {} ({})\nbuild:   {}\n", text(json["version"]), text(json["commit"]), text(json["build"]));
  fmt::print("cpu:     {} threads, {}\n", json["cpu"]["threads"].get<unsigned>(), text(json["cpu"]["level"]));
  fmt::print("cuda:    {}\n", json["cuda"]["compiled"].get<bool>() ? "compiled" : "not compiled");
  for (const auto& device : json["cuda"]["devices"])
    fmt::print("         {}: {}, compute capability {}, {} MiB\n", device["index"].get<int>(), text(device["name"]),
               text(device["compute_capability"]), device["memory_MiB"].get<std::size_t>());
  if (json["cuda"].contains("why_none")) fmt::print("         no device: {}\n", text(json["cuda"]["why_none"]));
  const auto& physics = json["physics"];
  fmt::print("nuclide: {}, half-life {} h, mean energy {:.5f} MeV, k = {:.3f} Gy kg/GBq\n", text(physics["nuclide"]),
             physics["half_life_h"].get<double>(), physics["mean_energy_MeV"].get<double>(),
             physics["dose_constant_Gy_kg_per_GBq"].get<double>());
  fmt::print("data:    {} elements, {} named materials\n", physics["elements"].get<std::size_t>(),
             physics["materials"].size());
  for (const auto& name : physics["materials"]) fmt::print("         {}\n", text(name));
}

}  // namespace

Action add_info(CLI::App& app) {
  auto json = std::make_shared<bool>(false);
  app.add_flag("--json", *json, "print JSON");
  return [json] {
    if (*json) {
      std::cout << collect().dump(2) << "\n";
    } else {
      print(collect());
    }
    return 0;
  };
}

}  // namespace ytterby::cli
