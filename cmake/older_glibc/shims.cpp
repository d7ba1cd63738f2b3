// What glibc 2.28 lacks and the static C++ library of newer compilers asks for; see older_glibc.py. All of it is hidden in
// the program. Not for libraries: their symbols would be the program's.

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#define HIDDEN __attribute__((visibility("hidden")))

extern "C" {

// stands in for __libc_single_threaded: 2.32; the C++ library leaves atomics out where it is true.
HIDDEN char __libc_single_threaded = 0;

// stands in for arc4random: 2.36; the C++ library's random_device has it.
HIDDEN std::uint32_t arc4random() {
  std::uint32_t word = 0;
  if (syscall(SYS_getrandom, &word, sizeof word, 0) != static_cast<long>(sizeof word)) std::abort();
  return word;
}

// 2.33; before that the version of the structure was an argument. With 64 bits stat64 is stat.
// stands in for stat
// stands in for stat64
// stands in for lstat
// stands in for lstat64
// stands in for fstat
// stands in for fstat64
int old_xstat(int version, const char* path, void* status);
int old_lxstat(int version, const char* path, void* status);
int old_fxstat(int version, int file, void* status);
asm(".symver old_xstat, __xstat64@GLIBC_2.2.5");
asm(".symver old_lxstat, __lxstat64@GLIBC_2.2.5");
asm(".symver old_fxstat, __fxstat64@GLIBC_2.2.5");
HIDDEN int stat(const char* path, struct stat* status) noexcept { return old_xstat(1, path, status); }
HIDDEN int stat64(const char* path, struct stat64* status) noexcept { return old_xstat(1, path, status); }
HIDDEN int lstat(const char* path, struct stat* status) noexcept { return old_lxstat(1, path, status); }
HIDDEN int lstat64(const char* path, struct stat64* status) noexcept { return old_lxstat(1, path, status); }
HIDDEN int fstat(int file, struct stat* status) noexcept { return old_fxstat(1, file, status); }
HIDDEN int fstat64(int file, struct stat64* status) noexcept { return old_fxstat(1, file, status); }

// stands in for _dl_find_object: 2.35; exceptions are unwound by it.
struct WhereIsIt {
  std::uintptr_t address;
  dl_find_object* found;
};

static int look_into(dl_phdr_info* info, std::size_t, void* data) {
  auto* wanted = static_cast<WhereIsIt*>(data);
  const ElfW(Phdr)* frames = nullptr;
  bool inside = false;
  std::uintptr_t low = UINTPTR_MAX, high = 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = info->dlpi_phdr[i];
    const std::uintptr_t start = info->dlpi_addr + part.p_vaddr, end = start + part.p_memsz;
    if (part.p_type == PT_GNU_EH_FRAME) frames = &part;
    if (part.p_type != PT_LOAD) continue;
    inside = inside || (wanted->address >= start && wanted->address < end);
    low = start < low ? start : low;
    high = end > high ? end : high;
  }
  if (!inside || frames == nullptr) return 0;
  *wanted->found = {};
  wanted->found->dlfo_map_start = reinterpret_cast<void*>(low);
  wanted->found->dlfo_map_end = reinterpret_cast<void*>(high);
  wanted->found->dlfo_eh_frame = reinterpret_cast<void*>(info->dlpi_addr + frames->p_vaddr);
  return 1;
}

HIDDEN int _dl_find_object(void* address, dl_find_object* found) noexcept {
  WhereIsIt wanted{reinterpret_cast<std::uintptr_t>(address), found};
  return dl_iterate_phdr(&look_into, &wanted) == 1 ? 0 : -1;
}

// stands in for __libc_start_main: since 2.34 it calls the program's initialisers itself, before that the caller gives a
// function that does.
using Main = int (*)(int, char**, char**);
using Initialiser = void (*)(int, char**, char**);
int old_start_main(Main main, int count, char** arguments, Initialiser start, void (*end)(), void (*loader_end)(), void* stack);
asm(".symver old_start_main, __libc_start_main@GLIBC_2.2.5");

HIDDEN extern Initialiser __preinit_array_start[], __preinit_array_end[], __init_array_start[], __init_array_end[];
HIDDEN void _init();

static void call_initialisers(int count, char** arguments, char** environment) {
  for (Initialiser* f = __preinit_array_start; f != __preinit_array_end; ++f) (*f)(count, arguments, environment);
  _init();
  for (Initialiser* f = __init_array_start; f != __init_array_end; ++f) (*f)(count, arguments, environment);
}

HIDDEN int __libc_start_main(Main main, int count, char** arguments, Initialiser, void (*)(), void (*loader_end)(), void* stack) {
  return old_start_main(main, count, arguments, &call_initialisers, nullptr, loader_end, stack);
}

}  // extern "C"
