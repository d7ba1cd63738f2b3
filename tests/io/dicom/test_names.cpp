// Names in the character sets of DICOM, and elements of VR UN. Right values: the examples of PS3.5 annexes H, I and J.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

#include "io/dicom/character_set.h"
#include "io/dicom/object.h"
#include "io/dicom/rtstruct.h"
#include "tests/io/small_case.h"
#include "tests/io/small_dicom.h"

namespace ytterby::io {
namespace {

using test::SmallStructures;
using test::TemporaryFolder;

TEST(CharacterSets, AreReadAsTheStandardsExamples) {
  // H.3.1: kanji and hiragana by ISO 2022 IR 87.
  EXPECT_EQ(to_utf8("Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
                    "\\ISO 2022 IR 87"),
            "Yamada^Tarou=山田^太郎=やまだ^たろう");
  // H.3.2: half-width katakana by ISO 2022 IR 13 beside it.
  EXPECT_EQ(
      to_utf8("\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J", "ISO 2022 IR 13\\ISO 2022 IR 87"),
      "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎");
  // I.2: Korean by ISO 2022 IR 149.
  EXPECT_EQ(to_utf8("Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7", "\\ISO 2022 IR 149"),
            "Hong^Gildong=洪^吉洞");
  // J.3 and J.4: Chinese in UTF-8 and GB18030.
  EXPECT_EQ(to_utf8("Wang^XiaoDong=\xe7\x8e\x8b^\xe5\xb0\x8f\xe6\x9d\xb1", "ISO_IR 192"), "Wang^XiaoDong=王^小東");
  EXPECT_EQ(to_utf8("Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab", "GB18030"), "Wang^XiaoDong=王^小东");
}

TEST(CharacterSets, OfJapaneseHoldWhatOthersTakeForADelimiter) {
  EXPECT_EQ(to_utf8("\x1b$B;R5\\\x1b(B", "\\ISO 2022 IR 87"), "子宮");  // its last byte is a backslash's
  EXPECT_EQ(to_utf8("\x1b$(Dl?\x1b(B", "\\ISO 2022 IR 87\\ISO 2022 IR 159"), "鷗");
  EXPECT_EQ(to_utf8("\xf9\xec\xe5\xed", "ISO_IR 138"), "שלום");  // IR 138 is Hebrew, and no IR 13
}

TEST(CharacterSets, ThatAreMissingOrWrongLeaveUtf8AndLatin1) {
  prepare_dcmtk();  // quiet
  for (const char* set : {"", "ISO_IR_100", "UTF-8", "\\ISO 2022 IR 87"}) {
    EXPECT_EQ(to_utf8("l\xc3\xa9s\xc3\xa9", set), "lésé") << set;
    EXPECT_EQ(to_utf8("l\xe9s\xe9", set), "lésé") << set;
  }
  EXPECT_EQ(to_utf8("\x1b$B;", "\\ISO 2022 IR 87"), "\x1b$B;");  // broken off
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string little_endian(std::uint32_t value) {
  std::string bytes(4, '\0');
  std::memcpy(bytes.data(), &value, 4);
  return bytes;
}

/// A sequence that a toolkit did not know is UN, its content implicit little endian (PS3.5 6.2.2).
TEST(UnknownRepresentation, OfASequenceIsReadAsWhatItsTagIs) {
  const TemporaryFolder folder;
  SmallStructures structures;
  structures.add("1", "liver", {{test::square_data(10, 0)}, {test::square_data(8, 2)}});
  structures.save(folder / "explicit");
  structures.save(folder / "implicit", EXS_LittleEndianImplicit);
  const DicomContours right = read_contours(folder / "explicit", "liver");
  ASSERT_EQ(right.contours.size(), 2u);

  const std::string tag("\x06\x30\x39\x00", 4), none(4, '\0');  // ROIContourSequence, the last element
  const std::string known = bytes_of(folder / "explicit"), plain = bytes_of(folder / "implicit");
  const std::size_t from = plain.rfind(tag);
  ASSERT_NE(from, std::string::npos);
  const std::string end = std::string("\xfe\xff\xdd\xe0", 4) + none, unknown = tag + "UN" + std::string(2, '\0');
  ASSERT_TRUE(plain.ends_with(end));  // written without lengths
  const std::string items = plain.substr(from + 8, plain.size() - from - 16), head = known.substr(0, known.rfind(tag));
  const std::string of_length = unknown + little_endian(static_cast<std::uint32_t>(items.size())) + items;
  const std::string delimited = unknown + std::string(4, '\xff') + items + end;
  for (const std::string& element : {of_length, delimited}) {
    std::ofstream(folder / "unknown", std::ios::binary) << head << element;
    EXPECT_EQ(read_contours(folder / "unknown", "liver").contours, right.contours);
  }
}

/// LO has a length of two bytes, UN of four.
TEST(UnknownRepresentation, OfANameIsReadAsWhatItsTagIs) {
  const TemporaryFolder folder;
  SmallStructures structures;
  structures.add("7", "Foie l\xe9s\xe9 ", {{test::square_data(10, 0)}, {test::square_data(8, 2)}});
  structures.set(DCM_SpecificCharacterSet, "ISO_IR 100").save(folder / "known");
  std::string bytes = bytes_of(folder / "known");
  const std::size_t name = bytes.find("Foie l"), value = name - 4;
  ASSERT_EQ(bytes.substr(value, 2), "LO");
  const std::uint32_t length = static_cast<std::uint8_t>(bytes[name - 2]);
  bytes.replace(value, 4, "UN" + std::string(2, '\0') + little_endian(length));
  std::ofstream(folder / "unknown", std::ios::binary) << bytes;
  EXPECT_EQ(read_contours(folder / "unknown", "Foie lésé").contours.size(), 2u);
}

}  // namespace
}  // namespace ytterby::io
