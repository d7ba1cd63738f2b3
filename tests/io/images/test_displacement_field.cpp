// Displacement fields: as ITK applies them, whatever form they come in.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <itkAffineTransform.h>
#include <itkCompositeTransform.h>
#include <itkDisplacementFieldTransform.h>
#include <itkEuler3DTransform.h>
#include <itkImageRegionIteratorWithIndex.h>

#include <array>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "io/images/displacement_field.h"
#include "tests/io/refusal.h"
#include "tests/io/small_case.h"
#include "tests/io/small_nifti.h"

namespace ytterby::io {
namespace {

using testing::HasSubstr;
using Field = itk::DisplacementFieldTransform<double, 3>;

/// Vectors that vary, on voxels of 3 x 4 x 5 mm that are turned about z.
Field::Pointer itk_field() {
  auto image = Field::DisplacementFieldType::New();
  Field::DisplacementFieldType::SizeType size{{5, 4, 6}};
  image->SetRegions(size);
  const double spacing[3] = {3, 4, 5}, origin[3] = {-7, 2, 11};
  image->SetSpacing(spacing);
  image->SetOrigin(origin);
  Field::DisplacementFieldType::DirectionType direction;
  direction.SetIdentity();
  direction(0, 0) = direction(1, 1) = std::cos(0.3);
  direction(1, 0) = std::sin(0.3);
  direction(0, 1) = -std::sin(0.3);
  image->SetDirection(direction);
  image->Allocate();
  for (itk::ImageRegionIteratorWithIndex<Field::DisplacementFieldType> at(image, size); !at.IsAtEnd(); ++at) {
    const auto i = at.GetIndex();
    Field::DisplacementFieldType::PixelType vector;
    vector[0] = 0.1 * static_cast<double>(i[0] * i[1]);
    vector[1] = -0.2 * static_cast<double>(i[2]);
    vector[2] = 0.5 + 0.05 * static_cast<double>(i[0]);
    at.Set(vector);
  }
  auto field = Field::New();
  field->SetDisplacementField(image);
  return field;
}

class DisplacementFields : public testing::Test {
 protected:
  /// ITK's HDF5, in one deflated chunk a list where that is asked for.
  std::filesystem::path save(const std::vector<itk::Transform<double, 3, 3>::Pointer>& parts, bool composite,
                             bool deflated = false) {
    const std::string path = folder / "t.h5";
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(H5Gcreate2(file, "/TransformGroup", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    int number = 0;
    const auto group = [&](const std::string& type) {
      const std::string name = "/TransformGroup/" + std::to_string(number++);
      H5Gclose(H5Gcreate2(file, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
      const hid_t text = H5Tcopy(H5T_C_S1);
      H5Tset_size(text, H5T_VARIABLE);
      const hsize_t one = 1;
      const char* value = type.c_str();
      put(file, name + "/TransformType", text, one, &value, false);
      H5Tclose(text);
      return name;
    };
    if (composite) group("CompositeTransform_double_3_3");
    for (const auto& part : parts) {
      const std::string name = group(part->GetTransformTypeAsString());
      const auto parameters = part->GetParameters();
      const auto fixed = part->GetFixedParameters();
      put(file, name + "/TransformParameters", H5T_NATIVE_DOUBLE, parameters.Size(), parameters.data_block(), deflated);
      put(file, name + "/TransformFixedParameters", H5T_NATIVE_DOUBLE, fixed.Size(), fixed.data_block(), deflated);
    }
    H5Fclose(file);
    return path;
  }
  static void put(hid_t file, const std::string& name, hid_t type, hsize_t count, const void* values, bool deflated) {
    const hid_t space = H5Screate_simple(1, &count, nullptr), how = H5Pcreate(H5P_DATASET_CREATE);
    if (deflated) {
      H5Pset_chunk(how, 1, &count);
      H5Pset_deflate(how, 5);
    }
    const hid_t set = H5Dcreate2(file, name.c_str(), type, space, H5P_DEFAULT, how, H5P_DEFAULT);
    H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(set);
    H5Pclose(how);
    H5Sclose(space);
  }
  /// Ours leads where ITK's does, at all voxels that are not at the field's edge, where ITK's rounding decides.
  static void expect_same(const Deformation& ours, const itk::Transform<double, 3, 3>& theirs) {
    ASSERT_EQ(ours.grid.shape, (std::array<int, 3>{5, 4, 6}));
    for (int z = 1; z < 5; ++z) {
      for (int y = 1; y < 3; ++y) {
        for (int x = 1; x < 4; ++x) {
          itk::Point<double, 3> from;
          const std::array<int, 3> at{x, y, z};
          for (std::size_t row = 0; row < 3; ++row) {
            double place = ours.grid.origin[row];
            for (std::size_t a = 0; a < 3; ++a) {
              place += ours.grid.direction[3 * row + a] * ours.grid.spacing[a] * at[a];
            }
            from[static_cast<unsigned>(row)] = 10 * place;
          }
          const auto to = theirs.TransformPoint(from);
          const Vector3& shift = ours.shift[ours.grid.index(x, y, z)];
          for (unsigned a = 0; a < 3; ++a) EXPECT_NEAR(from[a] + 10 * shift[a], to[a], 1e-6) << x << y << z;
        }
      }
    }
  }
  test::TemporaryFolder folder;
};

TEST_F(DisplacementFields, InHdf5AreThoseOfItk) {
  const Field::Pointer field = itk_field();
  const auto path = save({field.GetPointer()}, false);
  EXPECT_TRUE(is_displacement_field(path));
  expect_same(read_displacement_field(path), *field);
  expect_same(read_displacement_field(save({field.GetPointer()}, true, true)), *field);
}

TEST_F(DisplacementFields, InACompositeAreAppliedWithItsLinearParts) {
  const Field::Pointer field = itk_field();
  auto affine = itk::AffineTransform<double, 3>::New();
  affine->Scale(1.1);
  affine->Rotate3D(itk::Vector<double, 3>(1.0), 0.2);
  affine->Shear(0, 1, 0.05);
  itk::Vector<double, 3> shift;
  shift[0] = 4, shift[1] = -5, shift[2] = 6;
  affine->Translate(shift);
  auto rigid = itk::Euler3DTransform<double>::New();
  rigid->SetRotation(0.1, -0.2, 0.3);
  rigid->SetTranslation(shift);
  for (const bool before : {false, true}) {
    for (const bool after : {false, true}) {
      auto all = itk::CompositeTransform<double, 3>::New();
      std::vector<itk::Transform<double, 3, 3>::Pointer> parts;
      if (after) parts.emplace_back(affine.GetPointer());
      parts.emplace_back(field.GetPointer());
      if (before) parts.emplace_back(rigid.GetPointer());
      for (const auto& part : parts) all->AddTransform(part);
      expect_same(read_displacement_field(save(parts, true)), *all);
    }
  }
  const auto refused = [&](const std::vector<itk::Transform<double, 3, 3>::Pointer>& parts) {
    return test::refusal([&] { read_displacement_field(save(parts, true)); });
  };
  EXPECT_THAT(refused({field.GetPointer(), affine.GetPointer()}), HasSubstr("not rigid"));
  EXPECT_THAT(refused({field.GetPointer(), field.GetPointer()}), HasSubstr("several displacement fields"));
  EXPECT_FALSE(is_displacement_field(save({rigid.GetPointer()}, true)));
}

TEST_F(DisplacementFields, ThatAreDamagedAreRefused) {
  const auto with = [&](std::vector<double> parameters, const std::vector<double>& fixed) {
    const std::filesystem::path path = save({}, false);
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    H5Gclose(H5Gcreate2(file, "/TransformGroup/0", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    const hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    const char* type = "DisplacementFieldTransform_double_3_3";
    put(file, "/TransformGroup/0/TransformType", text, 1, &type, false);
    H5Tclose(text);
    put(file, "/TransformGroup/0/TransformParameters", H5T_NATIVE_DOUBLE, parameters.size(), parameters.data(), false);
    put(file, "/TransformGroup/0/TransformFixedParameters", H5T_NATIVE_DOUBLE, fixed.size(), fixed.data(), false);
    H5Fclose(file);
    return test::refusal([&] { read_displacement_field(path); });
  };
  const std::vector<double> good{2, 1, 1, 0, 0, 0, 3, 3, 3, 1, 0, 0, 0, 1, 0, 0, 0, 1};
  EXPECT_EQ(with(std::vector<double>(6, 1.0), good), "accepted");
  EXPECT_THAT(with(std::vector<double>(5, 1.0), good), HasSubstr("three for each"));
  EXPECT_THAT(with(std::vector<double>(6, std::nan("")), good), HasSubstr("NaN"));
  EXPECT_THAT(with(std::vector<double>(6, 1.0), {2, 1, 1}), HasSubstr("needs 18"));
  for (const auto& [at, value] : {std::pair{0, 1.5}, {1, 0.0}, {6, 0.0}, {9, 0.5}}) {
    std::vector<double> fixed = good;
    fixed[static_cast<std::size_t>(at)] = value;
    EXPECT_NE(with(std::vector<double>(6, 1.0), fixed), "accepted") << at;
  }
}

/// 2 x 2 x 2 voxels of 3 mm, each with the vector (10, 2, -5) mm.
std::string nifti_field(std::int16_t intent, const std::string& name = "") {
  std::string bytes = test::nifti_header(2, 16, 32);
  test::put_bytes(bytes, 40, std::int16_t{5});
  test::put_bytes(bytes, 50, std::int16_t{3});
  test::put_bytes(bytes, 68, intent);
  bytes.replace(328, name.size(), name);
  for (const float component : {10.0F, 2.0F, -5.0F}) {
    for (int i = 0; i < 8; ++i) bytes.append(reinterpret_cast<const char*>(&component), sizeof component);
  }
  return bytes;
}

TEST_F(DisplacementFields, InNiftiAreInTheAxesOfTheirIntent) {
  const auto read = [&](const std::string& bytes) {
    std::ofstream(folder / "f.nii", std::ios::binary) << bytes;
    return read_displacement_field(folder / "f.nii");
  };
  const Deformation ants = read(nifti_field(1007)), standard = read(nifti_field(1006));
  ASSERT_EQ(ants.shift.size(), 8u);
  for (std::size_t i = 0; i < 8; ++i) {
    const std::array<double, 3> lps{1, 0.2, -0.5}, turned{-1, -0.2, -0.5};  // cm
    for (std::size_t a = 0; a < 3; ++a) {
      EXPECT_NEAR(ants.shift[i][a], lps[a], 1e-6);
      EXPECT_NEAR(standard.shift[i][a], turned[a], 1e-6);
    }
  }
  EXPECT_NEAR(ants.grid.direction[0], -1, 1e-12);  // the place is NIfTI's
  const auto refused = [&](const std::string& bytes) { return test::refusal([&] { read(bytes); }); };
  EXPECT_THAT(refused(nifti_field(1007, "NREG_TRANS")), HasSubstr("NREG_TRANS"));
  EXPECT_THAT(refused(nifti_field(2006)), HasSubstr("intent 2006"));
  EXPECT_THAT(refused(test::nifti_header(2, 2, 8) + "abcdefgh"), HasSubstr("no field of displacements"));
  EXPECT_THAT(refused(nifti_field(1007).substr(0, 400)), HasSubstr("truncated"));
  std::string broken = nifti_field(1007);
  test::put_bytes(broken, 352 + 4 * 11, std::numeric_limits<float>::quiet_NaN());
  EXPECT_THAT(refused(broken), HasSubstr("NaN"));
}

TEST_F(DisplacementFields, InImagesAreInLps) {
  const auto field = [&](const std::string& name, const std::string& header) {
    std::string bytes = header;
    for (int i = 0; i < 8; ++i) {
      for (const float v : {10.0F, 0.0F, -5.0F}) bytes.append(reinterpret_cast<const char*>(&v), sizeof v);
    }
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return folder / name;
  };
  const std::string meta =
      "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
      "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\nElementSpacing = 3 3 3\nDimSize = 2 2 2\n"
      "ElementNumberOfChannels = 3\nElementType = MET_FLOAT\nElementDataFile = LOCAL\n";
  const Deformation d = read_displacement_field(field("f.mha", meta));
  ASSERT_EQ(d.shift.size(), 8u);
  EXPECT_NEAR(d.shift[7][0], 1, 1e-9);  // cm
  EXPECT_NEAR(d.shift[7][2], -0.5, 1e-9);
  const auto nrrd = [&](const std::string& space, const std::string& more = "3 ") {
    return field("f.nrrd", "NRRD0004\ntype: float\ndimension: 4\nspace: " + space + "\nsizes: " + more +
                               "2 2 2\nspace directions: none (3,0,0) (0,3,0) (0,0,3)\n"
                               "kinds: vector domain domain domain\nendian: little\nencoding: raw\n"
                               "space origin: (0,0,0)\n\n");
  };
  EXPECT_NEAR(read_displacement_field(nrrd("left-posterior-superior")).shift[0][0], 1, 1e-9);
  EXPECT_THAT(test::refusal([&] { read_displacement_field(nrrd("right-anterior-superior")); }),
              HasSubstr("left-posterior-superior"));
  EXPECT_THAT(test::refusal([&] { read_displacement_field(nrrd("left-posterior-superior", "2 ")); }),
              HasSubstr("components"));
}

}  // namespace
}  // namespace ytterby::io
