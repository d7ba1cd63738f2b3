#pragma once
// Whether the values of a CT can be CT numbers.

#include <string>
#include <vector>

#include "engine/grid/image.h"

namespace ytterby::io {

/// Why a CT cannot be in HU; empty where it can. No value below -300 HU and a median outside -50 to 300 HU: no patient,
/// or none with air. A tenth of it between 850 and 1300 HU without air: HU + 1024, as stored. A tenth of it above 3000
/// HU without air: negative numbers read as unsigned. Values below -1100 HU and less than 5 % above -300 HU: 1024 taken
/// off twice.
std::string no_ct_numbers(const Image<float>& ct);

/// The same by what lies in the liver, `share` [1] of each value being inside; `without_air`: no value of the CT is
/// below -300 HU.
std::string no_ct_numbers_in_liver(const std::vector<float>& hu, const std::vector<float>& share, bool without_air);

}  // namespace ytterby::io
