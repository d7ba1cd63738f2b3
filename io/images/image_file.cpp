#include "io/images/image_file.h"

#include <itkImage.h>
#include <itkImageFileReader.h>
#include <itkImageFileWriter.h>
#include <itkMetaDataObject.h>
#include <itkMetaImageIO.h>
#include <itkNiftiImageIO.h>
#include <itkNrrdImageIO.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fstream>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "engine/grid/voxel_name.h"
#include "io/images/nifti_check.h"
#include "io/images/text_header.h"
#include "io/system/memory.h"
#include "io/system/output_file.h"
#include "io/system/stderr_capture.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr double smallest_spacing_mm = 1e-3;
constexpr double largest_spacing_mm = 100;      // beyond this a length is surely in another unit
constexpr double orthonormal_tolerance = 1e-3;  // of direction cosines; float headers are good to 1e-6

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw Error(Fault::input, path.string() + ": " + what);
}

enum class Format { nifti, nrrd, meta };

Format format_of(const fs::path& path) {
  std::string name = path.filename().string();
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto ends = [&](std::string_view ending) { return name.ends_with(ending); };
  if (ends(".nii") || ends(".nii.gz")) return Format::nifti;
  if (ends(".nrrd") || ends(".nhdr")) return Format::nrrd;
  if (ends(".mha") || ends(".mhd")) return Format::meta;
  refuse(path, "is of no known image format, needs to end in .nii, .nii.gz, .nrrd, .nhdr, .mha or .mhd");
}

itk::ImageIOBase::Pointer make_io(Format format) {
  switch (format) {
    case Format::nifti:
      return itk::NiftiImageIO::New().GetPointer();
    case Format::nrrd:
      return itk::NrrdImageIO::New().GetPointer();
    case Format::meta:
      break;
  }
  return itk::MetaImageIO::New().GetPointer();
}

void check_information(const fs::path& path, Format format, itk::ImageIOBase& io) {
  const unsigned dimensions = io.GetNumberOfDimensions();
  if (dimensions < 3) refuse(path, "has " + std::to_string(dimensions) + " dimensions, needs to be a 3-D image");
  for (unsigned d = 3; d < dimensions; ++d) {
    if (io.GetDimensions(d) != 1) {
      refuse(path, "holds " + std::to_string(io.GetDimensions(d)) + " frames, needs to be one 3-D image");
    }
  }
  if (io.GetNumberOfComponents() != 1) {
    refuse(path, "has " + std::to_string(io.GetNumberOfComponents()) + " components per voxel, needs to have 1");
  }
  for (unsigned d = 0; d < 3; ++d) {
    const double spacing = io.GetSpacing(d);
    if (!(spacing >= smallest_spacing_mm) || spacing > largest_spacing_mm) {
      refuse(path, "voxel spacing is " + to_text(spacing, 6) + " mm, needs to be above 0 (0.001) and at most 100");
    }
    if (!std::isfinite(io.GetOrigin(d))) refuse(path, "its origin is not finite");
  }
  if (format == Format::nrrd) {
    std::string space;
    itk::ExposeMetaData<std::string>(io.GetMetaDataDictionary(), "NRRD_space", space);
    if (space != "left-posterior-superior") {
      refuse(path, "its space is \"" + space + "\", needs to be left-posterior-superior or right-anterior-superior");
    }
  }
}

/// Refuses sizes that the file cannot hold: deflate shrinks by 1032 at most.
void check_size(const fs::path& path, itk::ImageIOBase& io) {
  double voxels = 1;
  for (unsigned d = 0; d < 3; ++d) {
    if (io.GetDimensions(d) < 1) refuse(path, "has no voxels");
    voxels *= static_cast<double>(io.GetDimensions(d));
  }
  const double bytes = voxels * static_cast<double>(io.GetComponentSize());
  const std::string data = detached_data(path);
  const fs::path holder = data.empty() ? path : path.parent_path() / data;
  const double room = 1032.0 * static_cast<double>(fs::file_size(holder)) + 1000;
  if (voxels > 4e9 || bytes > room) {
    refuse(path, "is truncated or damaged: its header announces " + std::to_string(static_cast<long long>(voxels)) +
                     " voxels, more than the file can hold");
  }
}

/// Refuses where ITK would take the data from another file than the one that was checked.
void check_data_file(const fs::path& path, itk::ImageIOBase& io) {
  auto* const meta = dynamic_cast<itk::MetaImageIO*>(&io);
  if (meta == nullptr) return;
  std::string name = meta->GetMetaImagePointer()->ElementDataFileName();
  if (name == "LOCAL" || name == "Local" || name == "local") name.clear();
  if (name != detached_data(path))
    refuse(path, "its data are in \"" + name.substr(0, 100) + "\", its header is damaged");
}

/// Refuses what is too large for this machine before it is read.
void check_room(const fs::path& path, double bytes) {
  constexpr double GiB = 1 << 30;
  const double available = memory_available();
  if (bytes <= available) return;
  refuse(path, "needs about " + to_text(bytes / GiB, 3) + " GiB of memory to be read, " + to_text(available / GiB, 3) +
                   " GiB is available");
}

/// Gram-Schmidt: takes the rounding of float headers out of the direction.
void orthonormalise(Grid& grid) {
  std::array<double, 9>& d = grid.direction;
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const double along = d[a] * d[b] + d[3 + a] * d[3 + b] + d[6 + a] * d[6 + b];
      for (std::size_t row = 0; row < 9; row += 3) d[row + a] -= along * d[row + b];
    }
    const double length = std::hypot(d[a], d[3 + a], d[6 + a]);
    for (std::size_t row = 0; row < 9; row += 3) d[row + a] = d[row + a] / length + 0.0;  // no negative zeros
  }
}

Grid grid_of(const fs::path& path, itk::ImageIOBase& io) {
  Grid grid;
  for (unsigned d = 0; d < 3; ++d) {
    grid.shape[d] = static_cast<int>(io.GetDimensions(d));
    grid.spacing[d] = io.GetSpacing(d) * cm_per_mm;
    grid.origin[d] = io.GetOrigin(d) * cm_per_mm;
    const std::vector<double> axis = io.GetDirection(d);
    for (unsigned row = 0; row < 3; ++row) grid.direction[3 * row + d] = axis[row];
  }
  for (unsigned a = 0; a < 3; ++a) {
    for (unsigned b = a; b < 3; ++b) {
      double dot = 0;
      for (unsigned row = 0; row < 3; ++row) dot += grid.direction[3 * row + a] * grid.direction[3 * row + b];
      if (!(std::abs(dot - (a == b ? 1.0 : 0.0)) < orthonormal_tolerance)) {
        refuse(path, "its axes are not at right angles (sheared or singular direction), need to be orthonormal");
      }
    }
  }
  orthonormalise(grid);
  return grid;
}

template <class T>
Image<T> read_with(const fs::path& path, Format format) {
  using ItkImage = itk::Image<T, 3>;
  const itk::ImageIOBase::Pointer io = make_io(format);
  io->SetFileName(path.string());
  io->ReadImageInformation();
  check_information(path, format, *io);
  check_data_file(path, *io);
  check_size(path, *io);
  Image<T> image{grid_of(path, *io), {}};
  check_room(path, 2.0 * sizeof(T) * static_cast<double>(image.grid.voxels()));  // ITK's and ours
  auto reader = itk::ImageFileReader<ItkImage>::New();
  reader->SetImageIO(io);
  reader->SetFileName(path.string());
  reader->Update();
  const T* values = reader->GetOutput()->GetBufferPointer();
  const std::size_t count = reader->GetOutput()->GetLargestPossibleRegion().GetNumberOfPixels();
  if (count != image.grid.voxels()) refuse(path, "has another number of voxels than its header says");
  image.values.assign(values, values + count);
  return image;
}

/// First line of ITK's many, without its object addresses.
std::string first_line(const itk::ExceptionObject& error) {
  std::string text = error.GetDescription();
  if (const auto at = text.find("): "); at != std::string::npos) text.erase(0, at + 3);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text.substr(0, 300);
}

void check_exists(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) refuse(path, "no such file");
  if (fs::is_directory(status)) refuse(path, "is a folder, needs to be an image file");
  if (!fs::is_regular_file(status)) refuse(path, "is no regular file");
  if (!std::ifstream(path)) refuse(path, "cannot be opened");
}

template <class T>
void check_finite(const fs::path& path, const Image<T>& image) {
  const auto bad = std::find_if(image.values.begin(), image.values.end(), [](T v) { return !std::isfinite(v); });
  if (bad == image.values.end()) return;
  const auto index = static_cast<std::size_t>(bad - image.values.begin());
  refuse(path, voxel_name(image.grid, index) + " is " + (std::isnan(*bad) ? "NaN" : "infinite") +
                   ", every voxel needs to be a number");
}

template <class T>
Image<T> read_checked(const fs::path& path, const Warn& warn) {
  check_exists(path);
  const Format format = format_of(path);
  if (format == Format::nifti) {
    if (!check_nifti(path) && warn)
      warn({"length-unit-unstated",
            WarningClass::note,
            path.string() + ": its unit of length is not stated, taken as mm",
            {}});
  } else {
    check_text_header(path);
  }
  itk::Object::GlobalWarningDisplayOff();
  StderrCapture capture;
  try {
    Image<T> image = read_with<T>(path, format);
    if (const std::string printed = capture.finish(); !printed.empty()) {
      refuse(path, "is truncated or damaged: " + printed.substr(0, 300));
    }
    check_finite(path, image);
    return image;
  } catch (const itk::ExceptionObject& error) {
    refuse(path, "cannot be read: " + first_line(error));
  }
}

/// ITK writes NIfTI and MetaImage without asking whether the disk took them.
template <class T>
bool is_on_disk(const fs::path& path, Format format, const Image<T>& image) {
  try {
    const std::vector<T> found = read_with<T>(path, format).values;
    return std::equal(found.begin(), found.end(), image.values.begin(), image.values.end(), [](T read, T written) {
      return read == written || !std::isfinite(static_cast<float>(written));  // NIfTI's library reads those as 0
    });
  } catch (const itk::ExceptionObject&) {
    return false;
  } catch (const Error&) {
    return false;
  }
}

template <class T>
void write_any(const fs::path& path, const Image<T>& image) {
  using ItkImage = itk::Image<T, 3>;
  const Format format = format_of(path);
  if (const auto end = path.extension(); end == ".mhd" || end == ".nhdr") refuse(path, "is written as .mha or .nrrd");
  OutputFile output(path);
  auto itk_image = ItkImage::New();
  typename ItkImage::RegionType region;
  typename ItkImage::SpacingType spacing;
  typename ItkImage::PointType origin;
  typename ItkImage::DirectionType direction;
  for (unsigned d = 0; d < 3; ++d) {
    region.SetSize(d, static_cast<itk::SizeValueType>(image.grid.shape[d]));
    spacing[d] = image.grid.spacing[d] / cm_per_mm;
    origin[d] = image.grid.origin[d] / cm_per_mm;
    for (unsigned row = 0; row < 3; ++row) direction(row, d) = image.grid.direction[3 * row + d];
  }
  itk_image->SetRegions(region);
  itk_image->SetSpacing(spacing);
  itk_image->SetOrigin(origin);
  itk_image->SetDirection(direction);
  itk_image->Allocate();
  std::copy(image.values.begin(), image.values.end(), itk_image->GetBufferPointer());
  StderrCapture capture;
  try {
    auto writer = itk::ImageFileWriter<ItkImage>::New();
    writer->SetImageIO(make_io(format));
    writer->SetFileName(output.temporary().string());
    writer->SetInput(itk_image);
    writer->SetUseCompression(true);
    writer->Update();
  } catch (const itk::ExceptionObject& error) {
    refuse(path, "cannot be written: " + first_line(error));
  }
  itk_image = nullptr;
  const bool whole = is_on_disk(output.temporary(), format, image);
  capture.finish();
  if (!whole) refuse(path, "cannot be written: is the disk full?");
  output.commit();
}

}  // namespace

Image<float> read_image(const fs::path& path, const Warn& warn) { return read_checked<float>(path, warn); }

Image<double> read_image_double(const fs::path& path, const Warn& warn) { return read_checked<double>(path, warn); }

Image<std::int32_t> read_labels(const fs::path& path, const Warn& warn) {
  const Image<float> image = read_checked<float>(path, warn);
  Image<std::int32_t> labels{image.grid, std::vector<std::int32_t>(image.values.size())};
  for (std::size_t i = 0; i < image.values.size(); ++i) {
    const float value = image.values[i];
    if (value != std::floor(value) || std::abs(value) > 16'777'216.0F) {
      refuse(path, voxel_name(image.grid, i) + " is " + std::to_string(value) + ", a label needs to be a whole number");
    }
    labels.values[i] = static_cast<std::int32_t>(value);
  }
  return labels;
}

void write_image(const fs::path& path, const Image<float>& image) { write_any(path, image); }
void write_image(const fs::path& path, const Image<std::uint8_t>& image) { write_any(path, image); }
void write_image(const fs::path& path, const Image<std::int16_t>& image) { write_any(path, image); }

}  // namespace ytterby::io
