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

/// Parts of lines whose place is known: where the slope of the dose times `within` [mm] exceeds `uncertain` (in the
/// values' unit). Shorter than `shortest` [mm] they go. In flat dose a line would follow noise.
function knownParts(lines, values, w, h, spacing, uncertain, within, shortest) {
  const slope = ([u, v]) => {
    const x = Math.min(w - 2, Math.max(1, Math.round(u))), y = Math.min(h - 2, Math.max(1, Math.round(v))), i = x + w * y;
    return Math.hypot((values[i + 1] - values[i - 1]) / (2 * spacing[0]), (values[i + w] - values[i - w]) / (2 * spacing[1]));
  };
  const length = (part) => part.reduce((sum, p, i) => (i ? sum + Math.hypot((p[0] - part[i - 1][0]) * spacing[0], (p[1] - part[i - 1][1]) * spacing[1]) : 0), 0);
  const known = [];
  for (const line of lines) {
    let part = [];
    for (const p of line) {
      if (slope(p) * within > uncertain) part.push(p);
      else if (part.length) {
        known.push(part);
        part = [];
      }
    }
    if (part.length) known.push(part);
  }
  return known.filter((part) => part.length > 1 && length(part) >= shortest);
}

/// Lines as a path in mm, a voxel of `spacing` wide.
function pathOf(lines, spacing) {
  const path = new Path2D();
  for (const line of lines) {
    line.forEach(([u, v], i) => (i ? path.lineTo(u * spacing[0], v * spacing[1]) : path.moveTo(u * spacing[0], v * spacing[1])));
  }
  return path;
}
