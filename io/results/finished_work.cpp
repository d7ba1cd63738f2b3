#include "io/results/finished_work.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "io/hdf5/hdf5.h"
#include "io/results/checkpoint_file.h"
#include "io/results/dose_format.h"
#include "io/results/kernel_file.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

bool is_hdf5(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return false;
  std::array<char, 8> begin{};
  std::ifstream(path, std::ios::binary).read(begin.data(), begin.size());
  return std::string_view(begin.data(), begin.size()) == "\x89HDF\r\n\x1a\n";
}

/// The file, where it is one of ours; empty for others and damaged ones.
std::optional<Hdf5File> open_ours(const fs::path& path, std::string& format) {
  if (!is_hdf5(path)) return {};
  try {
    Hdf5File h5 = Hdf5File::open(path);
    if (!h5.has_attribute("/", "format")) return {};
    format = h5.text("/", "format");
    return h5;
  } catch (const Error&) {
    return {};
  }
}

DoseClaim read_claim(const Hdf5File& h5) {
  const std::string at = "/provenance";
  DoseClaim claim;
  claim.method = h5.text("/", "method");
  claim.content_hash = h5.text(at, "content_hash");
  claim.electron_cutoff = h5.number(at, "electron_cutoff_keV") / 1000;
  claim.photon_cutoff = h5.number(at, "photon_cutoff_keV") / 1000;
  claim.histories = h5.count(at, "histories");
  if (claim.histories > 0) {
    claim.seed = h5.count(at, "seed");
    claim.estimator = h5.has_attribute(at, "estimator") ? h5.text(at, "estimator") : "plain";
  }
  if (h5.has_attribute(at, "kernel_histories")) claim.histories = h5.count(at, "kernel_histories");
  if (h5.has_attribute(at, "goal_structure")) {
    claim.goal = dose_format::read_goal(h5, at);
  }
  return claim;
}

/// How a run differs from what lies there; empty where it may take its place.
std::string difference(const DoseClaim& old, const DoseClaim& run) {
  if (old.method != run.method) return "it is of method " + old.method;
  if (!run.content_hash.empty() && old.content_hash != run.content_hash) return "it is of another case";
  if (!run.estimator.empty() && old.estimator != run.estimator) return "its estimator is " + old.estimator;
  if (old.seed != run.seed) return "it has another seed" + (old.seed ? ", " + std::to_string(*old.seed) : "");
  if (old.histories > 0 && old.electron_cutoff != run.electron_cutoff) return "it has another electron cutoff";
  if (old.histories > 0 && old.photon_cutoff != run.photon_cutoff) return "it has another photon cutoff";
  if (old.histories > run.histories)
    return "it has " + std::to_string(old.histories) + " histories, more than this run";
  if (run.goal && old.histories > 0) {
    const bool nearer = old.goal && as_near(*run.goal, *old.goal);
    if (!nearer) return "this run may end with fewer histories than its " + std::to_string(old.histories);
  }
  return "";
}

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw Error(Fault::input, path.string() + ": " + what + ": --force writes over it");
}

}  // namespace

std::optional<DoseClaim> claim_of(const fs::path& path) {
  std::string format;
  const std::optional<Hdf5File> h5 = open_ours(path, format);
  if (!h5 || format != dose_format::name) return {};
  try {
    const std::string version = h5->text("/", "format_version");
    const auto major = parse_number(std::string_view(version).substr(0, version.find('.')));
    if (!major || *major <= dose_format::major) return read_claim(*h5);
  } catch (const Error&) {
    return {};
  }
  refuse(path, "is a dose file of a newer format");
}

void check_replaced(const fs::path& path, Force force, const std::optional<DoseClaim>& run) {
  if (force == Force::yes) return;
  if (const auto old = claim_of(path)) {
    const std::string why = run ? difference(*old, *run) : "its method is " + old->method;
    if (!why.empty()) refuse(path, "holds a finished dose, " + why);
    return;
  }
  std::string format;
  if (!open_ours(path, format)) return;
  if (format == kernel_format) refuse(path, "holds a finished kernel");
  if (format == checkpoint_format) refuse(path, "holds a checkpoint");
}

void check_fresh_start(const fs::path& checkpoint, Force force) {
  std::error_code ignored;
  if (force == Force::yes || !fs::is_regular_file(checkpoint, ignored)) return;
  throw Error(Fault::input,
              checkpoint.string() +
                  ": lies there from a run that was interrupted or is to be raised: --resume goes on from "
                  "it, --force starts afresh and drops it");
}

}  // namespace ytterby::io
