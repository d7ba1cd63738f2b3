// Chooses the instruction level at run time.

#include <cstdlib>
#include <string_view>

#include "kernels/launch/launch.h"

namespace ytterby {

#define YTTERBY_DECLARE_LEVEL(name)                                                                               \
  namespace name {                                                                                                \
  PortionTotals run_portion(const TransportView&, std::uint64_t, std::uint64_t, std::uint64_t, std::int64_t*);    \
  PortionTotals run_shell_portion(const TransportViewOf<ShellView>&, std::uint64_t, std::uint64_t, std::uint64_t, \
                                  std::int64_t*);                                                                 \
  PortionTotals run_correlated_portion(const TransportView&, const ReferenceView&, std::uint64_t, std::uint64_t,  \
                                       std::uint64_t, std::int64_t*);                                             \
  PortionTotals run_reference_portion(const TransportView&, const ReferenceView&, std::uint64_t, std::uint64_t,   \
                                      std::uint64_t, std::int64_t*);                                              \
  }

// Unit tests see the baseline level's functions through this inline namespace.
inline YTTERBY_DECLARE_LEVEL(baseline)
#ifdef YTTERBY_HAS_AVX2
    YTTERBY_DECLARE_LEVEL(avx2)
#endif
#ifdef YTTERBY_HAS_AVX512
        YTTERBY_DECLARE_LEVEL(avx512)
#endif

            CpuLauncher best_cpu_launcher() {
  const char* wish = std::getenv("YTTERBY_LEVEL");
  [[maybe_unused]] const std::string_view wanted = wish ? wish : "";
#ifdef YTTERBY_HAS_AVX512
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                          __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  if (has_avx512 && (wanted.empty() || wanted == "avx512"))
    return {"avx512", &avx512::run_portion, &avx512::run_shell_portion, &avx512::run_correlated_portion,
            &avx512::run_reference_portion};
#endif
#ifdef YTTERBY_HAS_AVX2
  const bool has_avx2 =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  if (has_avx2 && wanted != "baseline")
    return {"avx2", &avx2::run_portion, &avx2::run_shell_portion, &avx2::run_correlated_portion,
            &avx2::run_reference_portion};
#endif
  return {"baseline", &baseline::run_portion, &baseline::run_shell_portion, &baseline::run_correlated_portion,
          &baseline::run_reference_portion};
}

}  // namespace ytterby
