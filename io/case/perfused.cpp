#include "io/case/perfused.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/numbers.h"

namespace ytterby::io {

double administered_GBq(const std::vector<PerfusedEntry>& entries) {
  double sum = 0;
  for (const PerfusedEntry& p : entries) sum += p.administered_GBq;
  return sum;
}

std::vector<PerfusedEntry> read_perfused(TomlTable& parent, const std::string& heading, const std::string& file) {
  std::vector<PerfusedEntry> entries;
  for (const toml::table* entry : parent.tables("perfused")) {
    TomlTable table(*entry, heading, file);
    PerfusedEntry p;
    p.line = table.line();
    p.structure = table.required_text("structure");
    p.administered_GBq = table.required_number("administered_GBq", 0, most_administered, TomlTable::Low::open);
    table.finish();
    const bool twice = std::any_of(entries.begin(), entries.end(),
                                   [&](const PerfusedEntry& other) { return other.structure == p.structure; });
    if (twice) table.fail(heading + " structure \"" + p.structure + "\" is there twice");
    entries.push_back(std::move(p));
  }
  if (const double sum = administered_GBq(entries); sum > most_administered) {
    throw Error(Fault::input, file + ":" + std::to_string(std::max(entries.front().line, 1)) + ": " + heading +
                                  " administered_GBq are " + to_text(sum, 6) +
                                  " GBq in all, need to be at most 20 GBq: are they in MBq?");
  }
  return entries;
}

void check_perfused(const std::vector<PerfusedEntry>& entries, bool relative, const std::optional<double>& administered,
                    const std::function<std::optional<Role>(const std::string&)>& role, const std::string& file) {
  if (entries.empty()) return;
  const auto fail = [&](int line, const std::string& what) {
    throw Error(Fault::input, file + ":" + std::to_string(std::max(line, 1)) + ": [[perfused]] " + what);
  };
  const int first = entries.front().line;
  if (!relative) {
    fail(first, "goes with [activity] quantity = \"relative\": an image in Bq says itself where the activity is");
  }
  const double sum = administered_GBq(entries);
  if (std::abs(administered.value_or(sum) - sum) > 1e-6 * sum) {
    fail(first, "administered_GBq are " + to_text(sum, 6) + " GBq in all, [activity] administered_GBq is " +
                    to_text(*administered, 6) + ": leave that out");
  }
  for (const PerfusedEntry& p : entries) {
    const std::optional<Role> found = role(p.structure);
    if (!found) fail(p.line, "structure \"" + p.structure + "\" is no [[structure]] of the case");
    if (*found != Role::perfused) {
      fail(p.line, "structure \"" + p.structure + "\" is of role " + std::string(role_name(*found)) +
                       ", needs to be of role perfused");
    }
  }
}

}  // namespace ytterby::io
