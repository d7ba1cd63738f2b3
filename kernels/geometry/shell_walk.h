#pragma once
// Walking concentric shells around the origin: the second geometry that a history can run in, for point kernels.
// Positions are relative to the centre; x counts shells from inside, y and z stay 0.

#include "kernels/geometry/delta_tracking.h"
#include "kernels/geometry/voxel_walk.h"

namespace ytterby::inline YTTERBY_LEVEL {

YTTERBY_HD void enter_voxel(Electron& e, const ShellView& shells) {
  e.voxel = e.x;
  e.material = shells.word & 0xffu;
  e.density = bits_float(shells.word & 0xffffff00u);
  set_path_per_range(e);
  e.clearance = 0.0f;
}

YTTERBY_HD void place_in_voxel(Electron& e, const ShellView& shells, std::uint32_t shell) {
  e.x = shell;
  e.y = 0;
  e.z = 0;
  enter_voxel(e, shells);
}

YTTERBY_HD float inner_radius(const ShellView& shells, std::uint32_t shell) {
  return shell == 0 ? 0.0f : shells.radius[shell - 1];
}

/// Distance to the inner or outer sphere; axis 0 is inward, 1 outward. The crossing lies where |p + s d| = R; the root
/// is written without cancellation.
YTTERBY_HD Face next_face(const Electron& e, const ShellView& shells) {
  const double px = static_cast<double>(e.position.x), py = static_cast<double>(e.position.y);
  const double pz = static_cast<double>(e.position.z);
  const double b = px * static_cast<double>(e.direction.x) + py * static_cast<double>(e.direction.y) +
                   pz * static_cast<double>(e.direction.z);
  const double r2 = px * px + py * py + pz * pz;
  const double inner = static_cast<double>(inner_radius(shells, e.x));
  const double outer = static_cast<double>(shells.radius[e.x]);
  if (b < 0 && inner > 0) {
    const double c = r2 > inner * inner ? r2 - inner * inner : 0.0;
    const double discriminant = b * b - c;
    if (discriminant > 0) return {static_cast<float>(c / (-b + __builtin_sqrt(discriminant))), 0u};
  }
  const double c = outer * outer > r2 ? outer * outer - r2 : 0.0;
  const double root = __builtin_sqrt(b * b + c);
  return {static_cast<float>(b > 0 ? c / (b + root) : root - b), 1u};
}

YTTERBY_HD float nearest_face(const Electron& e, const ShellView& shells) {
  const float r = square_root(dot(e.position, e.position));
  const float out = max_of(shells.radius[e.x] - r, 0.0f);
  return e.x == 0 ? out : min_of(out, max_of(r - inner_radius(shells, e.x), 0.0f));
}

YTTERBY_HD void advance(Electron& e, const ShellView&, float distance) {
  e.position = e.position + e.direction * distance;
}

YTTERBY_HD bool cross_face(Electron& e, const ShellView& shells, std::uint32_t axis) {
  e.x += axis == 1 ? 1u : ~0u;
  return e.x < shells.radius.size;
}

YTTERBY_HD void place_uniformly(Electron& e, const ShellView&, std::uint32_t, std::uint32_t, std::uint32_t) {
  e.position = {0.0f, 0.0f, 0.0f};
}

YTTERBY_HD float smallest_side(const Electron& e, const ShellView& shells) {
  return shells.radius[e.x] - inner_radius(shells, e.x);
}

/// Place in the shell's thickness and direction from the centre (octahedral map), 16 bits each.
YTTERBY_HD void pack_position(const Electron& e, const ShellView& shells, std::uint16_t (&p)[3]) {
  const float r = square_root(dot(e.position, e.position));
  const float inner = inner_radius(shells, e.x);
  const float share = clamped((r - inner) / (shells.radius[e.x] - inner), 1.0f);
  const auto magnitude = [](float x) { return x < 0.0f ? -x : x; };
  const float norm = magnitude(e.position.x) + magnitude(e.position.y) + magnitude(e.position.z);
  float u = norm > 0.0f ? e.position.x / norm : 0.0f, v = norm > 0.0f ? e.position.y / norm : 0.0f;
  if (e.position.z < 0.0f) {
    const float old = u;
    u = (1.0f - magnitude(v)) * (old < 0.0f ? -1.0f : 1.0f);
    v = (1.0f - magnitude(old)) * (v < 0.0f ? -1.0f : 1.0f);
  }
  p[0] = static_cast<std::uint16_t>(share * 65535.0f);
  p[1] = static_cast<std::uint16_t>((u * 0.5f + 0.5f) * 65535.0f);
  p[2] = static_cast<std::uint16_t>((v * 0.5f + 0.5f) * 65535.0f);
}

YTTERBY_HD void unpack_position(Electron& e, const ShellView& shells, const std::uint16_t (&p)[3]) {
  const auto magnitude = [](float x) { return x < 0.0f ? -x : x; };
  float u = static_cast<float>(p[1]) * (2.0f / 65535.0f) - 1.0f,
        v = static_cast<float>(p[2]) * (2.0f / 65535.0f) - 1.0f;
  const float w = 1.0f - magnitude(u) - magnitude(v);
  if (w < 0.0f) {
    const float old = u;
    u = (1.0f - magnitude(v)) * (old < 0.0f ? -1.0f : 1.0f);
    v = (1.0f - magnitude(old)) * (v < 0.0f ? -1.0f : 1.0f);
  }
  const Vec3 d{u, v, w};
  const float inner = inner_radius(shells, e.x);
  const float r = inner + static_cast<float>(p[0]) * (1.0f / 65535.0f) * (shells.radius[e.x] - inner);
  e.position = d * (r / square_root(max_of(dot(d, d), 1e-12f)));
}

YTTERBY_HD Vec3 position_in_grid(const Electron& e, const ShellView&) { return e.position; }

YTTERBY_HD bool locate_point(const ShellView& shells, Vec3 p, GridPoint& at) {
  const float r = square_root(dot(p, p));
  if (!(r < shells.radius[shells.radius.size - 1])) return false;
  std::uint32_t shell = 0;
  while (r >= shells.radius[shell]) ++shell;
  at = {shell, 0, 0, shell, p};
  return true;
}

YTTERBY_HD std::uint32_t voxel_word(const ShellView& shells, const GridPoint&) { return shells.word; }

}  // namespace ytterby::inline YTTERBY_LEVEL
