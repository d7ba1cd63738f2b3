#pragma once
// Numbers that cannot be, or hardly can: what a slip of units, names or files makes of a case.

#include <filesystem>
#include <string>
#include <vector>

#include "engine/grid/grid.h"
#include "engine/patient/phantom.h"
#include "engine/patient/structures.h"
#include "io/case/case_file.h"
#include "io/prepare/hu_calibration.h"
#include "io/text/warning.h"

namespace ytterby::io {

/// What a ratio of activities betrays: "its values are in kBq" for 0.001; empty where it is no power of ten that units
/// differ by, to within 30 %.
std::string unit_slip(double ratio);

/// Warns where a scanner's curve is more than 20 % (and 0.05 g/cm3) off Schneider's between -900 and 1500 HU: tissue.
void check_curve(const HuCalibration& curve, const std::string& name, Warnings& warnings);

/// Liver, tumours and lungs against their density in the medium [g/cm3], before any override. Throws Fault::input where
/// liver and lungs look exchanged; warns of one that looks like the other.
void check_densities(const CaseFile& c, const std::vector<Structure>& own, const Phantom& medium, Warnings& warnings);

/// Warns of tumours that lie neither in the liver's mask nor beside it, as one that was cut out of it does.
void check_tumour_places(const std::vector<Structure>& own, const Grid& grid, Warnings& warnings);

/// Sums of the image within structures, before negative voxels are removed. Throws Fault::input for one that relative
/// activity is normalised to and that is negative in sum; warns of others.
void check_negative_sums(const CaseFile& c, const std::vector<Structure>& own, const std::vector<double>& activity,
                         Warnings& warnings);

}  // namespace ytterby::io
