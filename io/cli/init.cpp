// `ytterby init FOLDER... -o CASE`: a case file proposed from what lies in folders.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "engine/base/error.h"
#include "io/cli/run/case_run.h"
#include "io/cli/verbs.h"
#include "io/draft/draft.h"
#include "io/system/output_file.h"
#include "io/text/toml_text.h"
#include "validation/protocol/protocol.h"

namespace ytterby::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> folders;
  std::string output = "case.toml", name;
  bool json = false, dry_run = false;
};

const char* kind_name(io::FoundImage::Kind kind) {
  switch (kind) {
    case io::FoundImage::Kind::ct:
      return "CT";
    case io::FoundImage::Kind::pet:
      return "PT";
    case io::FoundImage::Kind::nm:
      return "NM";
    case io::FoundImage::Kind::counts:
      break;
  }
  return "image";
}

/// What was found and what of it was taken: for people, on stdout alone, since descriptions of series may name a
/// patient.
std::string list_of(const io::Found& found, const io::Choice& choice) {
  std::string list;
  for (std::size_t i = 0; i < found.images.size(); ++i) {
    const io::FoundImage& image = found.images[i];
    list += fmt::format("{:<9} {}, {}{}{}", kind_name(image.kind), image.path.string(), image.size,
                        image.date.empty() ? "" : ", " + image.date,
                        image.description.empty() ? "" : ", " + io::toml_quoted(image.description));
    if (i == choice.ct) list += "\n          -> ct: " + choice.why_ct;
    if (i == choice.activity) list += "\n          -> activity: " + choice.why_activity;
    if (!image.unusable.empty()) list += "\n          not usable: " + image.unusable;
    list += "\n";
  }
  for (const io::FoundPart& part : found.parts) {
    const char* source = part.source == io::FoundPart::Source::mask       ? "mask"
                         : part.source == io::FoundPart::Source::rtstruct ? "RTSTRUCT"
                                                                          : "SEG";
    const bool guessed = part.filled && part.guess.role != Role::other;
    list += fmt::format("{:<9} {}{}{}{}\n", source, part.file.string(),
                        part.source == io::FoundPart::Source::mask ? "" : ", " + io::toml_quoted(part.name),
                        part.filled ? "" : ", empty", guessed ? " -> " + std::string(role_name(part.guess.role)) : "");
  }
  for (const fs::path& file : found.registrations) list += fmt::format("{:<9} {}\n", "REG", file.string());
  for (const std::string& line : found.passed_over) list += "not read: " + line + "\n";
  return list;
}

nlohmann::json json_of(const io::Found& found, const io::Choice& choice, const io::Draft& draft,
                       const std::string& file) {
  nlohmann::json images = nlohmann::json::array(), parts = nlohmann::json::array();
  for (std::size_t i = 0; i < found.images.size(); ++i) {
    const io::FoundImage& image = found.images[i];
    images.push_back({{"kind", kind_name(image.kind)},
                      {"path", image.path.string()},
                      {"uid", image.uid},
                      {"size", image.size},
                      {"date", image.date},
                      {"unusable", image.unusable},
                      {"taken_as", i == choice.ct         ? "ct"
                                   : i == choice.activity ? "activity"
                                   : i == choice.function ? "function"
                                                          : ""},
                      {"why", i == choice.ct         ? choice.why_ct
                              : i == choice.activity ? choice.why_activity
                              : i == choice.function ? "by its name"
                                                     : ""}});
  }
  for (const io::FoundPart& part : found.parts) {
    parts.push_back({{"file", part.file.string()},
                     {"name", part.name},
                     {"number", part.number},
                     {"filled", part.filled},
                     {"role", role_name(part.guess.role)}});
  }
  return {
      {"case", file}, {"images", images}, {"parts", parts}, {"not_read", found.passed_over}, {"check", draft.checks}};
}

/// By the first folder that was given.
std::string default_name(const std::string& folder) {
  std::error_code ignored;
  const fs::path path = fs::weakly_canonical(folder, ignored);
  return path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
}

int init(const Options& options) {
  std::error_code ignored;
  if (!options.dry_run && fs::exists(fs::symlink_status(options.output, ignored)))
    throw Error(Fault::input, options.output + ": is there already, and init writes over nothing: name another by -o");
  const io::Found found = io::look_through({options.folders.begin(), options.folders.end()});
  tell_warnings(found.warnings);
  const io::Choice choice = io::choose(found);
  const std::string name = options.name.empty() ? default_name(options.folders.front()) : options.name;
  const io::Draft draft = io::draft_case(found, choice, name, options.output, validation::preset_names());
  if (options.dry_run) {
    std::cout << (options.json ? json_of(found, choice, draft, options.output).dump(2) + "\n" : draft.text);
    return 0;
  }
  io::write_file(options.output, draft.text);
  if (options.json) {
    std::cout << json_of(found, choice, draft, options.output).dump(2) << '\n';
    return 0;
  }
  std::cout << list_of(found, choice) << '\n';
  for (const std::string& line : draft.checks) std::cout << line << '\n';
  std::cout << fmt::format(
      "\n{}: look at its {} lines marked CHECK, then: ytterby run {} -o results --voxel-uncertainty 1%\n",
      options.output, draft.checks.size(), options.output);
  return 0;
}

}  // namespace

Action add_init(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("folders", options->folders, "folders (with all below) and files: DICOM, NIfTI, NRRD, MetaImage")
      ->required();
  app.add_option("-o,--output", options->output, "case file to write; never over another")->capture_default_str();
  app.add_option("--name", options->name, "the case's name; default: the first folder's");
  app.add_flag("--json", options->json, "print what was found, chosen and is to be checked as JSON");
  app.add_flag("--dry-run", options->dry_run, "print the case file and stop");
  return [options] { return init(*options); };
}

}  // namespace ytterby::cli
