// Any bytes are the pixels of a DICOM object in any transfer syntax: as many values as its header says, or refused as
// input. The decoders run in a process of their own, as in the program, so that their crashes are refusals.

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "io/dicom/pixels/pixels.h"
#include "tests/io/small_dicom.h"

using namespace ytterby;

namespace {

constexpr std::array syntaxes{EXS_LittleEndianExplicit, EXS_RLELossless, EXS_JPEG2000LosslessOnly, EXS_JPEGLSLossless,
                              EXS_JPEGProcess14SV1,     EXS_JPEG2000,    EXS_JPEGProcess1,         EXS_JPEGProcess2_4,
                              EXS_BigEndianExplicit,    EXS_JPEGLSLossy, EXS_JPEGProcess14};
constexpr std::array allocated{1, 8, 16, 32, 12, 24};

/// An object of few pixels with the bytes as its fragments, or as its uncompressed pixels.
void write_object(const std::string& path, const std::uint8_t* data, std::size_t size) {
  test::SmallDicom object("CT", UID_CTImageStorage, "1.2.3.1");
  const E_TransferSyntax syntax = syntaxes[data[0] % syntaxes.size()];
  const int frames = 1 + data[1] % 3;
  object.number(DCM_Columns, 1 + data[2] % 32).number(DCM_Rows, 1 + data[3] % 32).number(DCM_SamplesPerPixel, 1);
  object.number(DCM_BitsAllocated, allocated[data[4] % allocated.size()]).number(DCM_BitsStored, 1 + data[5] % 34);
  object.number(DCM_HighBit, data[6] % 34).number(DCM_PixelRepresentation, data[7] % 2);
  object.set(DCM_PhotometricInterpretation, "MONOCHROME2").set(DCM_NumberOfFrames, std::to_string(frames));
  std::vector<Uint8> bytes(data + 8, data + size);
  if (syntax == EXS_LittleEndianExplicit || syntax == EXS_BigEndianExplicit) {
    bytes.resize(bytes.size() + bytes.size() % 2);
    object.item().putAndInsertUint8Array(DCM_PixelData, bytes.data(), bytes.size());
  } else {
    std::vector<std::vector<Uint8>> fragments;
    const std::size_t each = bytes.size() / static_cast<std::size_t>(frames);
    for (std::size_t f = 0; f < static_cast<std::size_t>(frames); ++f) {
      fragments.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(f * each),
                             bytes.begin() + static_cast<std::ptrdiff_t>((f + 1) * each));
    }
    object.fragments(syntax, fragments);
  }
  object.save(path, syntax);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = ::memfd_create("object", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (size < 10 || ::ftruncate(file, 0) != 0) return 0;
  try {
    io::prepare_dcmtk();
    write_object(path, data, size);
  } catch (const std::runtime_error&) {
    return 0;  // what cannot be written is no input
  }
  try {
    const auto object = io::load_dicom(path);
    if (!object) std::abort();
    const io::PixelLayout layout = io::read_layout(*object->getDataset());
    const std::vector<double> values = io::read_pixels(path, layout);
    if (values.size() != layout.plane() * static_cast<std::size_t>(layout.frames)) std::abort();
  } catch (const Error& error) {
    if (error.fault() != Fault::input) std::abort();
  }
  return 0;
}
