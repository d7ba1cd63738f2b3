#pragma once
// What `validate-physics` writes: all comparisons as CSV, the summary as Markdown.

#include <span>
#include <string>
#include <vector>

#include "validation/comparison.h"

namespace ytterby::validation {

/// Every comparison: case, quantity, both values with their errors, differences, tolerance, verdict.
std::string to_csv(std::span<const Comparison> comparisons);

/// One line of the summary as text cells: case, group, points, worst quantity, its difference, tolerance, largest
/// difference in standard errors, verdict.
std::vector<std::string> summary_cells(const GroupSummary& group);

/// Names of those cells.
std::vector<std::string> summary_header();

/// Facts about how the validation ran.
struct ReportContext {
  std::string version, device;
  std::uint64_t seed = 0;
  double seconds = 0;
  bool quick = false;
  std::vector<std::string> plots;  // file names beside the report
};

std::string to_markdown(std::span<const Comparison> comparisons, std::span<const RunRecord> runs,
                        const ReportContext& context);

}  // namespace ytterby::validation
