#pragma once
// The Sobol sequence that emission follows.

#include <cstdint>
#include <vector>

namespace ytterby {

/// The first six dimensions of Joe and Kuo's sequence (SIAM J. Sci. Comput. 30 (2008) 2635), as SourceView::sobol has
/// them.
const std::vector<std::uint32_t>& sobol_tables();

}  // namespace ytterby
