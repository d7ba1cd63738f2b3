#include "validation/cases/cases.h"

namespace ytterby::validation {

std::span<const Case> all_cases() {
  static const std::vector<Case> cases = [] {
    std::vector<Case> list;
    list.push_back({"stopping-powers", "Stopping powers and ranges against ESTAR", 1, stopping_powers});
    list.push_back({"elastic-transport", "Elastic scattering against partial waves", 1, elastic_transport});
    for (const int mm : {2, 3, 4})
      list.push_back({"s-values-" + std::to_string(mm) + "mm",
                      "90Y voxel S values in water, " + std::to_string(mm) + " mm", mm == 3 ? 0.1 : 0,
                      [mm](const CaseOptions& options) { return voxel_s_values(mm, options); }});
    list.push_back({"s-values-published", "Published 90Y self-doses from other codes", 0.1, published_s_values});
    list.push_back({"point-kernel-y90", "90Y point kernel in water", 0.05, point_kernel_y90});
    list.push_back(
        {"bremsstrahlung-tail", "Energy 15 to 50 mm from a 90Y point source in water", 0.1, bremsstrahlung_tail});
    for (const double energy : {0.1, 0.5, 1.0, 2.0}) {
      const std::string text = energy == 0.1 ? "0.1" : energy == 0.5 ? "0.5" : energy == 1.0 ? "1" : "2";
      list.push_back({"point-kernel-" + text + "MeV", "Point kernel of " + text + " MeV electrons in water",
                      energy == 1.0 ? 0.1 : 0,
                      [energy](const CaseOptions& options) { return point_kernel_mono(energy, options); }});
    }
    list.push_back({"slab-lung", "Tissue with 90Y against lung", 0.1,
                    [](const CaseOptions& options) { return slab(Neighbour::lung, options); }});
    list.push_back({"slab-bone", "Tissue with 90Y against cortical bone", 0.1,
                    [](const CaseOptions& options) { return slab(Neighbour::bone, options); }});
    list.push_back(
        {"code-against-code", "EGSnrc against PENELOPE: what the references are known to", 1, code_against_code});
    list.push_back({"convolution", "Convolution by FFT against the plain sum", 1, convolution});
    return list;
  }();
  return cases;
}

}  // namespace ytterby::validation
