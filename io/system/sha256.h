#pragma once
// SHA-256 (FIPS 180-4), for knowing inputs again.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ytterby::io {

/// The hash of a byte stream.
class Sha256 {
 public:
  void add(std::string_view bytes);
  /// 64 hex digits; the object is used up.
  std::string hex();

 private:
  void block(const unsigned char* bytes);
  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> rest_{};
  std::size_t filled_ = 0;
  std::uint64_t length_ = 0;  // [byte]
};

std::string sha256(std::string_view bytes);

}  // namespace ytterby::io
