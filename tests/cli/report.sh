#!/usr/bin/env bash
# usage: report.sh PROGRAM   the report of a phantom is one file; where there is a Chromium, its page is used: slices move,
# methods and views switch, hovering shows values, nothing is logged as an error, and it prints.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
"$program" phantom rescue -o "$folder/p" --spacing 6 >/dev/null
case=$folder/p/case.toml
printf '\n[plan]\nheight_cm = 175.0\nweight_kg = 75.0\n' >>"$case"
"$program" simulate "$case" -o "$folder/mc.h5" --histories 64000 >/dev/null 2>&1
"$program" convolve "$case" -o "$folder/kernel.h5" --histories 64000 >/dev/null 2>&1
"$program" convolve "$case" -o "$folder/local.h5" --method local >/dev/null 2>&1
"$program" report "$case" "$folder/mc.h5" "$folder/kernel.h5" "$folder/local.h5" -o "$folder/report.html" >/dev/null 2>&1
page=$folder/report.html
[[ $(stat -c %s "$page") -lt 8000000 ]] || fail "the page has $(stat -c %s "$page") bytes"
! grep -qE '(src|href) *= *["'"'"']?(https?:)?//' "$page" || fail "the page asks for something from a network"
for words in 'id="methods"' 'Where the activity is' 'Provenance' 'SHA-256'; do
  grep -q "$words" "$page" || fail "the page lacks $words"
done
# Every rule of the trial has its line (validation/README.md), and so has what the manual would have given.
for rule in lesion-count lesion-size screening-lung-dose spared-liver spared-activity extrahepatic session-count sphere-count tumour-dose \
  lung-dose-session lung-dose-cumulative normal-dose margin-dose 'BSA method (manual)' 'empirical method (manual)'; do
  grep -qF "$rule" "$page" || fail "the page has no line for $rule"
done
# Two doses of one method, and another case's dose, are refused with one line.
for doses in "$folder/mc.h5 $folder/mc.h5" "$case"; do
  status=0
  # shellcheck disable=SC2086
  "$program" report "$case" $doses -o "$folder/x.html" >/dev/null 2>"$folder/err" || status=$?
  [[ $status == 3 && ! -e $folder/x.html ]] || fail "exit $status, or a page, for $doses"
done

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [[ -z $chromium ]]; then
  skipped "the page in a browser: no Chromium is installed"
  exit 0
fi
python3 - "$page" "$folder/tested.html" <<'PY'
import base64, hashlib, sys
page = open(sys.argv[1], encoding="utf-8").read()
watch = """<script>window.faults = [];
window.addEventListener("error", (e) => faults.push(String(e.message)));
window.addEventListener("unhandledrejection", (e) => faults.push(String(e.reason)));
for (const level of ["error", "warn"]) console[level] = (...a) => faults.push(a.join(" "));</script>"""
use = """<script>(async () => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  for (let i = 0; i < 200 && document.documentElement.dataset.ready !== "yes"; ++i) await wait(50);
  const seen = {}, id = (name) => document.getElementById(name);
  const canvas = document.querySelector("#axial canvas"), slider = document.querySelector("#axial input");
  const label = () => document.querySelector("#axial span").textContent;
  const picture = () => { const d = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data; let h = 0; for (const v of d) h = (h * 31 + v) >>> 0; return h; };
  const change = (name, value) => { id(name).value = value; id(name).dispatchEvent(new Event("change")); };
  seen.ready = document.documentElement.dataset.ready === "yes";
  let before = picture(), text = label();
  slider.value = Number(slider.value) + 2; slider.dispatchEvent(new Event("input"));
  seen.slider = picture() !== before && label() !== text;
  text = label(); canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown" }));
  seen.key = label() !== text;
  text = label(); canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: 1, cancelable: true }));
  seen.wheel = label() !== text;
  id("to-tumour").click(); before = picture();
  change("method", 2); seen.method = picture() !== before; before = picture();
  change("view", "difference"); seen.difference = picture() !== before; before = picture();
  change("method", 0); change("view", "uncertainty"); seen.uncertainty = picture() !== before;
  change("view", "dose"); before = picture(); id("lines").click(); seen.lines = picture() !== before; id("lines").click();
  id("to-lung").click(); seen.lung = picture() !== before; id("to-tumour").click();
  text = id("readout").textContent;
  const box = canvas.getBoundingClientRect();
  canvas.dispatchEvent(new PointerEvent("pointermove", { clientX: box.left + box.width / 3, clientY: box.top + box.height / 3 }));
  seen.hover = id("readout").textContent !== text && /Monte Carlo [0-9.e-]+ Gy/.test(id("readout").textContent);
  const plot = document.querySelector(".dvh svg"), at = plot.getBoundingClientRect();
  plot.dispatchEvent(new PointerEvent("pointermove", { clientX: at.left + at.width / 2, clientY: at.top + 9 }));
  seen.dvh = /Gy: Monte Carlo [0-9.]+ %/.test(document.querySelector(".dvh output").textContent);
  seen.bands = document.querySelectorAll(".dvh .band").length > 0;
  seen.fits = document.documentElement.scrollWidth <= window.innerWidth;
  seen.quiet = faults.length === 0;
  document.documentElement.dataset.seen = JSON.stringify({ ...seen, faults });
})();</script>"""
# The page's policy lets these two scripts in beside its own.
for script in (watch, use):
    inner = script.removeprefix("<script>").removesuffix("</script>")
    digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
    assert "script-src 'sha256-" in page
    page = page.replace("script-src ", f"script-src 'sha256-{digest}' ", 1)
page = page.replace("<title>", watch + "<title>", 1).replace("</body>", use + "</body>", 1)
open(sys.argv[2], "w", encoding="utf-8").write(page)
PY
browse() { timeout 120 "$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$folder/profile" "$@" 2>/dev/null; }
for size in 1366,900 390,844; do
  browse --window-size=$size --virtual-time-budget=30000 --dump-dom "file://$folder/tested.html" >"$folder/dom"
  python3 - "$folder/dom" "$size" <<'PY' || fail "the page at $size"
import html, json, re, sys
found = re.search(r'data-seen="([^"]*)"', open(sys.argv[1], encoding="utf-8").read())
seen = json.loads(html.unescape(found.group(1))) if found else {}
wrong = [k for k, v in seen.items() if k != "faults" and v is not True]
if not seen or wrong:
    sys.exit(f"at {sys.argv[2]}: {wrong or 'the page did not run'} {seen.get('faults')}")
PY
done
browse --virtual-time-budget=30000 --print-to-pdf="$folder/report.pdf" "file://$page" >/dev/null
[[ $(head -c 4 "$folder/report.pdf") == %PDF && $(stat -c %s "$folder/report.pdf") -gt 20000 ]] || fail "the page does not print"
