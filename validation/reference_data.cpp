#include "validation/reference_data.h"

#include <string>

#include "engine/base/embed.h"
#include "engine/base/error.h"

#ifndef YTTERBY_REFERENCE_DIR
#error "YTTERBY_REFERENCE_DIR has to be the path of validation/reference, as a string"
#endif

#define YTTERBY_REFERENCE(symbol) YTTERBY_EMBED(ytterby_reference_##symbol, YTTERBY_REFERENCE_DIR "/" #symbol ".csv")

YTTERBY_REFERENCE(vsv_y90_water_2mm);
YTTERBY_REFERENCE(vsv_y90_water_3mm);
YTTERBY_REFERENCE(vsv_y90_water_4mm);
YTTERBY_REFERENCE(vsv_published);
YTTERBY_REFERENCE(vsv_graves_y90_water_3mm);
YTTERBY_REFERENCE(dpk_y90_water);
YTTERBY_REFERENCE(dpk_mono_water);
YTTERBY_REFERENCE(slab_tissue_lung);
YTTERBY_REFERENCE(slab_tissue_bone);
YTTERBY_REFERENCE(estar_electron);
YTTERBY_REFERENCE(elastic_transport);
YTTERBY_REFERENCE(penelope_vsv_y90_water_2mm);
YTTERBY_REFERENCE(penelope_vsv_y90_water_3mm);
YTTERBY_REFERENCE(penelope_vsv_y90_water_4mm);
YTTERBY_REFERENCE(penelope_dpk_y90_water);
YTTERBY_REFERENCE(penelope_dpk_mono_water);
YTTERBY_REFERENCE(penelope_slab_tissue_lung);
YTTERBY_REFERENCE(penelope_slab_tissue_bone);

namespace ytterby::validation {
namespace {

struct EmbeddedFile {
  std::string_view name;
  const char* begin;
  const char* end;
};

#define YTTERBY_FILE(symbol) \
  EmbeddedFile { #symbol ".csv", ytterby_reference_##symbol, ytterby_reference_##symbol##_end }

const EmbeddedFile files[] = {
    YTTERBY_FILE(vsv_y90_water_2mm),
    YTTERBY_FILE(vsv_y90_water_3mm),
    YTTERBY_FILE(vsv_y90_water_4mm),
    YTTERBY_FILE(vsv_published),
    YTTERBY_FILE(vsv_graves_y90_water_3mm),
    YTTERBY_FILE(dpk_y90_water),
    YTTERBY_FILE(dpk_mono_water),
    YTTERBY_FILE(slab_tissue_lung),
    YTTERBY_FILE(slab_tissue_bone),
    YTTERBY_FILE(estar_electron),
    YTTERBY_FILE(elastic_transport),
    YTTERBY_FILE(penelope_vsv_y90_water_2mm),
    YTTERBY_FILE(penelope_vsv_y90_water_3mm),
    YTTERBY_FILE(penelope_vsv_y90_water_4mm),
    YTTERBY_FILE(penelope_dpk_y90_water),
    YTTERBY_FILE(penelope_dpk_mono_water),
    YTTERBY_FILE(penelope_slab_tissue_lung),
    YTTERBY_FILE(penelope_slab_tissue_bone),
};

}  // namespace

CsvTable reference_csv(std::string_view name) {
  for (const EmbeddedFile& file : files)
    if (file.name == name)
      return parse_csv(std::string(name), {file.begin, static_cast<std::size_t>(file.end - file.begin)});
  throw Error(Fault::internal, "no reference file '" + std::string(name) + "' is built into the program");
}

}  // namespace ytterby::validation
