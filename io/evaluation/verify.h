#pragma once
// Plan against delivery: two cases of one patient under one protocol.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "io/evaluation/evaluation.h"

namespace ytterby::io {

/// The volumes above a dose in plan and delivery, and how far they agree.
struct IsodoseOverlap {
  std::string method;
  double level = 0;                   // [Gy]
  double share = 0;                   // of the goal
  double planned = 0, delivered = 0;  // volume above the level [cm3], where both grids are
  std::optional<double> dice;         // 2 |A and B| / (|A| + |B|); unset where neither reaches the level
};

/// Activities of a treatment [GBq] and when its image was taken.
struct GivenActivity {
  std::optional<double> planned, given;  // as the cases state them, at administration
  std::optional<double> image;           // in the delivery's image, at administration; unset where it was rescaled
  std::optional<double> expected;        // of `given`, outside the lungs' shunt
  std::optional<double> hours;           // from administration to the image
};

/// A dose that is read when it is needed.
struct DoseInput {
  std::string name;  // of its file, or what it is
  std::function<DoseFile()> read;
};

/// Everything that `verify` says.
struct Verification {
  Validation plan, delivered;
  double goal = 0;  // to the tumours [Gy]
  GivenActivity activity;
  std::vector<IsodoseOverlap> isodoses;
  std::string no_isodoses;  // why there are none
  Warnings warnings;        // of both cases and their doses, and what the comparison finds
  [[nodiscard]] bool broken() const { return delivered.broken(); }
};

/// Judges the delivery with the plan's protocol and lays both side by side. Doses of the same methods, in any order of
/// files; without files both sides get local deposition beside the partition model. The delivery is judged with
/// lung_limited_within_delivered. Throws Fault::input where the protocols differ, or where the image was taken before
/// the administration.
Verification verify_cases(const PreparedCase& plan, const PreparedCase& delivered,
                          const std::vector<DoseInput>& plan_doses, const std::vector<DoseInput>& delivered_doses);

/// Lays an ensemble beside the case that it is of, plan or delivery; `file` names it. What it says of its method stands
/// for the errors that the case states, and its probabilities for the quick ones, but for a delivery's rule that holds
/// as lung-limited, which samples judge by the plan's tolerance. Throws Fault::input for one of another case, and for a
/// second one of a case.
void take_ensemble(EnsembleResult ensemble, const std::string& file, Verification& v);

std::string verification_table(const Verification& v);
std::string verification_json(const Verification& v);

}  // namespace ytterby::io
