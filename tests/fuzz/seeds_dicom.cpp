// Seeds of the harnesses of DICOM and of text: a structure set, segmentations, pixels through each compressor.

#include <gdcmImageChangeTransferSyntax.h>
#include <gdcmImageReader.h>
#include <gdcmImageWriter.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/fuzz/seeds.h"
#include "tests/io/small_dicom.h"

namespace ytterby::fuzz {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& file, const std::string& bytes) { std::ofstream(file, std::ios::binary) << bytes; }

/// A stream of a slice of 16 x 16 pixels of 16 bits, out of GDCM's compressor; its fragments one after the other.
std::string compressed(const fs::path& scratch, gdcm::TransferSyntax::TSType syntax) {
  std::vector<Uint16> values;
  for (int i = 0; i < 256; ++i) values.push_back(static_cast<Uint16>(1000 + 7 * i + i * i % 13));
  test::ct_slice(0).pixels(16, 16, values).save(scratch);
  gdcm::ImageReader reader;
  reader.SetFileName(scratch.c_str());
  if (!reader.Read()) return {};
  gdcm::ImageChangeTransferSyntax change;
  change.SetTransferSyntax(gdcm::TransferSyntax(syntax));
  change.SetInput(reader.GetImage());
  if (!change.Change()) return {};
  std::string bytes;
  const gdcm::SequenceOfFragments* fragments = change.GetOutput().GetDataElement().GetSequenceOfFragments();
  for (std::size_t i = 0; fragments != nullptr && i < fragments->GetNumberOfFragments(); ++i) {
    const gdcm::ByteValue* value = fragments->GetFragment(i).GetByteValue();
    if (value != nullptr) bytes.append(value->GetPointer(), value->GetLength());
  }
  return bytes;
}

void write_pixels(const fs::path& folder) {
  // As fuzz_pixels takes them: syntax, frames, columns, rows, bits allocated, stored, high bit, sign; each from 0.
  const auto head = [](char syntax, char allocated, char stored) {
    return std::string{syntax, 0, 15, 15, allocated, static_cast<char>(stored - 1), static_cast<char>(stored - 1), 0};
  };
  write(folder / "raw", head(0, 2, 12) + std::string(512, '\x01'));
  write(folder / "raw-32", head(0, 3, 32) + std::string(1024, '\x01'));
  const fs::path scratch = folder / "scratch";
  const std::vector<std::pair<char, gdcm::TransferSyntax::TSType>> syntaxes{
      {1, gdcm::TransferSyntax::RLELossless},
      {2, gdcm::TransferSyntax::JPEG2000Lossless},
      {3, gdcm::TransferSyntax::JPEGLSLossless},
      {4, gdcm::TransferSyntax::JPEGLosslessProcess14_1}};
  for (const auto& [syntax, type] : syntaxes) {
    write(folder / ("stream-" + std::to_string(syntax)), head(syntax, 2, 16) + compressed(scratch, type));
  }
  fs::remove(scratch);
}

void write_objects(const fs::path& folder) {
  test::SmallStructures structures;
  structures.add("1", "patient", {{test::square_data(20, 0)}, {test::square_data(8, 0)}, {test::square_data(20, 2)}});
  structures.add("2", "lesion2 liver L lateral", {{test::square_data(5, 0)}, {test::square_data(5, 6)}});
  structures.save(folder / "structures");
  const std::vector<test::SmallFrame> frames{{1, 0}, {1, 4}, {2, 4}, {1, 12}};
  const std::vector<Uint8> bits(32, 0x5a), bytes(256, 1);
  test::SmallDicom binary = test::small_seg("BINARY", 1, 8, 8, frames, "4");
  binary.item().putAndInsertUint8Array(DCM_PixelData, bits.data(), bits.size());
  binary.save(folder / "binary");
  test::SmallDicom labels = test::small_seg("LABELMAP", 8, 8, 8, {{0, 0}, {0, 4}, {0, 8}, {0, 12}});
  labels.item().putAndInsertUint8Array(DCM_PixelData, bytes.data(), bytes.size());
  labels.save(folder / "labels");
  test::SmallDicom rle = test::small_seg("BINARY", 1, 8, 8, {{1, 0}, {1, 4}}, "4");
  const std::vector<Uint8> plane(64, 1);
  rle.fragments(EXS_RLELossless, {test::rle_frame(plane), test::rle_frame(plane)})
      .save(folder / "rle", EXS_RLELossless);
}

void write_text(const fs::path& folder) {
  const std::string head = "#Insight Transform File V1.0\n";
  write(folder / "composite", head +
                                  "Transform: CompositeTransform_double_3_3\n"
                                  "Transform: Euler3DTransform_double_3_3\nParameters: 0.1 0 0.2 1 2 3\n"
                                  "FixedParameters: 1 2 3 0\n"
                                  "Transform: TranslationTransform_double_3_3\nParameters: 1 2 3\n");
  write(folder / "curve", "# HU, g/cm3\nHU,density\n-1000,0.001\n0,1.0\n100,1.07\n3000,2.8\n");
  write(folder / "time", "20260105110800.5+0100");
  write(folder / "warnings", R"([{"code":"late-image","class":"note","text":"t","numbers":{"hours":50.5}}])");
}

}  // namespace

void write_seeds_of_dicom_and_text(const fs::path& folder) {
  for (const char* kind : {"dicom", "pixels", "text"}) fs::create_directories(folder / kind);
  write_pixels(folder / "pixels");
  write_objects(folder / "dicom");
  write_text(folder / "text");
}

}  // namespace ytterby::fuzz
