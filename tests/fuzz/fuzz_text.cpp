// Any text is an ITK transform, a curve of a scanner, a DICOM time or a list of warnings, or refused as input.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "engine/base/error.h"
#include "io/dicom/dicom_time.h"
#include "io/images/transform_file.h"
#include "io/prepare/hu_calibration.h"
#include "io/text/warning.h"

using namespace ytterby;

namespace {

template <class Read>
void try_read(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    if (error.fault() != Fault::input) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto transform = [](const std::string& written) {
    for (const io::TransformPart& part : io::parse_transform_text(written, "t.tfm")) {
      for (const double v : part.parameters) {
        if (!std::isfinite(v)) std::abort();
      }
    }
  };
  try_read([&] { transform(text); });
  // Most of the inputs get beyond the first lines this way.
  try_read(
      [&] { transform("#Insight Transform File V1.0\nTransform: Euler3DTransform_double_3_3\nParameters: " + text); });
  try_read([&] {
    const io::HuCalibration curve = io::parse_calibration(text, "c.csv");
    for (const float hu : {-2000.0F, -1000.0F, 0.0F, 40.0F, 5000.0F}) {
      if (!(curve(hu).density >= 0)) std::abort();
    }
  });
  try_read([&] { io::parse_warnings(text); });
  const io::DicomClock clock(text.substr(0, std::min<std::size_t>(size, 5)));
  if (std::isinf(clock.seconds(text)) || std::isinf(clock.seconds(text, text))) std::abort();
  return 0;
}
