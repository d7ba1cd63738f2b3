#include <cstdio>
#include <limits>
#include <string>

#include "engine/physics/elastic.h"
#include "validation/cases/cases.h"
#include "validation/reference_data.h"

namespace ytterby::validation {
namespace {

/// What the Born approximation with its corrections can be held to [%]: it is 0.5 % above partial waves in water, and
/// falls below them towards low energy and high Z. 1 % in water notices a change of the cross section by 2 %.
double stated_for(const std::string& material, double T) {
  constexpr double not_judged = std::numeric_limits<double>::quiet_NaN();
  if (material == "water") return T >= 0.05 ? 1 : not_judged;
  return T >= 0.5 ? 2 : not_judged;
}

}  // namespace

CaseResult elastic_transport(const CaseOptions&) {
  constexpr double moller_threshold = 0.01;  // of atomic electrons, which are not in what is compared
  const CsvTable table = reference_csv("elastic_transport.csv");
  CaseResult result;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string name(table.text(row, table.column("material")));
    const double T = table.number(row, table.column("T_MeV"));
    const ElasticScattering elastic(built_in_material(name), built_in_library(), moller_threshold);
    char quantity[96];
    std::snprintf(quantity, sizeof quantity, "%s, %.4g MeV", name.c_str(), T);
    Comparison c{"elastic-transport", "", quantity, "cm2/g"};
    c.stated = stated_for(name, T);
    const bool judged = c.stated == c.stated;
    c.group = name == "water" ? (judged ? "water from 0.05 MeV" : "water below")
                              : name + (judged ? " from 0.5 MeV" : " below");
    c.position = T;
    c.reference = table.number(row, table.column("G1_cm2_g"));
    c.ours = elastic.nuclear_transport(T);
    c.percent_of = c.reference;
    result.comparisons.push_back(c);
  }
  return result;
}

}  // namespace ytterby::validation
