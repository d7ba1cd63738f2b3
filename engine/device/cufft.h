#pragma once
// cuFFT, found when it is needed: the program starts without it, and stays small (the static library is 200 MB).

#include <array>
#include <string>

struct CUstream_st;

namespace ytterby {

/// Empty where cuFFT can be used, else one line. Looks once per process: in the environment's CUDA_HOME or CUDA_PATH,
/// where the loader looks, and in /usr/local/cuda.
const std::string& why_no_cufft();

/// Double transforms of `batch` boxes of size[0] (fastest) x size[1] x size[2], in place, rows padded to
/// 2 (size[0] / 2 + 1) doubles; in the order of `stream`. Throws Fault::device.
void cufft_forward(CUstream_st* stream, const std::array<int, 3>& size, int batch, double* boxes);
void cufft_inverse(CUstream_st* stream, const std::array<int, 3>& size, int batch, double* boxes);

}  // namespace ytterby
