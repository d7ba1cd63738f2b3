// The lung shunt of planar views. Right values by hand: a view has 24 counts in the lungs and 320 in the liver from the
// front, 48 and 160 from behind, so the geometric means are 24 sqrt(2) and 160 sqrt(2), and the shunt is 24 / 184.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "io/case/case_file.h"
#include "io/prepare/partition_case.h"
#include "io/prepare/prepare.h"
#include "tests/io/refusal.h"
#include "tests/io/small_case.h"
#include "tests/io/small_dicom.h"

namespace ytterby::io {
namespace {

using test::SmallDicom;
using testing::AllOf;
using testing::HasSubstr;

constexpr int columns = 8, rows = 6;
constexpr double right_shunt = 24.0 / 184;
using Counts = std::vector<Uint16>;

void put(Counts& view, std::array<int, 4> rectangle, int counts) {
  for (int y = rectangle[1]; y <= rectangle[3]; ++y) {
    for (int x = rectangle[0]; x <= rectangle[2]; ++x) {
      view[static_cast<std::size_t>((y - 1) * columns + x - 1)] = static_cast<Uint16>(counts);
    }
  }
}

/// Two lungs of 2 x 2 pixels, a liver of 4 x 2 on the patient's right; `level` counts in every pixel more.
Counts anterior(int level = 0) {
  Counts view(columns * rows, static_cast<Uint16>(level));
  put(view, {2, 1, 3, 2}, 3 + level);
  put(view, {6, 1, 7, 2}, 3 + level);
  put(view, {1, 4, 4, 5}, 40 + level);
  return view;
}

/// The same from behind, as a camera stores it.
Counts posterior(int level = 0) {
  Counts view(columns * rows, static_cast<Uint16>(level));
  put(view, {2, 1, 3, 2}, 6 + level);
  put(view, {6, 1, 7, 2}, 6 + level);
  put(view, {5, 4, 8, 5}, 20 + level);
  return view;
}

Counts turned(const Counts& view) {
  Counts result = view;
  for (std::size_t y = 0; y < rows; ++y) {
    for (std::size_t x = 0; x < columns; ++x) result[y * columns + x] = view[y * columns + columns - 1 - x];
  }
  return result;
}

/// A static object of these frames.
SmallDicom planar(const std::vector<Counts>& views, const std::string& type = "STATIC") {
  static int count = 0;
  SmallDicom nm("NM", UID_NuclearMedicineImageStorage, "1.2.3.8." + std::to_string(++count));
  Counts all;
  for (const Counts& view : views) all.insert(all.end(), view.begin(), view.end());
  nm.pixels(columns, rows, all).set(DCM_ImageType, "ORIGINAL\\PRIMARY\\" + type + "\\EMISSION");
  nm.set(DCM_NumberOfFrames, std::to_string(views.size()));
  return nm;
}

SmallDicom& numbered(SmallDicom& nm, const DcmTagKey& key, const std::vector<Uint16>& numbers) {
  nm.item().putAndInsertUint16Array(key, numbers.data(), numbers.size());
  return nm;
}

/// Detectors in their order, by the meaning of their view's code.
SmallDicom& seen(SmallDicom& nm, const std::vector<std::string>& meanings) {
  for (const std::string& meaning : meanings) {
    DcmItem& detector = nm.append(nm.item(), DCM_DetectorInformationSequence);
    nm.set(nm.append(detector, DCM_ViewCodeSequence), DCM_CodeMeaning, meaning);
  }
  return nm;
}

SmallDicom pair_of_views(int level = 0) {
  SmallDicom nm = planar({anterior(level), posterior(level)}, "WHOLE BODY");
  seen(numbered(nm, DCM_DetectorVector, {1, 2}), {"Anterior projection", "Posterior projection"});
  return nm;
}

const std::string rectangles = "lungs = [[2, 1, 3, 2], [6, 1, 7, 2]], liver = [1, 4, 4, 5]";

class PlanarShunts : public testing::Test {
 protected:
  /// The shunt that a case of these keys has.
  double shunt(const std::string& keys) {
    const PreparedCase prepared = prepare(case_of(keys));
    notes = prepared.notes;
    warnings = test::texts_of(prepared.warnings);
    return prepared.account.lung_shunt_fraction.value_or(-1);
  }
  CaseFile case_of(const std::string& keys, const std::string& quantity = "relative") {
    return read_case(small.write("quantity = \"" + quantity +
                                 "\"\nadministered_GBq = 2\nlung_shunt_from = { planar = \"p\", " + keys + " }\n"));
  }
  std::string refusal(const std::string& keys) {
    return test::refusal([&] { shunt(keys); });
  }
  void save(SmallDicom nm, const std::string& name = "p") { nm.save(small.folder / name); }
  void save_mask(const std::string& name, const std::vector<Counts>& planes) {
    Grid grid = test::cube(1, 4);
    grid.shape = {columns, rows, static_cast<int>(planes.size())};
    Image<float> image{grid, {}};
    for (const Counts& plane : planes) image.values.insert(image.values.end(), plane.begin(), plane.end());
    write_image(small.folder / name, image);
  }
  test::SmallCase small;
  std::vector<std::string> notes, warnings;
};

TEST_F(PlanarShunts, AreLungsOverLungsAndLiverByGeometricMean) {
  save(pair_of_views());
  EXPECT_NEAR(shunt(rectangles), right_shunt, 1e-12);
  EXPECT_THAT(notes, testing::Contains(AllOf(HasSubstr("lung shunt 13.04 %"), HasSubstr("lungs 24 (anterior), 48"),
                                             HasSubstr("liver 320 (anterior), 160"))));
}

TEST_F(PlanarShunts, FindTheViewsByCodeOrOrientationWhateverTheirOrder) {
  SmallDicom swapped = planar({posterior(), anterior()});
  save(seen(numbered(swapped, DCM_DetectorVector, {1, 2}), {"POST", "ANT"}));
  EXPECT_NEAR(shunt(rectangles), right_shunt, 1e-12);
  SmallDicom oriented = planar({posterior(), anterior()});
  numbered(oriented, DCM_DetectorVector, {1, 2});
  for (const char* cosines : {"-1\\0\\0\\0\\0\\-1", "1\\0\\0\\0\\0\\-1"}) {
    oriented.set(oriented.append(oriented.item(), DCM_DetectorInformationSequence), DCM_ImageOrientationPatient,
                 cosines);
  }
  save(oriented);
  EXPECT_NEAR(shunt(rectangles), right_shunt, 1e-12);
}

TEST_F(PlanarShunts, AskWhereNothingTellsTheViewsApart) {
  SmallDicom unnamed = planar({anterior(), posterior()});
  save(numbered(unnamed, DCM_DetectorVector, {1, 2}));
  EXPECT_THAT(refusal(rectangles), AllOf(HasSubstr("frames = [anterior, posterior]"), HasSubstr("frame 2, not named")));
  EXPECT_NEAR(shunt(rectangles + ", frames = [1, 2]"), right_shunt, 1e-12);
  EXPECT_THAT(refusal(rectangles + ", frames = [1, 3]"), HasSubstr("has no frame 3"));
  save(planar({anterior(), posterior()}));
  EXPECT_THAT(refusal(rectangles), HasSubstr("nothing says which view each is"));
  EXPECT_NEAR(shunt(rectangles + ", frames = [1, 2]"), right_shunt, 1e-12);
  SmallDicom alone = planar({anterior()});
  save(seen(alone, {"Anterior"}));
  EXPECT_THAT(refusal(rectangles), HasSubstr("no anterior and posterior pair"));
  SmallDicom oblique = planar({anterior(), posterior()});
  save(seen(numbered(oblique, DCM_DetectorVector, {1, 2}), {"Anterior", "Left posterior oblique"}));
  EXPECT_THAT(refusal(rectangles), HasSubstr("neither anterior nor posterior"));
}

TEST_F(PlanarShunts, TakeTwoFilesInAFolderOrInAList) {
  std::filesystem::create_directory(small.folder / "p");
  SmallDicom front = planar({anterior()}), back = planar({posterior()}), tomo = planar({anterior()}, "RECON TOMO");
  save(seen(front, {"Anterior"}), "p/b");
  save(seen(back, {"Posterior"}), "p/a");
  save(tomo, "p/c");
  EXPECT_NEAR(shunt(rectangles), right_shunt, 1e-12);
  EXPECT_THAT(notes, testing::Contains(HasSubstr("1 object that is not planar passed over")));
  const auto list = [&](const std::string& keys) {
    return prepare(
               read_case(small.write("quantity = \"relative\"\nadministered_GBq = 2\nlung_shunt_from = { planar = " +
                                     keys + ", " + rectangles + " }\n")))
        .account.lung_shunt_fraction.value_or(-1);
  };
  EXPECT_NEAR(list("[\"p/b\", \"p/a\"]"), right_shunt, 1e-12);
  EXPECT_THAT(test::refusal([&] { list("[\"p/a\", \"p/b\"]"); }), HasSubstr("is posterior by its header"));
  EXPECT_THAT(test::refusal([&] { list("[\"p/a\", \"p/c\"]"); }), HasSubstr("planar"));
}

TEST_F(PlanarShunts, AskWhereThePosteriorViewLooksTurnedOver) {
  SmallDicom over = planar({anterior(), turned(posterior())});
  save(seen(numbered(over, DCM_DetectorVector, {1, 2}), {"Anterior", "Posterior"}));
  EXPECT_THAT(refusal(rectangles), HasSubstr("mirrored = false"));
  EXPECT_NEAR(shunt(rectangles + ", mirrored = false"), right_shunt, 1e-12);
}

TEST_F(PlanarShunts, PassScatterOverOrSubtractItWhereAsked) {
  const Counts four(columns * rows, 4);
  SmallDicom nm = planar({anterior(2), four, posterior(2), four});
  numbered(numbered(nm, DCM_DetectorVector, {1, 1, 2, 2}), DCM_EnergyWindowVector, {1, 2, 1, 2});
  for (const char* name : {"Tc99m", "Scatter"}) {
    nm.set(nm.append(nm.item(), DCM_EnergyWindowInformationSequence), DCM_EnergyWindowName, name);
  }
  save(seen(nm, {"Anterior", "Posterior"}));
  // Two counts more in each of 8 pixels of lungs and 8 of liver.
  const double lungs = std::sqrt(40.0 * 64), liver = std::sqrt(336.0 * 176);
  EXPECT_NEAR(shunt(rectangles), lungs / (lungs + liver), 1e-12);
  EXPECT_THAT(notes, testing::Contains(HasSubstr("1 scatter window passed over")));
  EXPECT_NEAR(shunt(rectangles + ", energy_window = \"Tc99m\""), lungs / (lungs + liver), 1e-12);
  EXPECT_NEAR(shunt(rectangles + ", scatter_window = \"Scatter\", scatter_factor = 0.5"), right_shunt, 1e-12);
  EXPECT_THAT(refusal(rectangles + ", scatter_window = \"Scatter\""), HasSubstr("scatter_factor together"));
  EXPECT_THAT(refusal(rectangles + ", scatter_window = \"upper\", scatter_factor = 1"), HasSubstr("no energy window"));
  SmallDicom two = planar({anterior(), four, posterior(), four});
  numbered(numbered(two, DCM_DetectorVector, {1, 1, 2, 2}), DCM_EnergyWindowVector, {1, 2, 1, 2});
  save(seen(two, {"Anterior", "Posterior"}));
  EXPECT_THAT(refusal(rectangles), HasSubstr("energy_window needs to choose one"));
  EXPECT_NEAR(shunt(rectangles + ", energy_window = \"1\""), right_shunt, 1e-12);
  const double fewer = std::sqrt(23.68 * 47.68), less = std::sqrt(319.68 * 159.68);  // 8 times 0.01 times 4
  EXPECT_NEAR(shunt(rectangles + ", scatter_window = \"2\", scatter_factor = 0.01"), fewer / (fewer + less), 1e-12);
}

TEST_F(PlanarShunts, SubtractBackgroundOnlyWhereAsked) {
  save(pair_of_views(5));
  const double lungs = std::sqrt(64.0 * 88), liver = std::sqrt(360.0 * 200);
  EXPECT_NEAR(shunt(rectangles), lungs / (lungs + liver), 1e-12);
  EXPECT_NEAR(shunt(rectangles + ", background = [[1, 6, 8, 6]]"), right_shunt, 1e-12);
  EXPECT_THAT(refusal(rectangles + ", background = [[1, 4, 2, 4]]"), HasSubstr("lungs has -"));
}

TEST_F(PlanarShunts, TakeMasksOfOneViewOrOfBoth) {
  save(pair_of_views());
  Counts lungs(columns * rows), liver(columns * rows), labels(columns * rows);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    lungs[i] = anterior()[i] == 3 ? 1 : 0;
    liver[i] = anterior()[i] == 40 ? 1 : 0;
    labels[i] = static_cast<Uint16>(i % columns < 4 && lungs[i] != 0 ? 7 : lungs[i] != 0 ? 8 : 9 * liver[i]);
  }
  save_mask("lungs2d.nii.gz", {lungs});
  save_mask("liver2d.nii.gz", {liver});
  save_mask("labels.nrrd", {labels});
  save_mask("both.mha", {liver, turned(liver)});
  EXPECT_NEAR(shunt("lungs = \"lungs2d.nii.gz\", liver = \"liver2d.nii.gz\""), right_shunt, 1e-12);
  EXPECT_NEAR(
      shunt("lungs = { image = \"labels.nrrd\", label = [7, 8] }, liver = { image = \"labels.nrrd\", label = 9 }"),
      right_shunt, 1e-12);
  EXPECT_NEAR(shunt("lungs = \"lungs2d.nii.gz\", liver = \"both.mha\""), right_shunt, 1e-12);
  EXPECT_THAT(refusal("lungs = { image = \"labels.nrrd\", label = 5 }, liver = \"both.mha\""),
              HasSubstr("no pixel with label 5"));
  EXPECT_THAT(refusal("lungs = \"labels.nrrd\", liver = \"both.mha\""), HasSubstr("several values"));
  EXPECT_THAT(refusal("lungs = \"lungs.nii.gz\", liver = \"both.mha\""), HasSubstr("8 x 6"));  // of the patient
  // Drawn on both views, nothing has to be mirrored, and no view is judged by its looks.
  SmallDicom over = planar({anterior(), turned(posterior())});
  save(seen(numbered(over, DCM_DetectorVector, {1, 2}), {"Anterior", "Posterior"}));
  save_mask("lungs2.mha", {lungs, lungs});
  save_mask("liver2.mha", {liver, liver});
  EXPECT_NEAR(shunt("lungs = \"lungs2.mha\", liver = \"liver2.mha\""), right_shunt, 1e-12);
}

TEST_F(PlanarShunts, RefuseRegionsThatCannotBeRight) {
  save(pair_of_views());
  EXPECT_THAT(refusal("lungs = [[2, 1, 3, 2]], liver = [3, 2, 4, 5]"), HasSubstr("share 2 pixels"));
  EXPECT_THAT(refusal("lungs = [[2, 1, 9, 2]], liver = [1, 4, 4, 5]"), HasSubstr("8 x 6"));
  EXPECT_THAT(refusal("lungs = [[2, 3, 3, 3]], liver = [1, 4, 4, 5]"), HasSubstr("lungs has 0 counts"));
  EXPECT_THAT(refusal("lungs = [[3, 1, 2, 2]], liver = [1, 4, 4, 5]"), HasSubstr("first column, first row"));
  EXPECT_THAT(refusal("lungs = [[0, 1, 2, 2]], liver = [1, 4, 4, 5]"), HasSubstr("from 1"));
  EXPECT_THAT(refusal("liver = [1, 4, 4, 5]"), HasSubstr("needs lungs and liver"));
  EXPECT_THAT(refusal(rectangles + ", lung = 3"), HasSubstr("lung"));
  EXPECT_NEAR(shunt("lungs = [1, 4, 4, 5], liver = [[2, 1, 3, 2], [6, 1, 7, 2]]"), 1 - right_shunt, 1e-12);
  EXPECT_THAT(warnings, testing::Contains(HasSubstr("are the regions exchanged?")));
}

TEST_F(PlanarShunts, CountAsTheCasesShuntEverywhere) {
  save(pair_of_views());
  const CaseFile c = case_of(rectangles);
  const PreparedCase prepared = prepare(c);
  EXPECT_NEAR(prepared.account.outside_lungs, 2e9 * (1 - right_shunt), 1);
  const PartitionCase partition = partition_of(prepared, 1.0).front();
  EXPECT_NEAR(partition.model.lung_shunt_fraction, right_shunt, 1e-12);
  EXPECT_EQ(partition.shunt_source, "planar");
  const auto as_written = [](const std::string& name) { return name; };
  EXPECT_EQ(write_case(parse_case(write_case(c, as_written), c.file), as_written), write_case(c, as_written));
  EXPECT_THAT(test::refusal([&] { case_of(rectangles + " }\nlung_shunt_fraction = 0.1\n#"); }), HasSubstr("not both"));
  // Other counts are another dose, but not where becquerels are used as they are.
  const std::string bq = prepare(case_of(rectangles, "Bq")).content_hash;
  save(pair_of_views(1));
  EXPECT_NE(prepare(case_of(rectangles)).content_hash, prepared.content_hash);
  EXPECT_EQ(prepare(case_of(rectangles, "Bq")).content_hash, bq);
}

TEST_F(PlanarShunts, BelongToSessionsThatGiveNone) {
  save(pair_of_views());
  const PreparedCase prepared = prepare(read_case(small.write(
      "quantity = \"relative\"\nadministered_GBq = 2\nlung_shunt_from = { planar = \"p\", " + rectangles + " }\n",
      std::string(test::SmallCase::structures) +
          "[[session]]\nname = \"a\"\n[[session]]\nname = \"b\"\nactivity = { lung_shunt_fraction = 0.02 }\n")));
  ASSERT_EQ(prepared.sessions.size(), 2u);
  EXPECT_NEAR(prepared.sessions[0].account.lung_shunt_fraction.value_or(-1), right_shunt, 1e-12);
  EXPECT_NEAR(prepared.sessions[1].account.lung_shunt_fraction.value_or(-1), 0.02, 1e-12);
}

}  // namespace
}  // namespace ytterby::io
