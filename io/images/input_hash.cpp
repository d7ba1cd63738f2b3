#include "io/images/input_hash.h"

#include <fstream>
#include <vector>

#include "engine/base/error.h"
#include "io/images/text_header.h"
#include "io/system/sha256.h"

namespace ytterby::io {
namespace {

void add_file(Sha256& hash, const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(Fault::input, path.string() + ": no such file, or it cannot be opened");
  std::vector<char> buffer(1 << 18);
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || file.gcount() > 0) {
    hash.add({buffer.data(), static_cast<std::size_t>(file.gcount())});
  }
  if (file.bad()) throw Error(Fault::input, path.string() + ": cannot be read to its end");
}

}  // namespace

std::string sha256_of_file(const std::filesystem::path& path) {
  Sha256 hash;
  add_file(hash, path);
  if (const std::string data = detached_data(path); !data.empty()) {
    add_file(hash, path.parent_path() / data);
  }
  return hash.hex();
}

}  // namespace ytterby::io
