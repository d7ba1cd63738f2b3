#pragma once
// What a protocol looks at, and what it says of it.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "validation/probability.h"
#include "validation/protocol/protocol.h"
#include "validation/structure_metrics.h"

namespace ytterby::validation {

enum class Judgement { pass, fail, not_judged };
std::string_view judgement_name(Judgement verdict);  // "pass", "fail", "not-judged"

/// One rule's outcome.
struct Ruling {
  std::string id;
  std::string method;     // empty: depends on no method
  std::string structure;  // empty: of none
  std::string session;    // empty: of all, or the only one
  std::optional<double> value;
  std::string unit;
  std::optional<double> limit_low, limit_high;
  std::optional<double> margin;  // to the nearest limit; negative beyond it
  Judgement verdict = Judgement::not_judged;
  std::string reason;  // empty where there is nothing to say
  std::optional<double> probability;
  std::vector<Setting> settings;  // in force for the rule
};

/// A structure's dose by one method.
struct NamedDose {
  std::string name;
  Estimate dose;  // [Gy]
};

/// Dose of the lungs in one session, or why there is none.
struct LungDose {
  std::string session;  // empty: the only one
  std::optional<Estimate> dose;
  std::string reason;  // where there is no dose
};

struct MarginDose {
  double width = 0;  // [cm]
  Estimate d95, mean;
};

/// What one method says.
struct MethodDoses {
  std::string method;
  std::vector<NamedDose> lesions;
  std::optional<Estimate> tumours, perfused, perfused_normal, normal_liver, spared_liver;
  std::vector<LungDose> lungs;       // one per session
  std::optional<Estimate> lung_sum;  // over all sessions; unset where lungs say why
  std::vector<MarginDose> margins;
};

struct LesionExtent {
  std::string name;
  double axial = 0, full = 0;              // [cm]
  double axial_error = 0, full_error = 0;  // standard errors [cm]; 0 where none is known
};

/// What is known of where a session's counts or activity are.
struct SessionActivity {
  std::string session;
  std::optional<double> extrahepatic;  // share outside liver and lungs; unset without a liver
  std::optional<double> spared;        // of the liver's, outside the perfused volume; unset without one
  double administered = 0;             // [Bq]; 0 where unknown
};

/// What a protocol looks at.
struct Treatment {
  std::vector<LesionExtent> lesions;
  std::optional<double> spared_share;     // of the normal liver's volume, outside the perfused one
  bool function = false;                  // whether there is an image of it
  std::optional<double> spared_function;  // of the normal liver's function, outside the perfused volume
  struct SessionLung {
    std::string session;
    double screening = 0;  // lung dose at the screening's tumour dose [Gy]; the first session's is judged
    double planned = 0;    // lung dose of what was given, by the partition model [Gy]
  };
  std::vector<SessionLung> partition;  // one per session; empty where there is no partition model
  std::string no_partition;            // why
  std::vector<SessionActivity> sessions;
  bool delivered = false;  // what was given, not a plan: lung_limited_within_delivered holds
  StatedErrors errors;
  std::vector<MethodDoses> methods;
};

}  // namespace ytterby::validation
