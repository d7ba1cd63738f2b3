#include "io/cli/run/started_ranks.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/mpi/open_ranks.h"

namespace ytterby::cli {
namespace {

std::unique_ptr<Ranks> started;
bool silent = false;

int number(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::atoi(text) : otherwise;
}

/// How many times mpirun or srun has started the program: Open MPI says so, as do PMI (MPICH, srun --mpi=pmi2) and,
/// under srun --mpi=pmix, Slurm.
int times_started() {
  const int size = number("OMPI_COMM_WORLD_SIZE", number("PMI_SIZE", 0));
  if (size > 0) return size;
  return std::getenv("PMIX_RANK") != nullptr ? number("SLURM_STEP_NUM_TASKS", 1) : 1;
}

#ifdef YTTERBY_HAS_MPI
constexpr const char* library_name = "ytterby_mpi.so";

/// Beside the program, or in the lib folder beside the program's.
std::array<std::filesystem::path, 2> library_paths() {
  std::error_code ignored;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  return {folder / library_name, folder.parent_path() / "lib" / library_name};
}
#endif

OpenRanks open_ranks(const std::string& started_so) {
#ifdef YTTERBY_HAS_MPI
  const auto paths = library_paths();
  std::error_code ignored;
  for (const auto& path : paths) {
    if (!std::filesystem::exists(path, ignored)) continue;
    // Open MPI's own plugins look for its symbols among the global ones.
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (library == nullptr) throw Error(Fault::usage, std::string("MPI cannot be loaded: ") + ::dlerror());
    return reinterpret_cast<OpenRanks>(::dlsym(library, open_ranks_name));
  }
  throw Error(Fault::usage, started_so + ", but " + library_name + " is not beside the program: neither " +
                                paths[0].string() + " nor " + paths[1].string() +
                                " is there; copy it from the build or the folder that the program comes from, or start "
                                "the program once");
#else
  throw Error(Fault::usage, started_so + ", but is built without MPI: start it once, or build it with YTTERBY_MPI=ON");
#endif
}

}  // namespace

Ranks* ranks() { return started.get(); }
bool speaks() { return !silent; }

bool of_rank_0(bool answer) {
  if (ranks() == nullptr) return answer;
  return ranks()->gather(std::as_bytes(std::span(&answer, 1))).front() != std::byte{0};
}

bool of_any_rank(bool answer) {
  if (ranks() == nullptr) return answer;
  const std::vector<std::byte> all = ranks()->gather(std::as_bytes(std::span(&answer, 1)));
  return std::any_of(all.begin(), all.end(), [](std::byte b) { return b != std::byte{0}; });
}

StartedRanks::StartedRanks() {
  const int times = times_started();
  if (times < 2) return;
  silent = number("OMPI_COMM_WORLD_RANK", number("PMI_RANK", number("PMIX_RANK", 0))) > 0;
  const OpenRanks open = open_ranks("was started " + std::to_string(times) + " times by mpirun or srun");
  started.reset(open());
  silent = started->rank() > 0;
}

StartedRanks::~StartedRanks() { started.reset(); }

}  // namespace ytterby::cli
