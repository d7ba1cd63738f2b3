#pragma once
// What `validate` and `report` will want of a case, asked for before hours of transport.

#include "io/prepare/prepare.h"

namespace ytterby::cli {

/// Tries what a verdict takes from the case alone: the protocol's rules and, where it is the judge, the partition
/// model. What is missing is refused where the case has a [protocol] (Fault::input), and else, for a case with tumours,
/// becomes a warning of class note in `prepared`.
void check_judgeable(io::PreparedCase& prepared);

}  // namespace ytterby::cli
