// What is inflated here is what the library reads, whatever the shape, and what has lost a chunk is refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <numeric>

#include "engine/base/error.h"
#include "io/hdf5/hdf5.h"
#include "io/hdf5/hdf5_deflated.h"
#include "io/hdf5/hdf5_handle.h"
#include "tests/io/small_case.h"

namespace ytterby::io {
namespace {

using test::TemporaryFolder;

template <class T>
std::vector<T> numbered(const Hdf5Shape& shape) {
  std::uint64_t count = 1;
  for (const std::uint64_t n : shape) count *= n;
  std::vector<T> values(count);
  for (std::uint64_t i = 0; i < count; ++i) values[i] = static_cast<T>(i * 2654435761U % 65'521 / 3);
  return values;
}

template <class T>
void expect_as_the_library(const Hdf5Shape& shape, hid_t type) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "file.h5";
  const std::vector<T> written = numbered<T>(shape);
  write_hdf5(path, [&](Hdf5File& h5) { h5.write("/values", std::span<const T>(written), shape); });
  hdf5_be_quiet();
  const Hdf5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  const Hdf5Handle dataset(H5Dopen2(file.id(), "/values", H5P_DEFAULT), H5Dclose);
  std::vector<T> library(written.size()), ours(written.size());
  ASSERT_GE(H5Dread(dataset.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, library.data()), 0);
  const auto deflated = DeflatedDataset::of(dataset.id(), type, path, "/values");
  ASSERT_TRUE(deflated);
  deflated->read(reinterpret_cast<char*>(ours.data()));
  EXPECT_EQ(ours, written);
  EXPECT_EQ(ours, library);
  // In bands of whole chunks, as the digest does.
  std::vector<T> bands(written.size());
  const std::uint64_t row = written.size() / shape[0], rows = deflated->rows_of_chunk();
  for (std::uint64_t first = 0; first < shape[0]; first += rows)
    deflated->read_rows(first, rows, reinterpret_cast<char*>(bands.data() + first * row));
  EXPECT_EQ(bands, written);
}

TEST(Hdf5Deflated, ReadsWhatTheLibraryReads) {
  expect_as_the_library<float>({3, 700, 500}, H5T_NATIVE_FLOAT);  // two chunks a slice, the second one cut
  expect_as_the_library<float>({600'000}, H5T_NATIVE_FLOAT);
  expect_as_the_library<float>({7, 5, 3}, H5T_NATIVE_FLOAT);
  expect_as_the_library<double>({130, 9, 1001}, H5T_NATIVE_DOUBLE);
  expect_as_the_library<std::uint8_t>({40, 300, 301}, H5T_NATIVE_UINT8);
  expect_as_the_library<std::uint16_t>({2, 400'000}, H5T_NATIVE_UINT16);
  expect_as_the_library<std::uint64_t>({2, 2, 3, 140'000}, H5T_NATIVE_UINT64);
}

TEST(Hdf5Deflated, LeavesOtherTypesToTheLibrary) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "file.h5";
  const std::vector<float> written = numbered<float>({10});
  write_hdf5(path, [&](Hdf5File& h5) { h5.write("/values", std::span<const float>(written), {10}); });
  const Hdf5File file = Hdf5File::open(path);
  const std::vector<double> read = file.doubles("/values", {10});
  EXPECT_EQ(std::vector<float>(read.begin(), read.end()), written);
}

TEST(Hdf5Deflated, RefusesAChunkThatDoesNotFit) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "file.h5";
  const std::vector<float> written = numbered<float>({600'000});
  write_hdf5(path, [&](Hdf5File& h5) { h5.write("/values", std::span<const float>(written), {600'000}); });
  hdf5_be_quiet();
  {
    const Hdf5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    const Hdf5Handle dataset(H5Dopen2(file.id(), "/values", H5P_DEFAULT), H5Dclose);
    const std::vector<char> nonsense(1000, 'x');
    const hsize_t offset = 262'144;  // the second chunk
    ASSERT_GE(H5Dwrite_chunk(dataset.id(), H5P_DEFAULT, 0, &offset, nonsense.size(), nonsense.data()), 0);
  }
  const Hdf5File file = Hdf5File::open(path);
  EXPECT_THROW(static_cast<void>(file.floats("/values", {600'000})), Error);
  EXPECT_THROW(static_cast<void>(file.seal_state()), Error);
}

}  // namespace
}  // namespace ytterby::io
