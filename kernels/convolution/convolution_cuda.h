#pragma once
// Launchers of a convolution's kernels; cuFFT between them is the engine's. All return a cudaError_t as int.

#include "kernels/convolution/convolution_body.h"

struct CUstream_st;

namespace ytterby {

int cuda_launch_convolution(ConvolutionStage stage, const DeviceConvolution& work, CUstream_st* stream);

}  // namespace ytterby
