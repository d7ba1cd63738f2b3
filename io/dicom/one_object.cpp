#include "io/dicom/one_object.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <vector>

#include "engine/base/error.h"
#include "io/dicom/object.h"
#include "io/dicom/series.h"

namespace ytterby::io {

std::filesystem::path one_object(const std::filesystem::path& path, const std::string& modality) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return path;
  std::vector<std::filesystem::path> found;
  std::set<std::string> instances;
  for (const std::filesystem::path& file : files_below(path)) {
    const auto object = load_dicom(file, 64);
    if (!object || text_of(*object->getDataset(), DCM_Modality) != modality) continue;
    const std::string instance = text_of(*object->getDataset(), DCM_SOPInstanceUID);
    if (instance.empty() || instances.insert(instance).second) found.push_back(file);
  }
  if (found.empty()) throw Error(Fault::input, path.string() + ": holds no DICOM object of modality " + modality);
  if (found.size() == 1) return found.front();
  constexpr std::size_t most = 8;
  std::string list;
  for (std::size_t i = 0; i < std::min(most, found.size()); ++i) {
    list += (i == 0 ? "" : ", ") + found[i].lexically_relative(path).string();
  }
  if (found.size() > most) list += " and " + std::to_string(found.size() - most) + " more";
  throw Error(Fault::input, path.string() + ": holds " + std::to_string(found.size()) + " objects of modality " +
                                modality + ", name one of these files: " + list);
}

}  // namespace ytterby::io
