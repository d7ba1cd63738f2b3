// The three pictures together: what is shown, where, how large, and what hands do to it.

class Viewer {
  constructor(data) {
    this.data = data;
    this.reference = data.methods.find((m) => m.name === "monte-carlo");
    this.views = viewsOf(data, this.reference);
    this.looks = looksOf([...data.structures, ...data.dvhs.map((d) => ({ name: d.structure, role: d.role }))]);
    this.goal = data.goal;
    this.extent = data.shape.map((n, a) => n * data.spacing[a]);
    this.state = {
      at: data.start.tumour.slice(), centre: [0, 0, 0], zoom: 1, method: 0, view: "dose", beside: "", plane: 0,
      level: 40, width: 400, opacity: 0.55, smooth: true, cross: true,
      lines: new Set(data.levels), outlined: new Set(data.structures.map((s) => s.name)),
    };
    this.panels = [0, 1, 2].map((i) => new Panel(this, i));
    document.getElementById("planes").append(...this.panels.map((p) => p.root));
    for (const panel of this.panels) this.listen(panel);
    this.whole();
    new ResizeObserver(() => this.layOut()).observe(document.getElementById("planes"));
  }

  /// CSS px per mm, the same in all pictures.
  scale() {
    return this.fit * this.state.zoom;
  }

  whole() {
    this.state.zoom = 1;
    this.state.centre = this.extent.map((e, a) => (e - this.data.spacing[a]) / 2);
  }

  /// Which panel shows what.
  assign() {
    const { data, state, views } = this, method = data.methods[state.method], other = data.methods[state.beside];
    this.panels.forEach((panel, i) => {
      if (!other) panel.set(planes[i], method, views[state.view], state.view === "activity" ? "" : method.label);
      else if (i < 2) panel.set(planes[state.plane], i ? other : method, views.dose, (i ? other : method).label);
      else panel.set(planes[state.plane], this.pair(method, other), views.pair, `${other.label} less ${method.label}`);
    });
    this.layOut();
  }

  /// The difference of two methods, as one that can be shown.
  pair(a, b) {
    this.pairs ??= new Map();
    const name = `${b.name} less ${a.name}`;
    if (!this.pairs.has(name)) this.pairs.set(name, { name, label: name, values: b.values.map((v, i) => v - a.values[i]) });
    this.views.pair ??= { ...this.views.difference, unit: "Gy more", values: (m) => m.values, has: () => false };
    return this.pairs.get(name);
  }

  /// Pictures beside each other at one scale, none taller than the screen; below each other where there is no room.
  layOut() {
    const box = document.getElementById("planes"), gap = 8, available = box.clientWidth;
    if (!available) return;
    const stacked = available < 700, across = this.panels.map((p) => this.extent[p.plane.across]), down = this.panels.map((p) => this.extent[p.plane.down]);
    const highest = Math.max(240, Math.round(0.66 * window.innerHeight)), sum = across.reduce((a, b) => a + b, 0);
    const fits = stacked ? Math.min(available / Math.max(...across), highest / Math.max(...down)) : Math.min((available - 2 * gap) / sum, highest / Math.max(...down));
    this.fit = fits;
    const tall = Math.min(highest, Math.round(Math.max(...down) * fits));
    this.panels.forEach((p, i) => {
      p.width = stacked ? available : Math.floor(((available - 2 * gap) * across[i]) / sum);
      p.height = stacked ? Math.round(Math.min(highest, down[i] * fits)) : tall;
      p.canvas.style.width = p.width + "px";
      p.canvas.style.height = p.height + "px";
      p.root.style.flexGrow = p.width;  // on paper
    });
    this.draw();
  }

  /// Draws before the next frame, however often it is asked.
  draw() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => this.drawNow());
  }

  drawNow() {
    this.asked = false;
    for (const panel of this.panels) panel.draw();
    this.onDraw?.();
  }

  /// Moves the cross-hair to voxel indices.
  move(at) {
    this.state.at = at.map((v, a) => Math.min(this.data.shape[a] - 1, Math.max(0, Math.round(v))));
    this.draw();
  }

  turn(panel, slices) {
    const at = this.state.at.slice();
    at[panel.plane.through] += slices;
    this.move(at);
  }

  /// Zooms about a point of a panel [CSS px], which stays.
  zoomAt(panel, factor, x = panel.width / 2, y = panel.height / 2) {
    const { state } = this, p = panel.plane, before = panel.under(x, y);
    state.zoom = Math.min(24, Math.max(0.5, state.zoom * factor));
    const after = panel.under(x, y);
    for (const a of [p.across, p.down]) state.centre[a] += before[a] - after[a];
    this.zooming = true;
    clearTimeout(this.zoomEnds);
    this.zoomEnds = setTimeout(() => {
      this.zooming = false;
      this.draw();
    }, 150);
    this.draw();
  }

  pan(panel, dx, dy) {
    const p = panel.plane, scale = this.scale();
    this.state.centre[p.across] -= dx / scale;
    this.state.centre[p.down] -= (p.flip * dy) / scale;
    this.draw();
  }

  voxel(mm) {
    return mm.map((v, a) => Math.min(this.data.shape[a] - 1, Math.max(0, Math.round(v / this.data.spacing[a]))));
  }

  listen(panel) {
    const canvas = panel.canvas, held = new Map();
    let dragged = false;
    const spread = () => {
      const [a, b] = [...held.values()];
      return Math.hypot(a.x - b.x, a.y - b.y);
    };
    canvas.addEventListener("pointerdown", (e) => {
      held.set(e.pointerId, { x: e.offsetX, y: e.offsetY, button: e.button });
      dragged = held.size > 1;
      canvas.setPointerCapture?.(e.pointerId);
    });
    canvas.addEventListener("pointermove", (e) => {
      const from = held.get(e.pointerId);
      if (!from) {
        this.onPoint?.(this.voxel(panel.under(e.offsetX, e.offsetY)));
        return;
      }
      const dx = e.offsetX - from.x, dy = e.offsetY - from.y;
      if (!dragged && Math.hypot(dx, dy) < 4) return;
      dragged = true;
      const before = held.size === 2 ? spread() : 0;
      held.set(e.pointerId, { ...from, x: e.offsetX, y: e.offsetY });
      if (held.size === 2) this.zoomAt(panel, spread() / Math.max(1, before), e.offsetX, e.offsetY);
      else if (from.button === 2) this.onWindow?.(this.state.level + 2 * dy, Math.max(1, this.state.width + 2 * dx));
      else this.pan(panel, dx, dy);
    });
    const release = (e) => {
      const from = held.get(e.pointerId);
      held.delete(e.pointerId);
      if (from && !dragged && e.type === "pointerup" && from.button === 0) {
        const at = this.voxel(panel.under(e.offsetX, e.offsetY));
        at[panel.plane.through] = this.state.at[panel.plane.through];
        this.move(at);
      }
    };
    canvas.addEventListener("pointerup", release);
    canvas.addEventListener("pointercancel", release);
    canvas.addEventListener("pointerleave", () => this.onPoint?.(this.state.at));
    canvas.addEventListener("contextmenu", (e) => e.preventDefault());
    canvas.addEventListener("wheel", (e) => {
      e.preventDefault();
      if (e.ctrlKey) this.zoomAt(panel, e.deltaY < 0 ? 1.15 : 1 / 1.15, e.offsetX, e.offsetY);
      else this.turn(panel, e.deltaY < 0 ? 1 : -1);
    }, { passive: false });
    canvas.addEventListener("keydown", (e) => this.key(panel, e));
    panel.slider.addEventListener("input", () => this.turn(panel, Number(panel.slider.value) - this.state.at[panel.plane.through]));
  }

  key(panel, e) {
    const slices = { ArrowUp: 1, ArrowRight: 1, PageUp: 5, ArrowDown: -1, ArrowLeft: -1, PageDown: -5 }[e.key];
    const pans = { ArrowUp: [0, 24], ArrowRight: [-24, 0], ArrowDown: [0, -24], ArrowLeft: [24, 0] }[e.key];
    if (e.shiftKey && pans) this.pan(panel, ...pans);
    else if (slices) this.turn(panel, slices);
    else if (e.key === "+" || e.key === "=") this.zoomAt(panel, 1.25);
    else if (e.key === "-") this.zoomAt(panel, 0.8);
    else if (e.key === "0") {
      this.whole();
      this.draw();
    } else return;
    e.preventDefault();
  }
}
