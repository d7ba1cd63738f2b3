#include "io/results/checkpoint_file.h"

#include <utility>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/version.h"
#include "io/hdf5/hdf5.h"
#include "io/results/seal.h"

namespace ytterby::io {
namespace {

constexpr const char* format_version = "1.4";

using Words = std::vector<std::uint64_t>;

/// One of the two words of 128-bit numbers.
Words halves_of(const std::vector<unsigned __int128>& values, int shift) {
  Words words;
  words.reserve(values.size());
  for (const unsigned __int128 v : values) words.push_back(static_cast<std::uint64_t>(v >> shift));
  return words;
}

unsigned __int128 joined(std::uint64_t low, std::uint64_t high) {
  return static_cast<unsigned __int128>(high) << 64 | low;
}

template <class T>
Words words_of(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

void write_words(Hdf5File& h5, const std::string& path, const Words& words) {
  if (!words.empty()) h5.write(path, std::span<const std::uint64_t>(words), {words.size()});
}

void write_128(Hdf5File& h5, const std::string& at, const std::string& name, __int128 value) {
  const auto bits = static_cast<unsigned __int128>(value);
  h5.attribute(at, name + "_low", static_cast<std::uint64_t>(bits));
  h5.attribute(at, name + "_high", static_cast<std::uint64_t>(bits >> 64));
}

__int128 read_128(const Hdf5File& h5, const std::string& at, const std::string& name) {
  return static_cast<__int128>(joined(h5.count(at, name + "_low"), h5.count(at, name + "_high")));
}

/// The first histories of a batch.
void write_part(Hdf5File& h5, const std::string& at, std::uint64_t done, const std::vector<std::int64_t>& tally,
                const PortionTotals& totals) {
  h5.attribute(at, "done", done);
  if (done == 0) return;
  write_words(h5, at + "/tally", words_of(tally));
  h5.attribute(at, "part_emitted", static_cast<std::uint64_t>(totals.emitted));
  h5.attribute(at, "part_escaped", static_cast<std::uint64_t>(totals.escaped));
  h5.attribute(at, "part_discarded", static_cast<std::uint64_t>(totals.discarded));
  h5.attribute(at, "part_segments", totals.segments);
  h5.attribute(at, "part_status", static_cast<std::uint64_t>(totals.status));
  h5.attribute(at, "part_reference_emitted", static_cast<std::uint64_t>(totals.reference_emitted));
  h5.attribute(at, "part_reference_deposited", static_cast<std::uint64_t>(totals.reference_deposited));
  h5.attribute(at, "part_reference_lost", static_cast<std::uint64_t>(totals.reference_lost));
}

void write_state(Hdf5File& h5, const std::string& at, const RunState& s) {
  h5.make_group(at);
  h5.attribute(at, "seed", s.seed);
  h5.attribute(at, "histories_per_batch", s.per_batch);
  h5.attribute(at, "level", s.level);
  h5.attribute(at, "batches", static_cast<std::uint64_t>(s.batches));
  h5.attribute(at, "voxels", static_cast<std::uint64_t>(s.sums.sum().size()));
  h5.attribute(at, "structures", static_cast<std::uint64_t>(s.structure_energy.size()));
  h5.attribute(at, "segments", s.segments);
  h5.attribute(at, "seconds", s.seconds);
  write_128(h5, at, "emitted", s.ledger.emitted);
  write_128(h5, at, "deposited", s.ledger.deposited);
  write_128(h5, at, "escaped", s.ledger.escaped);
  write_128(h5, at, "discarded", s.ledger.discarded);
  write_words(h5, at + "/sum", words_of(s.sums.sum()));
  write_words(h5, at + "/square_low", halves_of(s.sums.square(), 0));
  write_words(h5, at + "/square_high", halves_of(s.sums.square(), 64));
  h5.write(at + "/hits", std::span<const std::uint16_t>(s.sums.hits()), {s.sums.hits().size()});
  for (std::size_t i = 0; i < s.structure_energy.size() && s.batches > 0; ++i) {
    h5.write(at + "/structure_" + std::to_string(i), std::span<const double>(s.structure_energy[i]),
             {s.structure_energy[i].size()});
  }
  write_part(h5, at, s.done, s.tally, s.totals);
  h5.attribute(at, "later_parts", static_cast<std::uint64_t>(s.later.size()));
  for (std::size_t i = 0; i < s.later.size(); ++i) {
    const std::string part = at + "/later_" + std::to_string(i);
    h5.make_group(part);
    h5.attribute(part, "batch", static_cast<std::uint64_t>(s.later[i].batch));
    write_part(h5, part, s.later[i].done, s.later[i].tally, s.later[i].totals);
  }
}

std::vector<std::int64_t> signed_words(const Hdf5File& h5, const std::string& path, std::size_t count) {
  const Words words = h5.words(path, {count});
  return {words.begin(), words.end()};
}

BatchPart read_part(const Hdf5File& h5, const std::string& at, std::size_t voxels) {
  BatchPart part;
  part.done = h5.count(at, "done");
  if (part.done == 0) return part;
  part.tally = signed_words(h5, at + "/tally", voxels);
  const auto total = [&](const char* name) { return static_cast<std::int64_t>(h5.count(at, name)); };
  part.totals = {total("part_emitted"),
                 total("part_escaped"),
                 total("part_discarded"),
                 h5.count(at, "part_segments"),
                 static_cast<std::uint32_t>(h5.count(at, "part_status")),
                 total("part_reference_emitted"),
                 total("part_reference_deposited"),
                 total("part_reference_lost")};
  return part;
}

RunState read_state(const std::filesystem::path& path, const Hdf5File& h5, const std::string& at) {
  RunState s;
  s.seed = h5.count(at, "seed");
  s.per_batch = h5.count(at, "histories_per_batch");
  s.level = h5.text(at, "level");
  const std::uint64_t batches = h5.count(at, "batches"), voxels = h5.count(at, "voxels");
  const std::uint64_t structures = h5.count(at, "structures");
  if (batches > 1'000'000 || voxels == 0 || voxels > 0xffffffffU || structures > 100'000 || s.per_batch == 0) {
    throw Error(Fault::input, path.string() + ": is damaged: its counts are out of range");
  }
  s.batches = static_cast<int>(batches);
  s.segments = h5.count(at, "segments");
  s.seconds = h5.number(at, "seconds");
  s.ledger = {read_128(h5, at, "emitted"), read_128(h5, at, "deposited"), read_128(h5, at, "escaped"),
              read_128(h5, at, "discarded")};
  const std::vector<std::int64_t> sum = signed_words(h5, at + "/sum", voxels);
  const Words low = h5.words(at + "/square_low", {voxels}), high = h5.words(at + "/square_high", {voxels});
  std::vector<unsigned __int128> square(voxels);
  for (std::size_t v = 0; v < voxels; ++v) square[v] = joined(low[v], high[v]);
  s.sums = BatchSums({sum.begin(), sum.end()}, std::move(square), h5.half_words(at + "/hits", {voxels}));
  for (std::uint64_t i = 0; i < structures; ++i) {
    s.structure_energy.push_back(batches == 0 ? std::vector<double>{}
                                              : h5.doubles(at + "/structure_" + std::to_string(i), {batches}));
  }
  const BatchPart first = read_part(h5, at, voxels);
  s.done = first.done;
  s.tally = first.tally;
  s.totals = first.totals;
  const std::uint64_t later = h5.count(at, "later_parts");
  if (later > 100'000) throw Error(Fault::input, path.string() + ": is damaged: its counts are out of range");
  for (std::uint64_t i = 0; i < later; ++i) {
    const std::string part = at + "/later_" + std::to_string(i);
    s.later.push_back(read_part(h5, part, voxels));
    s.later.back().batch = static_cast<int>(h5.count(part, "batch"));
  }
  return s;
}

void write_all(Hdf5File& h5, const Checkpoint& checkpoint) {
  h5.attribute("/", "format", std::string(checkpoint_format));
  h5.attribute("/", "format_version", std::string(format_version));
  h5.attribute("/", "content_hash", checkpoint.identity.content_hash);
  h5.attribute("/", "program", checkpoint.identity.program);
  h5.attribute("/", "seed", checkpoint.identity.seed);
  h5.attribute("/", "electron_cutoff_MeV", checkpoint.identity.electron_cutoff);
  h5.attribute("/", "photon_cutoff_MeV", checkpoint.identity.photon_cutoff);
  h5.attribute("/", "estimator", checkpoint.identity.estimator);
  h5.attribute("/", "sessions", static_cast<std::uint64_t>(checkpoint.sessions.size()));
  for (std::size_t s = 0; s < checkpoint.sessions.size(); ++s) {
    write_state(h5, "/session_" + std::to_string(s), *checkpoint.sessions[s]);
  }
}

void compare(const std::filesystem::path& path, const CheckpointIdentity& found, const CheckpointIdentity& expected) {
  const auto differ = [&](const std::string& what, const std::string& a, const std::string& b) {
    if (a != b) {
      throw Error(Fault::input, path.string() + ": is a checkpoint of another " + what + ": " + a + ", this run has " +
                                    b + "; remove it or leave --resume out to start afresh");
    }
  };
  differ("case", found.content_hash, expected.content_hash);
  differ("version", found.program, expected.program);
  differ("seed", std::to_string(found.seed), std::to_string(expected.seed));
  differ("electron cutoff [MeV]", to_text(found.electron_cutoff), to_text(expected.electron_cutoff));
  differ("estimator", found.estimator, expected.estimator);
  differ("photon cutoff [MeV]", to_text(found.photon_cutoff), to_text(expected.photon_cutoff));
}

}  // namespace

CheckpointIdentity identity_of(const std::string& content_hash, const RunOptions& run) {
  std::string estimator(estimator_name(run.estimator));
  // Its histories are shared out for that structure.
  if (run.estimator == Estimator::correlated && run.goal_voxel_uncertainty > 0)
    estimator += " with --voxel-uncertainty of structure " + std::to_string(run.goal_structure + 1);
  return {content_hash,
          std::string(program_version()) + " " + std::string(git_commit()),
          run.seed,
          run.transport.electron_cutoff,
          run.transport.photon_cutoff,
          estimator};
}

std::optional<Estimator> estimator_of_checkpoint(const std::filesystem::path& path) {
  try {
    const std::string text = Hdf5File::open(path).text("/", "estimator");
    return text.starts_with(estimator_name(Estimator::correlated)) ? Estimator::correlated : Estimator::plain;
  } catch (const Error&) {
    return {};  // read_checkpoint() says what is wrong
  }
}

std::filesystem::path checkpoint_path(const std::filesystem::path& dose) { return dose.string() + ".checkpoint"; }

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  std::filesystem::path dose = path;
  write_hdf5(
      path, [&](Hdf5File& h5) { write_all(h5, checkpoint); }, dose.replace_extension());
}

void write_begun_checkpoint(const std::filesystem::path& path, const CheckpointIdentity& identity,
                            std::uint64_t histories) {
  std::filesystem::path dose = path;
  const auto write = [&](Hdf5File& h5) {
    write_all(h5, {identity, {}});
    h5.attribute("/", "histories", histories);
  };
  write_hdf5(path, write, dose.replace_extension());
}

bool is_begun_alone(const std::filesystem::path& path, std::uint64_t histories) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  try {
    const Hdf5File h5 = Hdf5File::open(path);
    return h5.text("/", "format") == checkpoint_format && h5.has_attribute("/", "histories") &&
           h5.count("/", "sessions") == 0 && h5.count("/", "histories") == histories;
  } catch (const Error&) {
    return false;
  }
}

Checkpoint read_checkpoint(const std::filesystem::path& path, const std::optional<CheckpointIdentity>& expected) {
  const Hdf5File h5 = Hdf5File::open(path);
  if (!h5.has_attribute("/", "format") || h5.text("/", "format") != checkpoint_format) {
    throw Error(Fault::input, path.string() + ": is no checkpoint");
  }
  Checkpoint c;
  c.identity = {h5.text("/", "content_hash"),
                h5.text("/", "program"),
                h5.count("/", "seed"),
                h5.number("/", "electron_cutoff_MeV"),
                h5.number("/", "photon_cutoff_MeV"),
                h5.text("/", "estimator")};
  if (expected) compare(path, c.identity, *expected);
  const std::uint64_t sessions = h5.count("/", "sessions");
  if (sessions > 1000) throw Error(Fault::input, path.string() + ": is damaged: it has too many sessions");
  for (std::uint64_t s = 0; s < sessions; ++s) {
    c.sessions.push_back(std::make_shared<const RunState>(read_state(path, h5, "/session_" + std::to_string(s))));
  }
  check_seal(h5, path);
  return c;
}

}  // namespace ytterby::io
