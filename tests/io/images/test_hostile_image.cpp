// Image files that mean harm: each is refused in one line, with little memory and time, and nothing else is read.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zlib.h>

#include <limits>
#include <utility>

#include "io/images/image_file.h"
#include "tests/io/hostile.h"
#include "tests/io/small_case.h"
#include "tests/io/small_nifti.h"

namespace ytterby::io {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

/// A header of key and value, one changed or added.
struct Header {
  std::vector<std::pair<std::string, std::string>> keys;
  std::string separator;
  [[nodiscard]] Header with(const std::string& key, const std::string& value) const {
    Header h = *this;
    for (auto& k : h.keys) {
      if (k.first == key) {
        k.second = value;
        return h;
      }
    }
    h.keys.insert(h.keys.end() - 1, {key, value});
    return h;
  }
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const auto& [key, value] : keys) text += key + separator + value + "\n";
    return text;
  }
};

/// MetaImage and NRRD of 2 x 2 x 2 bytes with 3 mm voxels.
const Header meta{{{"ObjectType", "Image"},
                   {"NDims", "3"},
                   {"BinaryData", "True"},
                   {"BinaryDataByteOrderMSB", "False"},
                   {"TransformMatrix", "1 0 0 0 1 0 0 0 1"},
                   {"Offset", "0 0 0"},
                   {"ElementSpacing", "3 3 3"},
                   {"DimSize", "2 2 2"},
                   {"ElementType", "MET_UCHAR"},
                   {"ElementDataFile", "LOCAL"}},
                  " = "};
const Header nrrd{{{"type", "uchar"},
                   {"dimension", "3"},
                   {"space", "left-posterior-superior"},
                   {"sizes", "2 2 2"},
                   {"space directions", "(3,0,0) (0,3,0) (0,0,3)"},
                   {"space origin", "(0,0,0)"},
                   {"encoding", "raw"}},
                  ": "};

const std::string eight = "abcdefgh";

class HostileImage : public testing::Test {
 protected:
  std::string refusal(const std::string& name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    std::string text = test::refusal_of([&] { read_image(folder / name); });
    EXPECT_THAT(text, HasSubstr((folder / name).string() + ": ")) << bytes.substr(0, 400);
    return text;
  }
  std::string as_meta(const Header& h, const std::string& data = eight) { return refusal("a.mha", h.text() + data); }
  std::string as_nrrd(const Header& h, const std::string& data = eight) {
    return refusal("a.nrrd", "NRRD0004\n" + h.text() + "\n" + data);
  }
  std::string accepted(const std::string& name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return test::refusal_of([&] { read_image(folder / name); });
  }
  test::TemporaryFolder folder;
};

TEST_F(HostileImage, is_accepted_where_it_is_an_image) {
  EXPECT_EQ(accepted("a.mha", meta.text() + eight), "accepted");
  EXPECT_EQ(accepted("a.nrrd", "NRRD0004\n" + nrrd.text() + "\n" + eight), "accepted");
}

TEST_F(HostileImage, announces_more_than_it_holds) {
  for (const char* size :
       {"32767 32767 32767", "4294967296 4294967296 4294967296", "2147483647 2147483647 4", "1000000 1000 1", "-2 2 2",
        "0 2 2", "2 2 3", "99999999999999999999999 1 1", "nan 2 2", "2 2"}) {
    EXPECT_NE(as_meta(meta.with("DimSize", size)), "accepted") << size;
    EXPECT_NE(as_nrrd(nrrd.with("sizes", size)), "accepted") << size;
  }
  as_meta(meta, "abc");
  as_nrrd(nrrd, "abc");
  as_meta(meta, "");
  as_nrrd(nrrd, "");
}

TEST_F(HostileImage, lies_nowhere) {
  for (const char* bad : {"-3 3 3", "0 3 3", "nan 3 3", "inf 3 3", "1e300 3 3", "1e-300 3 3"}) {
    EXPECT_NE(as_meta(meta.with("ElementSpacing", bad)), "accepted") << bad;
  }
  for (const char* bad : {"nan 0 0", "inf 0 0", "0 -inf 0"})
    EXPECT_NE(as_meta(meta.with("Offset", bad)), "accepted") << bad;
  for (const char* bad : {"1 1 0 0 1 0 0 0 1", "0 0 0 0 0 0 0 0 0", "nan 0 0 0 1 0 0 0 1", "2 0 0 0 1 0 0 0 1"}) {
    EXPECT_NE(as_meta(meta.with("TransformMatrix", bad)), "accepted") << bad;
  }
  for (const char* bad : {"(3,3,0) (0,3,0) (0,0,3)", "(0,0,0) (0,3,0) (0,0,3)", "(nan,0,0) (0,3,0) (0,0,3)",
                          "(inf,0,0) (0,3,0) (0,0,3)", "none (0,3,0) (0,0,3)"}) {
    EXPECT_NE(as_nrrd(nrrd.with("space directions", bad)), "accepted") << bad;
  }
  for (const char* bad : {"(nan,0,0)", "(inf,0,0)", "(0,0)"})
    EXPECT_NE(as_nrrd(nrrd.with("space origin", bad)), "accepted") << bad;
  EXPECT_THAT(as_nrrd(nrrd.with("space units", "\"cm\" \"cm\" \"cm\"")), HasSubstr("cm"));
}

TEST_F(HostileImage, has_more_than_one_number_per_voxel) {
  as_meta(meta.with("ElementNumberOfChannels", "3"), eight + eight + eight);
  as_meta(meta.with("NDims", "4")
              .with("DimSize", "2 2 2 2")
              .with("ElementSpacing", "3 3 3 3")
              .with("Offset", "0 0 0 0")
              .with("TransformMatrix", "1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1"),
          eight + eight);
  as_nrrd(nrrd.with("dimension", "4")
              .with("sizes", "3 2 2 2")
              .with("space directions", "none (3,0,0) (0,3,0) (0,0,3)")
              .with("kinds", "vector domain domain domain"),
          eight + eight + eight);
  as_meta(meta.with("NDims", "2000000000"));
  as_nrrd(nrrd.with("dimension", "2000000000"));
}

/// Its data are elsewhere: another file of the user's would be read as an image.
TEST_F(HostileImage, points_elsewhere) {
  std::ofstream(folder / "secret") << eight;
  for (const char* where : {"secret", "/etc/passwd", "../secret", "LIST", "/dev/zero", "/dev/stdin", "%03d 1 2 1"}) {
    EXPECT_NE(as_meta(meta.with("ElementDataFile", where), ""), "accepted") << where;
    EXPECT_NE(as_nrrd(nrrd.with("data file", where), ""), "accepted") << where;
  }
}

/// What ends a header for one library does not for another.
TEST_F(HostileImage, hides_where_it_points) {
  const std::string elsewhere = (folder / "secret").string();
  std::ofstream(folder / "secret") << eight;
  EXPECT_NE(refusal("a.nrrd", "NRRD0004\nElementDataFile:=LOCAL\n" + nrrd.with("data file", elsewhere).text() + "\n"),
            "accepted");
  EXPECT_NE(refusal("a.nrrd", "NRRD0004\nkey:=a\rdata file: " + elsewhere + "\n" + nrrd.text() + "\n" + eight),
            "accepted");
  EXPECT_NE(refusal("a.mha", "\n\n" + meta.with("ElementDataFile", elsewhere).text()), "accepted");
  EXPECT_NE(refusal("a.mha", meta.with("Comment", "a\n\n").with("ElementDataFile", elsewhere).text()), "accepted");
  EXPECT_NE(refusal("a.mha", meta.with("Comment", "a\rElementDataFile = " + elsewhere).text() + eight), "accepted");
}

TEST_F(HostileImage, is_accepted_detached_from_data_beside_or_below) {
  std::filesystem::create_directory(folder / "below");
  std::ofstream(folder / "a.raw") << eight;
  std::ofstream(folder / "below/a.raw") << eight;
  for (const char* where : {"a.raw", "./a.raw", "below/a.raw"}) {
    EXPECT_EQ(accepted("a.mhd", meta.with("ElementDataFile", where).text()), "accepted") << where;
    EXPECT_EQ(accepted("a.nhdr", "NRRD0004\n" + nrrd.with("data file", where).text()), "accepted") << where;
  }
  for (const char* where : {"/dev/zero", "../a.raw", "below/../../a.raw", "LIST", "below"}) {
    EXPECT_THAT(refusal("a.mhd", meta.with("ElementDataFile", where).text()), HasSubstr("its data")) << where;
    EXPECT_THAT(refusal("a.nhdr", "NRRD0004\n" + nrrd.with("data file", where).text()), HasSubstr("its data")) << where;
  }
}

TEST_F(HostileImage, is_detached_from_what_is_not_there) {
  EXPECT_NE(refusal("a.mhd", meta.with("ElementDataFile", "gone.raw").text()), "accepted");
  EXPECT_NE(refusal("a.nhdr", "NRRD0004\n" + nrrd.with("data file", "gone.raw").text()), "accepted");
  std::ofstream(folder / "short.raw") << "abc";
  EXPECT_NE(refusal("a.mhd", meta.with("ElementDataFile", "short.raw").text()), "accepted");
  EXPECT_NE(refusal("a.nhdr", "NRRD0004\n" + nrrd.with("data file", "short.raw").text()), "accepted");
  const std::string huge = "30000 30000 4";
  EXPECT_NE(refusal("a.mhd", meta.with("DimSize", huge).with("ElementDataFile", "short.raw").text()), "accepted");
  EXPECT_NE(refusal("a.nhdr", "NRRD0004\n" + nrrd.with("sizes", huge).with("data file", "short.raw").text()),
            "accepted");
}

/// 0.3 MB that inflate to 300 MB behind the data.
TEST_F(HostileImage, inflates_without_end) {
  const auto path = folder / "bomb.nii.gz";
  const auto bomb = [&](std::int16_t side, int blocks) {
    const std::string header = test::nifti_header(side, 2, 8);
    const gzFile out = gzopen(path.c_str(), "wb9");
    gzwrite(out, header.data(), 352);
    const std::string zeros(1 << 20, '\0');
    for (int i = 0; i < blocks; ++i) gzwrite(out, zeros.data(), static_cast<unsigned>(zeros.size()));
    gzclose(out);
    return test::refusal_of([&] { read_image(path); });
  };
  EXPECT_THAT(bomb(2, 0), HasSubstr("truncated"));
  EXPECT_THAT(bomb(2, 300), HasSubstr(path.string() + ": is damaged: it holds more than its header"));
  EXPECT_THAT(bomb(32767, 10), HasSubstr(path.string() + ": "));
}

TEST_F(HostileImage, is_no_file_to_read) {
  const auto fifo = folder / "fifo.nii";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THAT(test::refusal_of([&] { read_image(fifo); }), HasSubstr("no regular file"));
  std::filesystem::create_symlink("loop.nii", folder / "loop.nii");
  EXPECT_THAT(test::refusal_of([&] { read_image(folder / "loop.nii"); }), HasSubstr("no such file"));
  std::filesystem::create_symlink("/dev/zero", folder / "zero.mha");
  EXPECT_THAT(test::refusal_of([&] { read_image(folder / "zero.mha"); }), HasSubstr("no regular file"));
  refusal("a.mha", std::string(5'000'000, 'A'));
  refusal("a.nrrd", "NRRD0004\n" + std::string(5'000'000, 'A'));
  refusal("a.nii", std::string(5'000'000, 'A'));
}

}  // namespace
}  // namespace ytterby::io
