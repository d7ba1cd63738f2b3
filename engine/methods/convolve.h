#pragma once
// A dose kernel over an activity map, on whatever device there is.

#include <array>
#include <span>
#include <string>
#include <vector>

#include "engine/grid/grid.h"
#include "engine/run/run_options.h"

namespace ytterby {

/// volume (x) kernel on the grid, nothing beyond its edges:
/// out(r) = sum over r' of volume(r') kernel(r - r').
///
/// `kernel` has 2 half[i] + 1 values along axis i, x fastest, its centre in the middle. By FFT or as a plain sum,
/// whichever takes fewer operations; in double either way, within 1e-12 of the largest result of each other.
/// threads 0: all processors. `how`, where given, gets what did it, e.g. "cpu fft, 2 threads".
/// Backend::automatic takes a CUDA device where one is usable and the work is worth the copies, else the CPU.
/// Throws Fault::input for sizes that do not match, Fault::device where Backend::cuda cannot run.
std::vector<double> convolve(const Grid& grid, std::span<const double> volume, std::span<const double> kernel,
                             const std::array<int, 3>& half, Backend backend = Backend::automatic, int threads = 0,
                             std::string* how = nullptr);

/// One kernel over many volumes of a grid, on the CPU: the kernel's transform is made once.
class KernelConvolver {
 public:
  /// As for convolve(). Throws Fault::input for sizes that do not match.
  KernelConvolver(const Grid& grid, std::span<const double> kernel, const std::array<int, 3>& half);
  /// convolve() of one volume, on one thread and with the same bits from any; several threads may call it at once.
  [[nodiscard]] std::vector<double> operator()(std::span<const double> volume) const;

 private:
  Grid grid_;
  std::array<int, 3> half_;
  std::vector<double> kernel_;  // as given, or its transform
  bool by_fft_;
};

/// Operations that the two ways take on the host, in units of a multiplication with its addition.
struct ConvolutionCost {
  double direct, fft;
};
ConvolutionCost convolution_cost(const Grid& grid, const std::array<int, 3>& half);

/// What convolve() needs on the host beside volume, kernel and result [byte].
double convolution_memory(const Grid& grid, const std::array<int, 3>& half);

}  // namespace ytterby
