// Uses a report as hands would, and leaves what it saw on the document's element as data-seen.
(async () => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  for (let i = 0; i < 200 && document.documentElement.dataset.ready !== "yes"; ++i) await wait(50);
  const seen = {}, id = (name) => document.getElementById(name);
  seen.ready = document.documentElement.dataset.ready === "yes";
  const canvas = id("picture-0"), viewer = window.ytterby, readout = () => id("readout").textContent;
  const picture = (which = canvas) => {
    viewer.drawNow();
    const d = which.getContext("2d").getImageData(0, 0, which.width, which.height).data;
    let h = 0;
    for (const v of d) h = (h * 31 + v) >>> 0;
    return h;
  };
  /// Whether an action changes the first picture.
  const changes = (act) => {
    const before = picture();
    act();
    return picture() !== before;
  };
  const set = (name, value, event = "change") => {
    id(name).value = value;
    id(name).dispatchEvent(new Event(event));
  };
  const press = (key, more = {}) => canvas.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true, ...more }));
  const tick = (box, at = 0) => id(box).querySelectorAll("input")[at].click();

  seen.slider = changes(() => set("slice-0", Number(id("slice-0").value) + 2, "input"));
  seen.slice_key = changes(() => press("ArrowDown"));
  seen.zoom_key = changes(() => press("+"));
  seen.pan_key = changes(() => press("ArrowLeft", { shiftKey: true }));
  seen.whole_key = changes(() => press("0"));
  seen.wheel = changes(() => canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: 1, cancelable: true })));
  id("to-tumour").click();
  seen.closer = changes(() => id("closer").click());
  seen.fit = changes(() => id("fit").click());
  const spot = [canvas.clientWidth / 3, canvas.clientHeight / 3], before = viewer.panels[0].under(...spot);
  canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: -1, ctrlKey: true, clientX: canvas.getBoundingClientRect().left + spot[0], clientY: canvas.getBoundingClientRect().top + spot[1], cancelable: true }));
  const after = viewer.panels[0].under(...spot);
  seen.zoom_keeps_its_point = Math.abs(before[0] - after[0]) < 1 && Math.abs(before[1] - after[1]) < 1;
  id("fit").click();
  // One scale: 10 mm are as long in every picture, along both its axes.
  const lengths = viewer.panels.flatMap((p) => {
    const [a, b, c] = [p.under(0, 0), p.under(100, 0), p.under(0, 100)];
    return [Math.abs(b[p.plane.across] - a[p.plane.across]), Math.abs(c[p.plane.down] - a[p.plane.down])];
  });
  seen.one_scale = Math.max(...lengths) - Math.min(...lengths) < 1e-6 * lengths[0];
  seen.no_taller_than_the_screen = viewer.panels.every((p) => p.canvas.getBoundingClientRect().height <= window.innerHeight);
  for (const view of ["uncertainty", "activity", "dose"]) seen["view_" + view] = changes(() => set("view", view));
  seen.method = changes(() => set("method", 2));
  seen.difference = changes(() => set("view", "difference"));
  set("view", "dose");
  set("method", 0);
  for (const [name, act] of Object.entries({
    lines: () => [0, 1, 2].forEach((i) => tick("lines", i)), outlines: () => tick("outlines"), opacity: () => set("opacity", 90, "input"), preset: () => set("window", "-600,1500"),
    level: () => set("level", 300, "input"), width: () => set("width", 50, "input"), smooth: () => id("smooth").click(), cross: () => id("cross").click(),
  })) seen[name] = changes(act);
  seen.side_by_side = changes(() => set("beside", "1")) && viewer.panels.every((p) => p.plane === viewer.panels[0].plane);
  seen.other_plane = changes(() => set("plane", 1));
  set("beside", "");
  seen.lung = changes(() => id("to-lung").click());
  id("to-tumour").click();
  viewer.drawNow();
  const text = readout();
  canvas.dispatchEvent(new PointerEvent("pointermove", { clientX: canvas.getBoundingClientRect().left + 60, clientY: canvas.getBoundingClientRect().top + 60 }));
  seen.hover = readout() !== text && /^[RL] [0-9.]+, [AP] [0-9.]+, [SI] [0-9.]+ mm +CT -?[0-9]+ HU/.test(readout());

  const plot = () => document.querySelector("#dvh svg"), values = () => document.querySelector("#dvh output").textContent;
  const box = plot().getBoundingClientRect(), said = values();
  plot().dispatchEvent(new PointerEvent("pointermove", { clientX: box.left + box.width / 2, clientY: box.top + 9 }));
  seen.crosshair = values() !== said && /Monte Carlo [0-9.]+ %/.test(values());
  seen.bands = document.querySelectorAll("#dvh .band").length > 0;
  seen.marks = /D95 .*D70 /.test([...document.querySelectorAll("#dvh .mark-text")].map((t) => t.textContent).join(" "));
  seen.limits = document.querySelectorAll("#dvh .limit").length > 0;
  seen.v_at_limits = /V280: [0-9.]+ \u00b1 [0-9.]+ %/.test(id("measures").textContent);
  const curves = document.querySelectorAll("#dvh .curve").length;
  document.querySelector("#chips button[aria-pressed=true]").click();
  seen.chip = document.querySelectorAll("#dvh .curve").length < curves;
  document.querySelector("#method-chips button[aria-pressed=true]").click();
  seen.method_chip = document.querySelectorAll("#dvh .band").length === 0;

  const named = [...document.querySelectorAll("main > section")].every((s) => s.getAttribute("aria-label"));
  seen.landmarks = named && ["header", "nav[aria-label]", "main", "footer"].every((s) => document.querySelectorAll(s).length === 1);
  seen.labelled = [...document.querySelectorAll("main input, main select, main button, main canvas[tabindex]")].every((n) => n.getAttribute("aria-label") || n.closest("label") || n.textContent.trim());
  seen.tiles = document.querySelectorAll(".tiles .tile").length === 5;
  seen.fits = document.documentElement.scrollWidth <= window.innerWidth;
  seen.quiet = faults.length === 0;
  document.documentElement.dataset.seen = JSON.stringify({ ...seen, faults });
})();
