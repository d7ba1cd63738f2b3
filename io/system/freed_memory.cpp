#include "io/system/freed_memory.h"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>

#include <limits>
#endif

namespace ytterby::io {

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int largest = 1 << 30;  // bytes of one array
  mallopt(M_MMAP_THRESHOLD, largest);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TOP_PAD, 1 << 26);
#endif
}

}  // namespace ytterby::io
