#include "io/cli/text_output.h"

#include <fstream>

#include "engine/base/error.h"
#include "io/system/output_file.h"

namespace ytterby::cli {

void write_text(const std::filesystem::path& path, const std::string& text) {
  io::OutputFile output(path);
  std::ofstream file(output.temporary(), std::ios::binary);
  file << text;
  file.close();
  if (!file) throw Error(Fault::input, path.string() + ": cannot be written: is the disk full?");
  output.commit();
}

}  // namespace ytterby::cli
