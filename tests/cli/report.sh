#!/usr/bin/env bash
# usage: report.sh PROGRAM   the report of a phantom is one file; where there is a Chromium, its page is used as hands would at
# three sizes, light and dark (support/page_use.js), its speed is measured, and it prints as two pages to sign and an appendix.
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
[[ $(stat -c %s "$page") -lt 5000000 ]] || fail "the page has $(stat -c %s "$page") bytes"
! grep -qE '(src|href) *= *["'"'"']?(https?:)?//' "$page" || fail "the page asks for something from a network"
for words in 'id="methods"' 'Where the activity is' 'Provenance' 'SHA-256'; do
  grep -q "$words" "$page" || fail "the page lacks $words"
done
# Every rule of the trial has its line (validation/README.md), and so has what the manual would have given.
for rule in lesion-count lesion-size screening-lung-dose spared-liver spared-activity extrahepatic session-count sphere-count tumour-dose \
  lung-dose-session lung-dose-cumulative normal-dose margin-dose 'BSA method (manual)' 'empirical method (manual)' 'microspheres per mL'; do
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
python3 "$support/page_with.py" "$page" "$folder/tested.html" "$support"/page_{watch,use}.js
browser=("$chromium" --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking)
browse() { timeout 120 "${browser[@]}" --user-data-dir="$folder/profile" "$@"; }
for size in 1366,768 1920,1080 390,844; do
  for mode in light dark; do
    dark=()
    [[ $mode == light ]] || dark=(--blink-settings=preferredColorScheme=0)
    browse "${dark[@]}" --window-size=$size --virtual-time-budget=30000 --dump-dom "file://$folder/tested.html" >"$folder/dom" 2>/dev/null
    python3 - "$folder/dom" "$size $mode" <<'PY' || fail "the page at $size, $mode"
import html, json, re, sys
found = re.search(r'data-seen="([^"]*)"', open(sys.argv[1], encoding="utf-8").read())
seen = json.loads(html.unescape(found.group(1))) if found else {}
wrong = [k for k, v in seen.items() if k != "faults" and v is not True]
if not seen or wrong:
    sys.exit(f"at {sys.argv[2]}: {wrong or 'the page did not run'} {seen.get('faults')}")
PY
  done
done

# A step of pan or zoom: 16 ms, a frame of 60 a second. On a machine shared with others the median counts.
python3 "$support/page_with.py" "$page" "$folder/timed.html" "$support"/page_{watch,times}.js
timeout 120 "${browser[@]}" --user-data-dir="$folder/timing" --window-size=1366,768 --enable-logging=stderr "file://$folder/timed.html" \
  >/dev/null 2>"$folder/log" &
watcher=$!
for ((i = 0; i < 120; ++i)); do
  grep -q 'TIMES ' "$folder/log" && break
  sleep 0.5
done
kill "$watcher" 2>/dev/null || true
wait "$watcher" 2>/dev/null || true
times=$(grep -o 'TIMES [0-9.]* [0-9.]*' "$folder/log" || true)
[[ -n $times ]] || fail "the page says no times"
echo "a step of pan or zoom: median and ninth tenth ${times#TIMES } ms"
awk '{ exit !($2 < 16) }' <<<"$times" || fail "a step of pan or zoom takes $times ms"

browse --virtual-time-budget=30000 --no-pdf-header-footer --print-to-pdf="$folder/report.pdf" "file://$page" >/dev/null 2>&1
[[ $(head -c 4 "$folder/report.pdf") == %PDF && $(stat -c %s "$folder/report.pdf") -gt 20000 ]] || fail "the page does not print"
if command -v pdftotext >/dev/null; then
  sheet() { pdftotext -f "$1" -l "$1" -layout "$folder/report.pdf" -; }
  for words in 'Page 1 of 2' Activity Doses Verdict 'lung-dose-session'; do sheet 1 | grep -q "$words" || fail "the first printed page lacks $words"; done
  for words in 'Page 2 of 2' Caveats Provenance 'Approved by' signature; do sheet 2 | grep -q "$words" || fail "the second printed page lacks $words"; done
  sheet 3 | grep -q Appendix || fail "the appendix does not begin on the third page"
else
  skipped "what the printed pages say: no pdftotext is installed"
fi
