#include "io/prepare/ct_of_case.h"

#include "io/prepare/case_images.h"
#include "io/prepare/parts.h"

namespace ytterby::io {

std::optional<Image<float>> ct_of_case(const CaseFile& c) {
  if (!c.medium || c.medium->ct.empty()) return {};
  Remarks said_before;  // prepare() has told them
  return read_ct(c, said_before);
}

}  // namespace ytterby::io
