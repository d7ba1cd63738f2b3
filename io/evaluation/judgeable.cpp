#include "io/evaluation/judgeable.h"

#include <algorithm>

#include "engine/base/error.h"
#include "io/evaluation/protocol_of.h"
#include "io/prepare/partition_case.h"

namespace ytterby::cli {

void check_judgeable(io::PreparedCase& prepared) {
  const io::CaseFile& c = prepared.resolved;
  const bool has_tumour = std::any_of(prepared.structures.begin(), prepared.structures.end(),
                                      [](const Structure& s) { return s.role == Role::tumour; });
  if (!c.protocol && !has_tumour) return;  // a dose is all that such a case gives
  try {
    const validation::Protocol protocol = protocol_of(c);
    if (c.protocol.value_or(io::ProtocolSection{}).judge == "partition") {
      io::partition_of(prepared, protocol.lung_mass);
    }
  } catch (const Error& error) {
    if (error.fault() != Fault::input || c.protocol) throw;
    prepared.warnings.push_back({"no-verdict-yet",
                                 io::WarningClass::note,
                                 "validate and report will need more of the case: " + std::string(error.what()),
                                 {}});
  }
}

}  // namespace ytterby::cli
