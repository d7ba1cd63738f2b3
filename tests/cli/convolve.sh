#!/usr/bin/env bash
# usage: convolve.sh PROGRAM   kernels and convolutions of a phantom: files, cache, agreement of the methods, refusals.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
refused() {
  local expected=$1 status=0
  shift
  "$@" >/dev/null 2>"$folder/err" || status=$?
  [[ $status == "$expected" ]] || fail "exit $status instead of $expected: $*"
  [[ $(grep -c '^ytterby:' "$folder/err") == 1 ]] || fail "not one line on stderr: $*"
}

"$program" phantom rescue -o "$folder/rescue" --spacing 6 >/dev/null
case=$folder/rescue/case.toml
convolve() { "$program" convolve "$case" -o "$folder/$1.h5" --histories 64000 --json "${@:2}" >"$folder/$1.json" 2>"$folder/$1.err"; }
convolve kernel
grep -q "64000 histories" "$folder/kernel.err" || fail "the kernel was not made"
convolve again
grep -q "from the cache" "$folder/again.err" || fail "the kernel was not taken from the cache"
convolve scaled --density-scaling local
convolve local --method local
convolve uncached --no-cache
grep -q "64000 histories" "$folder/uncached.err" || fail "--no-cache took a kernel from the cache"

# A damaged cache is made anew and said so.
for kernel in "$folder"/cache/*.h5; do head -c 2000 "$kernel" >"$kernel.part" && mv "$kernel.part" "$kernel"; done
convolve mended
grep -q "made anew" "$folder/mended.err" || fail "a damaged cached kernel was passed over in silence"

python3 - "$folder" <<'PY'
import json, sys
folder = sys.argv[1]
def doses(name):
    table = json.load(open(f"{folder}/{name}.json"))
    return table["method"], {s["name"]: s["mean_Gy"] for s in table["structures"]}
kernel, scaled, local = doses("kernel"), doses("scaled"), doses("local")
assert kernel[0] == "voxel-kernel" and scaled[0] == "voxel-kernel-scaled" and local[0] == "local-deposition"
assert doses("again")[1] == kernel[1] == doses("mended")[1], "a kernel from the cache gives another dose"
assert 0.85 < kernel[1]["tumours"] / local[1]["tumours"] < 1.0, (kernel, local)
assert scaled[1]["lungs"] > 2 * kernel[1]["lungs"], "scaling by density does not reach the lungs"
PY

"$program" kernel -o "$folder/k.h5" --spacing 3x3x4 --extent 20 --histories 6400 >"$folder/out" 2>/dev/null
grep -q "15 x 15 x 11 voxels" "$folder/out" || fail "the kernel's size: $(cat "$folder/out")"
refused 3 "$program" convolve "$case" -o "$folder/x.h5" --kernel "$folder/k.h5"  # another spacing
grep -q "spacing" "$folder/err" || fail "the spacing is not named"
refused 3 "$program" convolve "$case" -o "$folder/x.h5" --kernel "$folder/kernel.h5"  # a dose file
refused 2 "$program" convolve "$case" -o "$folder/x.h5" --method magic
refused 2 "$program" kernel -o "$folder/x.h5" --spacing 3x3
refused 3 "$program" kernel -o "$folder/x.h5" --material unobtainium
refused 3 "$program" convolve "$case" -o "$case"
[[ ! -e $folder/x.h5 ]] || fail "a refused run left a file"
# The same command again takes the place of what it made, of histories that are no multiple of the batches, too.
for again in first second; do
  "$program" kernel -o "$folder/again-k.h5" --extent 12 --histories 1e3 --device cpu -q >/dev/null 2>"$folder/err" || fail "the $again kernel: $(cat "$folder/err")"
  "$program" convolve "$case" -o "$folder/again-d.h5" --extent 12 --histories 1e3 --device cpu -q >/dev/null 2>"$folder/err" ||
    fail "the $again dose: $(cat "$folder/err")"
done
