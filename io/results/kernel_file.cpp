#include "io/results/kernel_file.h"

#include <cmath>
#include <numeric>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "engine/base/version.h"
#include "engine/physics/library.h"
#include "io/hdf5/hdf5.h"
#include "io/results/seal.h"

namespace ytterby::io {
namespace {

constexpr const char* format = kernel_format;
constexpr const char* format_version = kernel_format_version;
constexpr int major = 1;

void write_all(Hdf5File& h5, const VoxelKernel& k, const std::string& key) {
  h5.attribute("/", "format", std::string(format));
  h5.attribute("/", "format_version", std::string(format_version));
  h5.attribute("/", "program_version", std::string(program_version()));
  h5.attribute("/", "git_commit", std::string(git_commit()));
  std::vector<std::uint64_t> shape;
  std::vector<double> spacing_mm, fractions;
  std::vector<std::string> elements;
  for (std::size_t a = 3; a-- > 0;) shape.push_back(static_cast<std::uint64_t>(k.size(a)));
  for (const double s : k.spacing) spacing_mm.push_back(s / cm_per_mm);
  for (const Component& c : k.medium.composition) {
    elements.emplace_back(element_symbol(c.z));
    fractions.push_back(c.mass_fraction);
  }
  h5.write("/dose", std::span<const double>(k.dose), shape);
  h5.attribute("/dose", "unit", std::string("Gy per decay"));
  h5.write("/variance", std::span<const double>(k.variance), shape);
  h5.attribute("/variance", "unit", std::string("Gy2"));
  h5.attribute("/", "nuclide", std::string("Y-90"));
  h5.attribute("/", "mean_energy_MeV", k.mean_energy);
  h5.attribute("/", "particles", std::string(particles_name(k.particles)));
  h5.attribute("/", "spacing_mm", spacing_mm);
  h5.attribute("/", "material", k.medium.name);
  h5.attribute("/", "elements", elements);
  h5.attribute("/", "mass_fractions", fractions);
  h5.attribute("/", "condensed_density_g_cm3", k.medium.condensed_density);
  h5.attribute("/", "mean_excitation_eV", k.medium.mean_excitation_eV);
  h5.attribute("/", "density_g_cm3", k.density);
  h5.attribute("/", "energy_fraction", k.energy_fraction);
  h5.attribute("/", "relative_error", k.relative_error);
  h5.attribute("/", "histories", k.histories);
  h5.attribute("/", "seed", k.seed);
  h5.attribute("/", "electron_cutoff_keV", k.electron_cutoff * 1000);
  h5.attribute("/", "photon_cutoff_keV", k.photon_cutoff * 1000);
  h5.attribute("/", "seconds", k.seconds);
  if (!key.empty()) h5.attribute("/", "key", key);
}

[[noreturn]] void damaged(const std::filesystem::path& path, const std::string& what) {
  throw Error(Fault::input, path.string() + ": " + what);
}

void check_format(const std::filesystem::path& path, const Hdf5File& h5) {
  if (!h5.has_attribute("/", "format") || h5.text("/", "format") != format) {
    damaged(path, std::string("is no kernel file: its format attribute is not ") + format);
  }
  const std::string version = h5.text("/", "format_version");
  const auto number = parse_number(std::string_view(version).substr(0, version.find('.')));
  if (!number || !(*number >= 1 && *number <= major)) {
    damaged(path, "is of format_version " + version + ", this program reads up to " + std::to_string(major));
  }
}

void read_shape(const std::filesystem::path& path, const Hdf5File& h5, VoxelKernel& k) {
  const std::vector<std::uint64_t> shape = h5.shape("/dose");
  const std::vector<double> spacing = h5.numbers("/", "spacing_mm");
  if (shape.size() != 3 || spacing.size() != 3) damaged(path, "is damaged: /dose or spacing_mm is not of three axes");
  double voxels = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    const std::uint64_t n = shape[2 - a];
    voxels *= static_cast<double>(n);
    if (n % 2 == 0 || voxels > (1 << 28) || !(spacing[a] > 0) || !std::isfinite(spacing[a])) {
      damaged(path, "is damaged: /dose has " + std::to_string(n) + " voxels of " + to_text(spacing[a]) +
                        " mm along an axis, needs an odd number and a spacing above 0");
    }
    k.half[a] = static_cast<int>(n / 2);
    k.spacing[a] = spacing[a] * cm_per_mm;
  }
}

Material read_material(const std::filesystem::path& path, const Hdf5File& h5, double density) {
  const std::vector<std::string> elements = h5.texts("/", "elements");
  const std::vector<double> fractions = h5.numbers("/", "mass_fractions");
  if (elements.size() != fractions.size()) damaged(path, "is damaged: elements and mass_fractions differ in number");
  std::vector<Component> composition;
  for (std::size_t i = 0; i < elements.size(); ++i) composition.push_back({atomic_number(elements[i]), fractions[i]});
  return make_material(h5.text("/", "material"), std::move(composition), density,
                       h5.number("/", "condensed_density_g_cm3"), h5.number("/", "mean_excitation_eV"));
}

void check_values(const std::filesystem::path& path, const std::vector<double>& values) {
  for (const double v : values) {
    if (!(v >= 0) || !std::isfinite(v)) damaged(path, "is damaged: it holds the value " + to_text(v));
  }
}

/// The energy in the voxels against what the file says of it.
void check_energy(const std::filesystem::path& path, const VoxelKernel& k) {
  const double mass = k.density * k.spacing[0] * k.spacing[1] * k.spacing[2];
  const double dose = std::accumulate(k.dose.begin(), k.dose.end(), 0.0);
  const double fraction = dose * mass / gray_per_MeV_per_g / k.mean_energy;
  constexpr double tolerance = 0.005;  // the mean of an electron kernel's spectrum is that of its table
  if (!(std::abs(fraction - k.energy_fraction) < tolerance)) {
    damaged(path, "is damaged: its voxels hold " + to_text(fraction) + " of the energy, energy_fraction is " +
                      to_text(k.energy_fraction));
  }
}

}  // namespace

std::string_view particles_name(KernelParticles particles) {
  return particles == KernelParticles::all ? "all" : "electrons";
}

void write_kernel(const std::filesystem::path& path, const VoxelKernel& kernel, const std::string& key) {
  write_hdf5(path, [&](Hdf5File& h5) { write_all(h5, kernel, key); });
}

std::string key_of_kernel(const std::filesystem::path& path) {
  const Hdf5File h5 = Hdf5File::open(path);
  return h5.has_attribute("/", "key") ? h5.text("/", "key") : "";
}

VoxelKernel read_kernel(const std::filesystem::path& path, Warnings& warnings) {
  const Hdf5File h5 = Hdf5File::open(path);
  check_format(path, h5);
  VoxelKernel k;
  read_shape(path, h5, k);
  const Hdf5Shape shape = h5.shape("/dose");
  k.dose = h5.doubles("/dose", shape);
  k.variance = h5.doubles("/variance", shape);
  check_values(path, k.dose);
  check_values(path, k.variance);
  k.density = h5.number("/", "density_g_cm3");
  if (!(k.density > 0)) damaged(path, "is damaged: density_g_cm3 is " + to_text(k.density) + ", needs to be above 0");
  k.medium = read_material(path, h5, k.density);
  const std::string particles = h5.has_attribute("/", "particles") ? h5.text("/", "particles") : "all";
  if (particles != "all" && particles != "electrons") damaged(path, "is damaged: particles is " + particles);
  if (particles == "electrons") k.particles = KernelParticles::electrons;
  k.energy_fraction = h5.number("/", "energy_fraction");
  k.relative_error = h5.number("/", "relative_error");
  k.histories = h5.count("/", "histories");
  k.seed = h5.count("/", "seed");
  k.electron_cutoff = h5.number("/", "electron_cutoff_keV") / 1000;
  k.photon_cutoff = h5.number("/", "photon_cutoff_keV") / 1000;
  k.seconds = h5.number("/", "seconds");
  if (h5.has_attribute("/", "mean_energy_MeV"))
    k.mean_energy = h5.number("/", "mean_energy_MeV");  // else the default's
  if (!(k.mean_energy > 0)) damaged(path, "is damaged: mean_energy_MeV is " + to_text(k.mean_energy));
  check_energy(path, k);
  if (auto warning = check_seal(h5, path)) warnings.push_back(std::move(*warning));
  return k;
}

}  // namespace ytterby::io
