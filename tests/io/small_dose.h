#pragma once
// A dose that no simulation made, for a SmallCase.

#include <cmath>
#include <utility>

#include "io/prepare/dose_of_case.h"
#include "io/results/dose_file.h"
#include "tests/io/small_case.h"

namespace ytterby::test {

inline io::DoseFile small_dose(const SmallCase& small) {
  io::PreparedCase p = io::prepare(io::read_case(small.write("quantity = \"Bq\"\n")));
  DoseMap map;
  map.method = "monte-carlo";
  map.grid = p.phantom.grid;
  for (std::size_t i = 0; i < map.grid.voxels(); ++i) {
    map.dose.push_back(static_cast<float>(i % 97));
    map.uncertainty.push_back(i % 5 == 0 ? std::nanf("") : 0.5F);
  }
  map.structures.push_back({"liver", 130.0, 125.0, 40.5, 0.25});
  map.histories = 6400;
  map.batches = 64;
  map.seed = 12345678901234567ULL;
  map.decays = 1e12;
  map.device = "none";
  map.ledger.emitted = (static_cast<__int128>(1) << 100) + 7;
  map.ledger.deposited = map.ledger.emitted - 7;
  map.ledger.escaped = 7;
  return io::make_dose_file(std::move(p), std::move(map));
}

}  // namespace ytterby::test
