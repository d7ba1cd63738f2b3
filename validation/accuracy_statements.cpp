#include "validation/accuracy_statements.h"

#include <cmath>
#include <cstdio>
#include <string_view>

namespace ytterby::validation {
namespace {

/// The difference furthest from 0 among comparisons of a case and group [%], by what their names begin with.
class Furthest {
 public:
  Furthest(std::span<const Comparison> all, std::string_view case_name, std::string_view group) {
    for (const Comparison& c : all) {
      if (!c.case_name.starts_with(case_name) || c.group.find(group) == std::string::npos) continue;
      found_ = true;
      if (std::abs(c.difference_percent()) < std::abs(percent_)) continue;
      percent_ = c.difference_percent();
      error_ = c.combined_error_percent();
    }
  }
  [[nodiscard]] bool found() const { return found_; }
  [[nodiscard]] std::string text() const {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%+.2f +- %.2f %%", percent_, error_);
    return buffer;
  }

 private:
  bool found_ = false;
  double percent_ = 0, error_ = 0;
};

void say(const Furthest& furthest, const std::string& what, std::string& line) {
  if (furthest.found()) line += (line.empty() ? "" : ", ") + what + " " + furthest.text();
}

}  // namespace

std::vector<std::string> accuracy_statements(std::span<const Comparison> all) {
  std::vector<std::string> lines;
  const auto add = [&](const char* head, const std::string& found, const char* tail) {
    if (!found.empty()) lines.push_back(head + found + tail);
  };
  std::string own, second, codes, published;
  say({all, "s-values-", "source voxel"}, "source voxel and faces", own);
  say({all, "s-values-", "others above 1 %"}, "other voxels above 1 % of the maximum", own);
  add("against EGSnrc as it was run (spectrum of mean 932.47 keV on both sides; furthest of 2, 3, 4 mm): ", own, "");
  say({all, "penelope-s-values", "source voxel"}, "source voxel and faces", second);
  say({all, "penelope-s-values", "others above 1 %"}, "other voxels above 1 % of the maximum", second);
  add("against PENELOPE's physics (the same spectrum): ", second, "");
  say({all, "code-against-code", "source voxel"}, "EGSnrc over PENELOPE at source voxel and faces", codes);
  say({all, "code-against-code", "others above 1 %"}, "at other voxels above 1 % of the maximum", codes);
  add("code against code, what the references are known to (furthest): ", codes,
      "; a difference of ours below that means nothing");
  for (const Comparison& c : all) {
    if (c.case_name != "code-against-code" || !c.group.starts_with("published")) continue;
    char buffer[96];
    std::snprintf(buffer, sizeof buffer, "%s%s %+.2f %%", published.empty() ? "" : "; ", c.quantity.c_str(),
                  c.difference_percent());
    published += buffer;
  }
  add("published kernels over PENELOPE, 3 mm: ", published,
      " (their spectra and errors are not stated with them; means from 927 to 937 keV are in use, 1 %)");
  if (!lines.empty())
    lines.emplace_back(
        "systematic beside this: mean energy of the spectrum -0.81 % (shape as measured, 924.9 keV), -0.62 % (DDEP, "
        "926.7 "
        "keV) to +0.25 % (screening alone, 934.8 keV); see docs/theory");
  return lines;
}

}  // namespace ytterby::validation
