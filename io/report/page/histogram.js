// One plot of cumulative histograms: colours by structure, line styles by method.

function svgNode(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [k, v] of Object.entries(attributes)) node.setAttribute(k, v);
  node.append(...children);
  return node;
}

/// Column of a curve [%] at a dose, between its points.
function volumeAt(curve, dose, column = "volume") {
  const i = curve.dose.findIndex((d) => d > dose);
  if (i < 0) return 0;
  if (i === 0) return 100;
  const f = (dose - curve.dose[i - 1]) / (curve.dose[i] - curve.dose[i - 1]);
  return 100 * (curve[column][i - 1] + f * (curve[column][i] - curve[column][i - 1]));
}

class Histogram {
  constructor(data, looks) {
    Object.assign(this, { data, looks, dose: NaN });
    this.dark = window.matchMedia("(prefers-color-scheme: dark)");
    this.structures = new Set(this.first());
    this.methods = new Set(data.methods.map((m) => m.name));
    this.figure = document.getElementById("dvh");
    this.values = document.createElement("output");
    this.chips(document.getElementById("chips"), data.dvhs.map((d) => [d.structure, d.structure]), this.structures, (name) => this.mark(name, ""));
    this.chips(document.getElementById("method-chips"), data.methods.map((m) => [m.name, m.label]), this.methods, (name) => this.mark(null, dashOf(name)));
    this.dark.addEventListener("change", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.figure);
    window.addEventListener("beforeprint", () => this.draw(680));
    window.addEventListener("afterprint", () => this.draw());
    this.draw();
  }

  /// What is looked at first: all tumours, the perfused or the normal liver, the lungs unless the image cuts them off.
  first() {
    const pick = (names, role) => this.data.dvhs.find((d) => names.includes(d.structure)) ?? this.data.dvhs.find((d) => d.role === role);
    return [pick(["tumours"], "tumour"), pick(["perfused-normal"], "") ?? pick(["normal-liver"], "liver"), this.data.lungs_cut_off ? null : pick([], "lung")].filter(Boolean).map((d) => d.structure);
  }

  colour(name) {
    return name === null ? "currentColor" : this.looks.get(name)[this.dark.matches && !this.printing ? "dark" : "light"];
  }

  mark(name, dash) {
    return svgNode("svg", { viewBox: "0 0 30 8", class: "sample", "aria-hidden": true },
      svgNode("line", { x1: 0, x2: 30, y1: 4, y2: 4, stroke: this.colour(name), "stroke-width": 3, "stroke-dasharray": dash }));
  }

  chips(box, entries, chosen, mark) {
    for (const [name, label] of entries) {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.append(mark(name), label);
      chip.setAttribute("aria-pressed", chosen.has(name));
      chip.addEventListener("click", () => {
        if (!chosen.delete(name)) chosen.add(name);
        chip.setAttribute("aria-pressed", chosen.has(name));
        this.draw();
      });
      box.append(chip);
    }
  }

  shown() {
    const order = (d) => (d.structure === "tumours" ? 0 : 1 + ["tumour", "other", "perfused", "liver", "lung"].indexOf(d.role));
    return this.data.dvhs.filter((d) => this.structures.has(d.structure)).sort((a, b) => order(a) - order(b))
      .map((d) => ({ ...d, curves: d.curves.filter((c) => this.methods.has(c.method)) }));
  }

  label(method) {
    return this.data.methods.find((m) => m.name === method).label;
  }

  draw(width = this.figure.clientWidth) {
    this.printing = width !== this.figure.clientWidth;
    const W = Math.max(300, width), H = Math.round(Math.max(260, Math.min(460, 0.42 * W, 0.6 * Math.max(500, window.innerHeight)))), L = 46, R = 14, T = 22, B = 40;
    const shown = this.shown(), most = Math.max(1e-9, ...shown.flatMap((d) => d.curves.map((c) => c.dose[c.dose.length - 1])));
    const X = (d) => L + ((W - L - R) * d) / most, Y = (v) => H - B - ((H - T - B) * v) / 100;
    Object.assign(this, { most, L, R, W, X, notes: [] });
    this.plot = svgNode("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", tabindex: 0, "aria-label": "cumulative dose-volume histograms; left and right arrows move the cross-hair" });
    const text = (x, y, what, more = {}) => svgNode("text", { x, y, ...more }, what);
    for (const v of [0, 20, 40, 60, 80, 100]) {
      this.plot.append(svgNode("line", { class: "grid", x1: L, x2: W - R, y1: Y(v), y2: Y(v) }), text(L - 6, Y(v) + 4, String(v), { "text-anchor": "end" }));
    }
    const unit = 10 ** Math.floor(Math.log10(most / 2)), tick = unit * (most / unit > 12 ? 5 : most / unit > 6 ? 2 : 1);
    for (let d = 0; d <= most; d += tick) {
      this.plot.append(svgNode("line", { class: "grid", x1: X(d), x2: X(d), y1: T, y2: H - B }), text(X(d), H - B + 16, threeDigits(d), { "text-anchor": "middle" }));
    }
    this.plot.append(text((L + W - R) / 2, H - 6, "dose [Gy]", { "text-anchor": "middle" }), text(12, T - 8, "volume [%]"));
    this.drawLimits(shown, X, T, H - B, text);
    for (const entry of shown) for (const curve of entry.curves) this.drawCurve(entry, curve, X, Y);
    for (const entry of shown) this.drawMarks(entry, X, Y, text);
    this.cursor = svgNode("g", { class: "cursor" });
    this.plot.append(this.cursor);
    this.plot.addEventListener("pointermove", (e) => {
      const box = this.plot.getBoundingClientRect();
      this.show(((((e.clientX - box.left) / box.width) * W - L) / (W - L - R)) * most);
    });
    this.plot.addEventListener("keydown", (e) => {
      const step = { ArrowRight: 0.01, ArrowLeft: -0.01, PageUp: 0.1, PageDown: -0.1 }[e.key];
      if (!step) return;
      e.preventDefault();
      this.show((Number.isFinite(this.dose) ? this.dose : most / 2) + step * most);
    });
    this.Y = Y;
    this.bounds = [T, H - B];
    this.figure.replaceChildren(this.plot, this.values);
    this.show(Number.isFinite(this.dose) ? this.dose : shown[0]?.limits[0]?.dose ?? most / 2);
    this.table(shown);
  }

  drawLimits(shown, X, top, bottom, text) {
    let row = 0;
    for (const { structure, limits } of shown) {
      for (const { dose } of limits) {
        if (dose > this.most) continue;
        const c = this.colour(structure), right = X(dose) > this.W - 120;
        this.plot.append(svgNode("line", { class: "limit", x1: X(dose), x2: X(dose), y1: top, y2: bottom, stroke: c }),
          this.note(text, X(dose) + (right ? -4 : 4), top + 10 + 13 * (row++ % 4), `${structure} ${threeDigits(dose)} Gy`, { fill: c, class: "limit-text", "text-anchor": right ? "end" : "start" }));
      }
    }
  }

  /// A text in the plot, moved down until it covers no other.
  note(text, x, y, what, more) {
    const width = 7 * what.length, left = more["text-anchor"] === "end" ? x - width : x;
    const covered = () => this.notes.some((n) => left < n.left + n.width && n.left < left + width && Math.abs(y - n.y) < 13);
    while (covered()) y += 13;
    this.notes.push({ left, width, y });
    return text(x, y, what, more);
  }

  drawCurve(entry, curve, X, Y) {
    const c = this.colour(entry.structure);
    const line = (column) => curve.dose.map((d, i) => `${X(d).toFixed(1)},${Y(100 * curve[column][i]).toFixed(1)}`);
    if (curve.low) this.plot.append(svgNode("polygon", { points: [...line("high"), ...line("low").reverse()].join(" "), fill: c, class: "band" }));
    this.plot.append(svgNode("polyline", { points: line("volume").join(" "), stroke: c, class: "curve", "stroke-dasharray": dashOf(curve.method) }));
  }

  /// D95 and D70 of Monte Carlo (or of the only method) on tumours' curves.
  drawMarks(entry, X, Y, text) {
    const curve = entry.curves.find((c) => c.method === "monte-carlo") ?? entry.curves[0];
    if (!curve || !(entry.role === "tumour" || entry.structure === "tumours")) return;
    for (const { name, value } of curve.measures) {
      if (name !== "D95" && name !== "D70") continue;
      const y = Y(Number(name.slice(1))), right = X(value) < this.L + 110;
      this.plot.append(svgNode("circle", { cx: X(value), cy: y, r: 4, fill: this.colour(entry.structure), class: "mark" }),
        this.note(text, X(value) + (right ? 8 : -8), y + 14, `${name} ${threeDigits(value)} Gy`, { fill: this.colour(entry.structure), class: "mark-text", "text-anchor": right ? "start" : "end" }));
    }
  }

  /// The cross-hair at a dose, and every value there.
  show(dose) {
    this.dose = Math.min(this.most, Math.max(0, dose));
    const x = this.X(this.dose), nodes = [svgNode("line", { x1: x, x2: x, y1: this.bounds[0], y2: this.bounds[1] })];
    const rows = [];
    for (const entry of this.shown()) {
      const own = [];
      for (const curve of entry.curves) {
        const v = volumeAt(curve, this.dose);
        nodes.push(svgNode("circle", { cx: x, cy: this.Y(v), r: 3, fill: this.colour(entry.structure) }));
        const band = curve.low ? ` (${volumeAt(curve, this.dose, "low").toFixed(1)} to ${volumeAt(curve, this.dose, "high").toFixed(1)})` : "";
        own.push(`${this.label(curve.method)} ${v.toFixed(1)} %${band}`);
      }
      const row = document.createElement("span"), name = document.createElement("b");
      name.textContent = entry.structure;
      name.style.color = this.colour(entry.structure);
      row.append(name, " ", own.join("; "));
      rows.push(row);
    }
    this.cursor.replaceChildren(...nodes);
    const head = document.createElement("span");
    head.textContent = `Volume at ${threeDigits(this.dose)} Gy or more`;
    this.values.replaceChildren(head, ...rows);
  }

  /// D95, D70 and V at the protocol's doses of what is shown.
  table(shown) {
    const table = document.createElement("table"), body = table.createTBody(), head = table.createTHead().insertRow();
    const cell = (row, what, tag = "td", n = true) => {
      const c = document.createElement(tag);
      c.textContent = what;
      if (n) c.className = "n";
      row.append(c);
    };
    for (const [what, n] of [["structure", false], ["method", false], ["D95 Gy", true], ["D70 Gy", true], ["V at the protocol's doses", false]]) cell(head, what, "th", n);
    for (const entry of shown) {
      entry.curves.forEach((curve, i) => {
        const row = body.insertRow(), of = (name) => curve.measures.find((m) => m.name === name);
        if (!i) row.className = "group";
        cell(row, i ? "" : entry.structure, "th", false);
        cell(row, this.label(curve.method), "td", false);
        for (const name of ["D95", "D70"]) cell(row, withInterval(of(name)));
        cell(row, curve.measures.filter((m) => m.name.startsWith("V")).map((m) => `${m.name}: ${withError(100 * m.value, 100 * (m.error ?? NaN))} %`).join(", "), "td", false);
      });
    }
    document.getElementById("measures").replaceChildren(table);
  }
}
