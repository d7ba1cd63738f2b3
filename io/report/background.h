#pragma once
// What lies behind the dose on the page: the CT, or the density where there is none.

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "engine/grid/image.h"
#include "io/report/page_window.h"

namespace ytterby::io {

/// JSON: `shape`, `spacing` [mm] and `offset` [mm] along the page's axes from the window's first voxel to its own,
/// `numbers` (the CT number of each of 256 codes: 3 HU apart in soft tissue), `codes` (packed), `kind` ("ct",
/// "density": 1000 (rho - 1)) and `thinned` (how many CT voxels make one, in plane).
nlohmann::ordered_json background_json(const std::optional<Image<float>>& ct, const DoseFile& dose,
                                       const PageWindow& w);

}  // namespace ytterby::io
