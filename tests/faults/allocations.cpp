// A library to preload: lets one allocation of a program fail. FAULT_AT=large:N is the N-th of 64 KiB and more, small:N
// the N-th of the others, from 1; how many of each there were is written to the file FAULT_COUNTS at the end. For
// glibc.

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

constexpr std::size_t large = 64 << 10;
std::atomic<long> counts[2];
long failing[2] = {0, 0};
pid_t owner = 0;

/// Before main, and before other libraries are set up where the loader lets it: no allocation here.
__attribute__((constructor)) void read_wish() {
  owner = ::getpid();
  const char* wish = std::getenv("FAULT_AT");
  if (wish == nullptr) return;
  if (std::strncmp(wish, "large:", 6) == 0) failing[1] = std::atol(wish + 6);
  if (std::strncmp(wish, "small:", 6) == 0) failing[0] = std::atol(wish + 6);
}

__attribute__((destructor)) void tell() {
  const char* path = std::getenv("FAULT_COUNTS");
  if (path == nullptr || owner != ::getpid()) return;
  if (std::FILE* file = std::fopen(path, "w")) {
    std::fprintf(file, "%ld %ld\n", counts[0].load(), counts[1].load());
    std::fclose(file);
  }
}

/// Is this the one? Counted from the constructor on, in the process itself.
bool fails(std::size_t size) {
  if (owner == 0) return false;
  const int kind = size >= large ? 1 : 0;
  if (++counts[kind] != failing[kind]) return false;
  errno = ENOMEM;
  return true;
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) { return fails(size) ? nullptr : __libc_malloc(size); }
void* calloc(std::size_t n, std::size_t size) { return fails(n * size) ? nullptr : __libc_calloc(n, size); }
void* realloc(void* old, std::size_t size) { return fails(size) ? nullptr : __libc_realloc(old, size); }
void* memalign(std::size_t alignment, std::size_t size) {
  return fails(size) ? nullptr : __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return fails(size) ? nullptr : __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  void* got = fails(size) ? nullptr : __libc_memalign(alignment, size);
  if (got == nullptr) return ENOMEM;
  *out = got;
  return 0;
}
}
