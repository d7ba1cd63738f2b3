#include "engine/embedded_data.h"

#include <string>

#include "engine/error.h"

#ifndef YTTERBY_DATA_DIR
#error "YTTERBY_DATA_DIR has to be the path of engine/data, as a string"
#endif

// The assembler reads the files (ELF targets). The labels are global because link-time optimisation may split the
// assembly from the code, and hidden because nobody outside needs them.
#define YTTERBY_EMBED(symbol, file)                                                    \
  asm(".pushsection .rodata\n"                                                         \
      ".global ytterby_data_" #symbol                                                  \
      "\n"                                                                             \
      ".hidden ytterby_data_" #symbol                                                  \
      "\n"                                                                             \
      ".global ytterby_data_end_" #symbol                                              \
      "\n"                                                                             \
      ".hidden ytterby_data_end_" #symbol                                              \
      "\n"                                                                             \
      ".balign 16\n"                                                                   \
      "ytterby_data_" #symbol                                                          \
      ":\n"                                                                            \
      ".incbin \"" YTTERBY_DATA_DIR "/" file                                           \
      "\"\n"                                                                           \
      "ytterby_data_end_" #symbol                                                      \
      ":\n"                                                                            \
      ".byte 0\n"                                                                      \
      ".popsection\n");                                                                \
  extern "C" __attribute__((visibility("hidden"))) const char ytterby_data_##symbol[]; \
  extern "C" __attribute__((visibility("hidden"))) const char ytterby_data_end_##symbol[]

YTTERBY_EMBED(elements, "elements.csv");
YTTERBY_EMBED(shells, "shells.csv");
YTTERBY_EMBED(materials, "materials.csv");
YTTERBY_EMBED(xcom, "xcom.csv");
YTTERBY_EMBED(seltzer_berger, "seltzer_berger.csv");
YTTERBY_EMBED(radiative, "radiative.csv");
YTTERBY_EMBED(spectrum_y90, "spectrum_y90.csv");
YTTERBY_EMBED(schneider_materials, "schneider_materials.csv");
YTTERBY_EMBED(schneider_density, "schneider_density.csv");
YTTERBY_EMBED(screening, "screening.csv");

namespace ytterby {
namespace {

struct EmbeddedFile {
  std::string_view name;
  const char* begin;
  const char* end;
};

#define YTTERBY_FILE(symbol) \
  EmbeddedFile { #symbol ".csv", ytterby_data_##symbol, ytterby_data_end_##symbol }

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
