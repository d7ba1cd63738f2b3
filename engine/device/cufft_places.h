#pragma once
// Where cuFFT may be: the toolkit, the system's libraries, and Python packages that bring it.

#include <string>
#include <vector>

namespace ytterby {

/// Names to load, the likeliest first: $CUDA_HOME and $CUDA_PATH, what the loader finds by itself, /usr/local/cuda, and
/// the packages nvidia-cufft and alike beside each python3 of $PATH. cuFFT 12 comes with CUDA 13, 11 with CUDA 12.
std::vector<std::string> cufft_places();

}  // namespace ytterby
