#pragma once
// [[perfused]]: what each position of the catheter was given.

#include <string>
#include <vector>

#include "io/text/toml_table.h"

namespace ytterby::io {

struct ActivitySection;
struct StructureEntry;

/// One volume that is treated with an activity of its own, all in one session.
struct PerfusedEntry {
  int line = 0;
  std::string structure;        // of role perfused
  double administered_GBq = 0;  // A_i [GBq]

  friend bool operator==(const PerfusedEntry& a, const PerfusedEntry& b) {
    return a.structure == b.structure && a.administered_GBq == b.administered_GBq;
  }
};

/// The tables `key` of a case or a session; `heading` is what they are called in messages. Throws Fault::input.
std::vector<PerfusedEntry> read_perfused(TomlTable& parent, const std::string& heading, const std::string& file);

/// Their sum [GBq].
double administered_GBq(const std::vector<PerfusedEntry>& entries);

/// Are the activity's volumes perfused structures of the case, and its relative activity all theirs? Throws
/// Fault::input, led by `file` and line.
void check_perfused(const ActivitySection& activity, const std::vector<StructureEntry>& structures,
                    const std::string& file);

}  // namespace ytterby::io
