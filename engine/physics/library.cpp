#include "engine/physics/library.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "engine/base/csv.h"
#include "engine/base/error.h"
#include "engine/base/spline.h"
#include "engine/physics/constants.h"

namespace ytterby {
namespace {

Element& element_to_fill(Library& library, const CsvTable& table, std::size_t row) {
  const int z = static_cast<int>(table.number(row, 0));
  for (Element& element : library.elements)
    if (element.z == z) return element;
  throw Error(Fault::internal, table.name + ":" + std::to_string(table.lines[row]) + ": element " + std::to_string(z) +
                                   " is missing in elements.csv");
}

/// Radiative stopping power [MeV cm2/g] over the integral of the scaled cross section [mb]: T N_A/A Z^2/beta^2.
double radiative_factor(const Element& element, double T) {
  constexpr double cm2_per_millibarn = 1e-27;
  const double tau = T / constants::electron_mass;
  const double beta2 = tau * (tau + 2) / ((tau + 1) * (tau + 1));
  return T / beta2 * element.z * element.z * constants::avogadro / element.atomic_weight * cm2_per_millibarn;
}

void read_elements(Library& library) {
  const CsvTable table = embedded_csv("elements.csv");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    Element element;
    element.z = static_cast<int>(table.number(row, table.column("Z")));
    element.symbol = table.text(row, table.column("symbol"));
    element.atomic_weight = table.number(row, table.column("atomic_weight"));
    element.mean_excitation_element_eV = table.number(row, table.column("I_element_eV"));
    element.mean_excitation_eV = table.number(row, table.column("I_condensed_eV"));
    element.mean_excitation_gas_eV = table.number(row, table.column("I_gas_eV"));
    library.elements.push_back(std::move(element));
  }
  std::sort(library.elements.begin(), library.elements.end(),
            [](const Element& a, const Element& b) { return a.z < b.z; });
}

void read_shells(Library& library) {
  const CsvTable table = embedded_csv("shells.csv");
  const std::size_t electrons = table.column("electrons"), binding = table.column("binding_eV");
  for (std::size_t row = 0; row < table.rows(); ++row)
    element_to_fill(library, table, row)
        .shells.push_back({static_cast<int>(table.number(row, electrons)), table.number(row, binding)});
}

PhotonCurve& curve_of(Element& element, const CsvTable& table, std::size_t row, std::string_view process) {
  if (process == "compton") return element.compton;
  if (process == "rayleigh") return element.rayleigh;
  if (process == "photo") return element.photoelectric;
  if (process == "pair") return element.pair;
  if (process == "triplet") return element.triplet;
  throw Error(Fault::internal,
              table.name + ":" + std::to_string(table.lines[row]) + ": unknown process '" + std::string(process) + "'");
}

void read_photons(Library& library) {
  const CsvTable table = embedded_csv("xcom.csv");
  const std::size_t process = table.column("process"), energy = table.column("energy_MeV"),
                    sigma = table.column("sigma_barn_per_atom");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    PhotonCurve& curve = curve_of(element_to_fill(library, table, row), table, row, table.text(row, process));
    curve.energy.push_back(table.number(row, energy));
    curve.barn.push_back(table.number(row, sigma));
  }
}

void read_bremsstrahlung(Library& library) {
  const CsvTable table = embedded_csv("seltzer_berger.csv");
  const std::size_t energy = table.column("T_MeV"), kappa = table.column("kappa"), dcs = table.column("scaled_dcs_mb");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    Element& element = element_to_fill(library, table, row);
    const double T = table.number(row, energy);
    if (element.brems_energy.empty() || element.brems_energy.back() != T) element.brems_energy.push_back(T);
    if (element.brems_energy.size() == 1) element.brems_kappa.push_back(table.number(row, kappa));
    element.brems_scaled_mb.push_back(table.number(row, dcs));
  }
  for (const Element& element : library.elements)
    if (element.brems_scaled_mb.size() != element.brems_energy.size() * element.brems_kappa.size())
      throw Error(Fault::internal, "seltzer_berger.csv: the grid of " + element.symbol + " has holes");
}

/// Scales each energy of the bremsstrahlung tables to the radiative stopping power of ICRU 37, which they miss by up to
/// 1 % (both are evaluations by Seltzer and Berger, of 1982 and 1986). Beyond the energies of radiative.csv the factor
/// of the nearest one holds; elements that are missing there keep their tables.
void normalise_bremsstrahlung(Library& library) {
  const CsvTable table = embedded_csv("radiative.csv");
  const std::size_t energy = table.column("T_MeV"), stopping_power = table.column("S_rad_MeV_cm2_g");
  for (Element& element : library.elements) {
    std::vector<double> T, factor;
    const std::size_t kappas = element.brems_kappa.size();
    const auto row_of = [&](std::size_t e) { return std::span(element.brems_scaled_mb).subspan(e * kappas, kappas); };
    for (std::size_t row = 0; row < table.rows(); ++row) {
      if (static_cast<int>(table.number(row, 0)) != element.z) continue;
      T.push_back(table.number(row, energy));
      const std::size_t e = interval_of(element.brems_energy, T.back());
      if (element.brems_energy[e] != T.back())
        throw Error(Fault::internal, "radiative.csv: an energy that seltzer_berger.csv lacks");
      factor.push_back(table.number(row, stopping_power) /
                       (radiative_factor(element, T.back()) * monotone_integral(element.brems_kappa, row_of(e))));
    }
    if (T.empty()) continue;
    for (std::size_t e = 0; e < element.brems_energy.size(); ++e) {
      const auto at_or_above = std::lower_bound(T.begin(), T.end(), element.brems_energy[e]) - T.begin();
      const double scale = factor[std::min(static_cast<std::size_t>(at_or_above), T.size() - 1)];
      for (double& scaled : row_of(e)) scaled *= scale;
    }
  }
}

Library read_library() {
  Library library;
  read_elements(library);
  read_shells(library);
  read_photons(library);
  read_bremsstrahlung(library);
  normalise_bremsstrahlung(library);
  return library;
}

}  // namespace

double PhotonCurve::at(double energy_MeV) const {
  if (energy.empty() || energy_MeV < energy.front()) return 0;
  // The first node above: at an edge (two nodes of one energy) the interval starts at the upper value.
  const auto above = std::upper_bound(energy.begin(), energy.end(), energy_MeV);
  if (above == energy.end() && energy_MeV == energy.back()) return barn.back();
  const auto high = std::min<std::size_t>(static_cast<std::size_t>(above - energy.begin()), energy.size() - 1);
  const std::size_t low = high - 1;
  if (barn[low] <= 0 || barn[high] <= 0) return barn[low];
  const double slope = std::log(barn[high] / barn[low]) / std::log(energy[high] / energy[low]);
  return barn[low] * std::exp(slope * std::log(energy_MeV / energy[low]));
}

const Element& Library::element(int z) const {
  for (const Element& element : elements)
    if (element.z == z) return element;
  std::string known;
  for (const Element& element : elements) known += (known.empty() ? "" : " ") + element.symbol;
  throw Error(Fault::input,
              "element with Z = " + std::to_string(z) + " is not in the library, needs to be one of " + known);
}

const Library& built_in_library() {
  static const Library library = read_library();
  return library;
}

}  // namespace ytterby
