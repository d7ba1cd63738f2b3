// A library to preload: lets one allocation of a program fail. FAULT_AT=large:N is the N-th of 64 KiB and more, small:N
// the N-th of the others, from 1, counted from main() on: where libraries set themselves up before it, nothing has
// begun. The file FAULT_COUNTS gets how many of each there were: two words, of the small and of the large ones. A
// forked process counts on from where it began; the counts are those of who got furthest. For glibc.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
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
std::atomic<long>* furthest = nullptr;  // of all processes
long failing[2] = {0, 0};
bool ready = false;

/// Before main, and before other libraries are set up where the loader lets it: no allocation here.
__attribute__((constructor)) void read_wish() {
  if (const char* path = std::getenv("FAULT_COUNTS")) {
    const int file = ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ::ftruncate(file, sizeof counts) != 0) std::abort();
    void* shared = ::mmap(nullptr, sizeof counts, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared == MAP_FAILED) std::abort();
    furthest = static_cast<std::atomic<long>*>(shared);
  }
  const char* wish = std::getenv("FAULT_AT");
  if (wish == nullptr) return;
  if (std::strncmp(wish, "large:", 6) == 0) failing[1] = std::atol(wish + 6);
  if (std::strncmp(wish, "small:", 6) == 0) failing[0] = std::atol(wish + 6);
}

using Main = int (*)(int, char**, char**);
Main own_main = nullptr;

int counted_main(int argc, char** argv, char** environment) {
  ready = true;
  return own_main(argc, argv, environment);
}

/// Is this the one?
bool fails(std::size_t size) {
  if (!ready) return false;
  const int kind = size >= large ? 1 : 0;
  const long number = ++counts[kind];
  if (furthest != nullptr) {
    for (long most = furthest[kind].load(); number > most && !furthest[kind].compare_exchange_weak(most, number);) {
    }
  }
  if (number != failing[kind]) return false;
  errno = ENOMEM;
  return true;
}

}  // namespace

extern "C" {

int __libc_start_main(Main main, int argc, char** argv, void (*init)(), void (*fini)(), void (*loader_fini)(),
                      void* stack_end) {
  own_main = main;
  const auto start = reinterpret_cast<decltype(&__libc_start_main)>(::dlsym(RTLD_NEXT, "__libc_start_main"));
  return start(counted_main, argc, argv, init, fini, loader_fini, stack_end);
}

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
