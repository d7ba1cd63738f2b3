#pragma once
// CUDA's return codes become errors with a place.

#include <source_location>

namespace ytterby {

/// Throws Fault::device with what was tried, CUDA's words and the place, unless `code` is cudaSuccess.
void cuda_check(int code, const char* what, std::source_location place = std::source_location::current());

}  // namespace ytterby
