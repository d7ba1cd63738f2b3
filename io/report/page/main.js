// Starts the page: controls and pictures.

/// A labelled box that puts `name` into a set or takes it out.
function checkBox(set, name, label, colour, dashed, changed) {
  const box = document.createElement("label"), input = document.createElement("input"), mark = document.createElement("i");
  input.type = "checkbox";
  input.checked = set.has(name);
  input.addEventListener("change", () => {
    if (input.checked) set.add(name);
    else set.delete(name);
    changed();
  });
  mark.className = dashed ? "dashed" : "solid";
  mark.style.borderColor = colour;
  box.append(input, mark, label);
  return box;
}

/// What stands at voxel indices: place, CT number, structures, dose by every method.
function tell(viewer, at) {
  const { data } = viewer, [nx, ny] = data.shape, i = at[0] + nx * (at[1] + ny * at[2]), b = data.background;
  const c = at.map((v, a) => Math.min(b.shape[a] - 1, Math.max(0, Math.round((v * data.spacing[a] - b.offset[a]) / b.spacing[a]))));
  const number = b.numbers[b.values[c[0] + b.shape[0] * (c[1] + b.shape[1] * c[2])]];
  const here = data.structures.filter((s) => s.inside[i] > 127).map((s) => s.name).join(", ") || "no structure";
  const what = b.kind === "ct" ? `CT ${number} HU` : `density ${(1 + number / 1000).toFixed(2)} g/cm\u00b3`;
  const lines = data.methods.map((m) => {
    const e = m.error ? relativeError(m.error[i]) : NaN;
    return `${m.label} ${Number.isFinite(e) ? withError(m.values[i], e * m.values[i]) : threeDigits(m.values[i])} Gy`;
  });
  const box = document.getElementById("readout"), first = document.createElement("b");
  first.textContent = coordinates(placeOf(data, at));
  box.replaceChildren(first, `  ${what}  ${here}  `, ...lines.map((l) => Object.assign(document.createElement("span"), { textContent: l })));
}

function drawScale(viewer) {
  const view = viewer.views[viewer.state.beside === "" ? viewer.state.view : "dose"], bar = document.getElementById("bar"), context = bar.getContext("2d");
  for (let x = 0; x < bar.width; ++x) {
    context.fillStyle = `rgb(${colour(view.stops, x / (bar.width - 1))})`;
    context.fillRect(x, 0, 1, bar.height);
  }
  document.getElementById("low").textContent = view.text(view.low);
  document.getElementById("high").textContent = `${view.text(view.high)} ${view.unit}`;
}

function connect(viewer) {
  const byId = (id) => document.getElementById(id), { data, state, views } = viewer, redraw = () => viewer.draw();
  const settle = () => {
    for (const option of byId("view").options) option.disabled = !views[option.value].has(data.methods[state.method]);
    if (byId("view").selectedOptions[0].disabled) byId("view").value = state.view = "dose";
    byId("beside-plane").hidden = state.beside === "";
    byId("view").disabled = state.beside !== "";
    viewer.assign();
    drawScale(viewer);
    tell(viewer, state.at);
  };
  data.methods.forEach((m, i) => {
    byId("method").add(new Option(m.label, i));
    byId("beside").add(new Option("beside " + m.label, i));
  });
  for (const option of [...byId("view").options]) {
    if (!data.methods.some((m) => views[option.value].has(m))) option.remove();
  }
  if (data.methods.length < 2) byId("beside").parentElement.hidden = true;
  for (const [id, key, read] of [["method", "method", Number], ["view", "view", String], ["beside", "beside", String], ["plane", "plane", Number]]) {
    byId(id).addEventListener("change", () => {
      state[key] = read(byId(id).value);
      settle();
    });
  }
  const setWindow = (level, width) => {
    Object.assign(state, { level: Math.round(level), width: Math.max(1, Math.round(width)) });
    byId("level").value = state.level;
    byId("width").value = state.width;
    redraw();
  };
  byId("window").addEventListener("change", () => setWindow(...byId("window").value.split(",").map(Number)));
  for (const id of ["level", "width"]) byId(id).addEventListener("input", () => setWindow(Number(byId("level").value) || 0, Number(byId("width").value) || 1));
  byId("opacity").addEventListener("input", () => {
    state.opacity = Number(byId("opacity").value) / 100;
    redraw();
  });
  for (const id of ["smooth", "cross"]) {
    byId(id).addEventListener("change", () => {
      state[id] = byId(id).checked;
      redraw();
    });
  }
  byId("fit").addEventListener("click", () => {
    viewer.whole();
    redraw();
  });
  byId("closer").addEventListener("click", () => viewer.panels.forEach((p, i) => i || viewer.zoomAt(p, 1.25)));
  byId("farther").addEventListener("click", () => viewer.panels.forEach((p, i) => i || viewer.zoomAt(p, 0.8)));
  for (const name of ["tumour", "lung"]) {
    if (data.start[name]) byId("to-" + name).addEventListener("click", () => viewer.move(data.start[name]));
    else byId("to-" + name).remove();
  }
  data.levels.forEach((level, i) => byId("lines").append(checkBox(state.lines, level, `${threeDigits(level)} Gy`, lineColours[i % lineColours.length], false, redraw)));
  for (const s of data.structures) byId("outlines").append(checkBox(state.outlined, s.name, s.name, viewer.looks.get(s.name).dark, true, redraw));
  const note = document.createElement("small");
  byId("lines").append(note);
  viewer.onPoint = (at) => tell(viewer, at);
  viewer.onWindow = setWindow;
  viewer.onDraw = () => {
    tell(viewer, state.at);
    const sigma = data.methods[state.method].lines?.sigma;
    note.textContent = sigma ? `of the dose smoothed over ${threeDigits(2.355 * sigma)} mm; where their place is known to 4 mm` : "where their place is known to 4 mm";
  };
  settle();
}

(async () => {
  const data = JSON.parse(document.getElementById("data").textContent);
  await unpack(data);
  const viewer = new Viewer(data);
  connect(viewer);
  new Histogram(data, viewer.looks);
  // Paper has no folds to open.
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
  viewer.drawNow();
  window.ytterby = viewer;
  document.documentElement.dataset.ready = "yes";
})().catch((error) => {
  document.getElementById("readout").textContent = "The pictures cannot be shown: " + error;
  console.error(error);
});
