// Our own small DICOM objects: geometry, decay, contours, frames of reference, export.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <itkGDCMImageIO.h>
#include <itkImage.h>
#include <itkImageFileReader.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>

#include "engine/base/error.h"
#include "engine/grid/contour_mask.h"
#include "engine/grid/grid_overlap.h"
#include "engine/simulation.h"
#include "io/dicom/decay.h"
#include "io/dicom/image.h"
#include "io/dicom/rtdose.h"
#include "io/dicom/seg.h"
#include "io/prepare/dose_of_case.h"
#include "io/results/dose_file.h"
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
using testing::HasSubstr;
using testing::Not;

DicomImage read_ct_in(const TemporaryFolder& folder) { return read_series(choose_series(folder.path(), "", {"CT"})); }

TEST(DicomSeries, SortsSlicesByPlaceAndNotByName) {
  const TemporaryFolder folder;
  ct_slice(5, 30).save(folder / "a");
  ct_slice(0, 10).save(folder / "c");
  ct_slice(2.5, 20).save(folder / "b");
  std::ofstream(folder / "readme.txt") << "no DICOM";
  const DicomImage ct = read_ct_in(folder);
  EXPECT_EQ(ct.image.grid.shape, (std::array<int, 3>{20, 20, 3}));
  EXPECT_NEAR(ct.image.grid.spacing[2], 0.25, 1e-12);  // not the thickness of 7 mm
  EXPECT_NEAR(ct.image.grid.origin[0], -3.8, 1e-12);
  EXPECT_EQ(ct.image.values[0], 10);
  EXPECT_EQ(ct.image.values[800], 30);
  EXPECT_EQ(ct.origin.references.size(), 3u);
}

TEST(DicomSeries, LiesUnderAnyName) {
  const TemporaryFolder folder;
  const auto odd = folder / "o'dd \"n\u00e4me\" \u809d $(x) #1";
  std::filesystem::create_directories(odd / "b ' c");
  for (const double z : {0.0, 3.0, 6.0, 9.0}) ct_slice(z, 40).save(odd / "b ' c" / ("\u00fc \"" + std::to_string(z)));
  const DicomImage ct = read_series(choose_series(odd, "", {"CT"}));
  EXPECT_EQ(ct.image.grid.shape, (std::array<int, 3>{20, 20, 4}));
  EXPECT_EQ(ct.image.values[0], 40);
  std::filesystem::remove(odd / "b ' c" / ("\u00fc \"" + std::to_string(3.0)));
  EXPECT_THAT(refusal([&] { read_series(choose_series(odd, "", {"CT"})); }), HasSubstr("n\u00e4me"));
}

TEST(DicomSeries, RefusesGapsDuplicatesAndDifferences) {
  const auto with = [](SmallDicom odd) {
    const TemporaryFolder folder;
    for (const double z : {0.0, 3.0, 6.0}) ct_slice(z).save(folder / std::to_string(z));
    odd.save(folder / "odd");
    return refusal([&] { read_ct_in(folder); });
  };
  EXPECT_THAT(with(ct_slice(12)), AllOf(HasSubstr("6 mm apart"), HasSubstr("3 mm elsewhere")));
  EXPECT_THAT(with(ct_slice(3).set(DCM_SOPInstanceUID, "1.2.3.1.9")), HasSubstr("two slices at 3 mm"));
  EXPECT_THAT(with(ct_slice(9).set(DCM_PixelSpacing, "4.1\\4")), HasSubstr("PixelSpacing is 4.1 mm"));
  EXPECT_THAT(with(ct_slice(9).set(DCM_ImageOrientationPatient, "1\\0\\0\\0\\-1\\0")), HasSubstr("180 degrees"));
  EXPECT_THAT(with(ct_slice(9).set(DCM_FrameOfReferenceUID, "1.9")), HasSubstr("FrameOfReferenceUID"));
  EXPECT_THAT(with(ct_slice(9).set(DCM_ImagePositionPatient, "-30\\-38\\9")), HasSubstr("beside"));
  EXPECT_EQ(with(ct_slice(9)), "accepted");
}

TEST(DicomSeries, ListsSeveralAndTakesTheOneNamed) {
  const TemporaryFolder folder;
  ct_slice(0).set(DCM_SeriesNumber, "2").set(DCM_SeriesDescription, "thin").save(folder / "a");
  ct_slice(0).set(DCM_SeriesNumber, "3").set(DCM_SeriesInstanceUID, "1.2.77").save(folder / "b");
  const std::string message = refusal([&] { read_ct_in(folder); });
  EXPECT_THAT(message, AllOf(HasSubstr("number 2 CT, 1 file"), HasSubstr("1.2.77"), HasSubstr("series =")));
  EXPECT_THAT(message, Not(HasSubstr("thin")));  // free text may name the patient
  EXPECT_EQ(choose_series(folder.path(), "3", {"CT"}).uid, "1.2.77");
  EXPECT_EQ(choose_series(folder.path(), "1.2.77", {"CT"}).number, "3");
  EXPECT_THAT(refusal([&] { choose_series(folder.path(), "", {"PT", "NM"}); }), HasSubstr("no PT or NM series"));
}

TEST(DicomSeries, PlacesObliqueAndFeetFirstSlices) {
  const TemporaryFolder folder;
  // Rows along -x, columns tilted by 30 degrees: the normal is (0, 0.5, -cos 30).
  const std::string axes = "-1\\0\\0\\0\\0.8660254\\0.5";
  for (int k = 0; k < 3; ++k) {
    const double along = 5.0 * k;
    ct_slice(k, 10 * k)
        .set(DCM_ImageOrientationPatient, axes)
        .set(DCM_ImagePositionPatient,
             "10\\" + std::to_string(20 + 0.5 * along) + "\\" + std::to_string(30 - 0.8660254 * along))
        .save(folder / std::to_string(k));
  }
  const DicomImage ct = read_ct_in(folder);
  EXPECT_NEAR(ct.image.grid.spacing[2], 0.5, 1e-6);
  EXPECT_EQ(ct.image.values.back(), 20);
  const Vector3 p = position(ct.image.grid, 2, 3, 1);
  EXPECT_NEAR(p[0], 1 - 0.8, 1e-6);
  EXPECT_NEAR(p[1], 2 + 3 * 0.4 * 0.8660254 + 0.25, 1e-6);
  EXPECT_NEAR(p[2], 3 + 3 * 0.4 * 0.5 - 0.5 * 0.8660254, 1e-6);
}

SmallDicom spect(const std::string& spacing) {
  SmallDicom nm("NM", UID_NuclearMedicineImageStorage, "1.2.3.3");
  std::vector<Uint16> values;
  for (Uint16 frame = 1; frame <= 3; ++frame) values.insert(values.end(), 8, frame);
  nm.pixels(4, 2, values).set(DCM_NumberOfFrames, "3").set(DCM_SpacingBetweenSlices, spacing);
  nm.set(DCM_ImageType, "ORIGINAL\\PRIMARY\\RECON TOMO\\EMISSION");
  DcmItem& detector = nm.append(nm.item(), DCM_DetectorInformationSequence);
  nm.set(detector, DCM_ImagePositionPatient, "1\\2\\3").set(detector, DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0");
  return nm;
}

TEST(DicomSpect, TakesItsPlaceFromTheDetector) {
  const TemporaryFolder folder;
  spect("-5").save(folder / "nm");
  const DicomImage nm = read_series(choose_series(folder / "nm", "", {"NM"}));
  const Vector3 last = position(nm.image.grid, 0, 0, 2);
  EXPECT_NEAR(last[2], 0.3 - 1.0, 1e-12);
  EXPECT_EQ(nm.image.values[16], 3);
  SmallDicom turned = spect("5");
  const std::array<Uint16, 3> order{3, 2, 1};
  turned.item().putAndInsertUint16Array(DCM_SliceVector, order.data(), 3);
  turned.save(folder / "nm");
  EXPECT_EQ(read_series(choose_series(folder / "nm", "", {"NM"})).image.values[16], 1);
  spect("5").set(DCM_ImageType, "ORIGINAL\\PRIMARY\\TOMO\\EMISSION").save(folder / "nm");
  EXPECT_THAT(refusal([&] { read_series(choose_series(folder / "nm", "", {"NM"})); }), HasSubstr("projections"));
}

DicomOrigin pet_origin(SmallDicom slice) {
  const TemporaryFolder folder;
  slice.save(folder / "p");
  return read_series(choose_series(folder.path(), "", {"PT"})).origin;
}

TEST(DicomDecay, BringsValuesToAdministration) {
  const DecayRequest request{64.05, false, "", false};
  const double start_h = 2 + 8 / 60.0, acquired_h = 3 + 8 / 60.0 + 0.5 / 3600;
  EXPECT_NEAR(decay_to_administration(pet_origin(pet_slice(0, "START")), request).factors[0],
              std::exp2(start_h / 64.05), 1e-9);
  EXPECT_EQ(decay_to_administration(pet_origin(pet_slice(0, "ADMIN")), request).factors[0], 1);
  EXPECT_NEAR(decay_to_administration(pet_origin(pet_slice(0, "NONE")), request).factors[0],
              std::exp2(acquired_h / 64.05), 1e-9);
  // The case's own time of administration wins.
  EXPECT_NEAR(decay_to_administration(pet_origin(pet_slice(0, "START")), {64.05, false, "2026-01-05T09:08:00", false})
                  .factors[0],
              std::exp2(1 / 64.05), 1e-9);
  EXPECT_EQ(decay_to_administration(pet_origin(pet_slice(0, "START")), {64.05, false, "", true}).factors[0], 1);
  EXPECT_THAT(refusal([&] { decay_to_administration(pet_origin(pet_slice(0, "MAYBE")), request); }),
              HasSubstr("MAYBE"));
}

TEST(DicomDecay, RefusesOrCorrectsAnotherIsotope) {
  const DicomOrigin f18 = pet_origin(pet_slice(0, "START", "6586.2"));
  EXPECT_THAT(refusal([&] {
                decay_to_administration(f18, {64.05, false, "", false});
              }),
              AllOf(HasSubstr("1.8295 h"), HasSubstr("64.05 h"), HasSubstr("correct_half_life")));
  // Without the fraction of positrons nothing can be repaired: values were divided by it.
  EXPECT_THAT(refusal([&] {
                decay_to_administration(f18, {64.05, true, "", false});
              }),
              HasSubstr("RadionuclidePositronFraction"));
  SmallDicom stated = pet_slice(0, "START", "6586.2");
  DcmItem* drug = nullptr;
  stated.item().findOrCreateSequenceItem(DCM_RadiopharmaceuticalInformationSequence, drug, 0);
  stated.set(*drug, DCM_RadionuclidePositronFraction, "0.967");
  const DicomOrigin repaired = pet_origin(std::move(stated));
  // Without DecayFactor: the correction went over the hour from the start of the series to the acquisition.
  const double hour = 1 + 0.5 / 3600, wrong = 6586.2 / 3600;
  const double factor = std::exp2(hour / 64.05 - hour / wrong) * std::exp2((2 + 8 / 60.0) / 64.05) * 0.967 / 31.86e-6;
  EXPECT_NEAR(decay_to_administration(repaired, {64.05, true, "", false}).factors[0] / factor, 1, 1e-9);
}

Contour square(double half, double z, double x = 0) {
  return {{x - half, -half, z}, {x + half, -half, z}, {x + half, half, z}, {x - half, half, z}};
}

double volume_of(const ContourMask& mask) {
  return std::accumulate(mask.inside.values.begin(), mask.inside.values.end(), 0.0) * mask.inside.grid.voxel_volume();
}

TEST(Contours, FillWithHolesAndBetweenSlices) {
  const Grid grid = test::cube(20, 4, {-38, -38, -38});
  // Planes 3 mm apart on slices of 4 mm: three slabs of 3 mm, wherever the slices are.
  EXPECT_NEAR(volume_of(rasterise({square(1.03, 0), square(1.03, 0.3), square(1.03, 0.6)}, grid)), 2.06 * 2.06 * 0.9,
              2.06 * 0.9 * 0.4 / 32);  // one line of 32 per voxel
  EXPECT_NEAR(volume_of(rasterise({square(1, 0), square(0.5, 0)}, grid)), (4 - 1) * 0.4, 1e-6);  // nested: a hole
  EXPECT_NEAR(volume_of(rasterise({square(0.4, 0, -1), square(0.4, 0, 1)}, grid)), 2 * 0.64 * 0.4, 1e-6);
  const Contour keyhole{{-1, -1, 0},    {1, -1, 0},    {1, 1, 0},      {-1, 1, 0},      {-1, 0, 0},   {-0.5, 0, 0},
                        {-0.5, 0.5, 0}, {0.5, 0.5, 0}, {0.5, -0.5, 0}, {-0.5, -0.5, 0}, {-0.5, 0, 0}, {-1, 0, 0}};
  EXPECT_NEAR(volume_of(rasterise({keyhole}, grid)), (4 - 1) * 0.4, 1e-6);
  // Two pieces far apart: nothing between them.
  EXPECT_NEAR(volume_of(rasterise({square(1, -1), square(1, -0.7), square(1, 1), square(1, 1.3)}, grid)), 4 * 4 * 0.3,
              1e-5);
  EXPECT_THAT(refusal([&] { rasterise({{{0, 0, 0}, {1, 0, 0}, {2, 0, 0}}}, grid); }), HasSubstr("no area"));
}

TEST(DicomSegmentation, ReadsFractionsAndLeavesMissingFramesEmpty) {
  const TemporaryFolder folder;
  SmallDicom seg("SEG", UID_SegmentationStorage, "1.2.3.5");
  std::vector<Uint8> values(8, 100);
  std::fill(values.begin() + 4, values.end(), 50);
  seg.set(DCM_SegmentationType, "FRACTIONAL").set(DCM_NumberOfFrames, "2");
  for (const auto& [key, n] : std::map<DcmTagKey, int>{
           {DCM_Columns, 2}, {DCM_Rows, 2}, {DCM_BitsAllocated, 8}, {DCM_MaximumFractionalValue, 200}}) {
    seg.item().putAndInsertUint16(key, static_cast<Uint16>(n));
  }
  DcmItem& segment = seg.append(seg.item(), DCM_SegmentSequence);
  segment.putAndInsertUint16(DCM_SegmentNumber, 3);
  seg.set(segment, DCM_SegmentLabel, "lobe");
  DcmItem& shared = seg.append(seg.item(), DCM_SharedFunctionalGroupsSequence);
  seg.set(seg.append(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0");
  DcmItem& measures = seg.append(shared, DCM_PixelMeasuresSequence);
  seg.set(measures, DCM_PixelSpacing, "2\\2").set(measures, DCM_SpacingBetweenSlices, "3");
  for (const char* position : {"0\\0\\9", "0\\0\\0"}) {  // from the top, the two slices between left out
    DcmItem& frame = seg.append(seg.item(), DCM_PerFrameFunctionalGroupsSequence);
    seg.set(seg.append(frame, DCM_PlanePositionSequence), DCM_ImagePositionPatient, position);
    seg.append(frame, DCM_SegmentIdentificationSequence).putAndInsertUint16(DCM_ReferencedSegmentNumber, 3);
  }
  seg.item().putAndInsertUint8Array(DCM_PixelData, values.data(), values.size());
  seg.save(folder / "seg");
  for (const char* name : {"3", "lobe"}) {
    const DicomSegment read = read_segment(folder / "seg", name);
    EXPECT_EQ(read.inside.grid.shape, (std::array<int, 3>{2, 2, 4}));
    EXPECT_EQ(read.inside.values,
              (std::vector<float>{.25F, .25F, .25F, .25F, 0, 0, 0, 0, 0, 0, 0, 0, .5F, .5F, .5F, .5F}));
  }
}

/// CT, PET and structure set of one patient in three places.
class ClinicalCase {
 public:
  ClinicalCase() {
    std::filesystem::create_directory(folder / "ct");
    std::filesystem::create_directory(folder / "pet");
    for (int k = 0; k < 20; ++k) {
      ct_slice(-38 + 4 * k).save(folder / ("ct/" + std::to_string(k)));
      pet_slice(-38 + 4 * k, "ADMIN").save(folder / ("pet/" + std::to_string(k)));
    }
    SmallDicom rt("RTSTRUCT", UID_RTStructureSetStorage, "1.2.3.4");
    DcmItem& roi = rt.append(rt.item(), DCM_StructureSetROISequence);
    rt.set(roi, DCM_ROINumber, "7").set(roi, DCM_ROIName, "GTV").set(roi, DCM_ReferencedFrameOfReferenceUID, "1.2.3.9");
    DcmItem& contours = rt.append(rt.item(), DCM_ROIContourSequence);
    rt.set(contours, DCM_ReferencedROINumber, "7");
    for (const char* z : {"-4", "0", "4"}) {
      DcmItem& one = rt.append(contours, DCM_ContourSequence);
      const std::string at(z);
      rt.set(one, DCM_ContourGeometricType, "CLOSED_PLANAR").set(one, DCM_NumberOfContourPoints, "4");
      rt.set(one, DCM_ContourData, "-10\\-10\\" + at + "\\10\\-10\\" + at + "\\10\\10\\" + at + "\\-10\\10\\" + at);
    }
    rt.save(folder / "rt.dcm");
  }
  std::filesystem::path write(const std::string& roi = "GTV", const std::string& more = "") const {
    std::ofstream(folder / "case.toml")
        << "[medium]\nct = \"ct\"\n[activity]\nimage = \"pet\"\nquantity = \"Bq/mL\"\n"
        << more << "[[structure]]\nname = \"tumour\"\nrole = \"tumour\"\nrtstruct = \"rt.dcm\"\nroi = \"" << roi
        << "\"\n";
    return folder / "case.toml";
  }
  TemporaryFolder folder;
};

DoseFile run_few(const std::filesystem::path& file) {
  return dose_by(
      [](const Phantom& phantom, const Source& source, std::span<const Structure> structures, int) {
        RunOptions run;
        run.histories = 6400;
        return simulate(phantom, source, run, structures);
      },
      prepare(read_case(file)));
}

TEST(Clinical, RunsEndToEndAndComesBackAsRtdose) {
  const ClinicalCase clinical;
  const DoseFile file = run_few(clinical.write());
  EXPECT_NEAR(file.account.on_grid, 5000 * 8 * 8 * 8, 1);  // Bq/mL times mL
  EXPECT_NEAR(file.map.structures[0].volume, 2 * 2 * 1.2, 1e-4);
  EXPECT_EQ(file.patient.frame.uid, "1.2.3.9");
  write_dose(clinical.folder / "dose.h5", file);
  const DoseFile back = read_dose(clinical.folder / "dose.h5");
  EXPECT_EQ(back.patient.ct_instances.size(), 20u);
  EXPECT_EQ(back.patient.structure_set, "1.2.3.4");
  const std::filesystem::path dcm = clinical.folder / "dose.dcm";
  write_rtdose(dcm, {back.map.grid, back.map.dose}, DoseType::physical, back.patient, "test");

  DcmFileFormat written;
  ASSERT_TRUE(written.loadFile(dcm.string().c_str()).good());
  Float64 scaling = 0;  // ITK leaves it to the reader
  ASSERT_TRUE(written.getDataset()->findAndGetFloat64(DCM_DoseGridScaling, scaling).good());
  auto io = itk::GDCMImageIO::New();
  auto reader = itk::ImageFileReader<itk::Image<double, 3>>::New();
  reader->SetImageIO(io);
  reader->SetFileName(dcm.string());
  reader->Update();
  const auto* image = reader->GetOutput();
  const float highest = *std::max_element(file.map.dose.begin(), file.map.dose.end());
  ASSERT_GT(highest, 0);
  ASSERT_EQ(image->GetLargestPossibleRegion().GetNumberOfPixels(), file.map.dose.size());
  for (int z = 0; z < 20; z += 3) {
    for (int y = 0; y < 20; y += 3) {
      for (int x = 0; x < 20; x += 3) {
        itk::Image<double, 3>::PointType point;
        const itk::Image<double, 3>::IndexType index{{x, y, z}};
        image->TransformIndexToPhysicalPoint(index, point);
        const Vector3 p = position(file.map.grid, x, y, z);
        for (unsigned a = 0; a < 3; ++a) ASSERT_NEAR(point[a], 10 * p[a], 1e-6);
        ASSERT_NEAR(image->GetPixel(index) * scaling, static_cast<double>(file.map.dose[file.map.grid.index(x, y, z)]),
                    static_cast<double>(highest) * 1e-9);
      }
    }
  }
  OFString text;
  written.getDataset()->findAndGetOFString(DCM_FrameOfReferenceUID, text);
  EXPECT_EQ(text, "1.2.3.9");
  written.getDataset()->findAndGetOFString(DCM_DoseUnits, text);
  EXPECT_EQ(text, "GY");
}

TEST(Clinical, KeepsNamesOutOfItsOutputs) {
  const ClinicalCase clinical;
  const PreparedCase prepared = prepare(read_case(clinical.write()));
  std::string told;
  for (const auto& list : {prepared.notes, test::texts_of(prepared.warnings)}) {
    for (const std::string& line : list) told += line + "\n";
  }
  const DoseFile file = run_few(clinical.write());
  write_dose(clinical.folder / "dose.h5", file);
  write_rtdose(clinical.folder / "dose.dcm", {file.map.grid, file.map.dose}, DoseType::physical, file.patient, "test");
  for (const char* name : {"dose.h5", "dose.dcm"}) {
    std::ifstream stream(clinical.folder / name, std::ios::binary);
    told += std::string(std::istreambuf_iterator<char>(stream), {});
  }
  ASSERT_NE(told.find("1.2.3.9"), std::string::npos);
  for (const std::string& secret :
       {test::patient_name, test::patient_id, std::string("Q7ZZ"), std::string("19510203")}) {
    EXPECT_EQ(told.find(secret), std::string::npos) << secret;
  }
}

TEST(Clinical, AsksTheCtAndThePlanForWhatPlanningSystemsAskFor) {
  const ClinicalCase clinical;
  const DoseFile file = run_few(clinical.write());
  SmallDicom plan("RTPLAN", UID_RTPlanStorage, "1.2.3.55");
  plan.save(clinical.folder / "plan.dcm");
  RtdoseLinks links;
  links.identity = read_identity(clinical.folder / "ct", file.patient);
  links.plan = read_plan_reference(clinical.folder / "plan.dcm", file.patient);
  const std::filesystem::path dcm = clinical.folder / "dose.dcm";
  write_rtdose(dcm, {file.map.grid, file.map.dose}, DoseType::physical, file.patient, "test", {}, links);
  DcmFileFormat written;
  ASSERT_TRUE(written.loadFile(dcm.string().c_str()).good());
  OFString text;
  written.getDataset()->findAndGetOFString(DCM_PatientName, text);
  EXPECT_EQ(text, test::patient_name.c_str());
  written.getDataset()->findAndGetOFString(DCM_PatientID, text);
  EXPECT_EQ(text, test::patient_id.c_str());
  DcmItem* reference = nullptr;
  ASSERT_TRUE(written.getDataset()->findAndGetSequenceItem(DCM_ReferencedRTPlanSequence, reference).good());
  reference->findAndGetOFString(DCM_ReferencedSOPInstanceUID, text);
  EXPECT_EQ(text, "1.2.3.55");

  // Another CT, a plan of another study and frame, no plan, a dose without a CT.
  EXPECT_THAT(refusal([&] { read_identity(clinical.folder / "pet", file.patient); }), HasSubstr("no slice of the CT"));
  plan.set(DCM_StudyInstanceUID, "1.9").set(DCM_FrameOfReferenceUID, "1.8").save(clinical.folder / "other.dcm");
  EXPECT_THAT(refusal([&] { read_plan_reference(clinical.folder / "other.dcm", file.patient); }),
              HasSubstr("of another study"));
  EXPECT_THAT(refusal([&] { read_plan_reference(clinical.folder / "rt.dcm", file.patient); }), HasSubstr("no RT plan"));
  EXPECT_THAT(refusal([&] { read_identity(clinical.folder / "ct", {}); }), HasSubstr("without a DICOM CT"));
}

TEST(Clinical, RefusesWhatDoesNotBelongTogether) {
  const ClinicalCase clinical;
  EXPECT_THAT(refusal([&] { prepare(read_case(clinical.write("PTV"))); }),
              AllOf(HasSubstr("\"PTV\""), HasSubstr("\"GTV\"")));
  for (int k = 0; k < 20; ++k) {
    pet_slice(-38 + 4 * k, "ADMIN")
        .set(DCM_FrameOfReferenceUID, "1.7")
        .save(clinical.folder / ("pet/" + std::to_string(k)));
  }
  EXPECT_THAT(refusal([&] { prepare(read_case(clinical.write())); }),
              AllOf(HasSubstr("frame of reference 1.7"), HasSubstr("1.2.3.9"), HasSubstr("transform")));
  // The transform takes points of the CT to points of the PET, which lies 4 mm lower in its own frame.
  std::ofstream(clinical.folder / "t.tfm") << "#Insight Transform File V1.0\n#Transform 0\n"
                                              "Transform: Euler3DTransform_double_3_3\n"
                                              "Parameters: 0 0 0 0 0 -4\nFixedParameters: 0 0 0\n";
  const PreparedCase moved = prepare(read_case(clinical.write("GTV", "transform = \"t.tfm\"\n")));
  EXPECT_NEAR(moved.phantom.grid.origin[2], -3.8 + 0.4, 1e-9);
  for (int k = 0; k < 20; ++k) {
    pet_slice(-38 + 4 * k, "ADMIN").set(DCM_Units, "CNTS").save(clinical.folder / ("pet/" + std::to_string(k)));
  }
  EXPECT_THAT(refusal([&] { prepare(read_case(clinical.write())); }), HasSubstr("CNTS"));
}

TEST(Clinical, TakesCtAndPetFromOneFolderAndHashesBoth) {
  const ClinicalCase clinical;
  const auto hash_of = [&](const char* rows) {
    std::filesystem::remove_all(clinical.folder / "all");
    std::filesystem::create_directory(clinical.folder / "all");
    for (int k = 0; k < 20; ++k) {
      ct_slice(-38 + 4 * k).save(clinical.folder / ("all/a" + std::to_string(k)));
      pet_slice(-38 + 4 * k, "ADMIN").set(DCM_RescaleSlope, rows).save(clinical.folder / ("all/b" + std::to_string(k)));
    }
    std::ofstream(clinical.folder / "one.toml")
        << "[medium]\nct = \"all\"\n[activity]\nimage = \"all\"\nquantity = \"Bq/mL\"\n"
           "[[structure]]\nname = \"tumour\"\nrole = \"tumour\"\nrtstruct = \"rt.dcm\"\nroi = \"GTV\"\n";
    const PreparedCase prepared = prepare(read_case(clinical.folder / "one.toml"));
    EXPECT_EQ(prepared.inputs.size(), 3u);
    return prepared.content_hash;
  };
  const std::string first = hash_of("50");
  EXPECT_EQ(hash_of("50"), first);
  EXPECT_NE(hash_of("60"), first);  // another activity is another case
}

TEST(Rtdose, PutsAxesInThePatientsOrder) {
  Image<float> image{test::cube(2, 3), {0, 1, 2, 3, 4, 5, 6, 7}};
  image.grid.direction = {-1, 0, 0, 0, 0, 1, 0, 1, 0};
  const Image<float> ordered = in_patient_order(image);
  EXPECT_EQ(ordered.grid.direction, (std::array<double, 9>{1, 0, 0, 0, 1, 0, 0, 0, 1}));
  EXPECT_EQ(ordered.values[ordered.grid.index(0, 1, 0)], image.values[image.grid.index(1, 0, 1)]);
  EXPECT_NEAR(position(ordered.grid, 0, 1, 0)[0], position(image.grid, 1, 0, 1)[0], 1e-12);
}

}  // namespace
}  // namespace ytterby::io
