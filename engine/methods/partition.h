#pragma once
// The multi-compartment partition model (MIRD): tumours, perfused normal liver and lungs, each with one dose.

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ytterby {

/// A tumour compartment.
struct Lesion {
  std::string name;
  double mass = 0;              // [kg]
  double tumour_to_normal = 1;  // activity per mass over that of the perfused normal liver
};

/// What the model needs. Doses are linear in the activity: D_i = k A (1 - L) f_i / m_i with f_i = r_i m_i over the sum
/// of r_j m_j and m_normal; D_lung = k A L / m_lung. Ho et al., Eur. J. Nucl. Med. 23 (1996) 947; Gulec et al., J.
/// Nucl. Med. 47 (2006) 1209.
struct PartitionModel {
  std::vector<Lesion> lesions;
  double normal_mass = 0;          // perfused, without tumour [kg]; 0 where there is none
  double lung_mass = 1;            // [kg]
  double lung_shunt_fraction = 0;  // L, 0 to below 1
  double dose_constant = 0;        // k [Gy kg/GBq]
};

/// Mean doses [Gy]; `tumour` is the lesions' pooled energy over their pooled mass.
struct PartitionDoses {
  std::vector<double> lesion;
  double tumour = 0, normal = 0, lung = 0;
};

/// Throws Fault::input naming the value for masses, ratios or a shunt out of range, or without a lesion.
void check_partition(const PartitionModel& model);

/// Mass [kg] of all lesions.
double tumour_mass(const PartitionModel& model);

/// Tumour-to-normal ratio of the lesions together, per mass.
double pooled_tumour_to_normal(const PartitionModel& model);

/// Doses of an activity [GBq] at administration.
PartitionDoses partition_doses(const PartitionModel& model, double activity);

/// Where a limit applies.
enum class Compartment { tumour, normal, lung };

/// An upper limit on a compartment's mean dose, by the protocol rule that states it.
struct DoseLimit {
  std::string rule;
  Compartment compartment = Compartment::lung;
  double dose = 0;  // [Gy]
  bool at_limit_passes = false;
  bool cumulative = false;  // over all sessions; else in each
};

/// The activity [GBq] at which a compartment reaches a dose [Gy]; empty where it gets none.
std::optional<double> activity_for(const PartitionModel& model, Compartment compartment, double dose);

/// Dose of a compartment [Gy].
double dose_of(const PartitionDoses& doses, Compartment compartment);

struct PlannedSession {
  double activity = 0;  // [GBq], rounded down to 0.001
  PartitionDoses doses;
  std::string limited_by;  // the rule that kept it from more; empty: the goal was reached
};

struct TreatmentPlan {
  std::vector<PlannedSession> sessions;
  std::string binding;                   // the rule that keeps the sum from the goal; empty where the goal is reached
  std::optional<PlannedSession> second;  // `automatic` with one session: what another would add, where it would
};

enum class SessionCount { one, two, automatic };

/// What a plan is for.
struct PlanGoal {
  double tumour = 0;  // dose to the tumours by all sessions, the given ones too [Gy]
  /// `automatic` takes one session where it reaches this [Gy], the low end of a protocol's range; unset: the goal.
  std::optional<double> enough = std::nullopt;
  /// Mean doses that earlier sessions gave; their sessions count among the two that there may be.
  std::vector<PartitionDoses> given = {};
};

/// Activities that bring the tumours nearest to the goal from below within all limits, beside what was given.
/// Activities are rounded down to 0.001 GBq, and by one more where a limit that does not pass itself would be met
/// exactly. With two sessions the first goes up to its limit and the second takes the remainder. There are two sessions
/// at most, the given ones counted. Throws Fault::input where not even 0.001 GBq is allowed, or none is left.
TreatmentPlan plan_sessions(const PartitionModel& model, const PlanGoal& goal, SessionCount count,
                            std::span<const DoseLimit> limits);

}  // namespace ytterby
