#include "engine/base/embedded_data.h"

#include <string>

#include "engine/base/embed.h"
#include "engine/base/error.h"

#ifndef YTTERBY_DATA_DIR
#error "YTTERBY_DATA_DIR has to be the path of engine/data, as a string"
#endif

#define YTTERBY_DATA(symbol) YTTERBY_EMBED(ytterby_data_##symbol, YTTERBY_DATA_DIR "/" #symbol ".csv")

YTTERBY_DATA(elements);
YTTERBY_DATA(shells);
YTTERBY_DATA(materials);
YTTERBY_DATA(xcom);
YTTERBY_DATA(seltzer_berger);
YTTERBY_DATA(radiative);
YTTERBY_DATA(spectrum_y90);
YTTERBY_DATA(schneider_materials);
YTTERBY_DATA(schneider_density);
YTTERBY_DATA(screening);

namespace ytterby {
namespace {

struct EmbeddedFile {
  std::string_view name;
  const char* begin;
  const char* end;
};

#define YTTERBY_FILE(symbol) \
  EmbeddedFile { #symbol ".csv", ytterby_data_##symbol, ytterby_data_##symbol##_end }

const EmbeddedFile files[] = {
    YTTERBY_FILE(elements),          YTTERBY_FILE(shells),
    YTTERBY_FILE(materials),         YTTERBY_FILE(xcom),
    YTTERBY_FILE(seltzer_berger),    YTTERBY_FILE(radiative),
    YTTERBY_FILE(spectrum_y90),      YTTERBY_FILE(schneider_materials),
    YTTERBY_FILE(schneider_density), YTTERBY_FILE(screening),
};

}  // namespace

std::string_view embedded_file(std::string_view name) {
  for (const EmbeddedFile& file : files)
    if (file.name == name) return {file.begin, static_cast<std::size_t>(file.end - file.begin)};
  throw Error(Fault::internal, "no data file '" + std::string(name) + "' is built into the program");
}

}  // namespace ytterby
