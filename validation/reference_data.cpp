#include "validation/reference_data.h"

#include <string>

#include "engine/error.h"

#ifndef YTTERBY_REFERENCE_DIR
#error "YTTERBY_REFERENCE_DIR has to be the path of validation/reference, as a string"
#endif

// The assembler reads the files (ELF targets), as in engine/embedded_data.cpp.
#define YTTERBY_EMBED(symbol)                                                               \
  asm(".pushsection .rodata\n"                                                              \
      ".global ytterby_reference_" #symbol                                                  \
      "\n"                                                                                  \
      ".hidden ytterby_reference_" #symbol                                                  \
      "\n"                                                                                  \
      ".global ytterby_reference_end_" #symbol                                              \
      "\n"                                                                                  \
      ".hidden ytterby_reference_end_" #symbol                                              \
      "\n"                                                                                  \
      "ytterby_reference_" #symbol                                                          \
      ":\n"                                                                                 \
      ".incbin \"" YTTERBY_REFERENCE_DIR "/" #symbol                                        \
      ".csv\"\n"                                                                            \
      "ytterby_reference_end_" #symbol                                                      \
      ":\n"                                                                                 \
      ".byte 0\n"                                                                           \
      ".popsection\n");                                                                     \
  extern "C" __attribute__((visibility("hidden"))) const char ytterby_reference_##symbol[]; \
  extern "C" __attribute__((visibility("hidden"))) const char ytterby_reference_end_##symbol[]

YTTERBY_EMBED(vsv_y90_water_2mm);
YTTERBY_EMBED(vsv_y90_water_3mm);
YTTERBY_EMBED(vsv_y90_water_4mm);
YTTERBY_EMBED(vsv_published);
YTTERBY_EMBED(dpk_y90_water);
YTTERBY_EMBED(dpk_mono_water);
YTTERBY_EMBED(slab_tissue_lung);
YTTERBY_EMBED(slab_tissue_bone);
YTTERBY_EMBED(estar_electron);

namespace ytterby::validation {
namespace {

struct EmbeddedFile {
  std::string_view name;
  const char* begin;
  const char* end;
};

#define YTTERBY_FILE(symbol) \
  EmbeddedFile { #symbol ".csv", ytterby_reference_##symbol, ytterby_reference_end_##symbol }

const EmbeddedFile files[] = {
    YTTERBY_FILE(vsv_y90_water_2mm), YTTERBY_FILE(vsv_y90_water_3mm), YTTERBY_FILE(vsv_y90_water_4mm),
    YTTERBY_FILE(vsv_published),     YTTERBY_FILE(dpk_y90_water),     YTTERBY_FILE(dpk_mono_water),
    YTTERBY_FILE(slab_tissue_lung),  YTTERBY_FILE(slab_tissue_bone),  YTTERBY_FILE(estar_electron),
};

}  // namespace

CsvTable reference_csv(std::string_view name) {
  for (const EmbeddedFile& file : files)
    if (file.name == name)
      return parse_csv(std::string(name), {file.begin, static_cast<std::size_t>(file.end - file.begin)});
  throw Error(Fault::internal, "no reference file '" + std::string(name) + "' is built into the program");
}

}  // namespace ytterby::validation
