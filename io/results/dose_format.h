#pragma once
// What the writer and the reader of dose files share.

#include <array>
#include <string>

#include "engine/dose/dose_map.h"
#include "io/hdf5/hdf5.h"
#include "io/results/dose_file.h"

namespace ytterby::io::dose_format {

inline constexpr const char* name = "ytterby-dose";
inline constexpr int major = 1;
inline constexpr const char* version = "1.1";

/// A line of the energy ledger and its name in attributes.
struct LedgerEntry {
  const char* name;
  __int128 EnergyLedger::*value;
};
inline constexpr std::array ledger{
    LedgerEntry{"emitted", &EnergyLedger::emitted}, LedgerEntry{"deposited", &EnergyLedger::deposited},
    LedgerEntry{"escaped", &EnergyLedger::escaped}, LedgerEntry{"discarded", &EnergyLedger::discarded}};

/// Of /provenance that has a goal_structure.
GoalRecord read_goal(const Hdf5File& h5, const std::string& at);

}  // namespace ytterby::io::dose_format
