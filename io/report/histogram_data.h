#pragma once
// Dose-volume histograms for the page.

#include <nlohmann/json_fwd.hpp>

#include "io/report/report_input.h"

namespace ytterby::io {

/// Of every structure that has a dose: `structure`, `role`, `most` [Gy], `limits` (the protocol's doses: `rule`,
/// `dose`), `curves` by method: `dose` [Gy], `volume`, `low` and `high` (95 % interval) as shares, `measures` (name,
/// value, error: D95, D70 [Gy], and V [share] at each limit), from all voxels.
nlohmann::ordered_json histograms_json(const ReportInput& input);

}  // namespace ytterby::io
