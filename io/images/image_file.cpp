#include "io/images/image_file.h"

#include <itkImage.h>
#include <itkImageFileReader.h>
#include <itkImageFileWriter.h>
#include <itkMetaImageIO.h>
#include <itkMultiThreaderBase.h>
#include <itkNiftiImageIO.h>
#include <itkNrrdImageIO.h>
#include <itkVectorImage.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <fstream>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/base/units.h"
#include "engine/grid/voxel_name.h"
#include "io/images/nifti_file.h"
#include "io/images/nrrd_header.h"
#include "io/images/text_header.h"
#include "io/system/memory.h"
#include "io/system/output_file.h"
#include "io/system/stderr_capture.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

constexpr double smallest_spacing_mm = 1e-3;
constexpr double largest_spacing_mm = 100;      // beyond this a length is surely in another unit
constexpr double largest_label = 16'777'216;    // float has every whole number up to it
constexpr double label_rounding = 5e-7;         // of a label, where a slope of 1 is rounded; float is good to 6e-8
constexpr double orthonormal_tolerance = 1e-3;  // of direction cosines; float headers are good to 1e-6

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw Error(Fault::input, path.string() + ": " + what);
}

enum class Format { nifti, nrrd, meta };

constexpr std::array<const char*, 6> image_endings{".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd"};

Format format_of(const fs::path& path) {
  std::string name = path.filename().string();
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto ends = [&](std::string_view ending) { return name.ends_with(ending); };
  if (ends(".nii") || ends(".nii.gz")) return Format::nifti;
  if (ends(".nrrd") || ends(".nhdr")) return Format::nrrd;
  if (ends(".mha") || ends(".mhd")) return Format::meta;
  refuse(path, "is of no known image format, needs to end in .nii, .nii.gz, .nrrd, .nhdr, .mha or .mhd");
}

/// To be called before a reader or a writer is made: neither uses ITK's pool of threads, which dies where one of them
/// cannot be started.
void use_no_pool() { itk::MultiThreaderBase::SetGlobalDefaultThreader(itk::MultiThreaderBase::ThreaderEnum::Platform); }

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

bool slicer_layers(const fs::path& path) {
  const std::string ending = path.extension().string();
  return (ending == ".nrrd" || ending == ".nhdr") && !slicer_segments(path).empty();
}

void check_information(const fs::path& path, unsigned components, itk::ImageIOBase& io) {
  const unsigned dimensions = io.GetNumberOfDimensions();
  if (dimensions < 3) refuse(path, "has " + std::to_string(dimensions) + " dimensions, needs to be a 3-D image");
  for (unsigned d = 3; d < dimensions; ++d) {
    if (io.GetDimensions(d) != 1) {
      refuse(path, "holds " + std::to_string(io.GetDimensions(d)) + " frames, needs to be one 3-D image");
    }
  }
  if (io.GetNumberOfComponents() != components) {
    refuse(path,
           "has " + std::to_string(io.GetNumberOfComponents()) + " components per voxel, needs to have " +
               std::to_string(components) +
               (slicer_layers(path) ? ": it is a segmentation of 3D Slicer in layers, seg and segment read it" : ""));
  }
}

void check_grid(const fs::path& path, const Grid& grid) {
  for (std::size_t a = 0; a < 3; ++a) {
    const double spacing = grid.spacing[a] / cm_per_mm;
    if (!(spacing >= smallest_spacing_mm) || spacing > largest_spacing_mm) {
      refuse(path, "voxel spacing is " + to_text(spacing, 6) + " mm, needs to be above 0 (0.001) and at most 100");
    }
    if (!std::isfinite(grid.origin[a])) refuse(path, "its origin is not finite");
  }
}

/// Refuses sizes that the file cannot hold: deflate shrinks by 1032 at most.
void check_size(const fs::path& path, double voxels, std::size_t voxel_bytes) {
  const double bytes = voxels * static_cast<double>(voxel_bytes);
  const std::string data = detached_data(path);
  const fs::path holder = data.empty() ? path : path.parent_path() / data;
  const double room = 1032.0 * static_cast<double>(fs::file_size(holder)) + 1000;
  if (voxels > 4e9 || bytes > room) {
    refuse(path, "is truncated or damaged: its header announces " + std::to_string(static_cast<long long>(voxels)) +
                     " voxels, more than the file can hold");
  }
}

double voxels_of(const fs::path& path, itk::ImageIOBase& io) {
  double voxels = 1;
  for (unsigned d = 0; d < 3; ++d) {
    if (io.GetDimensions(d) < 1) refuse(path, "has no voxels");
    voxels *= static_cast<double>(io.GetDimensions(d));
  }
  return voxels;
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

/// Where the file lies: NRRD's spaces are read by ourselves.
Grid grid_of(const fs::path& path, Format format, itk::ImageIOBase& io) {
  Grid grid = format == Format::nrrd ? nrrd_place(path) : Grid{};
  for (unsigned d = 0; d < 3; ++d) {
    grid.shape[d] = static_cast<int>(io.GetDimensions(d));
    if (format == Format::nrrd) continue;
    grid.spacing[d] = io.GetSpacing(d) * cm_per_mm;
    grid.origin[d] = io.GetOrigin(d) * cm_per_mm;
    const std::vector<double> axis = io.GetDirection(d);
    for (unsigned row = 0; row < 3; ++row) grid.direction[3 * row + d] = axis[row];
  }
  return grid;
}

/// Header of a file by ITK, checked; its grid is returned.
Grid read_information(const fs::path& path, Format format, unsigned components, itk::ImageIOBase& io) {
  io.SetFileName(path.string());
  io.ReadImageInformation();
  check_information(path, components, io);
  check_data_file(path, io);
  check_size(path, voxels_of(path, io), components * io.GetComponentSize());
  Grid grid = grid_of(path, format, io);
  settle_grid(path, grid);
  return grid;
}

/// Values of one component of each voxel.
template <class ItkImage>
typename ItkImage::Pointer read_by_itk(const fs::path& path, itk::ImageIOBase& io, const Grid& grid) {
  use_no_pool();
  auto reader = itk::ImageFileReader<ItkImage>::New();
  reader->SetImageIO(&io);
  reader->SetFileName(path.string());
  reader->Update();
  const typename ItkImage::Pointer read = reader->GetOutput();
  if (read->GetLargestPossibleRegion().GetNumberOfPixels() != grid.voxels()) {
    refuse(path, "has another number of voxels than its header says");
  }
  return read;
}

template <class T>
Image<T> read_with(const fs::path& path, Format format) {
  const itk::ImageIOBase::Pointer io = make_io(format);
  Image<T> image{read_information(path, format, 1, *io), {}};
  check_room(path, 2.0 * sizeof(T) * static_cast<double>(image.grid.voxels()));  // ITK's and ours
  const auto read = read_by_itk<itk::Image<T, 3>>(path, *io, image.grid);
  const T* values = read->GetBufferPointer();
  image.values.assign(values, values + image.grid.voxels());
  return image;
}

template <class T>
Image<T> read_nifti(const fs::path& path, Affine affine, const Warn& warn) {
  NiftiHeader header = read_nifti_header(path, affine);
  if (!header.unit_stated && warn) {
    warn({"length-unit-unstated",
          WarningClass::note,
          path.string() + ": its unit of length is not stated, taken as mm",
          {}});
  }
  settle_grid(path, header.grid);
  check_size(path, static_cast<double>(header.grid.voxels()), header.value_bytes);
  check_room(path, static_cast<double>(sizeof(T)) * static_cast<double>(header.grid.voxels()));
  return {header.grid, read_nifti_values<T>(path, header)};
}

/// Vectors of NIfTI: ITK, ANTs and elastix write theirs as "vector" in LPS, others "displacement vector" in NIfTI's
/// RAS.
Deformation read_nifti_vectors(const fs::path& path) {
  NiftiHeader header = read_nifti_header(path, Affine::agreed, 3);
  settle_grid(path, header.grid);
  const std::size_t voxels = header.grid.voxels();
  check_size(path, static_cast<double>(voxels), 3 * header.value_bytes);
  check_room(path, 48.0 * static_cast<double>(voxels));
  const std::vector<double> values = read_nifti_values<double>(path, header);
  const std::array<double, 3> to_lps{header.vectors_in_ras ? -1.0 : 1.0, header.vectors_in_ras ? -1.0 : 1.0, 1.0};
  Deformation field{header.grid, std::vector<Vector3>(voxels)};
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t i = 0; i < voxels; ++i) field.shift[i][a] = to_lps[a] * values[a * voxels + i] * cm_per_mm;
  }
  return field;
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

/// By name, by Slicer's own ID, or by its place in the list, from 1.
SlicerSegment chosen_segment(const fs::path& path, const std::vector<SlicerSegment>& all, const std::string& wanted) {
  std::string list;
  std::vector<SlicerSegment> fitting;
  for (std::size_t i = 0; i < all.size(); ++i) {
    list += (i == 0 ? "" : ", ") + ("\"" + all[i].name + "\"");
    if (all[i].name == wanted || all[i].id == wanted) fitting.push_back(all[i]);
  }
  if (all.empty())
    refuse(path,
           "names no segments (Segment0_ID): is it a .seg.nrrd of 3D Slicer? A label map is read as image + label");
  if (fitting.empty()) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (std::to_string(i + 1) == wanted) fitting.push_back(all[i]);
    }
  }
  if (fitting.size() == 1) return fitting.front();
  refuse(path, (fitting.empty() ? "has no segment \"" : "has several segments \"") + wanted + "\"; there is " + list);
}

/// Runs what ITK does with a file: what it throws or prints is a refusal.
template <class Read>
auto by_itk(const fs::path& path, const Read& read) {
  itk::Object::GlobalWarningDisplayOff();
  StderrCapture capture;
  try {
    auto result = read();
    if (const std::string printed = capture.finish(); !printed.empty()) {
      refuse(path, "is truncated or damaged: " + printed.substr(0, 300));
    }
    return result;
  } catch (const itk::ExceptionObject& error) {
    refuse(path, "cannot be read: " + first_line(error));
  }
}

void check_header(const fs::path& path, const Warn& warn) {
  bool states_place = true;
  check_text_header(path, states_place);
  if (states_place || !warn) return;
  warn({"place-unstated",
        WarningClass::wrong_dose,
        path.string() + ": states no TransformMatrix or no Offset, taken as along the patient's axes from 0",
        {}});
}

template <class T>
Image<T> read_checked(const fs::path& path, const Warn& warn, Affine affine) {
  check_exists(path);
  const Format format = format_of(path);
  if (format == Format::nifti) return read_nifti<T>(path, affine, warn);
  if (affine != Affine::agreed) refuse(path, "is no NIfTI file: affine goes with NIfTI alone");
  check_header(path, warn);
  return by_itk(path, [&] {
    Image<T> image = read_with<T>(path, format);
    check_finite(path, image);
    return image;
  });
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
  const auto fill = [&](const fs::path& temporary) {
    try {
      use_no_pool();
      auto writer = itk::ImageFileWriter<ItkImage>::New();
      writer->SetImageIO(make_io(format));
      writer->SetFileName(temporary.string());
      writer->SetInput(itk_image);
      writer->SetUseCompression(true);
      writer->Update();
    } catch (const itk::ExceptionObject& error) {
      refuse(path, "cannot be written: " + first_line(error));
    }
    itk_image = nullptr;
  };
  OutputFile(path).write(fill, [&](const fs::path& temporary) { return is_on_disk(temporary, format, image); });
}

}  // namespace

Image<float> read_image(const fs::path& path, const Warn& warn, Affine affine) {
  return read_checked<float>(path, warn, affine);
}

Image<double> read_image_double(const fs::path& path, const Warn& warn, Affine affine) {
  return read_checked<double>(path, warn, affine);
}

Image<std::int32_t> read_labels(const fs::path& path, const Warn& warn, Affine affine) {
  const Image<float> image = read_checked<float>(path, warn, affine);
  Image<std::int32_t> labels{image.grid, std::vector<std::int32_t>(image.values.size())};
  for (std::size_t i = 0; i < image.values.size(); ++i) {
    const double value = static_cast<double>(image.values[i]), whole = std::round(value);
    if (!(std::abs(value - whole) <= std::min(0.01, label_rounding * std::abs(whole))) ||
        std::abs(whole) > largest_label) {
      refuse(path, voxel_name(image.grid, i) + " is " + to_text(value, 9) +
                       ", a label needs to be a whole number up to 16777216: save labels as integers without scaling");
    }
    labels.values[i] = static_cast<std::int32_t>(whole);
  }
  return labels;
}

Image<float> read_slicer_segment(const fs::path& path, const std::string& segment) {
  check_exists(path);
  if (format_of(path) != Format::nrrd) refuse(path, "is no NRRD, which segments of 3D Slicer come as (.seg.nrrd)");
  check_header(path, {});
  const SlicerSegment wanted = chosen_segment(path, slicer_segments(path), segment);
  return by_itk(path, [&] {
    const itk::ImageIOBase::Pointer io = make_io(Format::nrrd);
    io->SetFileName(path.string());
    io->ReadImageInformation();
    const unsigned layers = io->GetNumberOfComponents();
    if (wanted.layer < 0 || static_cast<unsigned>(wanted.layer) >= layers) {
      refuse(path, "its segment \"" + wanted.name + "\" is of layer " + std::to_string(wanted.layer) + ", it has " +
                       std::to_string(layers));
    }
    Image<float> image{read_information(path, Format::nrrd, layers, *io), {}};
    const std::size_t voxels = image.grid.voxels();
    check_room(path, 4.0 * (layers + 1) * static_cast<double>(voxels));
    const auto read = read_by_itk<itk::VectorImage<std::int32_t, 3>>(path, *io, image.grid);
    const std::int32_t* values = read->GetBufferPointer();
    image.values.reserve(voxels);
    for (std::size_t i = 0; i < voxels; ++i) {
      const std::int32_t value = values[i * layers + static_cast<std::size_t>(wanted.layer)];
      image.values.push_back(value == wanted.value ? 1.0F : 0.0F);
    }
    return image;
  });
}

bool is_image_name(const std::string& name) {
  std::string ending = name;
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::any_of(image_endings.begin(), image_endings.end(),
                     [&](const char* known) { return ending.ends_with(known); });
}

Deformation read_vector_image(const fs::path& path) {
  check_exists(path);
  const Format format = format_of(path);
  if (format == Format::nifti) return read_nifti_vectors(path);
  check_header(path, {});
  return by_itk(path, [&] {
    const itk::ImageIOBase::Pointer io = make_io(format);
    Deformation field{read_information(path, format, 3, *io), {}};
    if (format == Format::nrrd && !is_lps(path)) {
      refuse(path, "its space is not left-posterior-superior, as vectors of a displacement field need it");
    }
    check_room(path, 40.0 * static_cast<double>(field.grid.voxels()));
    const auto read = read_by_itk<itk::VectorImage<float, 3>>(path, *io, field.grid);
    const float* values = read->GetBufferPointer();
    field.shift.resize(field.grid.voxels());
    for (std::size_t i = 0; i < field.shift.size(); ++i) {
      for (std::size_t a = 0; a < 3; ++a) {
        const float v = values[3 * i + a];
        if (!std::isfinite(v)) refuse(path, voxel_name(field.grid, i) + " has a shift that is no number");
        field.shift[i][a] = static_cast<double>(v) * cm_per_mm;
      }
    }
    return field;
  });
}

void settle_grid(const fs::path& path, Grid& grid) {
  check_grid(path, grid);
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
}

void write_image(const fs::path& path, const Image<float>& image) { write_any(path, image); }
void write_image(const fs::path& path, const Image<std::uint8_t>& image) { write_any(path, image); }
void write_image(const fs::path& path, const Image<std::int16_t>& image) { write_any(path, image); }

}  // namespace ytterby::io
