#pragma once
// [[perfused]]: what each position of the catheter was given.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/patient/structures.h"
#include "io/text/toml_table.h"

namespace ytterby::io {

/// Of a session [GBq], above any treatment: the largest glass vials hold 20 GBq.
inline constexpr double most_administered = 20;

/// One volume that is treated with an activity of its own, all in one session.
struct PerfusedEntry {
  int line = 0;
  std::string structure;        // of role perfused
  double administered_GBq = 0;  // A_i [GBq]

  friend bool operator==(const PerfusedEntry& a, const PerfusedEntry& b) {
    return a.structure == b.structure && a.administered_GBq == b.administered_GBq;
  }
};

/// The tables [[perfused]] of a case or a session; `heading` is what they are called in messages. Throws Fault::input,
/// also for a sum above most_administered.
std::vector<PerfusedEntry> read_perfused(TomlTable& parent, const std::string& heading, const std::string& file);

/// Their sum [GBq].
double administered_GBq(const std::vector<PerfusedEntry>& entries);

/// Are the volumes perfused structures of the case, and a relative activity all theirs? `administered_GBq` is
/// [activity]'s, where it is written; `role` knows the structures by name. Throws Fault::input, led by `file` and line.
void check_perfused(const std::vector<PerfusedEntry>& entries, bool relative,
                    const std::optional<double>& administered_GBq,
                    const std::function<std::optional<Role>(const std::string&)>& role, const std::string& file);

}  // namespace ytterby::io
