#pragma once
// The photon half of the physics tables, one material at a time.

#include <vector>

#include "engine/physics/library.h"
#include "engine/physics/material.h"
#include "kernels/tables/tables_view.h"

namespace ytterby {

/// Total mass attenuation coefficient [cm2/g] and cumulative shares of the processes, from XCOM (NBSIR 87-3597).
PhotonNode photon_node(const Material& material, const Library& library, double energy);

/// Integral of the molecules' F(q)^2 over q^2 (q in mc) at the nodes of momentum_grid, per mass; independent atoms.
std::vector<float> rayleigh_integral(const Material& material, const Library& library);

}  // namespace ytterby
