// SHA-256 against the examples of NIST (FIPS 180-4, CSRC "Examples with Intermediate Values").

#include <gtest/gtest.h>

#include "io/system/sha256.h"

namespace ytterby::io {
namespace {

TEST(Sha256, meets_the_vectors_of_nist) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, does_not_depend_on_the_portions) {
  const std::string text(200, 'x');
  Sha256 hash;
  for (std::size_t at = 0; at < text.size(); at += 7) hash.add(std::string_view(text).substr(at, 7));
  EXPECT_EQ(hash.hex(), sha256(text));
}

}  // namespace
}  // namespace ytterby::io
