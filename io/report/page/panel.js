// One picture: a canvas that shows a plane through the patient at a scale common to all.

class Panel {
  /// `viewer` has data, state and what panels share.
  constructor(viewer, number) {
    this.viewer = viewer;
    this.kept = new Map();
    this.root = document.createElement("figure");
    this.root.className = "plane";
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.canvas.id = "picture-" + number;
    this.slider = document.createElement("input");
    this.slider.type = "range";
    this.slider.min = 0;
    this.slider.step = 1;
    this.slider.id = "slice-" + number;
    this.root.append(this.canvas, this.slider);
    this.context = this.canvas.getContext("2d");
  }

  /// What the panel shows from now on.
  set(plane, method, view, title) {
    Object.assign(this, { plane, method, view, title });
    this.slider.max = this.viewer.data.shape[plane.through] - 1;
    this.slider.setAttribute("aria-label", plane.name + " slice");
  }

  /// Made once for a key; the last 40 are kept.
  keep(key, make) {
    if (!this.kept.has(key)) {
      if (this.kept.size >= 40) this.kept.delete(this.kept.keys().next().value);
      this.kept.set(key, make());
    }
    return this.kept.get(key);
  }

  spacing() {
    const { spacing } = this.viewer.data;
    return [spacing[this.plane.across], spacing[this.plane.down]];
  }

  size(shape) {
    return [shape[this.plane.across], shape[this.plane.down]];
  }

  background() {
    const { background: b, spacing } = this.viewer.data, { at, level, width } = this.viewer.state, p = this.plane;
    const mm = at[p.through] * spacing[p.through];
    const slice = Math.min(b.shape[p.through] - 1, Math.max(0, Math.round((mm - b.offset[p.through]) / b.spacing[p.through])));
    return this.keep(`ct ${p.name} ${slice} ${level} ${width}`, () => {
      const table = b.numbers.map((hu) => {
        const grey = Math.min(255, Math.max(0, Math.round(255 * ((hu - level) / width + 0.5))));
        return (0xff000000 | (grey * 0x010101)) >>> 0;
      });
      const values = sliceOf(b.values, b.shape, p, slice);
      return bitmap(...this.size(b.shape), (i) => table[values[i]]);
    });
  }

  overlay() {
    const { data, state } = this.viewer, view = this.view, p = this.plane, at = state.at[p.through];
    const key = view.projection ? `activity ${p.name} ${state.smooth}` : `${view.unit} ${this.method.name} ${p.name} ${at} ${state.smooth}`;
    return this.keep(key, () => {
      const [w, h] = this.size(data.shape);
      let values = view.projection ? data.activity.images[p.through] : sliceOf(view.values(this.method), data.shape, p, at);
      const times = state.smooth && view.smooth ? Math.max(1, Math.min(4, Math.floor(1200 / Math.max(w, h)))) : 1;
      values = refined(values, w, h, times);
      const table = (view.table ??= colourTable(view.stops)), scale = 1023 / (view.high - view.low);
      return bitmap(w * times, h * times, (i) => {
        const v = values[i];
        return view.shown(v) ? table[Math.min(1023, Math.max(0, Math.round((v - view.low) * scale)))] : 0;
      });
    });
  }

  /// Isodose lines of the slice: level, path, and the place of its label [mm].
  isodoses() {
    const { data, state, goal } = this.viewer, p = this.plane, at = state.at[p.through];
    return this.keep(`lines ${this.method.name} ${p.name} ${at}`, () => {
      const dose = lineDose(data, this.method, goal), [w, h] = this.size(data.shape), mm = this.spacing();
      const values = sliceOf(dose.values, data.shape, p, at);
      return data.levels.map((level, i) => {
        const all = contourLines(values, w, h, level);
        const lines = knownParts(all, level, values, w, h, mm, 2 * dose.noise[i] * level, 4);
        const longest = lines.reduce((best, l) => (best && best.length >= l.length ? best : l), null);
        // Labels of neighbouring levels stand apart: each looks for the end of its line in its own direction.
        const turn = -1.2 + 0.55 * i, along = (q) => q[0] * mm[0] * Math.cos(turn) + q[1] * mm[1] * Math.sin(turn);
        const label = longest && longest.reduce((best, q) => (along(q) > along(best) ? q : best));
        return { i, level, path: pathOf(lines, mm), label: label && [label[0] * mm[0], label[1] * mm[1]] };
      });
    });
  }

  outline(s) {
    const { data, state } = this.viewer, p = this.plane, at = state.at[p.through];
    return this.keep(`outline ${s.name} ${p.name} ${at}`, () => {
      const [w, h] = this.size(data.shape);
      return pathOf(contourLines(sliceOf(s.inside, data.shape, p, at), w, h, 127.5), this.spacing());
    });
  }

  /// From a point of the canvas [CSS px] to mm along the page's axes.
  under(x, y) {
    const { state } = this.viewer, p = this.plane, scale = this.viewer.scale(), mm = state.at.map((v, a) => v * this.viewer.data.spacing[a]);
    mm[p.across] = state.centre[p.across] + (x - this.width / 2) / scale;
    mm[p.down] = state.centre[p.down] + (p.flip * (y - this.height / 2)) / scale;
    return mm;
  }

  draw() {
    const { viewer, context: c, plane: p } = this, { data, state } = viewer;
    const ratio = Math.min(2, window.devicePixelRatio || 1), scale = viewer.scale() * ratio;
    const wide = Math.round(this.width * ratio), high = Math.round(this.height * ratio);
    if (this.canvas.width !== wide || this.canvas.height !== high) Object.assign(this.canvas, { width: wide, height: high });
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.fillStyle = "#000";
    c.fillRect(0, 0, wide, high);
    c.setTransform(scale, 0, 0, p.flip * scale, wide / 2 - state.centre[p.across] * scale, high / 2 - p.flip * state.centre[p.down] * scale);
    c.imageSmoothingEnabled = state.smooth;
    const lay = (image, shape, spacing, offset) =>
      c.drawImage(image, offset[p.across] - spacing[p.across] / 2, offset[p.down] - spacing[p.down] / 2, shape[p.across] * spacing[p.across], shape[p.down] * spacing[p.down]);
    if (!this.view.projection) lay(this.background(), data.background.shape, data.background.spacing, data.background.offset);
    c.globalAlpha = this.view.projection ? 1 : state.opacity;
    lay(this.overlay(), data.shape, data.spacing, [0, 0, 0]);
    c.globalAlpha = 1;
    if (!this.view.projection) this.layLines(c, scale, ratio);
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.drawLetters(c);
  }

  /// Lays the lines over the picture. They are stroked to a sheet larger than the picture, which is only moved by a pan,
  /// and stretched while a zoom goes on: strokes take longer than a frame has.
  layLines(c, scale, ratio) {
    const { viewer, plane: p } = this, { state } = viewer;
    const key = [this.view.unit, this.method.name, p.name, state.at[p.through], ...state.lines, "|", ...state.outlined].join(" ");
    const wide = Math.ceil(1.5 * this.canvas.width), high = Math.ceil(1.5 * this.canvas.height);
    const covers = (s) => {
      const shift = (a, full, part) => Math.abs((state.centre[a] - s.centre[a]) * scale) + part / 2 <= ((full / 2) * scale) / s.scale;
      return shift(p.across, s.canvas.width, this.canvas.width) && shift(p.down, s.canvas.height, this.canvas.height);
    };
    let sheet = this.sheet;
    if (!sheet || sheet.key !== key || (sheet.scale !== scale && !viewer.zooming) || !(covers(sheet) || (viewer.zooming && scale < sheet.scale))) {
      const canvas = sheet?.canvas.width === wide && sheet.canvas.height === high ? sheet.canvas : new OffscreenCanvas(wide, high);
      const own = canvas.getContext("2d");
      own.setTransform(1, 0, 0, 1, 0, 0);
      own.clearRect(0, 0, wide, high);
      own.setTransform(scale, 0, 0, p.flip * scale, wide / 2 - state.centre[p.across] * scale, high / 2 - p.flip * state.centre[p.down] * scale);
      this.drawLines(own, ratio / scale);
      sheet = this.sheet = { key, canvas, scale, centre: state.centre.slice() };
    }
    const times = scale / sheet.scale, x = (sheet.centre[p.across] - state.centre[p.across]) * scale, y = p.flip * (sheet.centre[p.down] - state.centre[p.down]) * scale;
    c.setTransform(times, 0, 0, times, this.canvas.width / 2 + x, this.canvas.height / 2 + y);
    c.drawImage(sheet.canvas, -sheet.canvas.width / 2, -sheet.canvas.height / 2);
  }

  /// Outlines and isodose lines; `px` is a pixel in mm.
  drawLines(c, px) {
    const { viewer } = this, { data, state } = viewer;
    c.lineJoin = "bevel";
    for (const s of data.structures) {
      if (!state.outlined.has(s.name)) continue;
      c.strokeStyle = viewer.looks.get(s.name).dark;
      c.lineWidth = 1.6 * px;
      c.setLineDash([5 * px, 2.5 * px]);
      c.stroke(this.outline(s));
    }
    c.setLineDash([]);
    if (this.view.unit !== "Gy") return;
    for (const line of this.isodoses()) {
      if (!state.lines.has(line.level)) continue;
      c.strokeStyle = "rgba(0,0,0,.7)";
      c.lineWidth = 3 * px;
      c.stroke(line.path);
      c.strokeStyle = lineColours[line.i % lineColours.length];
      c.lineWidth = 1.5 * px;
      c.stroke(line.path);
    }
  }

  drawLetters(c) {
    const { viewer, plane: p, width: w, height: h } = this, { data, state } = viewer, scale = viewer.scale();
    const text = (what, x, y, align = "left", colour = "#fff") => {
      c.textAlign = align;
      c.lineWidth = 3;
      c.strokeStyle = "rgba(0,0,0,.75)";
      c.strokeText(what, x, y);
      c.fillStyle = colour;
      c.fillText(what, x, y);
    };
    const x = (mm) => w / 2 + (mm - state.centre[p.across]) * scale, y = (mm) => h / 2 + p.flip * (mm - state.centre[p.down]) * scale;
    c.font = "600 11px system-ui, sans-serif";
    c.textBaseline = "middle";
    if (this.view.unit === "Gy") {
      for (const line of this.isodoses()) {
        if (line.label && state.lines.has(line.level)) text(threeDigits(line.level), x(line.label[0]) + 3, y(line.label[1]), "left", lineColours[line.i % lineColours.length]);
      }
    }
    if (state.cross && !this.view.projection) {
      const cx = x(state.at[p.across] * data.spacing[p.across]), cy = y(state.at[p.down] * data.spacing[p.down]);
      c.strokeStyle = "rgba(255,255,255,.55)";
      c.lineWidth = 1;
      c.beginPath();
      for (const [a, b, d, e] of [[0, cy, cx - 8, cy], [cx + 8, cy, w, cy], [cx, 0, cx, cy - 8], [cx, cy + 8, cx, h]]) {
        c.moveTo(a, Math.round(b) + 0.5);
        c.lineTo(d, Math.round(e) + 0.5);
      }
      c.stroke();
    }
    c.font = "700 14px system-ui, sans-serif";
    text(p.edges[0], 6, h / 2);
    text(p.edges[1], w - 6, h / 2, "right");
    text(p.edges[2], w / 2, 12, "center");
    text(p.edges[3], w / 2, h - 12, "center");
    c.font = "12px system-ui, sans-serif";
    const mm = placeOf(data, state.at)[p.through], slice = `${state.at[p.through] + 1} / ${data.shape[p.through]}`;
    const where = this.view.projection ? `${p.name}, maximum projection` : `${p.name}  ${coordinate(p.through, mm)} mm`;
    text(where, 8, 14);
    if (this.title) text(this.title, 8, 30);
    if (!this.view.projection) text(slice, w - 8, h - 12, "right");
    const narrowest = Math.min(...viewer.panels.map((o) => o.width));
    const length = [200, 100, 50, 20, 10, 5, 2].find((l) => l * scale < narrowest / 3) ?? 1;
    c.fillStyle = "#fff";
    c.strokeStyle = "#000";
    c.lineWidth = 1;
    c.fillRect(8, h - 12, length * scale, 4);
    c.strokeRect(8, h - 12, length * scale, 4);
    text(`${length} mm`, 8, h - 22);
    this.slider.value = state.at[p.through];
    this.slider.setAttribute("aria-valuetext", `${where}, ${slice}`);
    this.canvas.setAttribute("aria-label", `${where}${this.title ? ", " + this.title : ""}; arrow keys turn slices`);
  }
}
