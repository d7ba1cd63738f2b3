#include "validation/cases/code_against_code.h"

#include <limits>
#include <utility>

namespace ytterby::validation {

CaseResult code_against_code(const CaseOptions&) {
  CaseResult result;
  const auto add = [&](const std::string& what, std::vector<Comparison> comparisons) {
    for (Comparison& c : comparisons) {
      if (c.group.starts_with("below")) continue;
      c.case_name = "code-against-code";
      c.group = what + ": " + c.group;
      c.stated = std::numeric_limits<double>::quiet_NaN();
      result.comparisons.push_back(std::move(c));
    }
  };
  for (const int mm : {2, 3, 4}) add("S values, " + std::to_string(mm) + " mm", s_values_code_against_code(mm));
  add("90Y point kernel", point_kernel_code_against_code());
  add("tissue against lung", slab_code_against_code(Neighbour::lung));
  add("tissue against bone", slab_code_against_code(Neighbour::bone));
  return result;
}

}  // namespace ytterby::validation
