#pragma once
// A NIfTI-1 header byte by byte, to be made wrong.

#include <cstdint>
#include <cstring>
#include <string>

namespace ytterby::test {

template <class T>
void put_bytes(std::string& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

/// 352 bytes: side^3 voxels of 3 mm, of that data type of NIfTI with so many bits.
inline std::string nifti_header(std::int16_t side, std::int16_t type, std::int16_t bits) {
  std::string bytes(352, '\0');
  put_bytes(bytes, 0, std::int32_t{348});
  for (std::size_t i = 0; i < 8; ++i)
    put_bytes(bytes, 40 + 2 * i, i == 0 ? std::int16_t{3} : i < 4 ? side : std::int16_t{1});
  put_bytes(bytes, 70, type);
  put_bytes(bytes, 72, bits);
  for (std::size_t i = 0; i < 4; ++i) put_bytes(bytes, 76 + 4 * i, i == 0 ? 1.0F : 3.0F);
  put_bytes(bytes, 108, 352.0F);
  put_bytes(bytes, 123, char{2});  // mm
  put_bytes(bytes, 254, std::int16_t{1});
  for (std::size_t i = 0; i < 3; ++i) put_bytes(bytes, 280 + 16 * i + 4 * i, 3.0F);
  std::memcpy(bytes.data() + 344, "n+1", 4);
  return bytes;
}

}  // namespace ytterby::test
