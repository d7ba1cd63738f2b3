#include "io/case/case_inputs.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "engine/base/error.h"
#include "io/dicom/series.h"
#include "io/images/text_header.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;

class List {
 public:
  void add(const std::string& name, int line, const std::string& what, const std::string& series = "",
           const std::vector<std::string>& modalities = {}, bool every_series = false) {
    if (name.empty()) return;
    // One folder may hold CT and PET: the series that is meant decides, by its name or by what it is.
    std::string which = name + "\n" + series;
    for (const std::string& modality : modalities) which += "\n" + modality;
    if (seen_.insert(which).second) inputs.push_back({name, line, what, series, modalities, every_series, false});
  }
  /// A file, or a folder that holds one object of that modality.
  void add_object(const std::string& name, int line, const std::string& what, const std::string& modality) {
    const std::size_t before = inputs.size();
    add(name, line, what, "", {modality});
    if (inputs.size() > before) inputs.back().single_object = true;
  }
  void add(const EmissionImage& image, const std::string& what) {
    add(image.image, image.line, what, image.series, {"PT", "NM"});
    add_object(image.transform, image.line, "transform of the " + what, "REG");
  }
  void add(const ActivitySection& a) {
    add(a, "activity image");
    if (!a.lung_shunt_from) return;
    for (const std::string& views : a.lung_shunt_from->planar) {
      add(views, a.line, "planar views of the lung shunt", a.lung_shunt_from->series, {"NM"}, true);
    }
    for (const std::string& file : region_files(*a.lung_shunt_from)) add(file, a.line, "region of the planar views");
  }
  void add(const std::vector<StructureEntry>& structures) {
    for (const StructureEntry& s : structures) {
      const std::string mask = "mask of " + s.name;
      add(s.mask, s.line, mask);
      add(s.image, s.line, mask);
      add_object(s.rtstruct, s.line, mask, "RTSTRUCT");
      add_object(s.seg, s.line, mask, "SEG");
      add_object(s.transform, s.line, "transform of " + s.name, "REG");
    }
  }

  std::vector<CaseInput> inputs;

 private:
  std::set<std::string> seen_;
};

/// The file that a header's data are in; empty where they are in itself, or the header is damaged: its reader tells.
fs::path data_of(const fs::path& header) {
  std::error_code ignored;
  if (!fs::is_regular_file(header, ignored)) return {};
  try {
    const std::string data = detached_data(header);
    return data.empty() ? fs::path() : header.parent_path() / data;
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

std::vector<CaseInput> inputs_of(const CaseFile& c) {
  List list;
  if (c.medium) {
    list.add(c.medium->ct, c.medium->line, "CT", c.medium->series, {"CT"});
    list.add(c.medium->labels, c.medium->line, "label image");
    if (c.medium->calibration != "schneider") list.add(c.medium->calibration, c.medium->line, "calibration curve");
  }
  if (c.activity) list.add(*c.activity);
  list.add(c.structures);
  for (const SessionEntry& s : c.sessions) {
    list.add(s.activity);
    list.add(s.structures);
  }
  if (c.function) list.add(*c.function, "function image");
  if (c.uncertainty) {
    for (const Replicates& r : c.uncertainty->replicates)
      for (const std::string& name : r.files)
        list.add(name, c.uncertainty->line, "replicate of the activity image", "", {"PT", "NM"});
  }
  return std::move(list.inputs);
}

std::vector<CaseInput> inputs_of_dose(const CaseFile& c) {
  CaseFile deciding = c;
  const auto decide = [](ActivitySection& a) {
    if (a.quantity != Quantity::relative && !a.rescale_to_administered) a.lung_shunt_from.reset();
  };
  if (deciding.activity) decide(*deciding.activity);
  deciding.function.reset();
  deciding.uncertainty.reset();
  for (SessionEntry& s : deciding.sessions) decide(s.activity);
  return inputs_of(deciding);
}

std::vector<ReadFile> files_read_by(const CaseFile& c) {
  const std::string of_case = " of " + c.file.string();
  std::vector<ReadFile> files{{c.file, "the case file"}};
  for (const CaseInput& input : inputs_of(c)) {
    const fs::path path = c.path_of(input.name);
    const std::string what = "the " + input.what + of_case;
    const bool there = std::any_of(files.begin(), files.end(), [&](const ReadFile& f) { return f.path == path; });
    if (there) continue;
    files.push_back({path, what, is_dicom});
    if (const fs::path data = data_of(path); !data.empty()) files.push_back({data, what});
  }
  return files;
}

std::string inputs_as_comments(const CaseFile& c) {
  std::string text;
  for (const ReadFile& file : files_read_by(c)) {
    if (file.path == c.file) continue;
    std::error_code failed;
    const bool there = fs::exists(file.path, failed);
    std::string path = fs::absolute(file.path, failed).lexically_normal().string();
    std::replace_if(
        path.begin(), path.end(), [](unsigned char byte) { return byte < 32 || byte == 127; }, '?');
    text += "# reads " + path + (there ? "" : " (NOT THERE)") + "\n";
  }
  return text;
}

}  // namespace ytterby::io
