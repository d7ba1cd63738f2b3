// Structure sets, segmentations and registrations as they come. Right values are those that were written.

#include <gdcmImageChangeTransferSyntax.h>
#include <gdcmImageReader.h>
#include <gdcmImageWriter.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <fstream>
#include <iterator>
#include <numeric>

#include "engine/base/error.h"
#include "io/dicom/one_object.h"
#include "io/dicom/registration.h"
#include "io/dicom/rtstruct.h"
#include "io/dicom/seg.h"
#include "tests/io/refusal.h"
#include "tests/io/small_case.h"
#include "tests/io/small_dicom.h"

namespace ytterby::io {
namespace {

using test::refusal;
using test::small_seg;
using test::SmallContour;
using test::SmallDicom;
using test::SmallStructures;
using test::square_data;
using test::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;

std::string told(const Warnings& warnings) {
  std::string all;
  for (const Warning& w : warnings) all += w.code + ": " + w.text + "\n";
  return all;
}

TEST(OddStructureSets, ReadNearlyClosedContoursAndNameOthers) {
  const TemporaryFolder folder;
  SmallStructures()
      .add("1", "GTV",
           {{square_data(10, 0)},
            {square_data(10, 4), "INTERPOLATED_PLANAR"},
            {square_data(10, 8), "OPEN_PLANAR"},
            {square_data(10, 12), ""},
            {"1\\2\\3", "POINT"},
            {square_data(10, 16), "SPLINE"}})
      .add("2", "marker", {{"1\\2\\3", "POINT"}})
      .add("3", "small letters", {{square_data(10, 0), "closed_planar"}})
      .add("4", "small xor", {{square_data(10, 0), "closedplanar_xor"}})
      .save(folder / "rt");
  EXPECT_EQ(read_contours(folder / "rt", "small letters").contours.size(), 1u);
  EXPECT_EQ(read_contours(folder / "rt", "small xor").within, Within::odd);
  const DicomContours gtv = read_contours(folder / "rt", "GTV");
  EXPECT_EQ(gtv.contours.size(), 4u);
  EXPECT_THAT(told(gtv.warnings), AllOf(HasSubstr("INTERPOLATED_PLANAR read as closed"), HasSubstr("OPEN_PLANAR"),
                                        HasSubstr("POINT left out"), HasSubstr("SPLINE left out")));
  EXPECT_THAT(refusal([&] { read_contours(folder / "rt", "marker"); }),
              AllOf(HasSubstr("no closed"), HasSubstr("POINT")));
}

TEST(OddStructureSets, FindRegionsByNumberNameAndCharacterSet) {
  const TemporaryFolder folder;
  SmallStructures()
      .add("3", "GTV", {})
      .add("5", "GTV", {{square_data(10, 0)}})
      .add("7", "Foie_l\xe9s\xe9", {{square_data(8, 0)}, {square_data(8, 4)}})
      .add("8", "twice", {{square_data(5, 0)}})
      .add("9", "twice", {{square_data(6, 0)}})
      .set(DCM_SpecificCharacterSet, "ISO_IR 100")
      .save(folder / "rt");
  EXPECT_EQ(read_contours(folder / "rt", "GTV").contours.size(), 1u);
  EXPECT_EQ(read_contours(folder / "rt", "Foie_lésé").contours.size(), 2u);
  EXPECT_EQ(read_contours(folder / "rt", NameOrNumber(7)).name, "Foie_lésé");
  EXPECT_EQ(read_contours(folder / "rt", "7").name, "Foie_lésé");
  EXPECT_THAT(refusal([&] { read_contours(folder / "rt", "twice"); }), HasSubstr("roi = 8 or 9"));
  EXPECT_THAT(refusal([&] { read_contours(folder / "rt", "liver"); }),
              AllOf(HasSubstr("Foie_lésé"), HasSubstr("numbers 3, 5")));
}

void rename_contours(SmallStructures& rt, long item, const std::string& number) {
  DcmItem* contours = nullptr;
  ASSERT_TRUE(rt.item().findAndGetSequenceItem(DCM_ROIContourSequence, contours, item).good());
  rt.set(*contours, DCM_ReferencedROINumber, number);
}

TEST(OddStructureSets, OfOneNumberForTwoRegionsAreRefusedWhereNothingTellsThemApart) {
  const TemporaryFolder folder;
  SmallStructures rt;
  rt.add("1", "Liver", {{square_data(20, 0)}}).add("1", "GTV", {{square_data(5, 0)}}).add("2", "Lung", {});
  rt.save(folder / "rt");
  for (const NameOrNumber& roi : {NameOrNumber("Liver"), NameOrNumber("GTV"), NameOrNumber(1)}) {
    EXPECT_THAT(refusal([&] { read_contours(folder / "rt", roi); }),
                AllOf(HasSubstr("ROINumber 1 "), HasSubstr("\"Liver\" and \"GTV\"")));
  }
  rename_contours(rt, 1, "7");  // the one item left stands where "Liver" stands
  rt.save(folder / "rt");
  for (const NameOrNumber& roi : {NameOrNumber("Liver"), NameOrNumber(1)}) {
    const DicomContours liver = read_contours(folder / "rt", roi);
    EXPECT_EQ(liver.name, "Liver");
    EXPECT_EQ(liver.contours.size(), 1u);
    EXPECT_THAT(told(liver.warnings), AllOf(HasSubstr("roi-number-shared"), HasSubstr("\"GTV\"")));
  }
  EXPECT_THAT(refusal([&] { read_contours(folder / "rt", "GTV"); }), HasSubstr("no closed"));
  rename_contours(rt, 0, "7");
  rename_contours(rt, 2, "1");  // where neither of them stands
  rt.save(folder / "rt");
  EXPECT_THAT(refusal([&] { read_contours(folder / "rt", "Liver"); }), HasSubstr("ROINumber 1 "));
}

TEST(OddStructureSets, MayEndTheirNumbersInABackslashAndAreRefusedByTheValueThatIsNone) {
  const TemporaryFolder folder;
  SmallStructures()
      .add("1", "GTV", {{square_data(10, 0) + "\\"}})
      .add("2", "twice", {{square_data(10, 0) + "\\\\"}})
      .add("3", "within", {{"0\\0\\0\\9\\0\\0\\9\\nine\\0"}})
      .add("4", "missing", {{"0\\0\\0\\9\\0\\\\9\\9\\0"}})
      .save(folder / "rt");
  EXPECT_EQ(read_contours(folder / "rt", "GTV").contours.front().size(), 4u);
  EXPECT_THAT(refusal([&] { read_contours(folder / "rt", "twice"); }), HasSubstr("\"\" as value 13 of 13"));
  EXPECT_THAT(refusal([&] { read_contours(folder / "rt", "within"); }),
              AllOf(HasSubstr("contour 1 of 1"), HasSubstr("\"nine\" as value 8 of 9")));
  EXPECT_THAT(refusal([&] { read_contours(folder / "rt", "missing"); }), HasSubstr("\"\" as value 6 of 9"));
}

TEST(OddStructureSets, MayHaveTheContoursOfOneRegionInSeveralItems) {
  const TemporaryFolder folder;
  SmallStructures rt;
  rt.add("1", "Liver", {{square_data(20, 0)}}).add("2", "none", {{square_data(20, 4)}});
  rename_contours(rt, 1, "1");
  rt.save(folder / "rt");
  const DicomContours liver = read_contours(folder / "rt", "Liver");
  EXPECT_EQ(liver.contours.size(), 2u);
  EXPECT_TRUE(liver.warnings.empty());
}

TEST(OddStructureSets, ReadNamesInCyrillicAndWithoutACharacterSet) {
  const std::vector<std::array<std::string, 3>> names{
      {"ISO_IR 144", "\xdf\xd5\xe7\xd5\xdd\xec", "печень"},
      {"ISO_IR 192", "печень", "печень"},
      {"", "печень", "печень"},     // says nothing and is UTF-8
      {"", "L\xe9sion", "Lésion"},  // says nothing and is Latin-1
  };
  for (const auto& [set, bytes, name] : names) {
    const TemporaryFolder folder;
    SmallStructures rt;
    if (!set.empty()) rt.set(DCM_SpecificCharacterSet, set);
    rt.add("1", bytes, {{square_data(10, 0)}}).save(folder / "rt");
    EXPECT_EQ(read_contours(folder / "rt", NameOrNumber(1)).name, name) << set;
  }
}

TEST(OddStructureSets, ReadContourDataOfUnknownRepresentation) {
  const TemporaryFolder folder;
  SmallStructures rt;
  rt.add("1", "GTV", {{"0\\0\\0"}});
  DcmItem *all = nullptr, *one = nullptr;
  ASSERT_TRUE(rt.item().findAndGetSequenceItem(DCM_ROIContourSequence, all).good());
  ASSERT_TRUE(all->findAndGetSequenceItem(DCM_ContourSequence, one).good());
  std::string data = square_data(10, 0);
  auto* unknown = new DcmOtherByteOtherWord(DcmTag(DCM_ContourData, EVR_UN));
  if (data.size() % 2 != 0) data += ' ';
  unknown->putUint8Array(reinterpret_cast<const Uint8*>(data.data()), data.size());
  ASSERT_TRUE(one->insert(unknown, OFTrue).good());
  rt.save(folder / "rt");
  EXPECT_EQ(read_contours(folder / "rt", "GTV").contours.front().size(), 4u);
}

double volume_of(const DicomSegment& seg) {
  return std::accumulate(seg.inside.values.begin(), seg.inside.values.end(), 0.0) * seg.inside.grid.voxel_volume();
}

/// Pixels of 2 mm: a block of 16 in the corner for segment 1, of 4 elsewhere for segment 2, in byte samples.
std::vector<Uint8> frame_bytes(int segment, std::size_t width = 8) {
  std::vector<Uint8> bytes(width * width);
  for (std::size_t y = 0; y < 8; ++y) {
    for (std::size_t x = 0; x < 8; ++x) {
      if (segment != 2 && x < 4 && y < 4) bytes[width * y + x] = 1;
      if (segment != 1 && x > 5 && y > 5) bytes[width * y + x] = segment == 0 ? 2 : 1;
    }
  }
  return bytes;
}

std::vector<Uint8> packed(const std::vector<Uint8>& bytes) {
  std::vector<Uint8> bits((bytes.size() + 7) / 8);
  for (std::size_t i = 0; i < bytes.size(); ++i) bits[i / 8] = static_cast<Uint8>(bits[i / 8] | (bytes[i] << (i % 8)));
  return bits;
}

const std::vector<test::SmallFrame> four_frames{{1, 0}, {1, 4}, {2, 0}, {2, 4}};

void expect_both(const std::filesystem::path& file) {
  EXPECT_NEAR(volume_of(read_segment(file, "lobe")), 16 * 0.04 * 2 * 0.4, 1e-9);
  EXPECT_NEAR(volume_of(read_segment(file, "2")), 4 * 0.04 * 2 * 0.4, 1e-9);
  SegmentRequest both;
  both.segments = {NameOrNumber("tumour"), NameOrNumber(1)};
  EXPECT_NEAR(volume_of(read_segment(file, both)), 20 * 0.04 * 2 * 0.4, 1e-9);
}

TEST(OddSegmentations, AreReadInRunsOfBitsAndOfBytes) {
  for (const bool bytes : {false, true}) {
    const TemporaryFolder folder;
    std::vector<std::vector<Uint8>> frames;
    for (const auto& frame : four_frames) {
      frames.push_back(test::rle_frame(bytes ? frame_bytes(frame.segment) : packed(frame_bytes(frame.segment))));
    }
    SmallDicom seg = small_seg("BINARY", 1, 8, 8, four_frames, "4");
    seg.fragments(EXS_RLELossless, frames).save(folder / "seg", EXS_RLELossless);
    expect_both(folder / "seg");
  }
}

TEST(OddSegmentations, AreReadDeflated) {
  const TemporaryFolder folder;
  std::vector<Uint8> bits;
  for (const auto& frame : four_frames) {
    for (const Uint8 byte : packed(frame_bytes(frame.segment))) bits.push_back(byte);
  }
  SmallDicom seg = small_seg("BINARY", 1, 8, 8, four_frames, "4");
  seg.item().putAndInsertUint8Array(DCM_PixelData, bits.data(), bits.size());
  seg.save(folder / "seg", EXS_DeflatedLittleEndianExplicit);
  expect_both(folder / "seg");
}

/// Deflated Image Frame Compression, which DCMTK does not know: under the UID of another syntax of the same length.
TEST(OddSegmentations, AreReadInDeflatedFrames) {
  const TemporaryFolder folder;
  std::vector<std::vector<Uint8>> frames;
  for (const auto& frame : four_frames) {
    std::vector<Uint8> bits = packed(frame_bytes(frame.segment)), out(200);
    z_stream stream{};
    ASSERT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = bits.data();
    stream.avail_in = static_cast<uInt>(bits.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    frames.push_back(out);
  }
  SmallDicom seg = small_seg("BINARY", 1, 8, 8, four_frames, "4");
  seg.fragments(EXS_JPEG2000LosslessOnly, frames).save(folder / "seg", EXS_JPEG2000LosslessOnly);
  std::ifstream in(folder / "seg", std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  in.close();
  const std::string jpeg = "1.2.840.10008.1.2.4.90";
  ASSERT_NE(bytes.find(jpeg), std::string::npos);
  bytes.replace(bytes.find(jpeg), jpeg.size(), std::string("1.2.840.10008.1.2.8.1") + std::string(1, '\0'));
  std::ofstream(folder / "seg", std::ios::binary) << bytes;
  expect_both(folder / "seg");
}

/// A stream of JPEG 2000 of 64 x 64 bytes, of which `bits` count: GDCM's encoder writes beyond its buffer where there
/// are fewer.
std::vector<Uint8> jpeg2000(const std::vector<Uint8>& bytes, int bits = 1) {
  const TemporaryFolder folder;
  SmallDicom slice = test::ct_slice(0);
  slice.number(DCM_Columns, 64).number(DCM_Rows, 64);
  slice.number(DCM_BitsAllocated, 8).number(DCM_BitsStored, bits).number(DCM_HighBit, bits - 1);
  slice.item().putAndInsertUint8Array(DCM_PixelData, bytes.data(), bytes.size());
  slice.save(folder / "a");
  gdcm::ImageReader reader;
  reader.SetFileName((folder / "a").string().c_str());
  EXPECT_TRUE(reader.Read());
  gdcm::ImageChangeTransferSyntax change;
  change.SetTransferSyntax(gdcm::TransferSyntax::JPEG2000Lossless);
  change.SetInput(reader.GetImage());
  EXPECT_TRUE(change.Change());
  gdcm::ImageWriter writer;
  writer.SetFile(reader.GetFile());
  writer.SetImage(change.GetOutput());
  writer.SetFileName((folder / "j2k").string().c_str());
  EXPECT_TRUE(writer.Write());
  DcmFileFormat file;
  EXPECT_TRUE(file.loadFile((folder / "j2k").string().c_str()).good());
  DcmElement* element = nullptr;
  DcmPixelSequence* sequence = nullptr;
  DcmPixelItem* item = nullptr;
  Uint8* stream = nullptr;
  E_TransferSyntax syntax = EXS_Unknown;
  const DcmRepresentationParameter* parameter = nullptr;
  file.getDataset()->findAndGetElement(DCM_PixelData, element);
  auto& pixels = dynamic_cast<DcmPixelData&>(*element);
  pixels.getOriginalRepresentationKey(syntax, parameter);
  EXPECT_TRUE(pixels.getEncapsulatedRepresentation(syntax, parameter, sequence).good());
  EXPECT_TRUE(sequence->getItem(item, 1).good());
  EXPECT_TRUE(item->getUint8Array(stream).good());
  return {stream, stream + item->getLength()};
}

TEST(OddSegmentations, AreReadInJpeg2000) {
  const TemporaryFolder folder;
  std::vector<std::vector<Uint8>> frames;
  for (const auto& frame : four_frames) frames.push_back(jpeg2000(frame_bytes(frame.segment, 64)));
  SmallDicom seg = small_seg("BINARY", 1, 64, 64, four_frames, "4");
  seg.fragments(EXS_JPEG2000LosslessOnly, frames).save(folder / "seg", EXS_JPEG2000LosslessOnly);
  expect_both(folder / "seg");
}

TEST(OddSegmentations, MayBeLabelMaps) {
  const TemporaryFolder folder;
  std::vector<Uint8> bytes;
  for (int k = 0; k < 2; ++k) {
    for (const Uint8 byte : frame_bytes(0)) bytes.push_back(byte);
  }
  SmallDicom seg = small_seg("LABELMAP", 8, 8, 8, {{0, 0}, {0, 4}}, "4");
  seg.item().putAndInsertUint8Array(DCM_PixelData, bytes.data(), bytes.size());
  seg.save(folder / "seg");
  expect_both(folder / "seg");
  std::vector<Uint16> words(bytes.begin(), bytes.end());
  SmallDicom wide = small_seg("LABELMAP", 16, 8, 8, {{0, 0}, {0, 4}}, "4");
  wide.item().putAndInsertUint16Array(DCM_PixelData, words.data(), words.size());
  wide.save(folder / "wide");
  expect_both(folder / "wide");
}

TEST(OddSegmentations, MayBeCompressedLabelMapsOfTheirOwnClass) {
  const TemporaryFolder folder;
  std::vector<std::vector<Uint8>> frames(2, jpeg2000(frame_bytes(0, 64), 8));
  SmallDicom seg = small_seg("LABELMAP", 8, 64, 64, {{0, 0}, {0, 4}}, "4");
  seg.set(DCM_SOPClassUID, "1.2.840.10008.5.1.4.1.1.66.7");
  seg.fragments(EXS_JPEG2000LosslessOnly, frames).save(folder / "seg", EXS_JPEG2000LosslessOnly);
  expect_both(folder / "seg");
}

/// A stack of frames at the heights given, each of 16 pixels.
DicomSegment stack(const std::vector<double>& heights, const std::string& spacing, const Grid* image,
                   GapRule gaps = GapRule::leave) {
  const TemporaryFolder folder;
  std::vector<test::SmallFrame> frames;
  std::vector<Uint8> bytes;
  for (const double z : heights) {
    frames.push_back({1, z});
    for (const Uint8 byte : frame_bytes(1)) bytes.push_back(byte);
  }
  SmallDicom seg = small_seg("BINARY", 8, 8, 8, frames, spacing);
  seg.item().putAndInsertUint8Array(DCM_PixelData, bytes.data(), bytes.size());
  seg.save(folder / "seg");
  SegmentRequest request;
  request.segments = {NameOrNumber(1)};
  request.image = image;
  request.gaps = gaps;
  return read_segment(folder / "seg", request);
}

TEST(OddSegmentations, StandForTheSlicesTheyLieOn) {
  const Grid ct = test::cube(20, 4, {-38, -38, -38});
  const double plane = 16 * 0.04;
  // SliceThickness (1 mm) is no distance, nor is a spacing that no two frames have.
  EXPECT_NEAR(volume_of(stack({0, 4, 8, 12}, "", &ct)), plane * 1.6, 1e-9);
  EXPECT_NEAR(volume_of(stack({0, 4, 8, 12}, "", nullptr)), plane * 1.6, 1e-9);
  EXPECT_NEAR(volume_of(stack({0, 4, 8, 12}, "2", &ct)), plane * 1.6, 1e-9);
  EXPECT_NEAR(volume_of(stack({0, 4, 8, 12}, "2", nullptr)), plane * 1.6, 1e-9);
  EXPECT_NEAR(volume_of(stack({0, 8, 16}, "8", &ct)), plane * 2.4, 1e-9);
  EXPECT_NEAR(volume_of(stack({0, 0.02, 4, 4.02, 8, 8.02}, "", &ct)), plane * 1.2, 1e-3);
  EXPECT_NEAR(volume_of(stack({0, 3.27, 6.54}, "", &ct)), plane * 0.981, 1e-6);
  EXPECT_NEAR(volume_of(stack({2}, "", &ct)), plane * 0.4, 1e-9);
  const DicomSegment gap = stack({0, 4, 16, 20}, "", &ct);
  EXPECT_NEAR(volume_of(gap), plane * 1.6, 1e-9);
  EXPECT_THAT(told(gap.warnings), AllOf(HasSubstr("planes-missing"), HasSubstr("0.512 mL")));
  EXPECT_NEAR(volume_of(stack({0, 4, 16, 20}, "", &ct, GapRule::fill)), plane * 2.4, 1e-9);
}

SmallDicom registration(const std::string& own,
                        const std::vector<std::pair<std::string, std::vector<std::string>>>& frames) {
  SmallDicom reg("REG", UID_SpatialRegistrationStorage, "1.2.3.6");
  reg.set(DCM_FrameOfReferenceUID, own);
  for (const auto& [uid, matrices] : frames) {
    DcmItem& item = reg.append(reg.item(), DCM_RegistrationSequence);
    reg.set(item, DCM_FrameOfReferenceUID, uid);
    DcmItem& all = reg.append(item, DCM_MatrixRegistrationSequence);
    for (const std::string& matrix : matrices) {
      DcmItem& one = reg.append(all, DCM_MatrixSequence);
      reg.set(one, DCM_FrameOfReferenceTransformationMatrixType, "RIGID")
          .set(one, DCM_FrameOfReferenceTransformationMatrix, matrix);
    }
  }
  return reg;
}

TEST(Registrations, GoFromFrameToFrame) {
  const TemporaryFolder folder;
  const std::string shift = "1\\0\\0\\-10\\0\\1\\0\\20\\0\\0\\1\\5\\0\\0\\0\\1";
  const std::string turn = "0\\-1\\0\\0\\1\\0\\0\\0\\0\\0\\1\\0\\0\\0\\0\\1";  // x to y
  const auto at = [&](const std::string& moving, const std::string& target, const Vector3& p) {
    return read_registration(folder / "reg", moving, target)(p);
  };
  registration("1.1", {{"1.1", {}}, {"1.2", {shift}}}).save(folder / "reg");
  EXPECT_EQ(at("1.2", "1.1", {1, 2, 3}), (Vector3{0, 4, 3.5}));  // [cm]
  EXPECT_EQ(at("1.1", "1.2", {0, 4, 3.5}), (Vector3{1, 2, 3}));  // the CT is the moved one
  EXPECT_EQ(at("", "1.1", {1, 2, 3}), (Vector3{0, 4, 3.5}));     // a NIfTI image
  EXPECT_THAT(refusal([&] { at("1.9", "1.1", {}); }), AllOf(HasSubstr("1.9"), HasSubstr("1.2")));
  registration("1.1", {{"1.2", {turn, shift}}, {"1.3", {shift}}}).save(folder / "reg");
  const Vector3 moved = at("1.2", "1.1", {1, 0, 0});  // first turned to y, then shifted
  for (std::size_t a = 0; a < 3; ++a) EXPECT_NEAR(moved[a], (std::array{-1.0, 3.0, 0.5})[a], 1e-12);
  const Vector3 across = at("1.2", "1.3", {1, 0, 0});
  for (std::size_t a = 0; a < 3; ++a) EXPECT_NEAR(across[a], (std::array{0.0, 1.0, 0.0})[a], 1e-12);
  registration("1.1", {{"1.2", {"2\\0\\0\\0\\0\\1\\0\\0\\0\\0\\1\\0\\0\\0\\0\\1"}}}).save(folder / "reg");
  EXPECT_THAT(refusal([&] { at("1.2", "1.1", {}); }), HasSubstr("not rigid"));
}

TEST(OneObject, OfAFolderIsTheOneOfItsKindBesideOthers) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "study/sub");
  test::ct_slice(0).save(folder / "study/a");
  std::ofstream(folder / "study/notes.txt") << "no DICOM";
  EXPECT_THAT(refusal([&] { one_object(folder / "study", "RTSTRUCT"); }),
              HasSubstr("no DICOM object of modality RTSTR"));
  SmallStructures rt;
  rt.add("1", "GTV", {{square_data(10, 0)}}).save(folder / "study/sub/rt");
  registration("1.1", {}).save(folder / "study/reg");
  EXPECT_EQ(one_object(folder / "study", "RTSTRUCT"), folder / "study/sub/rt");
  EXPECT_EQ(one_object(folder / "study", "REG"), folder / "study/reg");
  EXPECT_EQ(one_object(folder / "study/a", "RTSTRUCT"), folder / "study/a");  // a file's reader says what it is
  rt.save(folder / "study/copy");
  EXPECT_EQ(one_object(folder / "study", "RTSTRUCT"), folder / "study/copy");
  rt.set(DCM_SOPInstanceUID, "1.2.3.44").save(folder / "study/sub/rt");
  EXPECT_THAT(refusal([&] { one_object(folder / "study", "RTSTRUCT"); }),
              AllOf(HasSubstr("2 objects"), HasSubstr("copy, sub/rt")));
}

}  // namespace
}  // namespace ytterby::io
