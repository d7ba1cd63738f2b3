// Masks to volume fractions on the dose grid, with the checks that only their own images allow.

#include "engine/patient/structures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>

#include "engine/base/numbers.h"
#include "engine/grid/crop.h"
#include "engine/grid/grid_overlap.h"
#include "engine/grid/resample.h"
#include "io/images/rigid_transform.h"
#include "io/prepare/case_images.h"
#include "io/prepare/ct_numbers.h"
#include "io/prepare/parts.h"
#include "io/prepare/prepare.h"

namespace ytterby::io {
namespace {

constexpr double edge_margin = 1.5;     // nearer than this to the grid's edge is a warning [cm]
constexpr double lesion_closing = 0.2;  // parts of a mask nearer than twice this are one lesion [cm]

std::string place_of(const CaseFile& c, const StructureEntry& s) {
  return c.place(s.line) + "[[structure]] \"" + s.name + "\": ";
}

const std::string& file_of(const StructureEntry& s) {
  for (const std::string* name : {&s.mask, &s.image, &s.rtstruct}) {
    if (!name->empty()) return *name;
  }
  return s.seg;
}

std::string labels_of(const StructureEntry& s) {
  std::string list;
  for (const NameOrNumber& label : s.label) list += (list.empty() ? "" : ", ") + to_text(label);
  return list;
}

class MaskReader {
 public:
  /// Contours are drawn on the lattice of `medium`.
  MaskReader(const CaseFile& c, const Grid& medium, Remarks& remarks) : c_(c), medium_(medium), remarks_(remarks) {}

  NativeMask read(const StructureEntry& s) {
    const std::string place = place_of(c_, s);
    if (!s.rtstruct.empty()) {
      ContourMask drawn = at_place(place, [&] { return read_rtstruct(c_, s, medium_, remarks_); });
      return {drawn.grid, drawn.box, std::move(drawn.inside)};
    }
    const std::string file = file_of(s);
    Image<float> image = from_file(s, place);
    if (deforms(c_, s.transform)) {
      at_place(place, [&] { deform(s, image); });
    } else if (s.seg.empty() && !s.transform.empty()) {
      image.grid = at_place(place, [&] { return transform_of(c_, s.transform, "", remarks_)(image.grid); });
    }
    NativeMask mask{image.grid, content_box(image), {}};
    if (mask.box.empty()) {
      refuse(place, !s.label.empty() ? file + " has no voxel with label " + labels_of(s)
                                     : file + " is empty, needs at least one voxel inside");
    }
    mask.inside = cut(image, {{0, 0, 0}, {-1, -1, -1}}, mask.box);
    return mask;
  }

 private:
  /// Moves a mask by a displacement field; its volume before and after is told.
  void deform(const StructureEntry& s, Image<float>& image) {
    Deformed<float> moved = deform_mask(image, read_displacement_field(c_.path_of(s.transform)));
    if (moved.smallest_stretch <= 0) {
      refuse("", s.transform + " folds within the structure (determinant " + to_text(moved.smallest_stretch, 3) +
                     "), needs to be a map that can be undone");
    }
    remarks_.notes.push_back("structure " + s.name + ": " + to_text(moved.before, 5) + " mL, " +
                             to_text(moved.after, 5) + " mL after " + s.transform);
    image = std::move(moved.image);
  }
  Image<float> from_file(const StructureEntry& s, const std::string& place) {
    if (!s.seg.empty()) return at_place(place, [&] { return read_seg(c_, s, medium_, remarks_); });
    return s.mask.empty() ? from_labels(s, place) : from_mask(s, place);
  }
  Image<float> from_mask(const StructureEntry& s, const std::string& place) {
    Image<float> image =
        at_place(place, [&] { return read_image(c_.path_of(s.mask), collect(remarks_, s.mask), affine_of(s.affine)); });
    check_mask(image, place, s.mask);
    return image;
  }
  Image<float> from_labels(const StructureEntry& s, const std::string& place) {
    if (label_file_ != s.image + "\n" + s.affine) {
      labels_ = at_place(
          place, [&] { return read_labels(c_.path_of(s.image), collect(remarks_, s.image), affine_of(s.affine)); });
      label_file_ = s.image + "\n" + s.affine;
    }
    Image<float> image{labels_.grid, std::vector<float>(labels_.values.size())};
    std::vector<std::int32_t> wanted;
    for (const NameOrNumber& label : s.label) {
      const auto number = label.name.empty() ? label.number : parse_number(label.name).value_or(std::nan(""));
      if (number != std::floor(number)) {
        refuse(place, s.image + " has no names for its labels, label " + to_text(label) + " needs to be a number");
      }
      wanted.push_back(static_cast<std::int32_t>(number));
    }
    for (std::size_t i = 0; i < image.values.size(); ++i) {
      image.values[i] = std::find(wanted.begin(), wanted.end(), labels_.values[i]) != wanted.end() ? 1.0F : 0.0F;
    }
    for (std::size_t k = 0; k < wanted.size() && wanted.size() > 1; ++k) {
      if (std::find(labels_.values.begin(), labels_.values.end(), wanted[k]) == labels_.values.end()) {
        refuse(place, s.image + " has no voxel with label " + to_text(s.label[k]));
      }
    }
    return image;
  }

  const CaseFile& c_;
  const Grid& medium_;
  Remarks& remarks_;
  std::string label_file_;  // structures of one label image come one after the other
  Image<std::int32_t> labels_;
};

bool touches_own_edge(const NativeMask& mask) {
  for (std::size_t a = 0; a < 3; ++a) {
    if (mask.box.low[a] <= 0 || mask.box.high[a] >= mask.grid.shape[a] - 1) return true;
  }
  return false;
}

/// True where a voxel of the mask reaches into an outermost voxel of `grid`.
bool touches_edge_of(const Grid& grid, const NativeMask& mask) {
  const Grid& own = mask.inside.grid;
  const Vector3 first = position(own, 0, 0, 0), corner = position(grid, 0, 0, 0);
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    const Vector3 along = axis_vector(grid, axis);
    const auto in_voxels = [&](const Vector3& v) {
      return (along[0] * v[0] + along[1] * v[1] + along[2] * v[2]) / grid.spacing[a];
    };
    const double start = in_voxels({first[0] - corner[0], first[1] - corner[1], first[2] - corner[2]});
    std::array<double, 3> step{};  // of one voxel of the mask along each of its axes, in voxels of the grid
    double half = 0;
    for (std::size_t b = 0; b < 3; ++b) {
      step[b] = in_voxels(axis_vector(own, static_cast<int>(b))) * own.spacing[b];
      half += 0.5 * std::abs(step[b]);
    }
    constexpr double same_face = 1e-3;  // headers in float place faces no better
    const double low = 0.5 - same_face + half, high = grid.shape[a] - 1.5 + same_face - half;
    for (int z = 0; z < own.shape[2]; ++z)
      for (int y = 0; y < own.shape[1]; ++y)
        for (int x = 0; x < own.shape[0]; ++x) {
          if (mask.inside.values[own.index(x, y, z)] < touched_by_rounding) continue;
          const double at = start + x * step[0] + y * step[1] + z * step[2];
          if (at < low || at > high) return true;
        }
  }
  return false;
}

/// True where the structure may go on beyond what was drawn. Segmentations and contours list the planes that they are
/// on and no others, so that their own ends say nothing; a mask's image may have been cut out of the CT.
bool may_be_cut_off(const StructureEntry& s, const NativeMask& mask, const Grid& medium) {
  const bool lists_planes = !s.seg.empty() || !s.rtstruct.empty();
  return (!lists_planes && touches_own_edge(mask)) || touches_edge_of(medium, mask);
}

/// False where contours reach beyond their lattice's grid.
bool within(const NativeMask& mask) {
  for (std::size_t a = 0; a < 3; ++a) {
    if (mask.box.low[a] < 0 || mask.box.high[a] >= mask.grid.shape[a]) return false;
  }
  return true;
}

/// Share of the mask within another grid.
double share_within(const NativeMask& mask, const Grid& grid) {
  const std::vector<float> covered = coverage(grid, mask.inside.grid);
  double sum = 0;
  for (std::size_t i = 0; i < covered.size(); ++i) {
    sum += static_cast<double>(covered[i]) * static_cast<double>(mask.inside.values[i]);
  }
  return sum / sum_of(mask.inside.values);
}

std::string percent(double share) { return to_text(100 * share, 3) + " %"; }

/// Lungs cut off by an image are common, and their rules know; of what else is outside, the dose is not known.
WarningClass outside_class(const StructureEntry& s) {
  return s.role == Role::lung || s.role == Role::other ? WarningClass::note : WarningClass::wrong_dose;
}

/// Refuses masks beside CT or grid; warns of parts outside. Returns true where a part of it is outside.
bool check_place(const CaseFile& c, const StructureEntry& s, const NativeMask& mask, const Grid& medium,
                 const Grid& grid, Remarks& remarks) {
  const std::string place = place_of(c, s), file = file_of(s);
  const std::string medium_name = c.medium->ct.empty() ? "label image" : "CT";
  const double in_medium = same_grid(mask.grid, medium) && within(mask) ? 1 : share_within(mask, medium);
  if (!(in_medium > 0)) refuse(place, file + " misses the " + medium_name + ": no part of it lies inside");
  const double in_grid = same_grid(mask.grid, grid) && within(mask) ? 1 : share_within(mask, grid);
  if (!(in_grid > 0)) refuse(place, file + " lies outside the dose grid, needs to lie inside");
  if (in_medium < 0.999) {
    remarks.warnings.push_back(
        {"structure-outside-medium",
         outside_class(s),
         "structure " + s.name + ": " + percent(1 - in_medium) + " of it lies outside the " + medium_name,
         {{"share_outside", 1 - in_medium}}});
  }
  if (in_grid < 0.999) {
    remarks.warnings.push_back(
        {"structure-outside-grid",
         outside_class(s),
         "structure " + s.name + ": " + percent(1 - in_grid) + " of it lies outside the dose grid",
         {{"share_outside", 1 - in_grid}}});
  }
  return in_medium < 0.999 || in_grid < 0.999;
}

/// Whether CT numbers of a liver can be any.
void check_liver_hu(const CaseFile& c, const StructureEntry& s, const NativeMask& mask, const MediumImage& medium) {
  if (!medium.calibration || s.role != Role::liver || c.medium->accept_CT_numbers) return;
  const bool without_air =
      std::none_of(medium.ct.values.begin(), medium.ct.values.end(), [](float v) { return v < -300; });
  const std::string why = no_ct_numbers_in_liver(average(medium.ct, mask.inside.grid), mask.inside.values, without_air);
  if (!why.empty()) refuse(place_of(c, s), why + " [medium] accept_CT_numbers = true takes the CT as it is");
}

/// Structures on one grid that is their own: masks of the same grid, cut to their common box.
std::vector<Structure> on_common_box(const CaseFile& c, const std::vector<NativeMask>& masks, const Box& box) {
  std::vector<Structure> result;
  for (std::size_t s = 0; s < masks.size(); ++s) {
    const NativeMask& m = masks[s];
    result.push_back({c.structures[s].name, c.structures[s].role, cut(m.inside, m.box, box).values});
  }
  return result;
}

void check_normalise_to(const CaseFile& c) {
  const ActivitySection& activity = *c.activity;
  const std::string place = c.place(activity.line) + "[activity] ";
  if (activity.quantity != Quantity::relative) return;
  if (activity.normalise_to.empty()) {
    refuse(place, "of quantity \"relative\" needs a [[structure]] of role liver or tumour, or normalise_to");
  }
  for (const std::string& name : activity.normalise_to) {
    const auto role = name == "tumours" ? Role::tumour : role_of(name);
    const bool known = std::any_of(c.structures.begin(), c.structures.end(), [&](const StructureEntry& s) {
      return s.name == name || (role && s.role == *role);
    });
    if (!known) refuse(place, "normalise_to has \"" + name + "\", which is no [[structure]] of the case");
  }
}

void refuse_overlaps(const CaseFile& c, const std::vector<Structure>& structures, const Grid& grid) {
  for (const TumourOverlap& overlap : overlapping_tumours(structures, grid)) {
    const auto entry = std::find_if(c.structures.begin(), c.structures.end(),
                                    [&](const StructureEntry& s) { return s.name == overlap.second; });
    refuse(place_of(c, *entry), "overlaps the tumour \"" + overlap.first + "\" by " + to_text(overlap.volume, 4) +
                                    " mL, tumours need to lie apart");
  }
}

/// Share of the non-tumorous liver outside the perfused volume; nothing where one of them is missing.
std::optional<double> spared_share(const std::vector<Structure>& derived, const Grid& grid) {
  const auto volume = [&](const char* name) {
    const auto found = std::find_if(derived.begin(), derived.end(), [&](const auto& s) { return s.name == name; });
    return found == derived.end() ? -1.0 : volume_of(found->fraction, grid);
  };
  const double normal = volume("normal-liver"), spared = volume("spared-liver");
  return normal > 0 && spared >= 0 ? std::optional(spared / normal) : std::nullopt;
}

/// Derived structures and normalisation: on the masks' own grid where they share one, else on the dose grid.
void derive(const CaseFile& c, const std::vector<NativeMask>& masks, const Grid& grid, LoadedStructures& loaded) {
  const bool shared = std::all_of(masks.begin(), masks.end(),
                                  [&](const NativeMask& m) { return same_grid(m.grid, masks.front().grid); });
  const bool relative = c.activity->quantity == Quantity::relative;
  if (!shared || masks.empty() || same_grid(masks.front().grid, grid)) {
    refuse_overlaps(c, loaded.own, grid);
    loaded.derived = derived_structures(loaded.own);
    loaded.spared_share = spared_share(loaded.derived, grid);
    if (!relative) return;
    loaded.normalise_to = union_of_names(c, loaded.own);
    loaded.positions = position_shares(c, loaded.own, loaded.normalise_to);
    return;
  }
  Box box = masks.front().box;
  for (const NativeMask& m : masks) box = join(box, m.box);
  const Grid native = cut(masks.front().grid, box);
  const std::vector<Structure> own = on_common_box(c, masks, box);
  refuse_overlaps(c, own, native);
  loaded.derived = derived_structures(own);
  loaded.spared_share = spared_share(loaded.derived, native);
  for (Structure& s : loaded.derived) s.fraction = average({native, std::move(s.fraction)}, grid);
  if (!relative) return;
  const std::vector<float> treated = union_of_names(c, own);
  loaded.normalise_to = average({native, treated}, grid);
  for (const std::vector<float>& share : position_shares(c, own, treated))
    loaded.positions.push_back(average({native, share}, grid));
}

/// The lesions that a tumour's mask holds; what is too small is told and not counted.
void measure_lesions(const CaseFile& c, const StructureEntry& s, const NativeMask& mask, LoadedStructures& loaded,
                     Remarks& remarks) {
  const ProtocolSection protocol = c.protocol.value_or(ProtocolSection{});
  if (protocol.lesions_are_masks) {
    loaded.lesions.push_back(
        {s.name, lesion_size(mask.inside), sum_of(mask.inside.values) * mask.inside.grid.voxel_volume()});
    return;
  }
  std::vector<LesionPart> parts = lesion_parts(mask.inside, lesion_closing);
  std::vector<LesionPart> small;
  std::partition_copy(parts.begin(), parts.end(), std::back_inserter(small), parts.begin(),
                      [&](const LesionPart& p) { return p.volume < protocol.smallest_lesion_mL; });
  parts.resize(parts.size() - small.size());
  if (!small.empty()) {
    remarks.warnings.push_back({"lesions-not-counted",
                                WarningClass::note,
                                "structure " + s.name + ": " + std::to_string(small.size()) + " of its " +
                                    std::to_string(small.size() + parts.size()) +
                                    " parts are below smallest_lesion_mL = " + to_text(protocol.smallest_lesion_mL, 3) +
                                    " (the largest has " + to_text(small.front().volume, 3) +
                                    " mL) and not counted as lesions",
                                {{"parts", static_cast<double>(small.size())},
                                 {"largest_mL", small.front().volume},
                                 {"limit_mL", protocol.smallest_lesion_mL}}});
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string number = parts.size() == 1 ? "" : " #" + std::to_string(i + 1);
    loaded.lesions.push_back({s.name + number, parts[i].size, parts[i].volume});
  }
  if (parts.size() > 1) {
    remarks.notes.push_back("structure " + s.name + ": its mask holds " + std::to_string(parts.size()) +
                            " lesions that do not touch");
  }
}

}  // namespace

std::vector<float> normalisation_region(std::span<const std::string> names, std::span<const Structure> structures) {
  std::vector<float> result;
  for (const std::string& name : names) {
    const auto named =
        std::find_if(structures.begin(), structures.end(), [&](const auto& s) { return s.name == name; });
    if (named != structures.end()) {
      result = larger(std::move(result), named->fraction);
    } else if (const auto role = name == "tumours" ? Role::tumour : role_of(name)) {
      result = larger(std::move(result), union_of_role(structures, *role));
    }
  }
  return result;
}

void check_mask(Image<float>& image, const std::string& place, const std::string& file) {
  float first = 0;
  bool fractions = true, binary = true;
  for (const float v : image.values) {
    if (v == 0) continue;
    if (first == 0) first = v;
    fractions = fractions && v > 0 && v <= 1;
    binary = binary && v == first;
  }
  if (fractions && !binary) return;  // 0 and one other value is a mask, whatever the value
  if (!binary) refuse(place, file + " holds several values, needs to be a mask; for labels give image and label");
  for (float& v : image.values) v = v != 0 ? 1.0F : 0.0F;
}

std::vector<float> union_of_names(const CaseFile& c, const std::vector<Structure>& structures) {
  return normalisation_region(c.activity->normalise_to, structures);
}

LoadedStructures load_structures(const CaseFile& c, MediumImage& medium, const Image<double>& activity,
                                 const Grid& grid, FindOrgans organs, Remarks& remarks) {
  check_normalise_to(c);
  LoadedStructures loaded;
  std::vector<NativeMask> masks;
  MaskReader reader(c, medium.grid, remarks);
  std::string near_edge;  // structures and their distances
  double nearest = edge_margin;
  for (const StructureEntry& s : c.structures) {
    NativeMask mask = reader.read(s);
    const bool outside = check_place(c, s, mask, medium.grid, grid, remarks);
    check_liver_hu(c, s, mask, medium);
    if (s.role == Role::tumour) measure_lesions(c, s, mask, loaded, remarks);
    if (s.role == Role::lung)
      loaded.lungs_touch_edge = loaded.lungs_touch_edge || outside || may_be_cut_off(s, mask, medium.grid);
    Structure structure{s.name, s.role, average(mask.inside, grid)};
    const double distance = distance_to_edge(structure.fraction, grid);
    if (distance < edge_margin) {
      near_edge += (near_edge.empty() ? "" : ", ") + s.name + " " + to_text(10 * distance, 3) + " mm";
      nearest = std::min(nearest, distance);
    }
    if (s.role == Role::lung && distance <= 0) loaded.lungs_touch_edge = true;
    loaded.own.push_back(std::move(structure));
    masks.push_back(std::move(mask));
  }
  if (!near_edge.empty()) {
    remarks.warnings.push_back({"near-grid-edge",
                                WarningClass::note,
                                "nearer than 15 mm to the edge of the dose grid: " + near_edge +
                                    "; dose there lacks what would come from beyond",
                                {{"distance_mm", 10 * nearest}, {"limit_mm", 10 * edge_margin}}});
  }
  if (organs == FindOrgans::yes) find_organs(c, masks, medium, remarks);
  for (std::size_t s = 0; s < masks.size(); ++s)
    warn_of_contrast(c.structures[s], masks[s].inside, medium, remarks.warnings);
  derive(c, masks, grid, loaded);
  loaded.uptake = measure_uptake(c, masks, medium, activity);
  if (organs == FindOrgans::yes && c.function)
    loaded.function = measure_function(c, masks, loaded.derived, grid, read_function(c, remarks), remarks);
  std::erase_if(loaded.derived, [&](const Structure& s) { return volume_of(s.fraction, grid) <= 0; });
  return loaded;
}

}  // namespace ytterby::io
