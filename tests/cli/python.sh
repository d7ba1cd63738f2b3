#!/usr/bin/env bash
# usage: python.sh PROGRAM   the module `ytterby` (io/python): against arithmetic, against the program's own verdict and exports, and the
# examples in the pages and the notebook as they stand there. Pictures, NIfTI and DICOM where Python has the packages.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
root=$(cd "$support/../../.." && pwd)
python=$(python_with_h5py)
export PYTHONPATH=$root/io/python PYTHONDONTWRITEBYTECODE=1 MPLBACKEND=Agg
"$python" "$root/tests/io/python/test_ytterby.py" 2>"$folder/log" || fail "$(cat "$folder/log")"
cd "$folder"
mkdir demo
"$program" phantom rescue -o case --spacing 10 >/dev/null
run=(--device cpu --threads 1 --histories 64000)
"$program" simulate case/case.toml -o dose.h5 "${run[@]}" -q >/dev/null
"$program" convolve case/case.toml -o kernel.h5 "${run[@]}" -q >/dev/null
"$program" validate case/case.toml dose.h5 kernel.h5 -o verdict.json -q >/dev/null || [[ $? == 5 ]] || fail "validate"
"$program" export dose.h5 -o dose.nii.gz -q >/dev/null
"$python" - <<'PY'
import math, ytterby
# Every measure of every structure is what the program found in the same voxels.
verdict = ytterby.read_verdict("verdict.json")
doses = {d.method: d for d in map(ytterby.open, ("dose.h5", "kernel.h5"))}
compared = 0
for method, dose in doses.items():
    for name in dose.structures:
        h = dose.histogram(name)
        mine = {"mean": dose.structures[name].mean.value, **{f"D{p}": h.D(p) for p in (95, 70, 50, 2)},
                **{f"V{g}": h.V(g) for g in (100, 200, 300, 400)}}
        for measure, value in mine.items():
            theirs = verdict.measure(name, measure, method)
            histogram = theirs.value + verdict.noise(name, measure, method)
            assert math.isclose(value, histogram, rel_tol=1e-6, abs_tol=1e-9), (method, name, measure, value, theirs)
            compared += 1
assert compared >= 100, compared
assert verdict.passed == (not verdict.broken)
assert {r.method for r in verdict.rules_of("tumour-dose", structure="tumours")} == {"partition", "monte-carlo", "voxel-kernel"}
for structure, d in doses["monte-carlo"].compare(doses["voxel-kernel"]).structures.items():
    given = [e for e in verdict.differences if (e["method"], e["structure"], e["metric"]) == ("voxel-kernel", structure, "mean")]
    if given:
        assert math.isclose(d.difference.value, given[0]["difference"], rel_tol=1e-6, abs_tol=1e-9), (d, given)
PY
has() { "$python" -c "import $1" 2>/dev/null; }
if has nibabel; then
  # An image that ITK wrote has the same voxels in the same places.
  "$python" - <<'PY'
import numpy, ytterby
dose, nifti = ytterby.open("dose.h5").dose, ytterby.read_image("dose.nii.gz")
assert dose.same_grid(nifti) and numpy.array_equal(dose.values, nifti.values)
PY
else
  skipped "NIfTI in Python: there is no nibabel"
fi
shared=$root/../shared/cases/files/control
if ! has pydicom; then
  skipped "DICOM in Python: there is no pydicom"
elif [[ ! -d $shared ]]; then
  skipped "DICOM in Python: there is no ../shared"
else
  sed "s#\"\(ct\|pt\|rs/[^\"]*\)\"#\"$shared/\1\"#; s/^\[activity\]/[grid]\nlike = \"ct\"\n&/" "$shared/case.toml" >control.toml
  "$program" convolve control.toml -o control.h5 --method local -q >/dev/null 2>err || fail "control: $(cat err)"
  "$python" - "$shared/ct" <<'PY'
import sys, numpy, ytterby
dose, ct = ytterby.open("control.h5"), ytterby.read_image(sys.argv[1])
assert dose.dose.same_grid(ct), (dose.dose, ct)
density = dose.image("density").values
tissue = (ct.values > -50) & (ct.values < 53)  # there density rises with the CT number; above, organs have contrast medium
order = numpy.argsort(ct.values[tissue], kind="stable")
assert (numpy.diff(density[tissue][order]) > -1e-3).all()
PY
fi
"$python" -m ytterby dose.h5 >out || fail "python3 -m ytterby"
grep -q '^tumour ' out || fail "python3 -m ytterby says: $(cat out)"
status=0
"$python" -m ytterby verdict.json >out 2>err || status=$?
[[ $status == 3 && $(wc -l <err) == 1 ]] || fail "a file that is no dose: exit $status, $(cat err)"
if has matplotlib && has nibabel; then
  cp case/ct.nii.gz .
  for page in README.md io/README.md io/FORMATS.md io/python/README.md; do
    awk '/^```python/{on=1; next} /^```/{on=0} on' "$root/$page" >page.py
    "$python" page.py >out 2>err || fail "the example in $page: $(tail -n 1 err)"
  done
  [[ -s slice.png ]] || fail "no slice"
  cp dose.h5 verdict.json ct.nii.gz demo/ && cp kernel.h5 demo/dose-kernel.h5
  "$python" -c 'import json, sys
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code": exec("".join(cell["source"]))' "$root/io/python/results.ipynb" >out 2>err || fail "the notebook: $(tail -n 1 err)"
  "$python" -m ytterby dose.h5 --ct ct.nii.gz --plane coronal -o page.svg >out && [[ -s page.svg ]] || fail "no picture"
else
  skipped "pictures in Python: there is no matplotlib or no nibabel"
fi
