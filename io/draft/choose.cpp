#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "engine/physics/nuclide.h"
#include "io/draft/draft.h"

namespace ytterby::io {
namespace {

using Kind = FoundImage::Kind;

bool has_role(const FoundPart& part) { return part.filled && part.guess.role != Role::other; }

bool is_yttrium(const FoundImage& image) {
  const double right = yttrium_90().half_life_h;
  return image.half_life_h == 0 || std::abs(image.half_life_h / right - 1) < 0.01;
}

bool one_frame(const std::string& a, const std::string& b) { return a.empty() || b.empty() || a == b; }

/// The best by `score` (larger is better, the first of equals) among the images that `may` be taken.
template <typename Score>
std::size_t best_image(const Found& found, const std::function<bool(const FoundImage&)>& may, const Score& score) {
  std::size_t best = Choice::none;
  for (std::size_t i = 0; i < found.images.size(); ++i) {
    if (!may(found.images[i])) continue;
    if (best == Choice::none || score(found.images[i]) > score(found.images[best])) best = i;
  }
  return best;
}

std::size_t count(const Found& found, const std::function<bool(const FoundImage&)>& which) {
  return static_cast<std::size_t>(std::count_if(found.images.begin(), found.images.end(), which));
}

/// Structures and activity that refer to a CT, and then its length.
void choose_ct(const Found& found, Choice& choice) {
  const auto may = [](const FoundImage& i) { return i.kind == Kind::ct && i.unusable.empty(); };
  const auto referred = [&](const FoundImage& ct) {
    return !ct.uid.empty() && std::any_of(found.parts.begin(), found.parts.end(), [&](const FoundPart& p) {
      return has_role(p) && p.referenced_series == ct.uid;
    });
  };
  const auto same_frame = [&](const FoundImage& ct) {
    return !ct.frame_of_reference.empty() &&
           std::any_of(found.images.begin(), found.images.end(), [&](const FoundImage& other) {
             return other.kind != Kind::ct && other.frame_of_reference == ct.frame_of_reference;
           });
  };
  choice.ct = best_image(found, may, [&](const FoundImage& ct) {
    return std::tuple(referred(ct), same_frame(ct), std::round(ct.extent), ct.slices, ct.date);
  });
  if (choice.ct == Choice::none) return;
  const FoundImage& ct = found.images[choice.ct];
  const std::size_t others = count(found, may) - 1;
  choice.why_ct = others == 0      ? "the only CT"
                  : referred(ct)   ? "the structures refer to it"
                  : same_frame(ct) ? "it has the activity's frame of reference"
                                   : fmt::format("the longest of {}, {:.0f} mm", others + 1, ct.extent);
}

void choose_activity(const Found& found, Choice& choice) {
  const std::string frame = choice.ct == Choice::none ? std::string{} : found.images[choice.ct].frame_of_reference;
  const auto may = [](const FoundImage& i) { return i.kind != Kind::ct && i.unusable.empty() && !i.function; };
  choice.activity = best_image(found, may, [&](const FoundImage& i) {
    return std::tuple(is_yttrium(i), one_frame(i.frame_of_reference, frame), i.in_becquerels, i.kind == Kind::nm,
                      i.slices, i.date);
  });
  if (choice.activity == Choice::none) return;
  const FoundImage& taken = found.images[choice.activity];
  choice.why_activity = count(found, may) == 1 ? "the only one"
                        : taken.in_becquerels  ? fmt::format("a PET in Bq/mL, before counts, of {}", count(found, may))
                                               : fmt::format("the best that fits of {}", count(found, may));
  if (!is_yttrium(taken)) {
    choice.why_activity += fmt::format("; its header has a half-life of {:.3g} h, 90Y has {:.4g} h", taken.half_life_h,
                                       yttrium_90().half_life_h);
  }
}

void choose_function(const Found& found, Choice& choice) {
  const std::string frame = choice.ct == Choice::none ? std::string{} : found.images[choice.ct].frame_of_reference;
  const auto may = [](const FoundImage& i) { return i.function && i.unusable.empty(); };
  choice.function = best_image(
      found, may, [&](const FoundImage& i) { return std::tuple(one_frame(i.frame_of_reference, frame), i.date); });
}

/// How well the object of a part fits the CT, then how new it is.
auto fit_of(const FoundPart& part, const Found& found, const Choice& choice) {
  const bool known = choice.ct != Choice::none;
  const FoundImage ct = known ? found.images[choice.ct] : FoundImage{};
  return std::tuple(known && !ct.uid.empty() && part.referenced_series == ct.uid,
                    one_frame(part.frame_of_reference, ct.frame_of_reference), part.date);
}

/// The parts of a role from the object that fits best.
std::vector<std::size_t> parts_of(Role role, const Found& found, const Choice& choice) {
  std::size_t best = Choice::none;
  for (std::size_t i = 0; i < found.parts.size(); ++i) {
    if (!has_role(found.parts[i]) || found.parts[i].guess.role != role) continue;
    if (best == Choice::none || fit_of(found.parts[i], found, choice) > fit_of(found.parts[best], found, choice))
      best = i;
  }
  if (best == Choice::none) return {};
  std::vector<std::size_t> parts;
  const FoundPart& first = found.parts[best];
  for (std::size_t i = 0; i < found.parts.size(); ++i) {
    const FoundPart& p = found.parts[i];
    const bool together = p.source == FoundPart::Source::mask ? first.source == p.source : p.file == first.file;
    if (together && has_role(p) && p.guess.role == role) parts.push_back(i);
  }
  return parts;
}

/// Whole organs before their pieces, and a liver before one without its tumours.
void keep_whole(std::vector<std::size_t>& parts, const Found& found) {
  const auto whole = std::find_if(parts.begin(), parts.end(), [&](std::size_t i) {
    return !found.parts[i].guess.piece && !found.parts[i].guess.remainder;
  });
  if (whole != parts.end()) {
    parts = {*whole};
  } else if (!parts.empty() && !found.parts[parts.front()].guess.piece) {
    parts.resize(1);
  }
}

}  // namespace

Choice choose(const Found& found) {
  Choice choice;
  choose_ct(found, choice);
  choose_activity(found, choice);
  choose_function(found, choice);
  choice.liver = parts_of(Role::liver, found, choice);
  choice.lungs = parts_of(Role::lung, found, choice);
  choice.perfused = parts_of(Role::perfused, found, choice);
  choice.tumours = parts_of(Role::tumour, found, choice);
  for (std::vector<std::size_t>* parts : {&choice.liver, &choice.lungs, &choice.perfused}) keep_whole(*parts, found);
  return choice;
}

}  // namespace ytterby::io
