#include "io/report/sections/spheres_section.h"

#include <fmt/format.h>

#include "engine/physics/nuclide.h"
#include "io/report/html.h"
#include "io/text/figures.h"
#include "validation/protocol/sphere_density.h"

namespace ytterby::io {

std::string spheres_section(const Validation& v, const DoseFile& dose) {
  if (!v.protocol.sphere_count) return "";
  const double activity = v.protocol.sphere_count->activity;
  Nuclide nuclide;
  nuclide.half_life_h = dose.half_life_h;
  nuclide.mean_energy = dose.mean_energy;
  std::string rows;
  for (const MethodMetrics& method : v.methods) {
    if (method.method != v.judge) continue;
    for (const validation::StructureMetrics& s : method.structures) {
      if (s.role != Role::tumour || !(s.volume > 0)) continue;
      const double spheres =
          validation::spheres_per_mL(s.mean.value, s.mass / s.volume, nuclide.dose_constant(), activity);
      if (!(spheres > 0)) continue;
      rows += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n", escaped(s.name),
                          three_digits(spheres), validation::published_of_d70(spheres));
    }
  }
  if (rows.empty()) return "";
  return "<h3>Below the voxel</h3>\n<div class=\"wide\"><table><thead><tr><th>tumour</th><th class=\"n\">microspheres "
         "per mL</th><th>D70 beside that of 50 000 per mL</th></tr></thead><tbody>\n" +
         rows +
         fmt::format(
             "</tbody></table></div>\n<p class=\"soft\">An estimate, of which no verdict knows: from the mean dose by "
             "the "
             "{} as if it all came from activity inside, with {:g} Bq a sphere at administration. Spheres lie in "
             "clusters, which a voxel does not show: in 19 tumours simulated in voxels of 0.1 mm D70 was significantly "
             "lower below {:g} spheres per mL, not likely to matter clinically above {:g}, and made up for by more "
             "dose "
             "(J. Nucl. Med. 57 (2016) 1020).</p>\n",
             escaped(method_label(v.judge)), activity, validation::d70_lower_below, validation::d70_may_matter_below);
}

}  // namespace ytterby::io
