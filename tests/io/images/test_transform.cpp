// ITK transform files: rigid ones come out as ITK applies them, and what cannot be trusted is refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <itkCenteredEuler3DTransform.h>
#include <itkCompositeTransform.h>
#include <itkEuler3DTransform.h>
#include <itkQuaternionRigidTransform.h>
#include <itkTranslationTransform.h>
#include <itkVersorRigid3DTransform.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "engine/base/error.h"
#include "io/images/rigid_transform.h"
#include "io/images/transform_file.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string head = "#Insight Transform File V1.0\n#Transform 0\n";

class Transforms : public testing::Test {
 protected:
  RigidTransform read(const std::string& text, const std::string& name = "t.tfm") {
    std::ofstream(folder / name, std::ios::binary) << text;
    return read_transform(folder / name);
  }
  std::string refusal(const std::string& text, const std::string& name = "t.tfm") {
    try {
      read(text, name);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::input);
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      EXPECT_THAT(error.what(), HasSubstr(name));
      return error.what();
    }
    return "accepted";
  }
  /// Ours leads back from where ITK's leads to [mm].
  static void expect_inverse(const RigidTransform& ours, const itk::Transform<double, 3, 3>& theirs) {
    for (const std::array<double, 3>& p : {std::array{0.0, 0.0, 0.0}, {10.0, -20.0, 30.0}, {-100.0, 55.0, 7.0}}) {
      itk::Point<double, 3> from;
      for (unsigned a = 0; a < 3; ++a) from[a] = p[a];
      const auto to = theirs.TransformPoint(from);
      const Vector3 back = ours(Vector3{to[0] / 10, to[1] / 10, to[2] / 10});
      for (std::size_t a = 0; a < 3; ++a) EXPECT_NEAR(10 * back[a], p[a], 1e-6);
    }
  }
  test::TemporaryFolder folder;
};

const std::string euler = "Transform: Euler3DTransform_double_3_3\nParameters: 0.1 -0.2 0.3 12.5 -3 4\n";

itk::Euler3DTransform<double>::Pointer itk_euler(bool zyx) {
  auto t = itk::Euler3DTransform<double>::New();
  t->SetComputeZYX(zyx);
  itk::Point<double, 3> centre;
  centre[0] = 5, centre[1] = 6, centre[2] = 7;
  t->SetCenter(centre);
  t->SetRotation(0.1, -0.2, 0.3);
  itk::Vector<double, 3> shift;
  shift[0] = 12.5, shift[1] = -3, shift[2] = 4;
  t->SetTranslation(shift);
  return t;
}

TEST_F(Transforms, OfEulerAnglesAreThoseOfItk) {
  expect_inverse(read(head + euler + "FixedParameters: 5 6 7\n"), *itk_euler(false));
  expect_inverse(read(head + euler + "FixedParameters: 5 6 7 0\n"), *itk_euler(false));
  expect_inverse(read(head + euler + "FixedParameters: 5 6 7 1\n"), *itk_euler(true));
}

TEST_F(Transforms, OfVersorsAndQuaternionsAreThoseOfItk) {
  auto versor = itk::VersorRigid3DTransform<double>::New();
  itk::VersorRigid3DTransform<double>::ParametersType p(6);
  itk::VersorRigid3DTransform<double>::FixedParametersType c(3);
  for (unsigned i = 0; i < 6; ++i) p[i] = std::array{0.1, 0.2, -0.3, 4.0, 5.0, 6.0}[i];
  for (unsigned i = 0; i < 3; ++i) c[i] = std::array{1.0, 2.0, 3.0}[i];
  versor->SetFixedParameters(c);
  versor->SetParameters(p);
  expect_inverse(read(head + "Transform: VersorRigid3DTransform_double_3_3\nParameters: 0.1 0.2 -0.3 4 5 6\n"
                             "FixedParameters: 1 2 3\n"),
                 *versor);
  auto quaternion = itk::QuaternionRigidTransform<double>::New();
  itk::QuaternionRigidTransform<double>::ParametersType q(7);
  const double w = std::sqrt(1 - 0.01 - 0.04 - 0.09);
  std::array<char, 32> written{};
  std::snprintf(written.data(), written.size(), "%.17g", w);
  for (unsigned i = 0; i < 7; ++i) q[i] = std::array{0.1, 0.2, -0.3, w, 4.0, 5.0, 6.0}[i];
  quaternion->SetFixedParameters(c);
  quaternion->SetParameters(q);
  expect_inverse(read(head + "Transform: QuaternionRigidTransform_double_3_3\nParameters: 0.1 0.2 -0.3 " +
                      written.data() + " 4 5 6\nFixedParameters: 1 2 3\n"),
                 *quaternion);
}

TEST_F(Transforms, OfAnAffineAndAShiftAreRigidOnes) {
  const RigidTransform turned = read(
      head + "Transform: AffineTransform_double_3_3\nParameters: 0 -1 0 1 0 0 0 0 1 10 0 0\nFixedParameters: 0 0 0\n");
  // x -> (10 - y, x, z): (0, 1, 0) cm comes from (1, 1, 0) cm.
  const Vector3 back = turned(Vector3{0, 1, 0});
  EXPECT_NEAR(back[0], 1, 1e-12);
  EXPECT_NEAR(back[1], 1, 1e-12);
  EXPECT_NEAR(read(head + "Transform: TranslationTransform_float_3_3\nParameters: 10 0 0\n").shift[0], -1, 1e-12);
  EXPECT_EQ(read(head + "Transform: IdentityTransform_double_3_3\n").shift[0], 0);
}

TEST_F(Transforms, OfACompositeApplyTheLastPartFirst) {
  const std::string two = head + "Transform: CompositeTransform_double_3_3\n#Transform 1\n" + euler +
                          "FixedParameters: 5 6 7\n#Transform 2\nTransform: TranslationTransform_double_3_3\n"
                          "Parameters: 1 2 3\n";
  auto shift = itk::TranslationTransform<double, 3>::New();
  itk::Vector<double, 3> by;
  by[0] = 1, by[1] = 2, by[2] = 3;
  shift->SetOffset(by);
  auto both = itk::CompositeTransform<double, 3>::New();
  both->AddTransform(itk_euler(false));
  both->AddTransform(shift);
  expect_inverse(read(two), *both);
  EXPECT_THAT(refusal(head + euler + "FixedParameters: 0 0 0\n" + euler + "FixedParameters: 0 0 0\n"),
              HasSubstr("holds 2 transforms"));
  EXPECT_THAT(refusal(head + "Transform: CompositeTransform_double_3_3\n"), HasSubstr("without parts"));
}

TEST_F(Transforms, AreReadFromHdf5AsSlicerSavesThem) {
  const auto write = [&](const std::string& type, std::vector<double> parameters, const std::string& spelling) {
    const hid_t file = H5Fcreate((folder / "t.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t all = H5Gcreate2(file, "/TransformGroup", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t one = H5Gcreate2(file, "/TransformGroup/0", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const hsize_t single = 1, count = parameters.size(), three = 3;
    const hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    const char* name = type.c_str();
    const auto put = [&](const std::string& dataset, hid_t kind, const hsize_t& n, const void* values) {
      const hid_t space = H5Screate_simple(1, &n, nullptr);
      const hid_t id = H5Dcreate2(one, dataset.c_str(), kind, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
      H5Dwrite(id, kind, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
      H5Dclose(id);
      H5Sclose(space);
    };
    const std::array<double, 3> zero{};
    put("TransformType", text, single, &name);
    put(spelling + "Parameters", H5T_NATIVE_DOUBLE, count, parameters.data());
    put(spelling + "FixedParameters", H5T_NATIVE_DOUBLE, three, zero.data());
    for (const hid_t group : {one, all}) H5Gclose(group);
    H5Tclose(text);
    H5Fclose(file);
    return read_transform(folder / "t.h5");
  };
  const std::vector<double> shifted{1, 0, 0, 0, 1, 0, 0, 0, 1, 10, 0, 0};
  EXPECT_NEAR(write("AffineTransform_double_3_3", shifted, "Transform").shift[0], -1, 1e-12);
  EXPECT_NEAR(write("AffineTransform_double_3_3", shifted, "Tranform").shift[0], -1, 1e-12);  // before ITK 5
  EXPECT_THROW(write("AffineTransform_double_3_3", {1, 0, 0}, "Transform"), Error);
  EXPECT_THROW(write("BSplineTransform_double_3_3", shifted, "Transform"), Error);
}

/// MATLAB 4, little-endian: what ANTs calls 0GenericAffine.mat.
std::string matlab(const std::string& name, const std::vector<double>& values) {
  std::string bytes;
  for (const std::int32_t word :
       {0, static_cast<std::int32_t>(values.size()), 1, 0, static_cast<std::int32_t>(name.size() + 1)}) {
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  bytes.append(name.c_str(), name.size() + 1);
  for (const double v : values) bytes.append(reinterpret_cast<const char*>(&v), sizeof v);
  return bytes;
}

TEST_F(Transforms, AreReadFromMatlabAsAntsWritesThem) {
  const std::string good =
      matlab("AffineTransform_double_3_3", {1, 0, 0, 0, 1, 0, 0, 0, 1, 10, 0, 0}) + matlab("fixed", {0, 0, 0});
  EXPECT_NEAR(read(good, "0GenericAffine.mat").shift[0], -1, 1e-12);
  EXPECT_THAT(refusal(good.substr(0, good.size() - 9), "0GenericAffine.mat"), HasSubstr("ends too early"));
  EXPECT_THAT(refusal("junk", "0GenericAffine.mat"), HasSubstr("ends too early"));
}

/// Each of these lost its shift without a word once: ITK reads as far as it can, and beyond its list.
TEST_F(Transforms, AreRefusedWhereNumbersAreNone) {
  const auto with = [](const std::string& parameters) {
    return head + "Transform: Euler3DTransform_double_3_3\n" + parameters + "FixedParameters: 0 0 0\n";
  };
  ASSERT_EQ(refusal(with("Parameters: 0 0 0 12.5 0 0\n")), "accepted");
  EXPECT_THAT(refusal(with("Parameters: 0,0 0,0 0,0 12,5 0,0 0,0\n")), AllOf(HasSubstr("\"0,0\""), HasSubstr(":4: ")));
  EXPECT_THAT(refusal(with("Parameters: 0 0 0 nan 0 0\n")), HasSubstr("\"nan\""));
  EXPECT_THAT(refusal(with("Parameters: 0 0 0 inf 0 0\n")), HasSubstr("\"inf\""));
  EXPECT_THAT(refusal(with("Parameters: 0 0 0\n")), HasSubstr("has 3 Parameters"));
  EXPECT_THAT(refusal(with("Parameters: 0 0 0 12.5 0 0 0\n")), HasSubstr("has 7 Parameters"));
  EXPECT_THAT(refusal(with("")), HasSubstr("has no Parameters"));
  EXPECT_THAT(refusal(with("Parameters: \"0 0 0 12.5 0 0\n")), HasSubstr("decimal point"));
  EXPECT_THAT(refusal(with("Parameters: 0 0 0 1 0 0\nParameters: 0 0 0 2 0 0\n")), HasSubstr("twice"));
  EXPECT_THAT(refusal(head + "Parameters: 0 0 0\n"), HasSubstr("before a Transform"));
  EXPECT_THAT(refusal(head + "Transform: Euler3DTransform_double_3_3 no colon\n"), HasSubstr("3 dimensions"));
  EXPECT_THAT(refusal(head + "Parameters\n"), HasSubstr("has no colon"));
  EXPECT_THAT(refusal("0 0 0"), HasSubstr("no ITK transform file"));
  EXPECT_THAT(refusal(""), HasSubstr("holds no transform"));
}

TEST_F(Transforms, AreRefusedWhereTheyAreNotRigid) {
  const auto affine = [](const std::string& parameters) {
    return head + "Transform: AffineTransform_double_3_3\nParameters: " + parameters + "\nFixedParameters: 0 0 0\n";
  };
  EXPECT_THAT(refusal(affine("1.1 0 0 0 1 0 0 0 1 0 0 0")), HasSubstr("not rigid"));
  EXPECT_THAT(refusal(affine("-1 0 0 0 1 0 0 0 1 0 0 0")), HasSubstr("mirrors"));
  EXPECT_THAT(refusal(head + "Transform: Similarity3DTransform_double_3_3\nParameters: 0 0 0 0 0 0 1.2\n"
                             "FixedParameters: 0 0 0\n"),
              HasSubstr("not rigid"));
  EXPECT_THAT(refusal(head + "Transform: DisplacementFieldTransform_double_3_3\nParameters: 0\n"),
              HasSubstr("displacement field"));
  EXPECT_THAT(refusal(head + "Transform: AffineTransform_double_2_2\nParameters: 1 0 0 1 0 0\n"),
              HasSubstr("3 dimensions"));
}

}  // namespace
}  // namespace ytterby::io
