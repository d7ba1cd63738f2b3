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

/// Slope of the plane that fits the values within `reach` [mm] of a voxel best [per mm]: noise has a small share in it.
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
  return Math.hypot(...sums.map((sum, i) => (squares[i] ? sum / squares[i] / spacing[i] : 0)));
}

/// Parts of lines whose place is known: where the slope of the dose times `within` [mm] exceeds `uncertain` (in the
/// values' unit), from voxel to voxel and in the plane through all within 6 mm. In flat dose a line would follow noise. Gaps
/// of less than 10 mm are bridged; a whole line shorter than 15 mm goes, and a piece of a line shorter than 40 mm.
function knownParts(lines, values, w, h, spacing, uncertain, within) {
  const knownAt = ([u, v]) => {
    const x = Math.min(w - 2, Math.max(1, Math.round(u))), y = Math.min(h - 2, Math.max(1, Math.round(v)));
    return [0, 6].every((reach) => planeSlope(values, w, h, spacing, x, y, reach) * within > uncertain);
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
