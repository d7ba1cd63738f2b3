#pragma once
// From an activity image on the dose grid to becquerels per voxel (io/FORMATS.md, `[activity]`).

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/patient/phantom.h"
#include "engine/patient/structures.h"

namespace ytterby {

/// Below this density [g/cm3] a voxel counts as gas.
inline constexpr float gas_density = 0.05F;

/// Where the activity went; all in Bq at administration unless stated.
struct ActivityAccount {
  double image_total = 0;    // sum over the image in its own unit (counts or Bq), negative voxels included
  double administered = 0;   // A, as given; 0 where it is not
  double on_grid = 0;        // sum of the source
  double outside_lungs = 0;  // of on_grid
  double in_lungs = 0;       // of on_grid
  double off_image = 0;      // A L of lung that no voxel shows
  double off_grid = 0;       // in the image, but outside the dose grid (Bq and Bq/mL)
  double overhang = 0;       // outside the medium, in gas, or off_grid
  double dropped_share = 0;  // of the counts: neither in normalise_to nor in the lungs (relative)
  double negative = 0;       // sum of negative voxels, in the image's unit; removed with totals kept
  std::optional<double> lung_shunt_fraction;  // L, given or from the image
  bool shunt_from_image = false;
  double lung_mass = 0;  // [g] that A L was shared over, or on the grid where there is no shunt
  bool lungs_cut_off = false;
};

/// Sum of the values times the weights; no weights at all count as 0.
double weighted_sum(const std::vector<double>& values, const std::vector<float>& weights);

/// Removes negative values so that the total of each group stays: positive values of a group are scaled by
/// total/positive. A group whose total is not above 0 becomes 0, and what it lacked is taken from all others alike, so
/// that the overall total stays too. Groups keep the noise of the background from scaling a tumour.
/// Returns the sum of the negative values (0 or below). Nothing changes where there are none.
double remove_negative(std::vector<double>& values, const std::vector<std::uint64_t>& group);

/// Group of each voxel: which structures hold more than half of it.
std::vector<std::uint64_t> structure_groups(const std::vector<Structure>& structures, std::size_t voxels);

/// What relative scaling needs beside the counts.
struct RelativeScaling {
  double administered;                        // A [Bq]
  std::optional<double> lung_shunt_fraction;  // L; unset: counts in the lungs over counts in lungs and normalise_to
  std::vector<float> normalise_to;            // volume fractions
  std::vector<float> lungs;                   // volume fractions; empty without lungs
  double whole_lung_mass;                     // [g] m_lung where the lungs are cut off; 0: what the grid shows
};

/// Shares A (1 - L) over `normalise_to` in proportion to the counts there, and A L over the lungs uniformly per mass,
/// each voxel receiving A L m_voxel / m_lung. `counts` (on the phantom's grid, none negative) become Bq. Throws
/// Fault::input where normalise_to holds no counts, or the lungs on the grid weigh more than m_lung.
void scale_relative(std::vector<double>& counts, const Phantom& phantom, const RelativeScaling& scaling,
                    ActivityAccount& account);

/// Splits the source between lungs and the rest, and finds what lies outside the medium or in gas. `medium_share` is
/// the share of each voxel that the medium's image covers.
void take_account(const std::vector<double>& activity, const Phantom& phantom, const std::vector<float>& lungs,
                  const std::vector<float>& medium_share, ActivityAccount& account);

}  // namespace ytterby
