#pragma once
// The protocol that a case asks for.

#include "io/case/case_file.h"
#include "validation/protocol/protocol.h"

namespace ytterby::io {

/// The preset of [protocol] (rescue without one) with the case's overrides. Throws Fault::input with file and line.
validation::Protocol protocol_of(const CaseFile& c);

}  // namespace ytterby::io
