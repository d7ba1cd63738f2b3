// Lines of equal value in a slice: marching squares between voxel centres, joined to polylines.

/// Polylines of value = level in a slice of w x h values, in voxels (centres at whole numbers).
function contourLines(values, w, h, level) {
  const next = new Map();  // from the key of an edge to the segments that end there
  const segments = [];
  const place = (u, v, along) => {
    const i = u + w * v, a = values[i], b = values[along ? i + w : i + 1], f = (level - a) / (b - a);
    return along ? [u, v + f] : [u + f, v];
  };
  const add = (a, b) => {
    const s = { ends: [a, b], used: false };
    segments.push(s);
    for (const e of s.ends) {
      const key = 2 * (e[0] + w * e[1]) + e[2];
      if (next.has(key)) next.get(key).push(s);
      else next.set(key, [s]);
    }
  };
  for (let v = 0; v + 1 < h; ++v) {
    for (let u = 0; u + 1 < w; ++u) {
      const i = u + w * v;
      const a = values[i] >= level, b = values[i + 1] >= level, c = values[i + w + 1] >= level, d = values[i + w] >= level;
      if (a === b && b === c && c === d) continue;
      const edges = [];
      if (a !== b) edges.push([u, v, 0]);
      if (b !== c) edges.push([u + 1, v, 1]);
      if (c !== d) edges.push([u, v + 1, 0]);
      if (d !== a) edges.push([u, v, 1]);
      add(edges[0], edges[1]);
      if (edges.length === 4) add(edges[2], edges[3]);
    }
  }
  const lines = [];
  const follow = (points, end) => {
    for (;;) {
      const s = next.get(2 * (end[0] + w * end[1]) + end[2]).find((o) => !o.used);
      if (!s) return;
      s.used = true;
      const same = s.ends[0][0] === end[0] && s.ends[0][1] === end[1] && s.ends[0][2] === end[2];
      end = same ? s.ends[1] : s.ends[0];
      points.push(place(...end));
    }
  };
  for (const s of segments) {
    if (s.used) continue;
    s.used = true;
    const points = [place(...s.ends[0]), place(...s.ends[1])];
    follow(points, s.ends[1]);
    points.reverse();
    follow(points, s.ends[0]);
    lines.push(points);
  }
  return lines;
}

/// Slope [per mm] along both axes of the plane that fits the values within `reach` [mm] of a voxel best.
function planeSlope(values, w, h, spacing, x, y, reach) {
  const sums = [0, 0], squares = [0, 0], r = spacing.map((s) => Math.max(1, Math.round(reach / s)));
  // Windows stay symmetric at the slice's edges, so that the mean drops out.
  const rx = Math.min(r[0], x, w - 1 - x), ry = Math.min(r[1], y, h - 1 - y);
  for (let dy = -ry; dy <= ry; ++dy) {
    for (let dx = -rx; dx <= rx; ++dx) {
      const value = values[x + dx + w * (y + dy)];
      sums[0] += dx * value, squares[0] += dx * dx;
      sums[1] += dy * value, squares[1] += dy * dy;
    }
  }
  return sums.map((sum, i) => (squares[i] ? sum / squares[i] / spacing[i] : 0));
}

/// Value between voxel centres, linear; at the edge that of the nearest voxel.
function valueAt(values, w, h, u, v) {
  const x = Math.min(w - 1, Math.max(0, u)), y = Math.min(h - 1, Math.max(0, v));
  const i = Math.min(w - 2, Math.floor(x)), j = Math.min(h - 2, Math.floor(y)), a = x - i, b = y - j, at = i + w * j;
  return (1 - b) * ((1 - a) * values[at] + a * values[at + 1]) + b * ((1 - a) * values[at + w] + a * values[at + w + 1]);
}

/// Parts of lines of value = level whose place is known to `within` [mm]: no farther away, up and down the slope, the values
/// lie `uncertain` above and below the level. In flat dose a line would follow noise. Gaps of less than 10 mm are bridged; a
/// whole line shorter than 15 mm goes, and a piece of a line shorter than 40 mm.
function knownParts(lines, level, values, w, h, spacing, uncertain, within) {
  const knownAt = ([u, v]) => {
    const x = Math.min(w - 2, Math.max(1, Math.round(u))), y = Math.min(h - 2, Math.max(1, Math.round(v)));
    const slope = planeSlope(values, w, h, spacing, x, y, 6), steep = Math.hypot(...slope);
    if (!(steep > 0)) return false;
    const along = (mm) => valueAt(values, w, h, u + (mm * slope[0]) / steep / spacing[0], v + (mm * slope[1]) / steep / spacing[1]);
    const steps = [0.25, 0.5, 0.75, 1].map((f) => f * within);
    return steps.some((mm) => along(mm) > level + uncertain) && steps.some((mm) => along(-mm) < level - uncertain);
  };
  const step = (a, b) => Math.hypot((a[0] - b[0]) * spacing[0], (a[1] - b[1]) * spacing[1]);
  const length = (part) => part.reduce((sum, p, i) => (i ? sum + step(p, part[i - 1]) : 0), 0);
  const known = [];
  for (const line of lines) {
    let part = [], gap = [];
    const parts = [part];
    for (const p of line) {
      if (!knownAt(p)) gap.push(p);
      else {
        if (gap.length && part.length && length([part[part.length - 1], ...gap, p]) < 10) part.push(...gap);
        else if (gap.length && part.length) parts.push((part = []));
        gap = [];
        part.push(p);
      }
    }
    known.push(...parts.filter((q) => q.length > 1 && length(q) >= (q.length === line.length ? 15 : 40)));
  }
  return known;
}

/// Lines as a path in mm, a voxel of `spacing` wide.
function pathOf(lines, spacing) {
  const path = new Path2D();
  for (const line of lines) {
    line.forEach(([u, v], i) => (i ? path.lineTo(u * spacing[0], v * spacing[1]) : path.moveTo(u * spacing[0], v * spacing[1])));
  }
  return path;
}
