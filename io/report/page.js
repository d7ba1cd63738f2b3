"use strict";
(async () => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const [nx, ny, nz] = data.shape;
  const [dx, dy, dz] = data.spacing;
  const voxels = nx * ny * nz;

  /// Base64 of zlib data to bytes.
  async function bytes(text) {
    const raw = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
  /// Doses are stored as 1023 sqrt(dose / most), the low byte of every voxel and then the high byte.
  async function doses(method) {
    const b = await bytes(method.dose), out = new Float32Array(voxels);
    for (let i = 0; i < voxels; ++i) {
      const v = (b[i] + 256 * b[i + voxels]) / 1023;
      out[i] = v * v * method.most;
    }
    return out;
  }
  const density = await bytes(data.density);
  for (const m of data.methods) {
    m.values = await doses(m);
    if (m.uncertainty) m.error = await bytes(m.uncertainty);
    if (m.coupled) m.twice = await bytes(m.coupled);
  }
  for (const s of data.structures) s.inside = await bytes(s.fraction);
  const reference = data.methods.find((m) => m.name === "monte-carlo");
  /// Relative standard error: 1e-4 * 2^(v / 20); 255 where nothing scored.
  const relative = (v) => (v === 255 ? NaN : 1e-4 * 2 ** (v / 20));
  const structureColour = { tumour: "#E69F00", liver: "#56B4E9", perfused: "#F0E442", lung: "#009E73", other: "#CC79A7" };

  // --- state
  const state = { at: data.start.tumour.slice(), method: 0, view: "dose", lines: true, outlines: true };

  // --- colours
  const viridis = [[68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37]];
  const diverging = [[33, 76, 148], [103, 152, 205], [190, 213, 233], [245, 245, 245], [250, 205, 160], [230, 133, 52], [150, 72, 10]];
  function colour(stops, t) {
    const u = Math.min(1, Math.max(0, t)) * (stops.length - 1), i = Math.min(stops.length - 2, Math.floor(u)), f = u - i;
    return stops[i].map((v, c) => v + f * (stops[i + 1][c] - v));
  }
  const views = {
    dose: {
      title: () => "Gy", low: () => 0, high: () => data.wash, stops: viridis,
      value: (i) => data.methods[state.method].values[i], shown: (v) => v >= 0.01 * data.wash, text: (v) => v.toFixed(0),
    },
    difference: {
      title: () => "Gy above Monte Carlo", low: () => -data.wash / 4, high: () => data.wash / 4, stops: diverging,
      value: (i) => data.methods[state.method].values[i] - reference.values[i],
      shown: (v, i) => Math.max(reference.values[i], data.methods[state.method].values[i]) >= 0.01 * data.wash, text: (v) => v.toFixed(0),
    },
    uncertainty: {
      title: () => "% relative standard error (logarithmic)", low: () => Math.log(1e-3), high: () => Math.log(0.3), stops: viridis,
      value: (i) => (data.methods[state.method].error ? Math.log(relative(data.methods[state.method].error[i])) : NaN),
      shown: (v, i) => Number.isFinite(v) && data.methods[state.method].values[i] >= 0.001 * data.wash, text: (v) => (100 * Math.exp(v)).toPrecision(1),
    },
  };

  // The set S of the correlated estimator.
  views.coupled = {
    title: () => "= histories from here ran twice, in the patient and in the reference medium", low: () => 0, high: () => 1, stops: viridis,
    value: (i) => (data.methods[state.method].twice ? data.methods[state.method].twice[i] / 255 : NaN),
    shown: (v) => v > 0, text: (v) => v.toFixed(0),
  };

  // --- planes: u to the right, v downwards, w through the page
  const index = (x, y, z) => x + nx * (y + ny * z);
  const planes = [
    { name: "axial", axis: 2, size: [nx, ny], step: [dx, dy], voxel: (u, v) => index(u, v, state.at[2]), place: (u, v) => [u, v, state.at[2]] },
    { name: "coronal", axis: 1, size: [nx, nz], step: [dx, dz], voxel: (u, v) => index(u, state.at[1], nz - 1 - v), place: (u, v) => [u, state.at[1], nz - 1 - v] },
    { name: "sagittal", axis: 0, size: [ny, nz], step: [dy, dz], voxel: (u, v) => index(state.at[0], u, nz - 1 - v), place: (u, v) => [state.at[0], u, nz - 1 - v] },
  ];
  const position = (p) => [0, 1, 2].map((r) => data.origin[r] + data.direction[3 * r] * p[0] * dx + data.direction[3 * r + 1] * p[1] * dy + data.direction[3 * r + 2] * p[2] * dz);

  /// Line segments of value = level between voxel centres (marching squares), in voxels.
  function contour(w, h, value, level) {
    const path = new Path2D();
    const cross = (a, b) => (level - a) / (b - a);
    for (let v = 0; v + 1 < h; ++v) {
      for (let u = 0; u + 1 < w; ++u) {
        const a = value(u, v), b = value(u + 1, v), c = value(u + 1, v + 1), d = value(u, v + 1);
        const points = [];
        if (a >= level !== b >= level) points.push([u + cross(a, b), v]);
        if (b >= level !== c >= level) points.push([u + 1, v + cross(b, c)]);
        if (c >= level !== d >= level) points.push([u + cross(d, c), v + 1]);
        if (d >= level !== a >= level) points.push([u, v + cross(a, d)]);
        for (let i = 0; i + 1 < points.length; i += 2) {
          path.moveTo(points[i][0] + 0.5, points[i][1] + 0.5);
          path.lineTo(points[i + 1][0] + 0.5, points[i + 1][1] + 0.5);
        }
      }
    }
    return path;
  }

  function draw(plane) {
    const [w, h] = plane.size, view = views[state.view], canvas = plane.canvas;
    const small = new OffscreenCanvas(w, h), image = new ImageData(w, h);
    for (let v = 0; v < h; ++v) {
      for (let u = 0; u < w; ++u) {
        const i = plane.voxel(u, v), grey = Math.min(255, 30 + 1.3 * Math.max(0, density[i] - 15)) * (density[i] > 4 ? 1 : 0.15);
        let rgb = [grey, grey, grey];
        const value = view.value(i);
        if (view.shown(value, i)) {
          const c = colour(view.stops, (value - view.low()) / (view.high() - view.low()));
          rgb = rgb.map((g, k) => 0.42 * g + 0.58 * c[k]);
        }
        image.data.set([rgb[0], rgb[1], rgb[2], 255], 4 * (u + w * v));
      }
    }
    small.getContext("2d").putImageData(image, 0, 0);
    const pixel = canvas.width / w, tall = canvas.height / h, context = canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(small, 0, 0, canvas.width, canvas.height);
    context.setTransform(pixel, 0, 0, tall, 0, 0);
    context.lineWidth = 1.6 / pixel;
    if (state.outlines) {
      for (const s of data.structures) {
        context.strokeStyle = structureColour[s.role];
        context.stroke(contour(w, h, (u, v) => s.inside[plane.voxel(u, v)], 127.5));
      }
    }
    if (state.lines && state.view === "dose") {
      data.levels.forEach((level, i) => {
        context.strokeStyle = "#ffffff";
        context.setLineDash([[], [4 / pixel, 2 / pixel], [1 / pixel, 2 / pixel]][i % 3]);
        context.lineWidth = 1 / pixel;
        context.stroke(contour(w, h, (u, v) => data.methods[state.method].values[plane.voxel(u, v)], level));
      });
      context.setLineDash([]);
    }
    const cursor = plane.axis === 2 ? [state.at[0], state.at[1]] : plane.axis === 1 ? [state.at[0], nz - 1 - state.at[2]] : [state.at[1], nz - 1 - state.at[2]];
    context.strokeStyle = "rgba(255,255,255,.35)";
    context.lineWidth = 1 / pixel;
    context.beginPath();
    context.moveTo(cursor[0] + 0.5, 0); context.lineTo(cursor[0] + 0.5, h);
    context.moveTo(0, cursor[1] + 0.5); context.lineTo(w, cursor[1] + 0.5);
    context.stroke();
    context.setTransform(1, 0, 0, 1, 0, 0);
    const mm = position(state.at)[plane.axis];
    plane.label.textContent = `${state.at[plane.axis] + 1} of ${data.shape[plane.axis]}, ${"LPS"[plane.axis]} ${mm.toFixed(1)} mm`;
    plane.slider.value = state.at[plane.axis];
    plane.slider.setAttribute("aria-valuetext", plane.label.textContent);
  }

  function drawScale() {
    const view = views[state.view], bar = byId("bar"), context = bar.getContext("2d");
    for (let x = 0; x < bar.width; ++x) {
      const c = colour(view.stops, x / (bar.width - 1));
      context.fillStyle = `rgb(${c.map(Math.round)})`;
      context.fillRect(x, 0, 1, bar.height);
    }
    byId("low").textContent = view.text(view.low());
    byId("high").textContent = view.text(view.high()) + " " + view.title();
  }

  function tell(place) {
    const i = index(...place), mm = position(place).map((v) => v.toFixed(1)).join(", ");
    const here = data.structures.filter((s) => s.inside[i] > 127).map((s) => s.name).join(", ") || "none";
    const parts = data.methods.map((m) => {
      const e = m.error ? relative(m.error[i]) : NaN;
      return `${m.label} ${m.values[i].toPrecision(4)} Gy` + (Number.isFinite(e) ? ` ± ${(100 * e).toPrecision(2)} %` : "");
    });
    byId("readout").textContent = `L ${mm} mm (LPS); density ${(density[i] / 100).toFixed(2)} g/cm³; structures: ${here}; ` + parts.join("; ");
  }

  function drawAll() {
    planes.forEach(draw);
    drawScale();
    tell(state.at);
  }
  function move(axis, to) {
    state.at[axis] = Math.min(data.shape[axis] - 1, Math.max(0, Math.round(to)));
    drawAll();
  }

  for (const plane of planes) {
    const root = byId(plane.name);
    plane.canvas = root.querySelector("canvas");
    plane.slider = root.querySelector("input");
    plane.label = root.querySelector("span");
    const [w, h] = plane.size, width = 640;
    plane.canvas.width = width;
    plane.canvas.height = Math.max(1, Math.round((width * h * plane.step[1]) / (w * plane.step[0])));
    plane.slider.max = data.shape[plane.axis] - 1;
    plane.slider.addEventListener("input", () => move(plane.axis, Number(plane.slider.value)));
    const under = (event) => {
      const box = plane.canvas.getBoundingClientRect();
      const u = Math.floor(((event.clientX - box.left) / box.width) * w), v = Math.floor(((event.clientY - box.top) / box.height) * h);
      return plane.place(Math.min(w - 1, Math.max(0, u)), Math.min(h - 1, Math.max(0, v)));
    };
    plane.canvas.addEventListener("pointermove", (event) => tell(under(event)));
    plane.canvas.addEventListener("pointerleave", () => tell(state.at));
    plane.canvas.addEventListener("click", (event) => { state.at = under(event); drawAll(); });
    plane.canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      move(plane.axis, state.at[plane.axis] + (event.deltaY < 0 ? 1 : -1));
    }, { passive: false });
    plane.canvas.addEventListener("keydown", (event) => {
      const step = { ArrowUp: 1, ArrowRight: 1, PageUp: 5, ArrowDown: -1, ArrowLeft: -1, PageDown: -5 }[event.key];
      if (!step) return;
      event.preventDefault();
      move(plane.axis, state.at[plane.axis] + step);
    });
  }
  const methodBox = byId("method"), viewBox = byId("view");
  data.methods.forEach((m, i) => methodBox.add(new Option(m.label, i)));
  methodBox.addEventListener("change", () => { state.method = Number(methodBox.value); drawAll(); });
  for (const option of [...viewBox.options]) {
    if (option.value === "difference" && (!reference || data.methods.length < 2)) option.remove();
    if (option.value === "uncertainty" && !data.methods.some((m) => m.error)) option.remove();
    if (option.value === "coupled" && !data.methods.some((m) => m.twice)) option.remove();
  }
  viewBox.addEventListener("change", () => { state.view = viewBox.value; drawAll(); });
  byId("lines").addEventListener("change", (event) => { state.lines = event.target.checked; drawAll(); });
  byId("outlines").addEventListener("change", (event) => { state.outlines = event.target.checked; drawAll(); });
  for (const name of ["tumour", "lung"]) {
    const button = byId("to-" + name);
    if (data.start[name]) button.addEventListener("click", () => { state.at = data.start[name].slice(); drawAll(); });
    else button.remove();
  }
  const key = byId("key"), roles = new Map(data.structures.map((s) => [s.role, structureColour[s.role]]));
  for (const [role, c] of roles) {
    const item = document.createElement("span"), mark = document.createElement("i");
    item.className = "key";
    mark.style.background = c;
    item.append(mark, role);
    key.append(item);
  }
  byId("levels").textContent = data.levels.length ? `isodose lines: ${data.levels.join(", ")} Gy` : "";

  // --- dose-volume histograms
  const lineStyle = {
    "monte-carlo": ["#0072B2", ""], "voxel-kernel": ["#D55E00", "7 3"], "voxel-kernel-scaled": ["#009E73", "2 2"],
    "local-deposition": ["#B0528C", "9 3 2 3"], partition: ["#E69F00", "1 3"],
  };
  const styleOf = (method) => (Object.hasOwn(lineStyle, method) ? lineStyle[method] : ["#888", ""]);
  const svg = (name, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [k, v] of Object.entries(attributes)) node.setAttribute(k, v);
    return node;
  };
  const legend = byId("dvh-legend");
  for (const m of data.methods) {
    const item = document.createElement("span"), mark = svg("svg", { viewBox: "0 0 40 10" }), [c, dash] = styleOf(m.name);
    mark.append(svg("line", { x1: 0, y1: 5, x2: 40, y2: 5, stroke: c, "stroke-width": 2.5, "stroke-dasharray": dash }));
    item.append(mark, m.label);
    legend.append(item);
  }
  /// Volume [%] at or above a dose, between the points.
  function at(curve, dose, column) {
    let i = curve.dose.findIndex((d) => d > dose);
    if (i < 0) return 0;
    if (i === 0) return 100;
    const f = (dose - curve.dose[i - 1]) / (curve.dose[i] - curve.dose[i - 1]);
    return 100 * (curve[column][i - 1] + f * (curve[column][i] - curve[column][i - 1]));
  }
  for (const entry of data.dvhs) {
    const figure = document.createElement("figure"), caption = document.createElement("figcaption"), out = document.createElement("output");
    figure.className = "dvh";
    caption.textContent = entry.structure;
    const W = 360, H = 220, L = 36, R = 8, T = 8, B = 30, most = entry.most || 1;
    const X = (d) => L + ((W - L - R) * d) / most, Y = (v) => H - B - ((H - T - B) * v) / 100;
    const plot = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", tabindex: 0, "aria-label": `dose-volume histogram of ${entry.structure}` });
    for (const v of [0, 25, 50, 75, 100]) {
      plot.append(svg("line", { class: "axis", x1: L, x2: W - R, y1: Y(v), y2: Y(v) }));
      const t = svg("text", { x: L - 4, y: Y(v) + 4, "text-anchor": "end" });
      t.textContent = v;
      plot.append(t);
    }
    const unit = 10 ** Math.floor(Math.log10(most / 2)), tick = unit * (most / unit > 10 ? 5 : most / unit > 5 ? 2 : 1);
    for (let d = 0; d <= most; d += tick) {
      const t = svg("text", { x: X(d), y: H - B + 14, "text-anchor": "middle" });
      t.textContent = Number(d.toPrecision(6));
      plot.append(svg("line", { class: "axis", x1: X(d), x2: X(d), y1: H - B, y2: H - B + 3 }), t);
    }
    const name = svg("text", { x: W - R, y: H - 3, "text-anchor": "end" });
    name.textContent = "dose [Gy]; volume [%]";
    plot.append(name);
    for (const curve of entry.curves) {
      const [c, dash] = styleOf(curve.method);
      if (curve.low) {
        const up = curve.dose.map((d, i) => `${X(d).toFixed(1)},${Y(100 * curve.high[i]).toFixed(1)}`);
        const down = curve.dose.map((d, i) => `${X(d).toFixed(1)},${Y(100 * curve.low[i]).toFixed(1)}`).reverse();
        plot.append(svg("polygon", { points: up.concat(down).join(" "), fill: c, opacity: 0.22, class: "band" }));
      }
      const points = curve.dose.map((d, i) => `${X(d).toFixed(1)},${Y(100 * curve.volume[i]).toFixed(1)}`).join(" ");
      plot.append(svg("polyline", { points, fill: "none", stroke: c, "stroke-width": 1.8, "stroke-dasharray": dash }));
    }
    const cursor = svg("line", { class: "cursor", y1: T, y2: H - B, x1: -9, x2: -9 });
    plot.append(cursor);
    let dose = most / 2;
    const show = (d) => {
      dose = Math.min(most, Math.max(0, d));
      cursor.setAttribute("x1", X(dose));
      cursor.setAttribute("x2", X(dose));
      out.textContent = `${dose.toPrecision(3)} Gy: ` + entry.curves.map((c) => {
        const band = c.low ? ` (${at(c, dose, "low").toFixed(1)} to ${at(c, dose, "high").toFixed(1)})` : "";
        return `${data.methods.find((m) => m.name === c.method).label} ${at(c, dose, "volume").toFixed(1)} %${band}`;
      }).join("; ");
    };
    plot.addEventListener("pointermove", (event) => {
      const box = plot.getBoundingClientRect();
      show(((((event.clientX - box.left) / box.width) * W - L) / (W - L - R)) * most);
    });
    plot.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 0.01, ArrowLeft: -0.01 }[event.key];
      if (!step) return;
      event.preventDefault();
      show(dose + step * most);
    });
    figure.append(caption, plot, out);
    byId("dvhs").append(figure);
  }
  // Paper has no folds to open.
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
  drawAll();
  document.documentElement.dataset.ready = "yes";
})().catch((error) => {
  document.getElementById("readout").textContent = "The pictures cannot be shown: " + error;
  console.error(error);
});
