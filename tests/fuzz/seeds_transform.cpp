// A seed of ITK's transforms in HDF5: a composite of a rigid part and a displacement field.

#include <hdf5.h>

#include <string>
#include <vector>

#include "tests/fuzz/seeds.h"

namespace ytterby::fuzz {
namespace {

void put(hid_t file, const std::string& name, hid_t type, hsize_t count, const void* values) {
  const hid_t space = H5Screate_simple(1, &count, nullptr);
  const hid_t set = H5Dcreate2(file, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  H5Dclose(set);
  H5Sclose(space);
}

void put_part(hid_t file, int number, const char* type, const std::vector<double>& parameters,
              const std::vector<double>& fixed) {
  const std::string group = "/TransformGroup/" + std::to_string(number);
  H5Gclose(H5Gcreate2(file, group.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  const hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, H5T_VARIABLE);
  put(file, group + "/TransformType", text, 1, &type);
  H5Tclose(text);
  if (!parameters.empty()) {
    put(file, group + "/TransformParameters", H5T_NATIVE_DOUBLE, parameters.size(), parameters.data());
    put(file, group + "/TransformFixedParameters", H5T_NATIVE_DOUBLE, fixed.size(), fixed.data());
  }
}

}  // namespace

void write_seed_of_transforms(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / "transform");
  const hid_t file = H5Fcreate((folder / "transform/composite").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Gclose(H5Gcreate2(file, "/TransformGroup", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  put_part(file, 0, "CompositeTransform_double_3_3", {}, {});
  put_part(file, 1, "Euler3DTransform_double_3_3", {0.1, 0, 0, 1, 2, 3}, {0, 0, 0, 0});
  put_part(file, 2, "DisplacementFieldTransform_double_3_3", std::vector<double>(24, 0.5),
           {2, 2, 2, 0, 0, 0, 3, 3, 3, 1, 0, 0, 0, 1, 0, 0, 0, 1});
  H5Fclose(file);
}

}  // namespace ytterby::fuzz
