// gpu_check: whether a GPU does what the CPU does, and how fast. See tools/gpu-check.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iterator>
#include <string>

#include "engine/base/error.h"
#include "engine/device/cuda_device.h"
#include "stages.h"

namespace ytterby::gpu_check {
namespace {

constexpr const char* stages[] = {"smoke", "quick", "full", "variants", "correlated", "load"};

int usage() {
  std::fprintf(stderr,
               "usage: gpu_check [-o DIR] [--stage smoke|quick|full|variants|correlated|load] [--variant NAME]...\n"
               "                 [--case NAME]... [--require-gpu]\n"
               "       gpu_check --list-gpus | --list-variants\n");
  return 2;
}

int list_variants() {
  for (const std::string& name : CudaVariant::names()) std::printf("%s\n", name.c_str());
  return 0;
}

int run(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    const bool has_value = i + 1 < argc;
    if (option == "-o" && has_value) {
      settings.folder = argv[++i];
    } else if (option == "--stage" && has_value) {
      settings.stage = argv[++i];
      if (std::find(std::begin(stages), std::end(stages), settings.stage) == std::end(stages)) return usage();
    } else if (option == "--variant" && has_value) {
      (void)CudaVariant::named(argv[++i]);
      settings.variants.emplace_back(argv[i]);
      settings.stage = "variants";
    } else if (option == "--case" && has_value) {
      settings.cases.emplace_back(argv[++i]);
    } else if (option == "--require-gpu") {
      settings.require_gpu = true;
    } else if (option == "--list-gpus") {
      return tell_gpus();
    } else if (option == "--list-variants") {
      return list_variants();
    } else {
      return usage();
    }
  }
  return run_stage(settings);
}

}  // namespace
}  // namespace ytterby::gpu_check

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // what was found stays in the log of a program that is killed
  try {
    return ytterby::gpu_check::run(argc, argv);
  } catch (const ytterby::Error& error) {
    std::fprintf(stderr, "gpu_check: %s\n", error.what());
    return error.fault() == ytterby::Fault::usage ? 2 : 4;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gpu_check: %s\n", error.what());
    return 4;
  }
}
