#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/numbers.h"
#include "engine/physics/nuclide.h"
#include "io/draft/draft.h"
#include "io/text/toml_text.h"

namespace ytterby::io {
namespace {

namespace fs = std::filesystem;
using Kind = FoundImage::Kind;

/// Lines of the case, and which of them wait for an answer.
class Lines {
 public:
  void plain(const std::string& line) { draft_.text += line + "\n"; }
  /// With a comment that starts in one column where there is room.
  void with(const std::string& line, const std::string& comment) { plain(fmt::format("{:<33} # {}", line, comment)); }
  void check(const std::string& line, const std::string& comment) {
    with(line, "CHECK: " + comment);
    draft_.checks.push_back(line + "  # CHECK: " + comment);
  }
  Draft take() { return std::move(draft_); }

 private:
  Draft draft_;
};

/// ", 2026-01-05" of "20260105"; nothing of what is no date.
std::string day(const std::string& date) {
  const bool digits = date.size() == 8 && date.find_first_not_of("0123456789") == std::string::npos;
  return digits ? ", " + date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6) : "";
}

class Writer {
 public:
  Writer(const Found& found, const Choice& choice, const fs::path& case_file) : found_(found), choice_(choice) {
    std::error_code ignored;
    folder_ = fs::weakly_canonical(fs::absolute(case_file, ignored).parent_path(), ignored);
  }

  Draft write(const std::string& name, const std::vector<std::string>& presets) {
    lines_.plain(
        "# Proposed by `ytterby init`. The lines marked CHECK wait for you; `ytterby simulate THIS --dry-run` shows "
        "every default.");
    lines_.plain("[case]");
    lines_.check("name = " + toml_quoted(name), "stands in every result");
    medium();
    activity();
    lines_.plain("\n[grid]");
    lines_.with("like = \"activity\"", "the dose grid; or \"ct\", or spacing_mm = [2, 2, 2]");
    structures();
    function();
    protocol(presets);
    return lines_.take();
  }

 private:
  std::string path(const fs::path& file) const {
    std::error_code ignored;
    const fs::path relative = fs::proximate(file, folder_, ignored);
    return toml_quoted(relative.empty() ? file.string() : relative.string());
  }

  std::string about(const FoundImage& image) const { return image.size + day(image.date); }

  void series_line(const FoundImage& image) {
    if (!image.series.empty()) lines_.plain("series = " + toml_quoted(image.series));
  }

  /// Where an image or a structure of another frame of reference needs a transform.
  void transform_line(const std::string& frame, const std::string& of) {
    if (choice_.ct == Choice::none || frame.empty()) return;
    const std::string& ct = found_.images[choice_.ct].frame_of_reference;
    if (ct.empty() || ct == frame) return;
    if (found_.registrations.size() == 1) {
      lines_.check("transform = " + path(found_.registrations.front()),
                   of + " has another frame of reference than the CT; the only registration that was found");
    } else {
      lines_.check("# transform = ",
                   of + " has another frame of reference than the CT: a registration that leads from one to the other");
    }
  }

  void medium() {
    lines_.plain("\n[medium]");
    if (choice_.ct == Choice::none) {
      lines_.check("# ct = ", "no CT was found: a folder of slices, or an image file in HU");
    } else {
      const FoundImage& ct = found_.images[choice_.ct];
      const std::string comment = about(ct) + ": " + choice_.why_ct;
      const bool alone = choice_.why_ct == "the only CT";
      alone ? lines_.with("ct = " + path(ct.path), comment) : lines_.check("ct = " + path(ct.path), comment);
      series_line(ct);
      others(Kind::ct, choice_.ct);
      if (ct.contrast_agent) {
        lines_.check(
            "# density_g_cm3 = 1.06",
            "the CT names a contrast agent: with a curve of your own, in [[structure]], for liver and tumours");
      }
    }
    lines_.with("calibration = \"schneider\"", "or a CSV of your scanner's curve, HU to g/cm3");
  }

  /// What else there is of the kind of an image, as comments.
  void others(Kind kind, std::size_t taken) {
    for (std::size_t i = 0; i < found_.images.size(); ++i) {
      const FoundImage& other = found_.images[i];
      if (i == taken || i == choice_.function || (other.kind == Kind::ct) != (kind == Kind::ct)) continue;
      lines_.plain(fmt::format("# not taken: {}{}, {}{}", path(other.path),
                               other.series.empty() ? "" : ", series " + toml_quoted(other.series), about(other),
                               other.unusable.empty() ? "" : ": " + other.unusable));
    }
  }

  void administered(const FoundImage* image) {
    if (image != nullptr && image->injected_GBq > 0) {
      lines_.check("administered_GBq = " + toml_decimal(std::stod(to_text(image->injected_GBq, 6))),
                   "the PET's RadionuclideTotalDose; the calibrator's value less what was left is meant");
    } else if (image != nullptr && image->in_becquerels) {
      lines_.check("# administered_GBq = ",
                   "by the calibrator, less what was left; only laid beside what the image holds");
    } else {
      lines_.check("# administered_GBq = ", "needed: 90Y at administration, planned or given");
    }
  }

  void activity() {
    lines_.plain("\n[activity]");
    const FoundImage* image = choice_.activity == Choice::none ? nullptr : &found_.images[choice_.activity];
    if (image == nullptr) {
      lines_.check("# image = ", "no SPECT, PET or image of counts was found");
      lines_.check("quantity = \"relative\"", "counts; or Bq, Bq/mL");
    } else {
      const std::string comment = about(*image) + ": " + choice_.why_activity;
      choice_.why_activity == "the only one" && image->kind != Kind::counts
          ? lines_.with("image = " + path(image->path), comment)
          : lines_.check("image = " + path(image->path), comment);
      series_line(*image);
      others(image->kind, choice_.activity);
      if (image->in_becquerels) {
        lines_.with("quantity = \"Bq/mL\"", "of a quantitative PET, brought to administration by its header's times");
      } else if (image->kind == Kind::nm) {
        lines_.with("quantity = \"relative\"", "counts, shared out over liver, tumours and lungs");
      } else {
        lines_.check("quantity = \"relative\"", "counts; or Bq, Bq/mL");
      }
      if (image->energy_windows > 1)
        lines_.check("# energy_window = ", fmt::format("the image has {}: name or number", image->energy_windows));
      if (image->half_life_h > 0 && std::abs(image->half_life_h / yttrium_90().half_life_h - 1) >= 0.01)
        lines_.check("# correct_half_life = true",
                     fmt::format("where it is 90Y, reconstructed as a nuclide of {:.3g} h", image->half_life_h));
      transform_line(image->frame_of_reference, "the activity");
    }
    administered(image);
    lines_.check("# lung_shunt_fraction = ",
                 image != nullptr && image->in_becquerels ? "0 to 1; for the partition model"
                 : choice_.lungs.empty()
                     ? "needed for a verdict: 0 to 1, of the planar images or the SPECT"
                     : "0 to 1; left out, the share of the counts in the lungs, if they are whole in the image");
  }

  std::string part_name(const FoundPart& part) const {
    return part.twice ? std::to_string(part.number) : toml_quoted(part.name);
  }

  /// `prefix`: "# " where the structure waits for an answer.
  void structure(const std::string& name, Role role, const std::vector<std::size_t>& parts,
                 const std::string& comment) {
    const FoundPart& first = found_.parts[parts.front()];
    lines_.plain("\n[[structure]]");
    lines_.plain("name = " + toml_quoted(name));
    lines_.check("role = " + toml_quoted(std::string(role_name(role))), comment);
    if (first.source == FoundPart::Source::mask) {
      lines_.plain("mask = " + path(first.file));
      return;
    }
    const bool seg = first.source == FoundPart::Source::seg;
    std::string list;
    for (const std::size_t i : parts) list += (list.empty() ? "" : ", ") + part_name(found_.parts[i]);
    lines_.plain((seg ? "seg = " : "rtstruct = ") + path(first.file));
    lines_.plain((seg ? "segment = " : "roi = ") + (parts.size() > 1 ? "[" + list + "]" : list));
    transform_line(first.frame_of_reference, "the " + std::string(seg ? "segmentation" : "structure set"));
  }

  void missing(const std::string& role, const std::string& why) {
    lines_.plain("");
    lines_.check("# [[structure]]", why);
    lines_.plain("# name = \"" + role + "\"\n# role = \"" + (role == "lungs" ? "lung" : role) + "\"");
    lines_.plain("# mask = \"" + role + ".nii.gz\"  (or rtstruct and roi, or seg and segment)");
  }

  /// Several masks of one organ cannot unite: each is a structure.
  void organ(const std::string& name, Role role, const std::vector<std::size_t>& parts,
             const std::string& why_missing) {
    if (parts.empty()) {
      if (!why_missing.empty()) missing(name, why_missing);
      return;
    }
    const auto comment = [&](std::size_t i) {
      const FoundPart& p = found_.parts[i];
      return "by its name" + std::string(p.guess.remainder ? ", which says: without its tumours; they are added" : "");
    };
    if (found_.parts[parts.front()].source != FoundPart::Source::mask || parts.size() == 1) {
      structure(name, role, parts, comment(parts.front()));
      return;
    }
    for (const std::size_t i : parts) structure(unique(found_.parts[i].name, name), role, {i}, comment(i));
  }

  std::string unique(const std::string& wanted, const std::string& otherwise) {
    std::string name = structure_name(wanted);
    for (int n = 2; !names_.insert(name).second; ++n) name = otherwise + "-" + std::to_string(n);
    return name;
  }

  void structures() {
    names_ = {"liver", "lungs", "perfused"};
    organ("liver", Role::liver, choice_.liver, "no liver was found by its name; needed");
    if (choice_.tumours.empty())
      missing("tumour", "no tumour was found by its name; without one there is no plan and no verdict");
    for (const std::size_t i : choice_.tumours)
      structure(choice_.tumours.size() == 1 ? "tumour" : unique(found_.parts[i].name, "tumour"), Role::tumour, {i},
                "by its name");
    organ("perfused", Role::perfused, choice_.perfused, "");
    if (choice_.perfused.empty()) lines_.plain("\n# no perfused volume was found: the whole liver counts as perfused");
    organ("lungs", Role::lung, choice_.lungs,
          "no lungs were found by their name; without them only the partition model has a lung dose");
    std::string rest;
    for (std::size_t i = 0; i < found_.parts.size(); ++i) {
      const FoundPart& p = found_.parts[i];
      bool taken = false;
      for (const auto* parts : {&choice_.liver, &choice_.lungs, &choice_.perfused, &choice_.tumours})
        taken = taken || std::find(parts->begin(), parts->end(), i) != parts->end();
      if (!taken) rest += "\n#   " + part_name(p) + " of " + path(p.file) + (p.filled ? "" : ": without contours");
    }
    if (!rest.empty()) lines_.plain("\n# not taken (role = \"other\" takes any):" + rest);
  }

  void function() {
    if (choice_.function == Choice::none) return;
    const FoundImage& image = found_.images[choice_.function];
    lines_.plain("\n[function]");
    lines_.check(
        "image = " + path(image.path),
        about(image) + ": by its name, of hepatic function; it weighs the normal liver's dose and changes none");
    series_line(image);
    if (image.energy_windows > 1)
      lines_.check("# energy_window = ", fmt::format("the image has {}: name or number", image.energy_windows));
    transform_line(image.frame_of_reference, "the image of function");
  }

  void protocol(const std::vector<std::string>& presets) {
    std::string others;
    for (std::size_t i = 1; i < presets.size(); ++i) others += (i == 1 ? "" : ", ") + presets[i];
    lines_.plain("\n[protocol]");
    lines_.check("preset = " + toml_quoted(presets.front()), "or " + others + "; any of its rules can be changed here");
    lines_.plain("\n[plan]");
    lines_.check("tumour_Gy = 400", "mean dose to the tumours that is planned for");
  }

  const Found& found_;
  const Choice& choice_;
  fs::path folder_;
  Lines lines_;
  std::set<std::string> names_;
};

}  // namespace

Draft draft_case(const Found& found, const Choice& choice, const std::string& name, const fs::path& case_file,
                 const std::vector<std::string>& presets) {
  return Writer(found, choice, case_file).write(name, presets);
}

}  // namespace ytterby::io
