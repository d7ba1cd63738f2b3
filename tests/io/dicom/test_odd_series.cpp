// CT and PET as they come: uneven slices, doubles, broken files, odd pixels. Right values are those that were written.

#include <gdcmImageChangeTransferSyntax.h>
#include <gdcmImageReader.h>
#include <gdcmImageWriter.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "engine/base/error.h"
#include "io/dicom/image.h"
#include "tests/io/refusal.h"
#include "tests/io/small_case.h"
#include "tests/io/small_dicom.h"

namespace ytterby::io {
namespace {

using test::ct_slice;
using test::pet_slice;
using test::refusal;
using test::SmallDicom;
using test::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;

DicomImage read_in(const TemporaryFolder& folder, const char* modality = "CT") {
  return read_series(choose_series(folder.path(), "", {modality}));
}

std::string warnings_of(const DicomImage& image) {
  std::string all;
  for (const Warning& w : image.warnings) all += w.code + ": " + w.text + "\n";
  return all;
}

TEST(OddSeries, TakesPositionsOffByATwentieth) {
  const TemporaryFolder folder;
  const double at[] = {0, 4, 7.9, 12, 16.1, 20};
  for (int k = 0; k < 6; ++k) pet_slice(at[k], "ADMIN").save(folder / std::to_string(k));
  const DicomImage pet = read_in(folder, "PT");
  EXPECT_EQ(pet.image.grid.shape[2], 6);
  EXPECT_NEAR(pet.image.grid.spacing[2], 0.4, 0.002);
  EXPECT_THAT(warnings_of(pet), HasSubstr("slices-uneven"));
  pet_slice(7.7, "ADMIN").save(folder / "2");
  EXPECT_THAT(refusal([&] { read_in(folder, "PT"); }),
              AllOf(HasSubstr("(1)"), HasSubstr("(2)"), HasSubstr("mm apart")));
}

TEST(OddSeries, CountsAnInstanceOnce) {
  const TemporaryFolder folder;
  for (const double z : {0.0, 3.0, 6.0}) ct_slice(z, 40).save(folder / std::to_string(z));
  std::filesystem::copy(folder / std::to_string(3.0), folder / "again");
  ct_slice(6, 40).save(folder / "other syntax", EXS_LittleEndianImplicit);
  const DicomImage ct = read_in(folder);
  EXPECT_EQ(ct.image.grid.shape[2], 3);
  EXPECT_THAT(warnings_of(ct), HasSubstr("2 slices are there twice"));
  ct_slice(6, 41).save(folder / "other syntax");
  EXPECT_THAT(refusal([&] { read_in(folder); }), HasSubstr("same SOPInstanceUID"));
}

TEST(OddSeries, NamesWhatBreaksOff) {
  for (const double share : {0.98, 0.5, 0.2}) {
    const TemporaryFolder folder;
    for (const double z : {0.0, 3.0, 6.0, 9.0}) ct_slice(z).save(folder / std::to_string(z));
    const auto last = folder / std::to_string(9.0);
    std::filesystem::resize_file(
        last, static_cast<std::uintmax_t>(share * static_cast<double>(std::filesystem::file_size(last))));
    EXPECT_THAT(refusal([&] { read_in(folder); }), AllOf(HasSubstr(last.string()), HasSubstr("truncated"))) << share;
  }
  const TemporaryFolder folder;
  for (const double z : {0.0, 3.0}) ct_slice(z).save(folder / std::to_string(z));
  std::ofstream(folder / "._3.dcm") << "a note of another system";
  EXPECT_EQ(read_in(folder).image.grid.shape[2], 2);
  std::ofstream(folder / "6.dcm") << "DI";
  EXPECT_THAT(refusal([&] { read_in(folder); }), HasSubstr("6.dcm"));
}

TEST(OddSeries, PassesLocalizersOverByName) {
  const TemporaryFolder folder;
  for (const double z : {0.0, 3.0, 6.0}) ct_slice(z).save(folder / std::to_string(z));
  ct_slice(60)
      .set(DCM_ImageType, "ORIGINAL\\PRIMARY\\LOCALIZER")
      .set(DCM_ImageOrientationPatient, "1\\0\\0\\0\\0\\-1")
      .save(folder / "scout");
  const DicomImage ct = read_in(folder);
  EXPECT_EQ(ct.image.grid.shape[2], 3);
  EXPECT_THAT(warnings_of(ct), AllOf(HasSubstr("scout"), HasSubstr("localizer")));
}

TEST(OddSeries, RefusesValuesThatAreNoCtNumbers) {
  const auto with = [](const DcmTagKey& key, const char* value, CtNumbers numbers = CtNumbers::stated) {
    const TemporaryFolder folder;
    SmallDicom slice = ct_slice(0);
    if (value == nullptr) {
      slice.item().findAndDeleteElement(key);
    } else {
      slice.set(key, value);
    }
    slice.save(folder / "a");
    return refusal([&] { read_series(choose_series(folder.path(), "", {"CT"}), numbers); });
  };
  EXPECT_THAT(with(DCM_RescaleSlope, nullptr), HasSubstr("RescaleSlope"));
  EXPECT_THAT(with(DCM_RescaleIntercept, nullptr), HasSubstr("RescaleIntercept"));
  for (const char* type : {"ED", "EDW", "Z_EFF", "MGML", "HU_MOD"})
    EXPECT_THAT(with(DCM_RescaleType, type), HasSubstr(type));
  EXPECT_EQ(with(DCM_RescaleType, "HU"), "accepted");
  EXPECT_EQ(with(DCM_RescaleType, "hu"), "accepted");
  EXPECT_EQ(with(DCM_RescaleType, "US"), "accepted");
  EXPECT_EQ(with(DCM_RescaleType, "ED", CtNumbers::insisted), "accepted");
  const TemporaryFolder folder;
  SmallDicom table = ct_slice(0);
  table.set(table.append(table.item(), DCM_ModalityLUTSequence), DCM_ModalityLUTType, "HU");
  table.save(folder / "a");
  EXPECT_THAT(refusal([&] { read_in(folder); }), HasSubstr("ModalityLUTSequence"));
}

/// Through the compressor of another library, which says unsigned in the stream.
void compress(const std::filesystem::path& file, const gdcm::TransferSyntax::TSType& syntax) {
  gdcm::ImageReader reader;
  reader.SetFileName(file.string().c_str());
  ASSERT_TRUE(reader.Read());
  gdcm::ImageChangeTransferSyntax change;
  change.SetTransferSyntax(gdcm::TransferSyntax(syntax));
  change.SetInput(reader.GetImage());
  ASSERT_TRUE(change.Change());
  gdcm::ImageWriter writer;
  writer.SetFile(reader.GetFile());
  writer.SetImage(change.GetOutput());
  writer.SetFileName(file.string().c_str());
  ASSERT_TRUE(writer.Write());
}

TEST(OddPixels, AreSignedAsTheHeaderSays) {
  for (const auto syntax : {gdcm::TransferSyntax::JPEG2000Lossless, gdcm::TransferSyntax::RLELossless,
                            gdcm::TransferSyntax::JPEGLSLossless, gdcm::TransferSyntax::JPEGLosslessProcess14_1}) {
    const TemporaryFolder folder;
    SmallDicom slice = ct_slice(0);
    std::vector<Uint16> values(400, 8192 - 750);
    values[1] = 60;
    slice.pixels(20, 20, values).number(DCM_BitsStored, 13).number(DCM_HighBit, 12);
    slice.set(DCM_RescaleIntercept, "0").save(folder / "a");
    compress(folder / "a", syntax);
    DcmFileFormat file;
    ASSERT_TRUE(file.loadFile((folder / "a").string().c_str()).good());
    file.getDataset()->putAndInsertUint16(DCM_PixelRepresentation, 1);
    file.loadAllDataIntoMemory();
    ASSERT_TRUE(file.saveFile((folder / "a").string().c_str(), file.getDataset()->getOriginalXfer()).good());
    const DicomImage ct = read_in(folder);
    EXPECT_EQ(ct.image.values[0], -750) << syntax;
    EXPECT_EQ(ct.image.values[1], 60) << syntax;
  }
}

TEST(OddPixels, OfManyBitsAreReadOrRefusedAndNeverAbort) {
  for (const int allocated : {8, 16, 32}) {
    for (const int stored : {1, 7, 8, 12, 16, 24, 32, 33}) {
      for (const int high : {stored - 1, allocated - 1}) {
        const TemporaryFolder folder;
        SmallDicom slice = ct_slice(0);
        slice.pixels(20, 20, std::vector<Uint16>(400 * static_cast<std::size_t>(allocated) / 16, 0));
        slice.number(DCM_BitsAllocated, allocated).number(DCM_BitsStored, stored).number(DCM_HighBit, high);
        slice.save(folder / "a");
        const bool fits = stored <= allocated;
        const std::string said = refusal([&] { EXPECT_EQ(read_in(folder).image.values[0], -1024); });
        EXPECT_EQ(said == "accepted", fits) << allocated << " " << stored << " " << high << " " << said;
      }
    }
  }
  const TemporaryFolder folder;
  SmallDicom slice = ct_slice(0);
  std::vector<Uint16> values(800, 0);
  const std::int32_t stored = -300;
  std::memcpy(&values[2], &stored, 4);
  slice.pixels(20, 20, values).number(DCM_BitsAllocated, 32).number(DCM_BitsStored, 24).number(DCM_HighBit, 23);
  slice.number(DCM_PixelRepresentation, 1).set(DCM_RescaleIntercept, "0").save(folder / "a");
  EXPECT_EQ(read_in(folder).image.values[1], -300);
}

/// 12 bits stored of 16: what the other four hold decides.
TEST(OddPixels, BeyondTheBitsThatAreStoredAreRefused) {
  const auto read = [](bool is_signed, std::vector<Uint16> some, const DcmTagKey& more = {}, int value = 0,
                       bool compressed = false) {
    const TemporaryFolder folder;
    SmallDicom slice = ct_slice(0);
    std::vector<Uint16> values(400, 24);
    std::copy(some.begin(), some.end(), values.begin());
    slice.pixels(20, 20, values).number(DCM_BitsStored, compressed ? 16 : 12).number(DCM_HighBit, compressed ? 15 : 11);
    slice.number(DCM_PixelRepresentation, is_signed ? 1 : 0).set(DCM_RescaleIntercept, "0");
    if (value != 0) slice.number(more, value);
    slice.save(folder / "a");
    if (compressed) {
      compress(folder / "a", gdcm::TransferSyntax::JPEG2000Lossless);
      DcmFileFormat file;
      EXPECT_TRUE(file.loadFile((folder / "a").string().c_str()).good());
      file.getDataset()->putAndInsertUint16(DCM_BitsStored, 12);
      file.getDataset()->putAndInsertUint16(DCM_HighBit, 11);
      file.loadAllDataIntoMemory();
      EXPECT_TRUE(file.saveFile((folder / "a").string().c_str(), file.getDataset()->getOriginalXfer()).good());
    }
    std::vector<double> found;
    const std::string said = refusal([&] { found = read_in(folder).image.values; });
    return std::pair{said, found};
  };
  const auto minus_1000 = static_cast<Uint16>(-1000), cut = static_cast<Uint16>(minus_1000 & 0xFFFU);
  EXPECT_EQ(read(true, {minus_1000, 60}).second.at(0), -1000);
  EXPECT_EQ(read(true, {cut, 60}).second.at(0), -1000);
  EXPECT_EQ(read(false, {4095}).second.at(0), 4095);
  for (const bool compressed : {false, true}) {
    EXPECT_THAT(read(true, {minus_1000, 2500}, {}, 0, compressed).first, HasSubstr("beyond its BitsStored"));
    EXPECT_THAT(read(true, {static_cast<Uint16>(-2500)}, {}, 0, compressed).first, HasSubstr("beyond its BitsStored"));
    EXPECT_THAT(read(false, {5000}, {}, 0, compressed).first, HasSubstr("(0028,0101) of 12"));
  }
  // Overlays in unused bits are no values, and padding is none either.
  EXPECT_EQ(read(false, {0x1000 + 60}, DcmTagKey(0x6000, 0x0100), 16).second.at(0), 60);
  EXPECT_EQ(read(false, {0xF830}, DCM_PixelPaddingValue, 0xF830).first, "accepted");
}

TEST(OddPixels, OfPaddingAreAirAtTheEdgeAlone) {
  const TemporaryFolder folder;
  SmallDicom slice = ct_slice(0);
  std::vector<Uint16> values(400, 1100);
  for (const std::size_t edge : {0, 1, 20, 399}) values[edge] = 2000;
  values[210] = 2000;  // within the patient the same number is bone
  slice.pixels(20, 20, values);
  slice.item().putAndInsertUint16(DCM_PixelPaddingValue, 2000);
  slice.save(folder / "a");
  const DicomImage ct = read_in(folder);
  for (const std::size_t edge : {0, 1, 20, 399}) EXPECT_EQ(ct.image.values[edge], -1000);
  EXPECT_EQ(ct.image.values[210], 2000 - 1024);
  EXPECT_EQ(ct.image.values[2], 1100 - 1024);
  EXPECT_THAT(warnings_of(ct), HasSubstr("4 pixels of PixelPaddingValue"));
}

/// An enhanced CT or PET of 3 frames, out of order, 2.5 mm apart, with a slope of its own each.
SmallDicom enhanced(const std::string& modality, const char* sop_class) {
  SmallDicom object(modality, sop_class, "1.2.3.8");
  std::vector<Uint16> values;
  for (const int frame : {2, 0, 1}) values.insert(values.end(), 6, static_cast<Uint16>(10 + frame));
  object.pixels(3, 2, values).set(DCM_NumberOfFrames, "3");
  object.item().findAndDeleteElement(DCM_PixelSpacing);
  DcmItem& shared = object.append(object.item(), DCM_SharedFunctionalGroupsSequence);
  object.set(object.append(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0");
  object.set(object.append(shared, DCM_PixelMeasuresSequence), DCM_PixelSpacing, "4\\3");
  for (const int frame : {2, 0, 1}) {
    DcmItem& own = object.append(object.item(), DCM_PerFrameFunctionalGroupsSequence);
    object.set(object.append(own, DCM_PlanePositionSequence), DCM_ImagePositionPatient,
               "0\\0\\" + std::to_string(2.5 * frame));
    DcmItem& scale = object.append(own, DCM_PixelValueTransformationSequence);
    object.set(scale, DCM_RescaleSlope, std::to_string(1 + frame))
        .set(scale, DCM_RescaleIntercept, "-5")
        .set(scale, DCM_RescaleType, modality == "CT" ? "HU" : "US");
  }
  return object;
}

TEST(EnhancedObjects, BecomeStacksOfTheirFrames) {
  const TemporaryFolder folder;
  enhanced("CT", UID_EnhancedCTImageStorage).save(folder / "a");
  const DicomImage ct = read_in(folder);
  EXPECT_EQ(ct.image.grid.shape, (std::array<int, 3>{3, 2, 3}));
  EXPECT_NEAR(ct.image.grid.spacing[2], 0.25, 1e-12);
  EXPECT_NEAR(ct.image.grid.spacing[0], 0.3, 1e-12);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(ct.image.values[6 * k], (10 + static_cast<double>(k)) * (1 + static_cast<double>(k)) - 5);
  }
  EXPECT_EQ(ct.origin.references.size(), 1u);
}

TEST(EnhancedObjects, OfPetSayUnitAndTime) {
  const TemporaryFolder folder;
  SmallDicom pet = enhanced("PT", UID_EnhancedPETImageStorage);
  pet.set(DCM_DecayCorrected, "YES").set(DCM_DecayCorrectionDateTime, "20260105101500+0100");
  DcmItem& shared = pet.append(pet.item(), DCM_SharedFunctionalGroupsSequence);
  static_cast<void>(shared);
  DcmItem* first = nullptr;
  ASSERT_TRUE(pet.item().findAndGetSequenceItem(DCM_SharedFunctionalGroupsSequence, first, 0).good());
  DcmItem& map = pet.append(*first, DCM_RealWorldValueMappingSequence);
  pet.set(pet.append(map, DCM_MeasurementUnitsCodeSequence), DCM_CodeValue, "Bq/ml");
  pet.save(folder / "a");
  const DicomImage read = read_in(folder, "PT");
  EXPECT_EQ(read.origin.units, "BQML");
  EXPECT_EQ(read.origin.timing.front().decay_correction, "START");
  EXPECT_EQ(read.origin.timing.front().series_date, "20260105");
  EXPECT_EQ(read.origin.timing.front().series_time, "101500");
  EXPECT_EQ(read.origin.timing.front().zone, "+0100");
  EXPECT_EQ(read.image.values[6], 11 * 2 - 5);
}

TEST(EnhancedObjects, OfPetTakeTheLineToBqPerMillilitreAmongOthers) {
  const TemporaryFolder folder;
  SmallDicom pet = enhanced("PT", UID_EnhancedPETImageStorage);
  DcmItem* shared = nullptr;
  ASSERT_TRUE(pet.item().findAndGetSequenceItem(DCM_SharedFunctionalGroupsSequence, shared, 0).good());
  for (const auto& [unit, slope] : {std::pair{"g/ml", 9.0}, std::pair{"Bq/ml", 3.0}}) {
    DcmItem& map = pet.append(*shared, DCM_RealWorldValueMappingSequence);
    map.putAndInsertFloat64(DCM_RealWorldValueSlope, slope);
    map.putAndInsertFloat64(DCM_RealWorldValueIntercept, 1);
    pet.set(pet.append(map, DCM_MeasurementUnitsCodeSequence), DCM_CodeValue, unit);
  }
  pet.save(folder / "a");
  const DicomImage read = read_in(folder, "PT");
  EXPECT_EQ(read.origin.units, "BQML");
  EXPECT_EQ(read.image.values[6], 11 * 3 + 1);
}

TEST(EnhancedObjects, OfAConcatenationNeedAllParts) {
  const TemporaryFolder folder;
  SmallDicom ct = enhanced("CT", UID_EnhancedCTImageStorage);
  ct.set(DCM_ConcatenationUID, "1.2.3.55").number(DCM_InConcatenationNumber, 1);
  ct.number(DCM_InConcatenationTotalNumber, 2).save(folder / "a");
  EXPECT_THAT(refusal([&] { read_in(folder); }), AllOf(HasSubstr("part 2 is not there"), HasSubstr("copy")));
  ct.number(DCM_InConcatenationTotalNumber, 1).save(folder / "a");
  EXPECT_EQ(read_in(folder).image.grid.shape[2], 3);
}

/// PET of four slices; `change` is made to each.
template <class Change>
std::string pet_warnings_of(const Change& change) {
  const TemporaryFolder folder;
  for (int k = 0; k < 4; ++k) {
    SmallDicom slice = pet_slice(4 * k, "START");
    change(slice);
    slice.save(folder / std::to_string(k));
  }
  return warnings_of(read_in(folder, "PT"));
}

TEST(OddPet, SaysWhatWasNotCorrected) {
  const auto corrected = [](const char* what) {
    return pet_warnings_of([&](SmallDicom& s) { s.set(DCM_CorrectedImage, what); });
  };
  EXPECT_EQ(corrected("NORM\\DTIM\\ATTN\\SCAT\\DECY\\RAN"), "");
  EXPECT_EQ(corrected(""), "");
  EXPECT_THAT(corrected("NORM\\DTIM\\SCAT\\DECY"), HasSubstr("pet-not-attenuation-corrected"));
  EXPECT_THAT(corrected("NORM\\ATTN"), HasSubstr("pet-decay-contradicted"));
  EXPECT_THAT(pet_warnings_of([](SmallDicom& s) { s.set(DCM_AttenuationCorrectionMethod, "NONE"); }),
              HasSubstr("pet-not-attenuation-corrected"));
  EXPECT_THAT(refusal([] { pet_warnings_of([](SmallDicom& s) { s.set(DCM_SeriesType, "STATIC\\REPROJECTION"); }); }),
              HasSubstr("projections"));
}

TEST(OddPet, TellsOfSlicesThatItsHeaderCounts) {
  const auto counted = [](int n) { return pet_warnings_of([&](SmallDicom& s) { s.number(DCM_NumberOfSlices, n); }); };
  EXPECT_EQ(counted(4), "");
  EXPECT_THAT(counted(6), AllOf(HasSubstr("slices-missing"), HasSubstr("4 of the 6 slices")));
}

}  // namespace
}  // namespace ytterby::io
