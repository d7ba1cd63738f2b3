#include "engine/patient/schneider.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string>
#include <utility>

#include "engine/base/csv.h"
#include "engine/base/error.h"

namespace ytterby {
namespace {

std::string material_name(std::string_view table_name) {
  std::string name = "schneider_";
  for (const char c : table_name) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

std::vector<SchneiderDensityNode> read_nodes() {
  const CsvTable table = embedded_csv("schneider_density.csv");
  std::vector<SchneiderDensityNode> nodes;
  for (std::size_t row = 0; row < table.rows(); ++row)
    nodes.push_back({table.number(row, table.column("hu")), table.number(row, table.column("density_g_cm3"))});
  return nodes;
}

std::vector<SchneiderBin> read_bins() {
  constexpr double percent = 0.01;
  const CsvTable table = embedded_csv("schneider_materials.csv");
  const std::size_t first_element = table.column("hu_high") + 1;
  std::vector<SchneiderBin> bins;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double low = table.number(row, table.column("hu_low")), high = table.number(row, table.column("hu_high"));
    std::vector<Component> composition;
    for (std::size_t column = first_element; column < table.columns.size(); ++column)
      if (const double fraction = table.number(row, column) * percent; fraction > 0)
        composition.push_back({atomic_number(table.columns[column]), fraction});
    const double density = (schneider_density(low) + schneider_density(high)) / 2;
    bins.push_back({low, high, make_material(material_name(table.text(row, 0)), std::move(composition), density)});
  }
  return bins;
}

void check_finite(double hu) {
  if (!std::isfinite(hu)) throw Error(Fault::input, "CT number is " + std::to_string(hu) + ", needs to be finite");
}

}  // namespace

const std::vector<SchneiderDensityNode>& schneider_density_nodes() {
  static const std::vector<SchneiderDensityNode> nodes = read_nodes();
  return nodes;
}

const std::vector<SchneiderBin>& schneider_bins() {
  static const std::vector<SchneiderBin> bins = read_bins();
  return bins;
}

double schneider_density(double hu) {
  check_finite(hu);
  const auto& nodes = schneider_density_nodes();
  if (hu <= nodes.front().hu) return nodes.front().density;
  if (hu >= nodes.back().hu) return nodes.back().density;
  const auto high = std::upper_bound(nodes.begin(), nodes.end(), hu,
                                     [](double value, const SchneiderDensityNode& node) { return value < node.hu; });
  const auto low = high - 1;
  return low->density + (high->density - low->density) * (hu - low->hu) / (high->hu - low->hu);
}

std::size_t schneider_bin(double hu) {
  check_finite(hu);
  const auto& bins = schneider_bins();
  const auto above = std::upper_bound(bins.begin(), bins.end(), hu,
                                      [](double value, const SchneiderBin& bin) { return value < bin.hu_low; });
  return above == bins.begin() ? 0 : static_cast<std::size_t>(above - bins.begin()) - 1;
}

}  // namespace ytterby
