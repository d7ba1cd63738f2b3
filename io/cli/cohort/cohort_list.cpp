#include "io/cli/cohort/cohort_list.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "engine/base/error.h"
#include "io/text/toml_table.h"
#include "io/text/toml_text.h"

namespace ytterby::cli {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) throw Error(Fault::input, file.string() + ": no such file");
  if (fs::is_directory(file, error)) {
    throw Error(Fault::input, file.string() + ": is a folder, a list or a case file (TOML) is needed");
  }
  if (fs::is_regular_file(file, error) && fs::file_size(file, error) > 10'000'000) {
    throw Error(Fault::input, file.string() + ": is too large for a list or a case file (TOML)");
  }
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) throw Error(Fault::input, file.string() + ": cannot be read");
  return text.str();
}

/// Why a name cannot be a folder's; empty where it can.
std::string unfit(const std::string& name) {
  // File systems take 255 bytes; some are left for what stands beside.
  if (name.size() > 200) return "is longer than 200 bytes";
  if (name.empty() || name.front() == '.' || name.front() == ' ' || name.back() == ' ') {
    return "is empty, begins with a dot, or begins or ends with a blank";
  }
  for (const char c : name) {
    if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 32 || c == 127) {
      return "has a slash, a backslash or a control character";
    }
  }
  if (name == "cohort.csv" || name == "cohort.json" || name.starts_with("bland-altman-")) {
    return "is a file of the cohort's own";
  }
  return "";
}

std::vector<std::string> read_methods(io::TomlTable& cohort) {
  const std::vector<std::string> wanted = cohort.texts("methods");
  if (wanted.empty()) return cohort_methods();
  std::vector<std::string> methods;  // in our order
  for (const std::string& m : cohort_methods()) {
    if (std::find(wanted.begin(), wanted.end(), m) != wanted.end()) methods.push_back(m);
  }
  for (const std::string& m : wanted) {
    if (std::find(methods.begin(), methods.end(), m) != methods.end()) continue;
    std::string all;
    for (const std::string& known : cohort_methods()) all += (all.empty() ? "" : ", ") + known;
    cohort.fail(*cohort.node("methods"), "[cohort] methods has \"" + m + "\", needs to be of " + all);
  }
  return methods;
}

CohortList interpret(const toml::table& document, const fs::path& file) {
  const std::string place = file.string();
  io::TomlTable root(document, "", place);
  CohortList list;
  list.name = file.stem().string();
  list.methods = cohort_methods();
  if (const toml::table* table = root.table("cohort")) {
    io::TomlTable cohort(*table, "[cohort]", place);
    list.name = cohort.text_or("name", list.name);
    list.methods = read_methods(cohort);
    cohort.finish();
  }
  std::map<std::string, int> lines;
  for (const toml::table* table : root.tables("patient")) {
    io::TomlTable patient(*table, "[[patient]]", place);
    CohortPatient p{patient.required_text("name"), patient.required_text("case")};
    if (p.case_file.is_relative()) p.case_file = file.parent_path() / p.case_file;
    patient.finish();
    const std::string quoted = "[[patient]] name \"" + p.name + "\" ";
    if (const std::string why = unfit(p.name); !why.empty())
      patient.fail(quoted + why + ": it becomes a folder's name");
    const auto [first, fresh] = lines.emplace(p.name, patient.line());
    if (!fresh) patient.fail(quoted + "is that of line " + std::to_string(first->second) + " too, needs to be unique");
    list.patients.push_back(std::move(p));
  }
  root.finish();
  if (list.patients.empty()) root.fail("has no [[patient]], needs one with name and case for each");
  return list;
}

toml::table parse(const std::string& text, const fs::path& file) {
  try {
    return toml::parse(text, file.string());
  } catch (const toml::parse_error& error) {
    throw Error(Fault::input, file.string() + ":" + std::to_string(error.source().begin.line) +
                                  ": is no valid TOML: " + std::string(error.description()));
  }
}

/// The [case] name of a file, if it can be a folder's.
std::optional<std::string> stated_name(const std::string& file) {
  try {
    const auto name = parse(read_text(file), file)["case"]["name"].value<std::string>();
    return name && unfit(*name).empty() ? name : std::nullopt;
  } catch (const Error&) {
    return {};  // broken: its turn comes
  }
}

}  // namespace

const std::vector<std::string>& cohort_methods() {
  static const std::vector<std::string> all{"monte-carlo", "voxel-kernel", "voxel-kernel-scaled", "local-deposition"};
  return all;
}

CohortList parse_cohort_list(const std::string& text, const fs::path& file) {
  return interpret(parse(text, file), file);
}

CohortList cohort_of_cases(const std::vector<std::string>& files) {
  CohortList list{"cohort", cohort_methods(), {}};
  std::map<std::string, int> uses;
  for (const std::string& file : files) {
    list.patients.push_back({stated_name(file).value_or(""), file});
    ++uses[list.patients.back().name];
  }
  std::set<std::string> names;
  for (CohortPatient& p : list.patients) {
    std::error_code ignored;
    if (p.name.empty() || uses[p.name] > 1)
      p.name = fs::absolute(p.case_file, ignored).parent_path().filename().string();
    const bool good = unfit(p.name).empty() && names.insert(p.name).second;
    if (good) continue;
    throw Error(Fault::input,
                p.case_file.string() + ": its name would be \"" + p.name +
                    "\", which is no folder's name or another case's too: a list (LIST.toml) gives names");
  }
  return list;
}

CohortList read_cohort(const std::vector<std::string>& files) {
  if (files.size() == 1) {
    const std::string text = read_text(files.front());
    const toml::table document = parse(text, files.front());
    const bool a_case = document.contains("case") || document.contains("medium");
    if (!a_case) return interpret(document, files.front());
  }
  for (const std::string& file : files) {
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) continue;
    try {
      const toml::table document = parse(read_text(file), file);
      if (!document.contains("patient") && !document.contains("cohort")) continue;
    } catch (const Error&) {
      continue;  // a broken case: its turn comes
    }
    throw Error(Fault::input, file + ": is a list, needs to be the only one: beside it stand other files");
  }
  return cohort_of_cases(files);
}

std::string write_cohort_list(const CohortList& list) {
  std::string text = "[cohort]\nname = " + io::toml_quoted(list.name) + "\nmethods = [";
  for (std::size_t i = 0; i < list.methods.size(); ++i) text += (i == 0 ? "\"" : ", \"") + list.methods[i] + "\"";
  text += "]\n";
  for (const CohortPatient& p : list.patients) {
    text += "\n[[patient]]\nname = " + io::toml_quoted(p.name) +
            "\ncase = " + io::toml_quoted(fs::absolute(p.case_file).lexically_normal().string()) + "\n";
  }
  return text;
}

}  // namespace ytterby::cli
