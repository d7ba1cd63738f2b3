#pragma once
// What the writer and the reader of dose files share.

#include <array>

#include "engine/dose/dose_map.h"

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

}  // namespace ytterby::io::dose_format
