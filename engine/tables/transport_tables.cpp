#include "engine/tables/transport_tables.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <string>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/physics/library.h"
#include "engine/tables/reached_materials.h"

namespace ytterby {
namespace {

/// Materials that occur, with their largest densities; others need no tables.
struct UsedMaterials {
  std::vector<Material> materials;
  std::vector<double> largest_density;
  std::array<std::uint8_t, 256> index{};
  std::vector<std::uint8_t> listed;  // the other way round
};

UsedMaterials used_materials(const Phantom& phantom) {
  std::array<float, 256> largest{};
  std::array<bool, 256> used{};
  std::size_t wrong = phantom.density.size();
  std::mutex guard;
  parallel_pieces(phantom.density.size(), [&](std::size_t first, std::size_t last) {
    std::array<float, 256> dense;  // below 0: not met
    dense.fill(-1.0f);
    for (std::size_t v = first; v < last; ++v) {
      const float density = phantom.density[v];
      const std::uint8_t m = phantom.material[v];
      if (!(density >= 0.0f && density < 100.0f) || m >= phantom.materials.size()) {
        const std::lock_guard lock(guard);
        wrong = std::min(wrong, v);
        return;
      }
      dense[m] = std::max(dense[m], density);
    }
    const std::lock_guard lock(guard);
    for (std::size_t m = 0; m < dense.size(); ++m) {
      if (dense[m] < 0) continue;
      used[m] = true;
      largest[m] = std::max(largest[m], dense[m]);
    }
  });
  if (wrong < phantom.density.size())
    throw Error(Fault::input, "voxel " + std::to_string(wrong) + " has density " +
                                  std::to_string(phantom.density[wrong]) + " g/cm3 and material " +
                                  std::to_string(phantom.material[wrong]) +
                                  ", needs to be 0 to 100 and a material that is listed");
  UsedMaterials result;
  for (std::size_t m = 0; m < phantom.materials.size(); ++m) {
    if (!used[m]) continue;
    result.index[m] = static_cast<std::uint8_t>(result.materials.size());
    result.listed.push_back(static_cast<std::uint8_t>(m));
    result.materials.push_back(phantom.materials[m]);
    result.largest_density.push_back(static_cast<double>(largest[m]));
  }
  return result;
}

std::vector<std::uint32_t> voxel_words(const Phantom& phantom, const UsedMaterials& used) {
  std::vector<std::uint32_t> words(phantom.density.size());
  parallel_pieces(words.size(), [&](std::size_t first, std::size_t last) {
    for (std::size_t v = first; v < last; ++v)
      words[v] =
          (__builtin_bit_cast(std::uint32_t, phantom.density[v]) & 0xffffff00u) | used.index[phantom.material[v]];
  });
  return words;
}

}  // namespace

TransportTables::TransportTables(const Phantom& phantom, const Source& source, const TransportOptions& options,
                                 const Material* reference, std::span<const std::uint8_t> multiplicity)
    : step_fraction(static_cast<float>(options.step_fraction)) {
  UsedMaterials used = used_materials(phantom);
  if (reference != nullptr) {
    if (used.materials.size() > 255)
      throw Error(Fault::input, "the case has 256 materials, the correlated estimator needs it to have at most 255");
    used.materials.push_back(*reference);
    used.largest_density.push_back(0);  // no photon is followed in it
  }
  const std::array<bool, 256> reached = reached_materials(phantom, source);
  std::vector<std::uint8_t> needed(used.materials.size(), 1);
  for (std::size_t m = 0; m < used.listed.size(); ++m) needed[m] = reached[used.listed[m]] ? 1 : 0;
  if (std::find(needed.begin(), needed.end(), 1) == needed.end()) needed.clear();  // no activity: refused below
  physics = build_tables(used.materials, used.largest_density, options.electron_cutoff, options.photon_cutoff,
                         built_in_library(), needed);
  listed = used.listed;
  emission = build_source_tables(source, phantom.grid, multiplicity, options.photon_cutoff);
  words = voxel_words(phantom, used);
  for (std::size_t i = 0; i < 3; ++i) {
    grid.shape[i] = static_cast<std::uint32_t>(phantom.grid.shape[i]);
    grid.size[i] = static_cast<float>(phantom.grid.spacing[i]);
  }
}

TransportView TransportTables::view(std::uint64_t per_batch) const {
  TransportView view{physics.view(), grid, emission.view()};
  view.grid.voxels = {words.data(), static_cast<std::uint32_t>(words.size())};
  view.source.share_out(per_batch);
  if (step_fraction > 0) view.physics.step_fraction = step_fraction;
  return view;
}

}  // namespace ytterby
