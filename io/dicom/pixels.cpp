#include "io/dicom/pixels.h"

#include <gdcmImageReader.h>
#include <gdcmTrace.h>

#include <cstdint>
#include <cstring>

#include "engine/base/error.h"
#include "io/system/stderr_capture.h"

namespace ytterby::io {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw Error(Fault::input, file.string() + ": " + what);
}

template <class T>
std::vector<double> widened(const std::vector<char>& bytes) {
  std::vector<double> values(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, &bytes[i * sizeof(T)], sizeof(T));
    values[i] = static_cast<double>(value);
  }
  return values;
}

std::vector<double> widened(const std::filesystem::path& file, const gdcm::PixelFormat& format,
                            const std::vector<char>& bytes) {
  switch (format.GetScalarType()) {
    case gdcm::PixelFormat::UINT8:
      return widened<std::uint8_t>(bytes);
    case gdcm::PixelFormat::INT8:
      return widened<std::int8_t>(bytes);
    case gdcm::PixelFormat::UINT12:
    case gdcm::PixelFormat::UINT16:
      return widened<std::uint16_t>(bytes);
    case gdcm::PixelFormat::INT12:
    case gdcm::PixelFormat::INT16:
      return widened<std::int16_t>(bytes);
    case gdcm::PixelFormat::UINT32:
      return widened<std::uint32_t>(bytes);
    case gdcm::PixelFormat::INT32:
      return widened<std::int32_t>(bytes);
    case gdcm::PixelFormat::FLOAT32:
      return widened<float>(bytes);
    case gdcm::PixelFormat::FLOAT64:
      return widened<double>(bytes);
    default:
      break;
  }
  refuse(file, std::string("has pixels of type ") + format.GetScalarTypeAsString() + ", needs integers or floats");
}

}  // namespace

std::vector<double> read_pixels(const std::filesystem::path& file, int columns, int rows, int frames) {
  gdcm::Trace::WarningOff();
  gdcm::Trace::ErrorOff();
  StderrCapture capture;
  gdcm::ImageReader reader;
  reader.SetFileName(file.string().c_str());
  if (!reader.Read()) refuse(file, "its pixels cannot be read: truncated, damaged or of an unknown transfer syntax");
  const gdcm::Image& image = reader.GetImage();
  const gdcm::PixelFormat& format = image.GetPixelFormat();
  if (format.GetSamplesPerPixel() != 1) refuse(file, "has colours, needs one value per pixel");
  const std::size_t bytes = static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows) *
                            static_cast<std::size_t>(frames) * format.GetPixelSize();
  const std::size_t found = image.GetBufferLength();
  if (found != bytes) {
    refuse(file, "has " + std::to_string(found) + " bytes of pixels, its header says " + std::to_string(bytes));
  }
  std::vector<char> buffer(bytes);
  if (!image.GetBuffer(buffer.data())) refuse(file, "its pixels cannot be decoded: truncated or damaged");
  return widened(file, format, buffer);
}

}  // namespace ytterby::io
