#pragma once
// A protocol's rules, applied to what is known of a treatment.

#include <span>
#include <string_view>
#include <vector>

#include "validation/protocol/treatment.h"

namespace ytterby::validation {

/// Whether the activity is the largest that the lungs allow: in every session the partition model's lung dose is
/// within `lung_limited_within` (`_delivered`) of its limit, or the sum is of the cumulative one.
bool lung_limited(const Protocol& protocol, const Treatment& treatment);

/// Every rule of the protocol for every method, in the protocol's order. Rules that depend on no method come once.
std::vector<Ruling> apply(const Protocol& protocol, const Treatment& treatment);

/// Whether a rule of no method, or one of the judge, is broken.
bool broken(std::span<const Ruling> rulings, std::string_view judge);

}  // namespace ytterby::validation
