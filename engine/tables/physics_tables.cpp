#include "engine/tables/physics_tables.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/tables/angle_table.h"
#include "engine/tables/electron_tables.h"
#include "engine/tables/photon_tables.h"
#include "kernels/tables/lookup.h"

namespace ytterby {
namespace {

constexpr double nodes_per_strength = 64;
constexpr int most_moments = 192;
constexpr int usual_moments = 96;

template <BitGrid grid>
double node_value(std::uint32_t node) {
  return static_cast<double>(grid_value<grid>(node));
}

void add_range_nodes(PhysicsTables& tables, const SlowingDown& slowing) {
  for (std::uint32_t node = 0; node <= range_grid.intervals; ++node) {
    const double T = slowing.energy(node_value<range_grid>(node));
    tables.range.push_back({static_cast<float>(T), static_cast<float>(slowing.strength(T)),
                            static_cast<float>(slowing.photons(T)), static_cast<float>(slowing.transport(T))});
  }
}

/// Shares are of the majorant, which is known once all materials are.
void add_energy_nodes(PhysicsTables& tables, const SlowingDown& slowing, const SlowingDown& nominal) {
  for (std::uint32_t node = 0; node <= energy_grid.intervals; ++node) {
    const double T = node_value<energy_grid>(node);
    const double moller = slowing.moller_per_MeV(T), event = moller + slowing.photons_per_MeV(T);
    tables.energy.push_back({static_cast<float>(slowing.range(T)), static_cast<float>(moller),
                             static_cast<float>(event), static_cast<float>(nominal.strength(T))});
    tables.straggling.push_back(static_cast<float>(std::sqrt(3 * slowing.straggling(T))));
    tables.event_majorant = std::max(tables.event_majorant, static_cast<float>(event));
  }
}

/// For the mean losses x up to the next event that share the top bits of its uniform number u, x = -ln(u) / majorant:
/// sqrt(E[x] / E[x^2]), with which a loss uniform in x (1 +- sqrt(3 w) times that) has the variance w E[x] over them.
void add_event_losses(PhysicsTables& tables) {
  // Integrals of -ln u and of its square.
  const auto first = [](double u) { return u > 0 ? u - u * std::log(u) : 0; };
  const auto second = [](double u) { return u > 0 ? u * (std::pow(std::log(u), 2) - 2 * std::log(u) + 2) : 0; };
  for (std::uint32_t bin = 0; bin < loss_bins; ++bin) {
    const double low = static_cast<double>(bin) / loss_bins, high = static_cast<double>(bin + 1) / loss_bins;
    tables.inverse_root_loss.push_back(static_cast<float>(std::sqrt(
        static_cast<double>(tables.event_majorant) * (first(high) - first(low)) / (second(high) - second(low)))));
  }
}

void add_strength_nodes(PhysicsTables& tables, const SlowingDown& slowing) {
  for (std::uint32_t node = 0; node < tables.strength_nodes; ++node)
    tables.range_of_strength.push_back(
        static_cast<float>(slowing.range(slowing.energy_of_strength(node / nodes_per_strength))));
}

/// What steps are chosen by.
void add_nominal_medium(PhysicsTables& tables, const std::vector<std::optional<SlowingDown>>& slowing,
                        const SlowingDown& nominal) {
  constexpr double middle_energy = 0.5;  // [MeV]
  for (std::uint32_t node = 0; node < tables.strength_nodes; ++node)
    tables.nominal_transport.push_back(
        static_cast<float>(nominal.transport(nominal.energy_of_strength(node / nodes_per_strength))));
  for (const auto& s : slowing)
    tables.scattering.push_back(static_cast<float>(s->transport(middle_energy) / nominal.transport(middle_energy)));
}

/// As many moments as the shortest step's series takes to converge.
ElasticScattering::Moments enough_moments(const ElasticScattering& elastic, double T) {
  for (int count = usual_moments;; count *= 2) {
    ElasticScattering::Moments moments = elastic.moments(T, count);
    const double path = static_cast<double>(angle_class_strength[angle_classes - 1]) / moments.moment[1];
    const double last = std::exp(-path * moments.moment.back()) - std::exp(-path * moments.total);
    if (last < 1e-7 || count >= most_moments) return moments;
  }
}

/// Deflection tables of all classes; stored class by class, so each goes to its own block.
void set_angle_tables(PhysicsTables& tables, const SlowingDown& slowing, std::size_t material) {
  const std::size_t nodes = angle_grid.intervals + 1;
  std::vector<float> table[angle_classes];
  for (std::size_t node = 0; node < nodes; ++node) {
    const double T = slowing.energy(node_value<angle_grid>(static_cast<std::uint32_t>(node)));
    if (table[0].empty() || (T >= 0.25 * tables.electron_cutoff && T < 4.0)) {  // beyond, the nearest table serves
      const ElasticScattering::Moments moments = enough_moments(slowing.elastic(), std::max(T, 1e-3));
      for (std::uint32_t c = 0; c < angle_classes; ++c)
        table[c] = angle_table(moments, static_cast<double>(angle_class_strength[c]), static_cast<int>(angle_bins),
                               static_cast<int>(angle_tail_bins));
    }
    for (std::uint32_t c = 0; c < angle_classes; ++c)
      std::copy(table[c].begin(), table[c].end(),
                tables.angle.begin() +
                    static_cast<std::ptrdiff_t>(((c * tables.materials + material) * nodes + node) * angle_stride));
  }
}

/// Of a material that is not reached: those of the reached one whose scattering is nearest.
void borrow_angle_tables(PhysicsTables& tables, std::span<const std::uint8_t> reached) {
  const std::size_t block = (angle_grid.intervals + 1) * angle_stride;
  for (std::size_t m = 0; m < tables.materials; ++m) {
    if (reached[m] != 0) continue;
    std::size_t nearest = tables.materials;
    const auto off = [&](std::size_t other) {
      return std::abs(std::log(tables.scattering[other] / tables.scattering[m]));
    };
    for (std::size_t other = 0; other < tables.materials; ++other)
      if (reached[other] != 0 && (nearest == tables.materials || off(other) < off(nearest))) nearest = other;
    for (std::size_t c = 0; c < angle_classes; ++c) {
      const auto at = [&](std::size_t material) {
        return tables.angle.begin() + static_cast<std::ptrdiff_t>((c * tables.materials + material) * block);
      };
      std::copy_n(at(nearest), block, at(m));
    }
  }
}

/// Of one material, node after node of energy.
std::vector<float> bremsstrahlung_tables(const SlowingDown& slowing, double photon_cutoff) {
  std::vector<float> all;
  for (std::uint32_t node = 0; node <= bremsstrahlung_grid.intervals; ++node) {
    const auto table =
        bremsstrahlung_table(slowing.stopping_power(), node_value<bremsstrahlung_grid>(node), photon_cutoff);
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

void add_photons(PhysicsTables& tables, const Material& material, double largest_density, const Library& library) {
  tables.photon_majorant.resize(energy_grid.intervals + 1, 0.0f);
  for (std::uint32_t node = 0; node <= energy_grid.intervals; ++node) {
    const PhotonNode p = photon_node(material, library, node_value<energy_grid>(node));
    tables.photon.push_back(p);
    // A little above the largest, for the rounding of densities in voxel words.
    tables.photon_majorant[node] =
        std::max(tables.photon_majorant[node], p.mu_over_rho * static_cast<float>(largest_density * 1.0001));
  }
  const auto rayleigh = rayleigh_integral(material, library);
  tables.rayleigh.insert(tables.rayleigh.end(), rayleigh.begin(), rayleigh.end());
}

template <class T>
View<T> view_of(const std::vector<T>& values) {
  return {values.data(), static_cast<std::uint32_t>(values.size())};
}

void check_cutoff(const char* name, double value) {
  if (!(value >= 0.002 && value <= 1.0))
    throw Error(Fault::input, std::string(name) + " is " + std::to_string(value * 1e3) + " keV, needs to be 2 to 1000");
}

}  // namespace

PhysicsView PhysicsTables::view() const {
  PhysicsView v;
  v.range = view_of(range);
  v.energy = view_of(energy);
  v.range_of_strength = view_of(range_of_strength);
  v.strength_nodes = strength_nodes;
  v.strength_scale = strength_scale;
  v.nominal_transport = view_of(nominal_transport);
  v.scattering = view_of(scattering);
  v.range_at_cutoff = view_of(range_at_cutoff);
  v.straggling = view_of(straggling);
  v.inverse_root_loss = view_of(inverse_root_loss);
  v.event_majorant = event_majorant;
  v.angle = view_of(angle);
  v.bremsstrahlung = view_of(bremsstrahlung);
  v.photon = view_of(photon);
  v.photon_majorant = view_of(photon_majorant);
  v.rayleigh = view_of(rayleigh);
  v.materials = materials;
  v.electron_cutoff = static_cast<std::uint32_t>(electron_cutoff * 1073741824.0);
  v.electron_cutoff_MeV = static_cast<float>(electron_cutoff);
  v.photon_cutoff = static_cast<float>(photon_cutoff);
  return v;
}

PhysicsTables build_tables(std::span<const Material> materials, std::span<const double> largest_density,
                           double electron_cutoff, double photon_cutoff, const Library& library,
                           std::span<const std::uint8_t> reached) {
  check_cutoff("electron cutoff", electron_cutoff);
  check_cutoff("photon cutoff", photon_cutoff);
  PhysicsTables tables;
  tables.materials = static_cast<std::uint32_t>(materials.size());
  tables.electron_cutoff = electron_cutoff;
  tables.photon_cutoff = photon_cutoff;
  std::vector<std::optional<SlowingDown>> slowing(materials.size() + 1);
  const Material water = built_in_material("water");
  parallel_for(static_cast<int>(slowing.size()), [&](int i) {
    const auto m = static_cast<std::size_t>(i);
    slowing[m].emplace(m < materials.size() ? materials[m] : water, library, electron_cutoff, photon_cutoff);
  });
  const SlowingDown nominal = *slowing.back();
  slowing.pop_back();
  double most_strength = nominal.strength(4.0);
  for (const auto& s : slowing) most_strength = std::max(most_strength, s->strength(4.0));
  tables.strength_nodes = static_cast<std::uint32_t>(most_strength * nodes_per_strength) + 2;
  tables.strength_scale = static_cast<float>(nodes_per_strength);
  tables.angle.resize(static_cast<std::size_t>(angle_classes) * materials.size() * (angle_grid.intervals + 1) *
                      angle_stride);
  std::vector<std::vector<float>> bremsstrahlung(materials.size());
  parallel_for(static_cast<int>(materials.size()), [&](int i) {
    const auto m = static_cast<std::size_t>(i);
    if (reached.empty() || reached[m] != 0) set_angle_tables(tables, *slowing[m], m);
    bremsstrahlung[m] = bremsstrahlung_tables(*slowing[m], photon_cutoff);
  });
  for (std::size_t m = 0; m < materials.size(); ++m) {
    add_range_nodes(tables, *slowing[m]);
    add_energy_nodes(tables, *slowing[m], nominal);
    add_strength_nodes(tables, *slowing[m]);
    tables.bremsstrahlung.insert(tables.bremsstrahlung.end(), bremsstrahlung[m].begin(), bremsstrahlung[m].end());
    add_photons(tables, materials[m], largest_density[m], library);
    tables.range_at_cutoff.push_back(static_cast<float>(slowing[m]->range(electron_cutoff)));
  }
  add_nominal_medium(tables, slowing, nominal);
  if (!reached.empty()) borrow_angle_tables(tables, reached);
  tables.event_majorant *= 1.001f;
  add_event_losses(tables);
  for (EnergyNode& node : tables.energy) {
    node.moller /= tables.event_majorant;
    node.event /= tables.event_majorant;
  }
  return tables;
}

}  // namespace ytterby
