// A patient of the kind that the RESCUE trial (NCT06178198) treats: hepatocellular carcinoma above 8 cm in the right
// lobe with a satellite, right lobe perfused, planned by the partition model for 400 Gy to the tumours.
//
// Coordinates in cm, LPS: x to the left, y to posterior, z to superior; z = 0 at the middle of the lung bases.
// Anatomy is schematic: ellipsoids and elliptical cylinders with adult dimensions, CT numbers of a scan without
// contrast.

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/patient/schneider.h"
#include "engine/phantoms/make.h"
#include "engine/phantoms/shapes.h"
#include "engine/physics/nuclide.h"

namespace ytterby::phantoms {
namespace {

using shapes::Cylinder;
using shapes::Ellipsoid;
using shapes::Point;
using shapes::square;

// What the plan assumes.
constexpr double tumour_dose = 400;     // [Gy]
constexpr double tumour_to_normal = 4;  // activity per mass, tumour over perfused normal liver
constexpr double lung_shunt = 0.05;     // share of the activity
constexpr double total_counts = 4e6;    // of the MAA image

// CT numbers [HU].
constexpr float air = -1000, fat = -95, muscle = 50, viscera = 30, lung = -749, blood = 45, liver = 48, tumour = 40,
                spleen = 50, kidney = 32, rib = 450, vertebra = 230, cortex = 700, disc = 90, arch = 350, cord = 25;

constexpr Cylinder skin{0, 0, 17.2, 11.6}, fascia{0, 0, 16.2, 10.6}, rib_outer{0, 0, 14.8, 9.7},
    cavity{0, 0, 14.1, 9.0}, pleura{0, 0, 13.8, 8.7};
constexpr Cylinder vertebral_body{0, 6.6, 2.2, 1.7}, vertebral_spongiosa{0, 6.6, 2.05, 1.55}, canal{0, 9.1, 0.9, 0.8},
    vertebral_arch{0, 9.3, 2.0, 1.2};
constexpr Ellipsoid right_lung{{-7.6, 0.3, 0}, {6.4, 8.4, 20.0}}, left_lung{{7.6, 0.3, 0}, {6.4, 8.4, 20.0}};
constexpr Ellipsoid heart{{2.2, -2.6, 4.5}, {5.2, 4.6, 5.0}};
constexpr Ellipsoid right_lobe{{-6.4, 0.2, -4.6}, {7.1, 7.5, 8.6}}, left_lobe{{1.6, -2.6, -2.6}, {7.8, 4.6, 3.8}};
constexpr Ellipsoid spleen_body{{9.6, 3.6, -4.5}, {3.0, 4.0, 4.5}};
constexpr Ellipsoid right_kidney{{-6.0, 4.8, -13.0}, {2.5, 2.2, 4.0}}, left_kidney{{6.4, 4.8, -11.0}, {2.5, 2.2, 5.0}};
constexpr Ellipsoid main_tumour{{-6.6, 0.6, -4.4}, {4.8, 4.6, 4.5}}, satellite{{-10.3, -1.3, -9.0}, {1.2, 1.2, 1.2}};

/// Height of the diaphragm [cm]: a dome on each side.
double diaphragm(const Point& p) {
  const double right = 3.0 - 5.5 * (square((p.x + 7.0) / 7.5) + square(p.y / 8.5));
  const double left = 1.2 - 4.5 * (square((p.x - 7.0) / 7.5) + square(p.y / 8.5));
  return std::max({right, left, -3.5});
}

bool in_lungs(const Point& p) {
  if (p.z < diaphragm(p) || !pleura.contains(p) || std::abs(p.x) < 2.0 || heart.contains(p)) return false;
  const Ellipsoid& side = p.x < 0 ? right_lung : left_lung;
  return side.contains({p.x, p.y, std::max(p.z, 0.0)});
}

bool in_liver(const Point& p) {
  constexpr double diaphragm_thickness = 0.3;
  const double lower_edge = -13.2 + 0.45 * (p.x + 13);  // rises to the left
  return (right_lobe.contains(p) || left_lobe.contains(p)) && cavity.contains(p) && p.z > lower_edge &&
         p.z < diaphragm(p) - diaphragm_thickness && !vertebral_body.contains(p);
}

/// Right of a plane through gallbladder and vena cava (Cantlie's line).
bool in_right_lobe(const Point& p) { return p.x + 0.35 * p.y < -3.6; }

float spine(const Point& p) {
  const double level = std::fmod(p.z + 100, 3.0);  // vertebrae 22 mm high, discs 8 mm
  const bool in_disc = level < 0.8;
  if (vertebral_body.contains(p)) {
    if (in_disc) return disc;
    return vertebral_spongiosa.contains(p) && level > 0.95 && level < 2.85 ? vertebra : cortex;
  }
  if (canal.contains(p)) return cord;
  return vertebral_arch.contains(p) && !in_disc ? arch : air;  // air: not spine
}

bool in_rib(const Point& p) {
  if (p.z < -10 || p.z > 20 || !rib_outer.contains(p) || cavity.contains(p)) return false;
  return std::fmod(p.z - 0.3 * p.y + 100, 3.0) < 1.2;  // ribs fall to the front, 30 mm apart
}

struct Sample {
  float hu = air;
  bool liver = false, tumour = false, perfused = false, lung = false;
};

Sample sample(const Point& p) {
  Sample s;
  if (!skin.contains(p)) return s;
  if (in_lungs(p)) {
    s.hu = lung;
    s.lung = true;
  } else if (in_liver(p)) {
    s.liver = true;
    s.tumour = main_tumour.contains(p) || satellite.contains(p);
    s.perfused = in_right_lobe(p) || s.tumour;
    s.hu = s.tumour ? tumour : liver;
  } else if (!fascia.contains(p)) {
    s.hu = fat;
  } else if (const float hu = spine(p); hu != air) {
    s.hu = hu;
  } else if (in_rib(p)) {
    s.hu = rib;
  } else if (!cavity.contains(p)) {
    s.hu = muscle;
  } else if (heart.contains(p) && p.z > diaphragm(p)) {
    s.hu = blood;
  } else if (spleen_body.contains(p)) {
    s.hu = spleen;
  } else if (right_kidney.contains(p) || left_kidney.contains(p)) {
    s.hu = kidney;
  } else {
    s.hu = viscera;
  }
  return s;
}

}  // namespace

AnalyticPhantom make_rescue(double spacing) {
  const Grid grid = shapes::cubic_grid({-18.0, -12.6, -16.8}, {18.0, 12.6, 22.2}, spacing);
  const std::size_t voxels = grid.voxels();
  AnalyticPhantom phantom;
  phantom.name = "rescue";
  phantom.description = "RESCUE-like patient: carcinoma over 9 cm and a satellite in a perfused right lobe";
  phantom.ct = Image<float>{grid, std::vector<float>(voxels, 0)};
  phantom.activity = {grid, std::vector<float>(voxels, 0)};
  phantom.quantity = ActivityQuantity::relative;

  const auto empty = [&](const char* name, Role role) {
    return Structure{.name = name, .role = role, .fraction = std::vector<float>(voxels, 0)};
  };
  Structure whole_liver = empty("liver", Role::liver), tumour_1 = empty("tumour", Role::tumour),
            tumour_2 = empty("satellite", Role::tumour), perfused = empty("perfused", Role::perfused),
            lungs = empty("lungs", Role::lung);

  shapes::supersample(grid, [&](std::size_t v, const Point& p) {
    const Sample s = sample(p);
    phantom.ct->values[v] += s.hu;
    if (s.liver) whole_liver.fraction[v] += 1;
    if (s.tumour) (satellite.contains(p) ? tumour_2 : tumour_1).fraction[v] += 1;
    if (s.perfused) perfused.fraction[v] += 1;
    if (s.lung) lungs.fraction[v] += 1;
  });
  constexpr float share = 1.0F / shapes::samples_per_voxel;
  for (float& hu : phantom.ct->values) hu = std::round(hu * share);
  for (Structure* s : {&whole_liver, &tumour_1, &tumour_2, &perfused, &lungs})
    for (float& f : s->fraction) f *= share;

  // Partition model: D_T = k A (1-L) r / (r m_T + m_N), with m_N the perfused normal liver.
  const double liver_density = schneider_density(liver), tumour_density = schneider_density(tumour),
               lung_density = schneider_density(lung);
  const auto volume = [&](const std::vector<float>& fraction) {
    double sum = 0;
    for (const float f : fraction) sum += f;
    return sum * grid.voxel_volume();
  };
  const double tumour_volume = volume(tumour_1.fraction) + volume(tumour_2.fraction);
  const double tumour_kg = 1e-3 * tumour_density * tumour_volume;
  const double normal_kg = 1e-3 * liver_density * (volume(perfused.fraction) - tumour_volume);
  const double uptake = tumour_to_normal * tumour_kg + normal_kg;
  const double activity =
      tumour_dose * uptake / (yttrium_90().dose_constant() * (1 - lung_shunt) * tumour_to_normal);  // [GBq]
  phantom.administered_GBq = std::floor(activity * 1000) / 1000;
  phantom.lung_shunt_fraction = lung_shunt;

  // Counts per gram, uniform in each compartment.
  const double normal_counts = total_counts * (1 - lung_shunt) / (1e3 * uptake);
  const double lung_counts = total_counts * lung_shunt / (lung_density * volume(lungs.fraction));
  for (std::size_t v = 0; v < voxels; ++v) {
    const double tumours = tumour_1.fraction[v] + tumour_2.fraction[v];
    const double counts = normal_counts * (tumour_to_normal * tumour_density * tumours +
                                           liver_density * (perfused.fraction[v] - tumours)) +
                          lung_counts * lung_density * lungs.fraction[v];
    phantom.activity.values[v] = static_cast<float>(counts * grid.voxel_volume());
  }

  phantom.structures = {std::move(whole_liver), std::move(tumour_1), std::move(tumour_2), std::move(perfused),
                        std::move(lungs)};
  return phantom;
}

}  // namespace ytterby::phantoms
