#include "io/prepare.h"

#include <algorithm>
#include <map>

#include "engine/resample.h"
#include "io/prepare_parts.h"
#include "io/sha256.h"

namespace ytterby::io {
namespace {

/// Parts of the contract that cannot be carried out yet are refused, never passed over.
void check_complete(const CaseFile& c) {
  if (!c.medium) refuse(c.place(1), "the case has no [medium], which this needs");
  if (!c.activity && c.sessions.empty()) refuse(c.place(1), "the case has no [activity], which this needs");
  if (!c.sessions.empty()) {
    refuse(c.place(c.sessions.front().line),
           "[[session]] is computed in a later version, needs one [activity] for now");
  }
}

/// Hashes every file that the case names, once.
std::vector<InputFile> hash_inputs(const CaseFile& c) {
  std::vector<InputFile> inputs;
  std::map<std::string, bool> seen;
  const auto add = [&](const std::string& name, int line) {
    if (name.empty() || seen[name]) return;
    seen[name] = true;
    inputs.push_back({name, at_place(c.place(line), [&] { return sha256_of_file(c.path_of(name)); })});
  };
  add(c.medium->ct, c.medium->line);
  add(c.medium->labels, c.medium->line);
  if (c.medium->calibration != "schneider") add(c.medium->calibration, c.medium->line);
  add(c.activity->image, c.activity->line);
  for (const StructureEntry& s : c.structures) {
    add(s.mask, s.line);
    add(s.image, s.line);
  }
  return inputs;
}

/// Two cases with the same hash ask for the same dose: file names are replaced by the hashes of what they hold.
std::string hash_content(const CaseFile& c, const std::vector<InputFile>& inputs) {
  const std::string text = write_case_content(c, [&](const std::string& name) {
    const auto found = std::find_if(inputs.begin(), inputs.end(), [&](const InputFile& f) { return f.name == name; });
    return found == inputs.end() ? name : found->sha256;
  });
  return sha256(text);
}

void warn_of_units(const Remarks& remarks, std::vector<std::string>& warnings) {
  if (remarks.without_unit.empty()) return;
  std::string list;
  for (const std::string& name : remarks.without_unit) list += (list.empty() ? "" : ", ") + name;
  warnings.push_back("the unit of length is not stated and taken as mm in " + list);
}

}  // namespace

PreparedCase prepare(const CaseFile& case_file) {
  check_complete(case_file);
  PreparedCase result;
  result.resolved = case_file;
  Remarks remarks;
  MediumImage medium = read_medium(case_file, remarks);
  const Image<double> image = read_activity(case_file, remarks);
  const Grid grid = dose_grid(case_file, image.grid, medium.grid);
  LoadedStructures structures = load_structures(case_file, medium, grid, remarks);
  result.phantom = phantom_on(grid, medium);
  override_density(case_file, structures.own, result.phantom);
  const std::vector<float> medium_share = coverage(medium.grid, grid);
  medium = {};
  VoxelSource voxels{activity_on(case_file, image, result.phantom, structures, medium_share, result.account, remarks)};
  result.source.voxels = std::move(voxels);
  result.structures = std::move(structures.own);
  std::move(structures.derived.begin(), structures.derived.end(), std::back_inserter(result.structures));
  result.inputs = hash_inputs(case_file);
  result.content_hash = hash_content(case_file, result.inputs);
  result.warnings = std::move(remarks.warnings);
  warn_of_units(remarks, result.warnings);
  result.notes = std::move(remarks.notes);
  return result;
}

}  // namespace ytterby::io
