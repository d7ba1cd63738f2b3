#include "engine/device/cufft.h"

#if defined(YTTERBY_HAS_CUDA) && __has_include(<cufft.h>)

#include <cuda_runtime_api.h>
#include <cufft.h>
#include <dlfcn.h>

#include <string>

#include "engine/base/error.h"
#include "engine/device/cuda_check.h"
#include "engine/device/cufft_places.h"

namespace ytterby {
namespace {

/// The functions that we use, from the library that was found.
struct Cufft {
  std::string why_not;
  decltype(&cufftPlanMany) plan_many = nullptr;
  decltype(&cufftSetStream) set_stream = nullptr;
  decltype(&cufftExecD2Z) forward = nullptr;
  decltype(&cufftExecZ2D) inverse = nullptr;
  decltype(&cufftDestroy) destroy = nullptr;
};

template <class Function>
bool load(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

Cufft find() {
  Cufft fft;
  for (const std::string& path : cufft_places()) {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);  // stays for the life of the process
    if (library == nullptr) continue;
    if (load(library, "cufftPlanMany", fft.plan_many) && load(library, "cufftSetStream", fft.set_stream) &&
        load(library, "cufftExecD2Z", fft.forward) && load(library, "cufftExecZ2D", fft.inverse) &&
        load(library, "cufftDestroy", fft.destroy))
      return fft;
    dlclose(library);
  }
  fft.why_not =
      "libcufft.so.12 or .11 is not found (set CUDA_HOME to the CUDA toolkit, or install the Python package "
      "nvidia-cufft)";
  return fft;
}

const Cufft& cufft() {
  static const Cufft found = find();
  return found;
}

void check(cufftResult result, const char* what) {
  if (result == CUFFT_SUCCESS) return;
  throw Error(Fault::device, std::string("cuFFT cannot ") + what + ": error " + std::to_string(result) +
                                 (result == CUFFT_ALLOC_FAILED ? ", out of device memory" : ""));
}

/// A plan in a stream.
class Plan {
 public:
  Plan(cufftType type, CUstream_st* stream, const std::array<int, 3>& size, int batch) {
    if (!cufft().why_not.empty()) throw Error(Fault::device, cufft().why_not);
    std::array<int, 3> n{size[2], size[1], size[0]};  // slowest first
    const int complex_row = size[0] / 2 + 1;
    std::array<int, 3> reals{size[2], size[1], 2 * complex_row}, pairs{size[2], size[1], complex_row};
    const int complex_box = complex_row * size[1] * size[2];
    const bool forward = type == CUFFT_D2Z;
    check(cufft().plan_many(&plan_, 3, n.data(), forward ? reals.data() : pairs.data(), 1,
                            forward ? 2 * complex_box : complex_box, forward ? pairs.data() : reals.data(), 1,
                            forward ? complex_box : 2 * complex_box, type, batch),
          "plan a transform");
    check(cufft().set_stream(plan_, stream), "use a stream");
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() { cufft().destroy(plan_); }
  [[nodiscard]] cufftHandle handle() const { return plan_; }

 private:
  cufftHandle plan_ = 0;
};

}  // namespace

const std::string& why_no_cufft() { return cufft().why_not; }

void cufft_forward(CUstream_st* stream, const std::array<int, 3>& size, int batch, double* boxes) {
  const Plan plan(CUFFT_D2Z, stream, size, batch);
  check(cufft().forward(plan.handle(), boxes, reinterpret_cast<cufftDoubleComplex*>(boxes)), "transform");
  cuda_check(cudaStreamSynchronize(stream), "transform");  // the plan's work area goes with it
}

void cufft_inverse(CUstream_st* stream, const std::array<int, 3>& size, int batch, double* boxes) {
  const Plan plan(CUFFT_Z2D, stream, size, batch);
  check(cufft().inverse(plan.handle(), reinterpret_cast<cufftDoubleComplex*>(boxes), boxes), "transform back");
  cuda_check(cudaStreamSynchronize(stream), "transform back");
}

}  // namespace ytterby

#else

#include "engine/base/error.h"

namespace ytterby {

const std::string& why_no_cufft() {
  static const std::string why = "this program was built without cuFFT";
  return why;
}
void cufft_forward(CUstream_st*, const std::array<int, 3>&, int, double*) {
  throw Error(Fault::device, why_no_cufft());
}
void cufft_inverse(CUstream_st*, const std::array<int, 3>&, int, double*) {
  throw Error(Fault::device, why_no_cufft());
}

}  // namespace ytterby

#endif
