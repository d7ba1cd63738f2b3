// Dose, kernel and checkpoint files that mean harm: each is refused in one line, with little memory and time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <limits>
#include <random>

#include "io/hdf5/hdf5.h"
#include "io/hdf5/hdf5_probe.h"
#include "io/results/checkpoint_file.h"
#include "io/results/kernel_file.h"
#include "tests/io/hostile.h"
#include "tests/io/small_dose.h"

namespace ytterby::io {
namespace {

using testing::HasSubstr;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

hid_t real() { return H5T_IEEE_F64LE; }

/// Takes an attribute away and puts another of that name there.
void set_attribute(hid_t file, const char* object, const char* name, const std::vector<double>& values) {
  H5Adelete_by_name(file, object, name, H5P_DEFAULT);
  const hsize_t n = values.size();
  const hid_t space = H5Screate_simple(1, &n, nullptr);
  const hid_t id = H5Acreate_by_name(file, object, name, real(), space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(id, H5T_NATIVE_DOUBLE, values.data());
  H5Aclose(id);
  H5Sclose(space);
}

/// Puts another dataset in a dataset's place; without values nothing of it is stored.
void set_dataset(hid_t file, const char* name, const std::vector<hsize_t>& dims, const std::vector<hsize_t>& chunk,
                 hid_t type, const void* values, const std::function<void(hid_t)>& properties = {}) {
  H5Ldelete(file, name, H5P_DEFAULT);
  const hid_t space = H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr);
  const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
  if (!chunk.empty()) H5Pset_chunk(how, static_cast<int>(chunk.size()), chunk.data());
  if (properties) properties(how);
  const hid_t id = H5Dcreate2(file, name, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
  ASSERT_GE(id, 0) << name;
  if (values != nullptr) H5Dwrite(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  H5Dclose(id);
  H5Pclose(how);
  H5Sclose(space);
}

/// Changes one value of an image of the small case.
void set_value(hid_t file, const char* name, double value) {
  const hid_t id = H5Dopen2(file, name, H5P_DEFAULT);
  const hid_t space = H5Dget_space(id);
  const hsize_t at[3] = {1, 2, 3}, one[3] = {1, 1, 1}, n = 1;
  const hid_t memory = H5Screate_simple(1, &n, nullptr);
  H5Sselect_hyperslab(space, H5S_SELECT_SET, at, nullptr, one, nullptr);
  ASSERT_GE(H5Dwrite(id, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, &value), 0);
  H5Sclose(memory);
  H5Sclose(space);
  H5Dclose(id);
}

class HostileDose : public testing::Test {
 protected:
  void SetUp() override {
    write_dose(path, test::small_dose(small));
    ASSERT_EQ(refusal(), "accepted");
  }
  [[nodiscard]] std::string refusal() const {
    return test::refusal_of([this] { read_dose(path); });
  }
  std::string after(const std::function<void(hid_t)>& change) {
    write_dose(path, dose);
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    change(file);
    H5Fclose(file);
    const std::string text = refusal();
    EXPECT_THAT(text, HasSubstr(path.string() + ": "));
    return text;
  }
  test::SmallCase small;
  DoseFile dose = test::small_dose(small);
  std::filesystem::path path = small.folder / "d.h5";
  std::vector<double> ones = std::vector<double>(8000, 1.0);
};

TEST_F(HostileDose, announces_more_than_it_holds) {
  const auto huge = [&](const std::vector<hsize_t>& dims, const std::vector<hsize_t>& chunk) {
    return after([&](hid_t f) { set_dataset(f, "/dose", dims, chunk, H5T_IEEE_F32LE, nullptr); });
  };
  EXPECT_THAT(huge({10000, 10000, 10000}, {64, 64, 64}), HasSubstr("/dose has 0 of its"));
  EXPECT_THAT(huge({1 << 20, 1 << 20, 1 << 20}, {64, 64, 64}), HasSubstr("/dose has 0 of its"));
  EXPECT_THAT(huge({1000000, 1000000}, {}), HasSubstr("stored are 0"));
  EXPECT_THAT(huge({20, 20, 20}, {20, 20, 20}), HasSubstr("0 of its 1 chunks"));
  EXPECT_THAT(huge({4096, 4096, 16}, {4096, 4096, 16}), HasSubstr("chunks above 4 MiB"));
  EXPECT_THAT(after([](hid_t f) {
                set_attribute(f, "/grid", "shape_xyz", {900000, 4000, 1});
              }),
              HasSubstr("/dose holds 20 x 20 x 20"));
  EXPECT_THAT(after([](hid_t f) {
                set_attribute(f, "/grid", "shape_xyz", {900000, 900000, 900000});
              }),
              HasSubstr("/grid is damaged"));
}

/// A chunk's deflate stream may go on for ever: this one is of zeros, 1000 times the chunk.
TEST_F(HostileDose, inflates_without_end) {
  const std::vector<double> zeros(8'000'000, 0.0);
  const auto deflated = [](hid_t how) { H5Pset_deflate(how, 9); };
  const auto path2 = small.folder / "bomb.h5";
  {
    const hid_t file = H5Fcreate(path2.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    set_dataset(file, "/large", {8'000'000}, {8'000'000}, real(), zeros.data(), deflated);
    hsize_t size = 0;
    const hsize_t at = 0;
    const hid_t large = H5Dopen2(file, "/large", H5P_DEFAULT);
    H5Dget_chunk_storage_size(large, &at, &size);
    std::vector<char> stream(size);
    unsigned mask = 0;
    ASSERT_GE(H5Dread_chunk(large, H5P_DEFAULT, &at, &mask, stream.data()), 0);
    H5Dclose(large);
    H5Fclose(file);
    EXPECT_THAT(after([&](hid_t f) {
                  set_dataset(f, "/dose", {20, 20, 20}, {20, 20, 20}, real(), nullptr, deflated);
                  const hid_t id = H5Dopen2(f, "/dose", H5P_DEFAULT);
                  const hsize_t origin[3] = {0, 0, 0};
                  ASSERT_GE(H5Dwrite_chunk(id, H5P_DEFAULT, 0, origin, stream.size(), stream.data()), 0);
                  H5Dclose(id);
                }),
                HasSubstr("cannot read /dose: the file is damaged"));
  }
}

/// A chunk may be said to have skipped its filters, and then be shorter than the library reads.
TEST_F(HostileDose, has_chunks_of_another_size) {
  const auto chunk_of = [&](std::size_t bytes, std::uint32_t skipped, const std::function<void(hid_t)>& how) {
    return after([&](hid_t f) {
      set_dataset(f, "/dose", {20, 20, 20}, {20, 20, 20}, real(), nullptr, how);
      const hid_t id = H5Dopen2(f, "/dose", H5P_DEFAULT);
      const hsize_t origin[3] = {0, 0, 0};
      const std::vector<char> zeros(bytes, 0);
      ASSERT_GE(H5Dwrite_chunk(id, H5P_DEFAULT, skipped, origin, zeros.size(), zeros.data()), 0);
      H5Dclose(id);
    });
  };
  const auto damaged = HasSubstr("/dose");
  EXPECT_THAT(chunk_of(100, 1, [](hid_t how) { H5Pset_deflate(how, 1); }), damaged);
  EXPECT_THAT(chunk_of(100, 0, [](hid_t how) { H5Pset_shuffle(how); }), damaged);
  EXPECT_THAT(chunk_of(64000, 1, [](hid_t how) { H5Pset_shuffle(how); }), damaged);
  EXPECT_THAT(chunk_of(100, 0, [](hid_t how) { H5Pset_fletcher32(how); }), damaged);
  EXPECT_THAT(chunk_of(64000, 0, [](hid_t how) { H5Pset_fletcher32(how); }), damaged);
}

TEST_F(HostileDose, is_of_another_shape_or_type) {
  const auto dose_of = [&](const std::vector<hsize_t>& dims, hid_t type) {
    return after([&](hid_t f) { set_dataset(f, "/dose", dims, {}, type, ones.data()); });
  };
  EXPECT_THAT(dose_of({8000}, real()), HasSubstr("/dose holds 8000 values, needs to hold 20 x 20 x 20"));
  EXPECT_THAT(dose_of({40, 10, 20}, real()), HasSubstr("40 x 10 x 20"));
  EXPECT_THAT(dose_of({20, 20, 20, 1}, real()), HasSubstr("20 x 20 x 20 x 1"));
  const hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, 8);
  EXPECT_THAT(after([&](hid_t f) {
                set_dataset(f, "/dose", {20, 20, 20}, {}, text, nullptr);
              }),
              HasSubstr("neither numbers nor a table"));
  const hid_t any_length = H5Tcopy(H5T_C_S1);
  H5Tset_size(any_length, H5T_VARIABLE);
  EXPECT_THAT(after([&](hid_t f) {
                set_dataset(f, "/dose", {20, 20, 20}, {}, any_length, nullptr);
              }),
              HasSubstr("neither numbers nor a table"));
  EXPECT_THAT(after([&](hid_t f) {
                set_dataset(f, "/material", {20, 20, 20}, {}, real(), ones.data());
              }),
              HasSubstr("/material holds values of another type"));
  EXPECT_THAT(after([](hid_t f) {
                H5Ldelete(f, "/dose", H5P_DEFAULT);
                H5Gclose(H5Gcreate2(f, "/dose", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
              }),
              HasSubstr("/dose"));
  EXPECT_THAT(after([&](hid_t f) { set_dataset(f, "/dvh/liver", {100}, {}, real(), ones.data()); }),
              HasSubstr("lacks the column"));
  H5Tclose(text);
  H5Tclose(any_length);
}

TEST_F(HostileDose, lacks_attributes_or_has_others) {
  for (const char* name : {"format", "format_version", "program_version", "created", "method"}) {
    EXPECT_NE(after([&](hid_t f) { H5Adelete(f, name); }), "accepted") << name;
    EXPECT_NE(after([&](hid_t f) { set_attribute(f, "/", name, {1}); }), "accepted") << name;
  }
  for (const char* name : {"case", "seed", "histories", "batches", "decays", "half_life_h", "content_hash"}) {
    EXPECT_THAT(after([&](hid_t f) { H5Adelete_by_name(f, "/provenance", name, H5P_DEFAULT); }), HasSubstr(name));
  }
  for (const char* name : {"shape_xyz", "spacing_mm", "origin_mm", "direction"}) {
    EXPECT_THAT(after([&](hid_t f) { H5Adelete_by_name(f, "/grid", name, H5P_DEFAULT); }), HasSubstr(name));
    EXPECT_THAT(after([&](hid_t f) { set_attribute(f, "/grid", name, {1, 1}); }), HasSubstr(name));
  }
}

TEST_F(HostileDose, has_numbers_that_no_dose_has) {
  const auto grid = [&](const char* name, const std::vector<double>& values) {
    return after([&](hid_t f) { set_attribute(f, "/grid", name, values); });
  };
  for (const double bad : {nan, infinity, -5.0, 0.0, 1e6})
    EXPECT_THAT(grid("spacing_mm", {5, bad, 5}), HasSubstr("grid"));
  for (const double bad : {nan, infinity, 1e300}) EXPECT_THAT(grid("origin_mm", {5, bad, 5}), HasSubstr("grid"));
  EXPECT_THAT(grid("shape_xyz", {20, 20.5, 20}), HasSubstr("grid"));
  EXPECT_THAT(grid("shape_xyz", {-20, -20, 20}), HasSubstr("grid"));
  EXPECT_THAT(grid("direction", {1, 0.5, 0, 0, 1, 0, 0, 0, 1}), HasSubstr("direction"));
  EXPECT_THAT(grid("direction", {0, 0, 0, 0, 0, 0, 0, 0, 0}), HasSubstr("direction"));
  const auto value = [&](const char* name, double bad) { return after([&](hid_t f) { set_value(f, name, bad); }); };
  EXPECT_THAT(value("/dose", nan), HasSubstr("/dose voxel (3, 2, 1) is nan"));
  EXPECT_THAT(value("/dose", infinity), HasSubstr("/dose voxel (3, 2, 1) is inf"));
  EXPECT_THAT(value("/dose", -1), HasSubstr("/dose voxel (3, 2, 1) is -1"));
  EXPECT_THAT(value("/uncertainty", -1), HasSubstr("is -1"));
  EXPECT_THAT(value("/uncertainty", infinity), HasSubstr("is inf"));
  for (const double bad : {nan, infinity, -1.0, 1e9}) EXPECT_THAT(value("/density", bad), HasSubstr("30 g/cm3"));
  EXPECT_THAT(value("/activity", nan), HasSubstr("/activity"));
  EXPECT_THAT(value("/structures/liver", 7), HasSubstr("in 0 to 1"));
  EXPECT_THAT(value("/material", 200), HasSubstr("is 200"));
  for (const double bad : {nan, infinity, -1.0, 0.0}) {
    EXPECT_THAT(after([&](hid_t f) { set_attribute(f, "/provenance", "half_life_h", {bad}); }),
                HasSubstr("half_life_h"));
  }
  EXPECT_THAT(after([](hid_t f) { set_attribute(f, "/structures/liver", "mass_kg", {-1}); }), HasSubstr("mass_kg"));
}

TEST_F(HostileDose, links_to_itself_or_elsewhere) {
  const auto link = HasSubstr("is a link to somewhere else");
  EXPECT_THAT(after([](hid_t f) { H5Lcreate_soft("/loop", f, "/loop", H5P_DEFAULT, H5P_DEFAULT); }), link);
  EXPECT_THAT(after([](hid_t f) {
                H5Ldelete(f, "/dose", H5P_DEFAULT);
                H5Lcreate_soft("/uncertainty", f, "/dose", H5P_DEFAULT, H5P_DEFAULT);
              }),
              link);
  EXPECT_THAT(after([](hid_t f) { H5Lcreate_external("/etc/passwd", "/x", f, "/x", H5P_DEFAULT, H5P_DEFAULT); }), link);
  EXPECT_THAT(
      after([](hid_t f) { H5Lcreate_hard(f, "/structures", f, "/structures/again", H5P_DEFAULT, H5P_DEFAULT); }),
      HasSubstr("is linked twice"));
  EXPECT_THAT(after([](hid_t f) { H5Lcreate_hard(f, "/", f, "/grid/up", H5P_DEFAULT, H5P_DEFAULT); }),
              HasSubstr("is linked twice"));
  EXPECT_THAT(after([](hid_t f) {
                std::string at;
                for (int i = 0; i < 20; ++i) {
                  at += "/deep";
                  H5Gclose(H5Gcreate2(f, at.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
                }
              }),
              HasSubstr("too deep"));
}

TEST_F(HostileDose, is_stored_elsewhere_or_filtered_by_others) {
  const auto stored = [&](const std::vector<hsize_t>& chunk, const std::function<void(hid_t)>& how) {
    return after([&](hid_t f) { set_dataset(f, "/dose", {20, 20, 20}, chunk, real(), nullptr, how); });
  };
  EXPECT_THAT(stored({}, [](hid_t how) { H5Pset_external(how, "/etc/passwd", 0, 64000); }),
              HasSubstr("in other files"));
  EXPECT_THAT(stored({},
                     [](hid_t how) {
                       const hsize_t n[3] = {20, 20, 20};
                       const hid_t space = H5Screate_simple(3, n, nullptr);
                       H5Pset_virtual(how, space, "/etc/passwd", "/x", space);
                       H5Sclose(space);
                     }),
              HasSubstr("in other files"));
  EXPECT_THAT(stored({20, 20, 20}, [](hid_t how) { H5Pset_scaleoffset(how, H5Z_SO_FLOAT_DSCALE, 2); }),
              HasSubstr("needs the filter 6"));
  EXPECT_THAT(stored({20, 20, 20}, [](hid_t how) { H5Pset_filter(how, 32015, H5Z_FLAG_OPTIONAL, 0, nullptr); }),
              HasSubstr("needs the filter 32015"));
}

TEST_F(HostileDose, is_no_file_to_read) {
  const auto fifo = small.folder / "fifo.h5";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THAT(test::refusal_of([&] { read_dose(fifo); }), HasSubstr("no regular file"));
  EXPECT_THAT(test::refusal_of([&] { read_dose(small.folder.path()); }), HasSubstr("no regular file"));
  std::ofstream(small.folder / "empty.h5").flush();
  EXPECT_THAT(test::refusal_of([&] { read_dose(small.folder / "empty.h5"); }), HasSubstr("no HDF5 file"));
}

TEST_F(HostileDose, names_a_structure_twice) {
  const auto order = [&](const std::vector<std::string>& names) {
    return after([&](hid_t f) {
      H5Adelete_by_name(f, "/structures", "order", H5P_DEFAULT);
      const hid_t type = H5Tcopy(H5T_C_S1);
      H5Tset_size(type, H5T_VARIABLE);
      const hsize_t n = names.size();
      const hid_t space = H5Screate_simple(1, &n, nullptr);
      const hid_t id = H5Acreate_by_name(f, "/structures", "order", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
      std::vector<const char*> texts;
      for (const std::string& name : names) texts.push_back(name.c_str());
      H5Awrite(id, type, texts.data());
      H5Aclose(id);
      H5Sclose(space);
      H5Tclose(type);
    });
  };
  EXPECT_THAT(order(std::vector<std::string>(3000, "liver")), HasSubstr("there twice"));
  EXPECT_THAT(order({"liver", "./liver"}), HasSubstr("there twice"));
  EXPECT_THAT(order({"nobody"}), HasSubstr("/structures/nobody"));
}

TEST(Probe, keeps_crashes_and_greed_to_itself) {
  const auto probed = [](const std::function<void()>& read) {
    try {
      probe_hdf5("x.h5", read);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("passed");
  };
  EXPECT_EQ(probed([] {}), "passed");
  EXPECT_EQ(probed([] { throw Error(Fault::input, "the caller meets it again"); }), "passed");
  EXPECT_THAT(probed([] { std::raise(SIGSEGV); }), HasSubstr("x.h5: is damaged"));
  EXPECT_THAT(probed([] { std::abort(); }), HasSubstr("crashes"));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they need all of the address space
  EXPECT_THAT(probed([] { std::vector<char>(std::size_t{4} << 30).back() = 1; }), HasSubstr("more memory"));
#endif
  EXPECT_THAT(probed([] { std::raise(SIGXCPU); }), HasSubstr("or time"));
  // A stop that is meant for the program, and a wait that is too long, are no fault of the file.
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGALRM}) {
    EXPECT_EQ(probed([signal] { std::raise(signal); }), "passed") << signal;
  }
}

/// Bytes that were changed on the way: no crash, and nothing but texts and gaps may change unnoticed.
TEST_F(HostileDose, is_told_from_one_with_changed_bytes) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  const DoseFile whole = read_dose(path);
  const auto read_the_same = [&] {
    const DoseFile f = read_dose(path);
    const bool same = f.map.dose == whole.map.dose && f.phantom.density == whole.phantom.density &&
                      f.activity == whole.activity && f.map.grid == whole.map.grid &&
                      f.map.decays == whole.map.decays && f.structures[0].fraction == whole.structures[0].fraction &&
                      f.map.seed == whole.map.seed;
    if (!same) throw Error(Fault::internal, "another dose");
  };
  std::minstd_rand random(5);
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    std::string changed = bytes;
    const std::size_t at = i < 48 ? static_cast<std::size_t>(i) : random() % bytes.size();
    changed[at] = static_cast<char>(changed[at] ^ (1 << random() % 8));
    std::ofstream(path, std::ios::binary) << changed;
    const std::string text = test::refusal_of(read_the_same);
    EXPECT_THAT(text, testing::AnyOf("accepted", HasSubstr(path.string() + ": "))) << at;
    EXPECT_THAT(text, Not(HasSubstr("another"))) << at;
    refused += text == "accepted" ? 0 : 1;
  }
  RecordProperty("refused", refused);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace ytterby::io
