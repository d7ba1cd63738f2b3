#pragma once
// What the methods say of the structures that a page speaks of first.

#include <string>
#include <utility>
#include <vector>

#include "io/report/report_input.h"

namespace ytterby::io {

/// Mean doses of a structure by method, in the order of the methods; the partition model last.
struct NamedDoses {
  std::string structure;
  std::vector<std::pair<std::string, validation::Estimate>> means;  // method, [Gy]

  /// The mean by a method; nullptr where it says nothing.
  [[nodiscard]] const validation::Estimate* by(const std::string& method) const;
};

/// Of every structure, from the verdict where there is one, else from the dose files. Of lungs that the image cuts off
/// the partition model alone speaks: the voxels are not theirs.
std::vector<NamedDoses> doses_at_hand(const ReportInput& input);

/// The structures a page speaks of first, those that there are: tumours together (or the first of role tumour), normal
/// liver (perfused, else whole, else the liver), lungs.
struct FirstStructures {
  const NamedDoses *tumour = nullptr, *normal = nullptr, *lungs = nullptr;
};
FirstStructures first_structures(const ReportInput& input, const std::vector<NamedDoses>& doses);

}  // namespace ytterby::io
