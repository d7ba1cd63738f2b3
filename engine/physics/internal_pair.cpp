#include "engine/physics/internal_pair.h"

#include "engine/physics/constants.h"

namespace ytterby {

double pair_beta_share() { return 1 - pair_level / yttrium_90().energy.back(); }

InternalPairs internal_pairs(const Nuclide& nuclide) {
  return {pairs_per_decay * pair_level, pairs_per_decay * 2 * constants::electron_mass,
          pairs_per_decay * (pair_level - nuclide.mean_energy * (1 - pair_beta_share()))};
}

}  // namespace ytterby
