#include "tests/fuzz/hdf5_fuzz.h"

#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "io/hdf5/hdf5_guard.h"
#include "io/hdf5/hdf5_handle.h"
#include "io/hdf5/hdf5_probe.h"

namespace ytterby::io {

void probe_hdf5_in_child(const std::filesystem::path& path, const std::function<void()>& read);

/// A new process for each input is slow: only where bytes are changed, on which the library crashes.
void probe_hdf5(const std::filesystem::path& path, const std::function<void()>& read) {
  if (fuzz::changes_bytes()) probe_hdf5_in_child(path, read);
}

}  // namespace ytterby::io

namespace ytterby::fuzz {
namespace {

using Random = std::minstd_rand;

std::size_t below(Random& random, std::size_t n) { return n == 0 ? 0 : random() % n; }

/// Numbers that readers trip over.
double odd_number(Random& random) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr std::array<double, 22> numbers{0,
                                           -1,
                                           1,
                                           2,
                                           0.5,
                                           20,
                                           63,
                                           64,
                                           -0.0,
                                           1e-300,
                                           1e300,
                                           1e308,
                                           1e12,
                                           4e9,
                                           1e6,
                                           2147483648.0,
                                           -2147483649.0,
                                           infinity,
                                           -infinity,
                                           std::numeric_limits<double>::quiet_NaN(),
                                           1.8446744073709552e19,
                                           99};
  return numbers[below(random, numbers.size())];
}

std::vector<std::string> objects(hid_t file) {
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const H5O_info_t*, void* out) -> herr_t {
    auto& list = *static_cast<std::vector<std::string>*>(out);
    list.emplace_back(name);
    return list.size() > 200 ? 1 : 0;
  };
  H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, collect, &names, H5O_INFO_BASIC);
  if (names.empty()) names.emplace_back(".");
  return names;
}

std::vector<std::string> attributes(hid_t object) {
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const H5A_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  };
  H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names);
  return names;
}

hid_t some_type(Random& random) {
  const std::array<hid_t, 9> types{H5T_IEEE_F32LE, H5T_IEEE_F64BE, H5T_STD_I8LE,  H5T_STD_U8LE,  H5T_STD_I32BE,
                                   H5T_STD_U64LE,  H5T_STD_I64LE,  H5T_STD_U16LE, H5T_IEEE_F64LE};
  return H5Tcopy(types[below(random, types.size())]);
}

void put_text(hid_t object, const std::string& name, Random& random) {
  static const std::array<std::string, 9> texts{
      "", "1.0", "2.0", "nan", "a/b", "all", "-123", std::string(5000, '9'), "ytterby-dose"};
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  const hsize_t n = 1 + below(random, 3);
  const hid_t space = below(random, 2) == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &n, nullptr);
  const hid_t id = H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT);
  std::array<const char*, 3> values{};
  for (const char*& v : values) v = texts[below(random, texts.size())].c_str();
  H5Awrite(id, type, values.data());
  H5Aclose(id);
  H5Sclose(space);
  H5Tclose(type);
}

void put_numbers(hid_t object, const std::string& name, Random& random) {
  const hsize_t n = 1 + below(random, 10);
  const hid_t space = below(random, 2) == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &n, nullptr);
  const hid_t type = some_type(random);
  const hid_t id = H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT);
  std::array<double, 10> values{};
  for (double& v : values) v = odd_number(random);
  H5Awrite(id, H5T_NATIVE_DOUBLE, values.data());
  H5Aclose(id);
  H5Sclose(space);
  H5Tclose(type);
}

/// Keeps type and shape, changes one value of an attribute of numbers; else makes it anew.
void change_attribute(hid_t object, const std::string& name, Random& random) {
  const hid_t id = H5Aopen(object, name.c_str(), H5P_DEFAULT);
  const hid_t type = H5Aget_type(id), space = H5Aget_space(id);
  const hssize_t n = H5Sget_simple_extent_npoints(space);
  const bool numbers = H5Tget_class(type) != H5T_STRING && n > 0 && n < 1000;
  if (numbers && below(random, 3) > 0) {
    std::vector<double> values(static_cast<std::size_t>(n));
    H5Aread(id, H5T_NATIVE_DOUBLE, values.data());
    values[below(random, values.size())] = odd_number(random);
    H5Awrite(id, H5T_NATIVE_DOUBLE, values.data());
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(id);
  if (numbers && below(random, 4) > 0) return;
  H5Adelete(object, name.c_str());
  const std::size_t what = below(random, 5);
  if (what < 2) put_text(object, name, random);
  if (what >= 2 && what < 4) put_numbers(object, name, random);
}

void change_value(hid_t dataset, Random& random) {
  try {  // the library writes beyond a chunk that was changed before
    io::check_hdf5_chunks(dataset, "file", "dataset");
  } catch (const Error&) {
    return;
  }
  const hid_t space = H5Dget_space(dataset);
  const int rank = H5Sget_simple_extent_ndims(space);
  std::array<hsize_t, H5S_MAX_RANK> dims{}, at{}, one{};
  H5Sget_simple_extent_dims(space, dims.data(), nullptr);
  for (std::size_t d = 0; d < static_cast<std::size_t>(std::max(rank, 0)); ++d) {
    at[d] = below(random, dims[d]);
    one[d] = 1;
  }
  if (rank > 0) H5Sselect_hyperslab(space, H5S_SELECT_SET, at.data(), nullptr, one.data(), nullptr);
  const hid_t memory = H5Screate(H5S_SCALAR);
  const double value = odd_number(random);
  H5Dwrite(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, &value);
  H5Sclose(memory);
  H5Sclose(space);
}

/// Another dataset in its place: of another shape, type, layout, or without values.
void replace_dataset(hid_t file, const std::string& name, Random& random) {
  H5Ldelete(file, name.c_str(), H5P_DEFAULT);
  const int rank = static_cast<int>(1 + below(random, 4));
  std::array<hsize_t, 4> dims{}, chunk{};
  for (std::size_t d = 0; d < 4; ++d) {
    dims[d] = below(random, 5) == 0 ? hsize_t{1} << below(random, 40) : 1 + below(random, 6);
    chunk[d] = 1 + below(random, 8);
  }
  const hid_t space = H5Screate_simple(rank, dims.data(), nullptr), how = H5Pcreate(H5P_DATASET_CREATE);
  const std::size_t layout = below(random, 6);
  if (layout < 3) H5Pset_chunk(how, rank, chunk.data());
  if (layout == 1) H5Pset_deflate(how, 1);
  if (layout == 2) H5Pset_fletcher32(how);
  if (layout == 3) H5Pset_external(how, "elsewhere", 0, H5F_UNLIMITED);
  const hid_t type = some_type(random);
  const hid_t id = H5Dcreate2(file, name.c_str(), type, space, H5P_DEFAULT, how, H5P_DEFAULT);
  const hssize_t count = H5Sget_simple_extent_npoints(space);  // below 0 where the shape overflows
  if (count >= 0 && count < 100'000 && layout != 3) {
    const std::vector<double> values(static_cast<std::size_t>(count), odd_number(random));
    H5Dwrite(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  }
  H5Dclose(id);
  H5Tclose(type);
  H5Pclose(how);
  H5Sclose(space);
}

/// A chunk of other bytes than its filters make.
void change_chunk(hid_t dataset, Random& random) {
  std::vector<std::uint8_t> bytes(1 + below(random, 300));
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random());
  const std::array<hsize_t, H5S_MAX_RANK> at{};
  H5Dwrite_chunk(dataset, H5P_DEFAULT, static_cast<std::uint32_t>(below(random, 4)), at.data(), bytes.size(),
                 bytes.data());
}

void change_links(hid_t file, const std::string& name, const std::string& other, Random& random) {
  switch (below(random, 5)) {
    case 0:
      H5Ldelete(file, name.c_str(), H5P_DEFAULT);
      break;
    case 1:
      H5Lmove(file, name.c_str(), file, other.c_str(), H5P_DEFAULT, H5P_DEFAULT);
      break;
    case 2:
      H5Lcreate_hard(file, name.c_str(), file, (other + "/more").c_str(), H5P_DEFAULT, H5P_DEFAULT);
      break;
    case 3:
      H5Lcreate_soft(("/" + other).c_str(), file, (name + "/soft").c_str(), H5P_DEFAULT, H5P_DEFAULT);
      break;
    default:
      H5Lcreate_external("elsewhere", "/x", file, "out", H5P_DEFAULT, H5P_DEFAULT);
  }
}

/// What is written into a huge dataset would first fill it, or make its list of chunks.
bool is_small(hid_t dataset) {
  const hid_t space = H5Dget_space(dataset);
  const hssize_t values = H5Sget_simple_extent_npoints(space);
  H5Sclose(space);
  return values >= 0 && values < 100'000;
}

void change(hid_t file, Random& random) {
  const std::vector<std::string> all = objects(file);
  const std::string& name = all[below(random, all.size())];
  const hid_t object = H5Oopen(file, name.c_str(), H5P_DEFAULT);
  if (object < 0) return;
  const bool is_dataset = H5Iget_type(object) == H5I_DATASET;
  const std::size_t what = below(random, is_dataset ? 10 : 5);
  const std::vector<std::string> own = attributes(object);
  if (what < 4 && !own.empty()) change_attribute(object, own[below(random, own.size())], random);
  if (what > 4 && what < 8 && is_small(object)) change_value(object, random);
  if (what == 8 && is_small(object)) change_chunk(object, random);
  H5Oclose(object);
  if (what == 9) replace_dataset(file, name, random);
  if (what == 4) change_links(file, name, all[below(random, all.size())], random);
}

void change_file(const std::filesystem::path& path, unsigned seed) {
  io::hdf5_be_quiet();
  Random random(seed);
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
  H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, access);
  H5Pclose(access);
  if (file < 0) return;
  for (std::size_t n = 1 + below(random, 4); n > 0; --n) change(file, random);
  H5Fclose(file);
}

}  // namespace

std::filesystem::path as_file(const std::uint8_t* data, std::size_t size) {
  // HDF5 looks up the name of what it opened, so that a file without one will not do.
  static const std::filesystem::path path = [] {
    const bool memory = std::filesystem::is_directory("/dev/shm");
    const std::filesystem::path folder = memory ? "/dev/shm" : std::filesystem::temp_directory_path();
    return folder / ("ytterby-fuzz-" + std::to_string(::getpid()));
  }();
  static const int at_exit = std::atexit([] { ::unlink(path.c_str()); });
  std::FILE* out = std::fopen(path.c_str(), "wb");
  if (at_exit != 0 || out == nullptr || std::fwrite(data, 1, size, out) != size || std::fclose(out) != 0) std::abort();
  return path;
}

bool changes_bytes() {
  static const bool bytes = std::getenv("FUZZ_BYTES") != nullptr;
  return bytes;
}

std::size_t mutate_hdf5(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  const std::filesystem::path path = as_file(data, size);
  try {  // the library crashes when it writes into what was changed before
    io::probe_hdf5_in_child(path, [&] { change_file(path, seed); });
  } catch (const Error&) {
    return 0;
  }
  const std::uintmax_t changed = std::filesystem::file_size(path);
  if (changed == 0 || changed > most) return 0;
  std::FILE* in = std::fopen(path.c_str(), "rb");
  const std::size_t got = in == nullptr ? 0 : std::fread(data, 1, changed, in);
  if (in != nullptr) std::fclose(in);
  return got;
}

}  // namespace ytterby::fuzz
