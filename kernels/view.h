#pragma once
// Pointers that do not own. Plain data: the same type at every instruction level.

#include <cstdint>

#include "kernels/portability.h"

namespace ytterby {

/// Read-only array owned by somebody else.
template <class T>
struct View {
  const T* data = nullptr;
  std::uint32_t size = 0;
  YTTERBY_HD const T& operator[](std::uint32_t i) const { return data[i]; }
};

}  // namespace ytterby
