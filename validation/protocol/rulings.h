#pragma once
// The steps of apply(): for the files of verdict alone.

#include <string>
#include <vector>

#include "validation/protocol/treatment.h"

namespace ytterby::validation::rulings {

/// A protocol, what it looks at, and the rulings so far.
struct Court {
  const Protocol& protocol;
  const Treatment& treatment;
  std::vector<Ruling>& all;

  /// A new ruling, not judged yet. The reference holds until the next one.
  Ruling& add(const char* id, const std::string& method, const std::string& unit) const;
};

Judgement judgement_of(bool holds);

/// A value that has to stay below (or above) a limit.
void judge_below(Ruling& r, double value, const OneSided& rule);
void judge_above(Ruling& r, double value, const OneSided& rule);

/// The value with the range's finite ends as limits and its margin; judges nothing.
void state_range(Ruling& r, double value, const DoseRange& range);
bool within(double value, const DoseRange& range);

/// Joins what there is to say.
void say(Ruling& r, const std::string& what);

/// Rules that depend on no method.
void judge_patient(const Court& court);
/// Rules for what one method says.
void judge_doses(const Court& court, const MethodDoses& method);

}  // namespace ytterby::validation::rulings
