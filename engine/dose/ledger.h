#pragma once
// Where the energy went.

namespace ytterby {

/// Energy in and out in quanta of 2^-30 MeV; emitted = deposited + escaped + discarded, as integers.
/// All values are sums over all histories.
struct EnergyLedger {
  __int128 emitted = 0;
  __int128 deposited = 0;  // in voxels
  __int128 escaped = 0;    // left the grid
  __int128 discarded = 0;  // cut off where no voxel could take it (normally 0)

  [[nodiscard]] bool balanced() const { return emitted == deposited + escaped + discarded; }

  EnergyLedger& operator+=(const EnergyLedger& other) {
    emitted += other.emitted;
    deposited += other.deposited;
    escaped += other.escaped;
    discarded += other.discarded;
    return *this;
  }
};

}  // namespace ytterby
