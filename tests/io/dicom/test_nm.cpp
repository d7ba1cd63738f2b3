// Nuclear medicine objects of several windows, detectors and time slots, and what their values mean.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <numeric>

#include "engine/base/error.h"
#include "io/case/case_file.h"
#include "io/dicom/image.h"
#include "io/dicom/nm/nm_frames.h"
#include "io/dicom/series.h"
#include "io/prepare/prepare.h"
#include "tests/io/small_case.h"
#include "tests/io/small_dicom.h"

namespace ytterby::io {
namespace {

using test::SmallDicom;
using test::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;

/// Three slices of 4 x 4 pixels for each of `images`; pixels of image i (from 1), slice k (from 0) are 10 i + k.
SmallDicom spect(int images, const DcmTagKey& vector = DCM_EnergyWindowVector) {
  SmallDicom nm("NM", UID_NuclearMedicineImageStorage, "1.2.3.7.1");
  std::vector<Uint16> values, which, slices;
  for (int i = 1; i <= images; ++i) {
    for (int k = 0; k < 3; ++k) {
      values.insert(values.end(), 16, static_cast<Uint16>(10 * i + k));
      which.push_back(static_cast<Uint16>(i));
      slices.push_back(static_cast<Uint16>(k + 1));
    }
  }
  nm.pixels(4, 4, values).set(DCM_ImageType, "ORIGINAL\\PRIMARY\\RECON TOMO\\EMISSION");
  nm.set(DCM_NumberOfFrames, std::to_string(3 * images)).set(DCM_SpacingBetweenSlices, "5");
  nm.item().putAndInsertUint16(DCM_NumberOfSlices, 3);
  DcmItem& detector = nm.append(nm.item(), DCM_DetectorInformationSequence);
  nm.set(detector, DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0").set(detector, DCM_ImagePositionPatient, "0\\0\\0");
  if (images > 1) nm.item().putAndInsertUint16Array(vector, which.data(), which.size());
  return nm;
}

SmallDicom& named_windows(SmallDicom& nm, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    nm.set(nm.append(nm.item(), DCM_EnergyWindowInformationSequence), DCM_EnergyWindowName, name);
  }
  return nm;
}

class Nm : public testing::Test {
 protected:
  std::vector<double> read(SmallDicom nm, const NmChoice& choice = {}) {
    nm.save(folder / "nm");
    const DicomImage image = read_series(choose_series(folder / "nm", "", {"NM"}), CtNumbers::stated, choice);
    std::vector<double> planes;  // one value each
    for (int z = 0; z < image.image.grid.shape[2]; ++z)
      planes.push_back(image.image.values[image.image.grid.index(0, 0, z)]);
    return planes;
  }
  std::string refusal(SmallDicom nm, const NmChoice& choice = {}) {
    try {
      read(std::move(nm), choice);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::input);
      return error.what();
    }
    return "accepted";
  }
  TemporaryFolder folder;
};

using Planes = std::vector<double>;

TEST_F(Nm, AsksWhichEnergyWindow) {
  SmallDicom two = spect(2);
  named_windows(two, {"scatter", "Tc-99m"});
  const std::string said = refusal(two);
  EXPECT_THAT(
      said, AllOf(HasSubstr("2 energy windows"), HasSubstr("1 \"scatter\", 2 \"Tc-99m\""), HasSubstr("energy_window")));
  EXPECT_EQ(read(two, {"Tc-99m", {}, {}}), (Planes{20, 21, 22}));
  EXPECT_EQ(read(two, {"2", {}, {}}), (Planes{20, 21, 22}));
  EXPECT_EQ(read(two, {"scatter", {}, {}}), (Planes{10, 11, 12}));
  EXPECT_THAT(refusal(two, {"In-111", {}, {}}), HasSubstr("has no energy window \"In-111\""));
}

TEST_F(Nm, AsksWhichDetectorAndTimeSlot) {
  EXPECT_THAT(refusal(spect(2, DCM_DetectorVector)), HasSubstr("2 detectors"));
  SmallDicom two = spect(2, DCM_DetectorVector);
  DcmItem& second = two.append(two.item(), DCM_DetectorInformationSequence);
  two.set(second, DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0").set(second, DCM_ImagePositionPatient, "40\\0\\0");
  EXPECT_EQ(read(two, {"", 2, {}}), (Planes{20, 21, 22}));
  const DicomImage image = read_series(choose_series(folder / "nm", "", {"NM"}), CtNumbers::stated, {"", 2, {}});
  EXPECT_NEAR(image.image.grid.origin[0], 4, 1e-9);  // where that detector says
  EXPECT_THAT(refusal(spect(3, DCM_TimeSlotVector)), HasSubstr("3 time slots"));
  EXPECT_EQ(read(spect(3, DCM_TimeSlotVector), {"", {}, 3}), (Planes{30, 31, 32}));
  EXPECT_THAT(refusal(spect(2, DCM_RRIntervalVector)), HasSubstr("needs to be an image of one"));
}

TEST_F(Nm, SortsTheChosenFramesBySliceVector) {
  SmallDicom two = spect(2);
  const std::array<Uint16, 6> slices{1, 2, 3, 3, 2, 1};
  two.item().putAndInsertUint16Array(DCM_SliceVector, slices.data(), 6);
  EXPECT_EQ(read(two, {"2", {}, {}}), (Planes{22, 21, 20}));
  const std::array<Uint16, 6> twice{1, 2, 3, 1, 1, 2};
  two.item().putAndInsertUint16Array(DCM_SliceVector, twice.data(), 6);
  EXPECT_THAT(refusal(two, {"2", {}, {}}), HasSubstr("names slice 1 twice"));
}

TEST_F(Nm, RefusesFramesThatNobodyCanTellApart) {
  SmallDicom two = spect(1);
  two.item().putAndInsertUint16(DCM_NumberOfSlices, 1);
  two.item().putAndInsertUint16(DCM_NumberOfEnergyWindows, 3);
  EXPECT_THAT(refusal(two), AllOf(HasSubstr("3 frames for 1 slices"), HasSubstr("3 energy windows")));
}

TEST_F(Nm, TakesNoMapOfSomethingElseForActivity) {
  EXPECT_EQ(refusal(spect(1)), "accepted");
  EXPECT_THAT(refusal(spect(1).set(DCM_ImageType, "ORIGINAL\\PRIMARY\\RECON TOMO\\TRANSMISSION")),
              HasSubstr("transmission"));
  EXPECT_THAT(refusal(spect(1).set(DCM_SeriesDescription, "Liver MuMap")), HasSubstr("attenuation map"));
  SmallDicom scatter = spect(1);
  named_windows(scatter, {"Lower Scatter"});
  EXPECT_THAT(refusal(scatter), HasSubstr("scatter"));
  EXPECT_EQ(refusal(scatter, {"Lower Scatter", {}, {}}), "accepted");
  EXPECT_THAT(refusal(spect(1).set(DCM_ImageType, "ORIGINAL\\PRIMARY\\WHOLE BODY\\EMISSION")), HasSubstr("planar"));
}

TEST_F(Nm, ReadsOneFileASlice) {
  std::filesystem::create_directory(folder / "slices");
  for (int k = 0; k < 3; ++k) {
    SmallDicom slice("NM", UID_NuclearMedicineImageStorage, "1.2.3.7." + std::to_string(k));
    slice.pixels(4, 4, std::vector<Uint16>(16, static_cast<Uint16>(7 - k)))
        .set(DCM_ImageType, "ORIGINAL\\PRIMARY\\RECON TOMO\\EMISSION")
        .set(DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0")
        .set(DCM_ImagePositionPatient, "0\\0\\" + std::to_string(4 * k));
    slice.save(folder / ("slices/" + std::to_string(k)));
  }
  const DicomImage image = read_series(choose_series(folder / "slices", "", {"NM"}));
  ASSERT_EQ(image.image.grid.shape[2], 3);
  EXPECT_NEAR(image.image.grid.spacing[2], 0.4, 1e-9);
  EXPECT_EQ(image.image.values[0], 7);
  EXPECT_EQ(image.image.values[32], 5);
}

/// A case of an image in Bq/mL; what it holds [Bq].
TEST_F(Nm, MayHaveItsPlaceOutsideTheDetectors) {
  SmallDicom nm = spect(1);
  DcmItem* detector = nullptr;
  ASSERT_TRUE(nm.item().findAndGetSequenceItem(DCM_DetectorInformationSequence, detector, 0).good());
  detector->findAndDeleteElement(DCM_ImageOrientationPatient);
  detector->findAndDeleteElement(DCM_ImagePositionPatient);
  EXPECT_THAT(refusal(nm), AllOf(HasSubstr("ImageOrientationPatient (0020,0037)"), HasSubstr("export")));
  nm.set(DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0").set(DCM_ImagePositionPatient, "0\\0\\0");
  EXPECT_EQ(read(nm).size(), 3u);
}

class QuantitativeCase : public Nm {
 protected:
  double activity(const std::string& keys) {
    std::filesystem::create_directories(folder / "ct");
    for (int k = 0; k < 20; ++k) test::ct_slice(-38 + 4 * k).save(folder / ("ct/" + std::to_string(k)));
    std::ofstream(folder / "case.toml") << "[medium]\nct = \"ct\"\n[activity]\nimage = \"nm\"\nquantity = \"Bq/mL\"\n"
                                        << keys;
    return prepare(read_case(folder / "case.toml")).account.on_grid;
  }
  std::string refused(const std::string& keys) {
    try {
      activity(keys);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }
};

const std::string both_times =
    "reference_time = \"2026-01-05T10:00:00\"\nadministration_time = \"2026-01-05T10:00:00\"\n";
constexpr double counts = 16 * (10 + 11 + 12), voxel_mL = 0.4 * 0.4 * 0.5;

TEST_F(QuantitativeCase, TakesRealWorldValues) {
  SmallDicom nm = spect(1);
  DcmItem& mapping = nm.append(nm.item(), DCM_RealWorldValueMappingSequence);
  mapping.putAndInsertFloat64(DCM_RealWorldValueSlope, 2000);
  mapping.putAndInsertFloat64(DCM_RealWorldValueIntercept, 0);
  DcmItem& unit = nm.append(mapping, DCM_MeasurementUnitsCodeSequence);
  nm.set(unit, DCM_CodeValue, "Bq/ml").save(folder / "nm");
  EXPECT_NEAR(activity(both_times) / (2000 * counts * voxel_mL), 1, 1e-9);
  EXPECT_THAT(refused(""), HasSubstr("reference_time"));  // NM does not say when values hold
  nm.set(unit, DCM_CodeValue, "kBq/ml").save(folder / "nm");
  EXPECT_NEAR(activity(both_times) / (2e6 * counts * voxel_mL), 1, 1e-9);
  nm.set(unit, DCM_CodeValue, "{counts}").save(folder / "nm");
  EXPECT_THAT(refused(both_times), HasSubstr("RealWorldValueMappingSequence"));
}

/// A line from stored values to Bq/mL for those from `first` to `last`.
void add_mapping(SmallDicom& nm, double slope, Uint16 first, Uint16 last, const char* unit = "Bq/ml") {
  DcmItem& mapping = nm.append(nm.item(), DCM_RealWorldValueMappingSequence);
  mapping.putAndInsertFloat64(DCM_RealWorldValueSlope, slope);
  mapping.putAndInsertFloat64(DCM_RealWorldValueIntercept, 0);
  mapping.putAndInsertUint16(DcmTag(DCM_RealWorldValueFirstValueMapped, EVR_US), first);
  mapping.putAndInsertUint16(DcmTag(DCM_RealWorldValueLastValueMapped, EVR_US), last);
  nm.set(nm.append(mapping, DCM_MeasurementUnitsCodeSequence), DCM_CodeValue, unit);
}

TEST_F(QuantitativeCase, MapsEachValueByItsOwnLine) {
  SmallDicom nm = spect(1);  // 16 pixels each of 10, 11 and 12
  add_mapping(nm, 7, 0, 65535, "g/ml");
  add_mapping(nm, 1000, 12, 65535);
  add_mapping(nm, 3000, 0, 11);
  nm.save(folder / "nm");
  EXPECT_NEAR(activity(both_times) / (16 * (3000 * (10 + 11) + 1000 * 12) * voxel_mL), 1, 1e-9);
  SmallDicom short_of = spect(1);
  add_mapping(short_of, 1000, 0, 11);
  short_of.save(folder / "nm");
  EXPECT_THAT(refused(both_times), AllOf(HasSubstr("no stored value of 12"), HasSubstr("export")));
  SmallDicom both = spect(1);
  add_mapping(both, 1000, 0, 11);
  add_mapping(both, 2000, 11, 65535);
  both.save(folder / "nm");
  EXPECT_THAT(refused(both_times), HasSubstr("two lines to Bq/mL for the stored value 11"));
}

TEST_F(QuantitativeCase, TakesACamerasCalibrationFactor) {
  spect(1)
      .set(DCM_SeriesDate, "20260105")
      .set(DCM_SeriesTime, "100000")
      .set(DCM_AcquisitionDate, "20260105")
      .set(DCM_AcquisitionTime, "100000")
      .save(folder / "nm");
  EXPECT_NEAR(activity("counts_to_Bq_per_mL = 50\n" + both_times) / (50 * counts * voxel_mL), 1, 1e-9);
  EXPECT_NEAR(activity("counts_to_Bq_per_mL = 50\nadministration_time = \"2026-01-04T10:00:00\"\n") /
                  (50 * counts * voxel_mL * std::exp2(24 / 64.05)),
              1, 1e-3);
  EXPECT_THAT(refused("counts_to_Bq_per_mL = 50\n"), HasSubstr("administration_time"));
}

TEST_F(QuantitativeCase, TakesPhilipsFactor) {
  std::filesystem::create_directories(folder / "nm");
  const auto save = [&](const std::string& factor, E_TransferSyntax syntax = EXS_LittleEndianExplicit) {
    for (int k = 0; k < 20; ++k) {
      SmallDicom slice = test::pet_slice(-38 + 4 * k, "ADMIN");
      slice.set(DCM_Units, "CNTS");
      if (!factor.empty()) {
        slice.set(DcmTagKey(0x7053, 0x0010), "Philips PET Private Group");
        slice.item().putAndInsertString(DcmTag(0x7053, 0x1009, EVR_DS), factor.c_str());
      }
      slice.save(folder / ("nm/" + std::to_string(k)), syntax);
    }
  };
  save("1.9");
  // 20 x 20 x 20 pixels of 100 times 50 counts in voxels of 0.064 mL.
  EXPECT_NEAR(activity("") / (1.9 * 5000 * 8000 * 0.064), 1, 1e-4);
  for (const char* factor : {"1.9", "1.90"}) {  // private elements of implicit files have no representation
    save(factor, EXS_LittleEndianImplicit);
    EXPECT_NEAR(activity("") / (1.9 * 5000 * 8000 * 0.064), 1, 1e-4) << factor;
  }
  save("");
  EXPECT_THAT(refused(""), AllOf(HasSubstr("7053"), HasSubstr("counts_to_Bq_per_mL")));
}

}  // namespace
}  // namespace ytterby::io
