#pragma once
// The CT of a case for pictures.

#include <optional>

#include "engine/grid/image.h"
#include "io/case/case_file.h"

namespace ytterby::io {

/// The case's CT in CT numbers, as prepare() reads it; none where the medium is made of labels. Throws Fault::input.
std::optional<Image<float>> ct_of_case(const CaseFile& c);

}  // namespace ytterby::io
