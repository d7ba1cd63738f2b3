#!/usr/bin/env bash
# usage: init.sh PROGRAM   a case proposed from image files and from DICOM folders, which runs once its CHECK lines are answered.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
root=$(cd "$support/../../.." && pwd)
cd "$folder"
"$program" phantom rescue -o p --spacing 15 >/dev/null
# answer FILE: what nobody but the user knows.
given=$(sed -n 's/^administered_GBq = //p' p/case.toml)
answer() { sed -i "s/^# administered_GBq = /administered_GBq = $given/; s/^# lung_shunt_fraction = /lung_shunt_fraction = 0.05/" "$1"; }
convolve() { "$program" convolve "$1" -o "$2" --method local -q --json >"$2.json" 2>err || fail "$1: $(cat err)"; }

# Image files: everything is found by values and names; nothing runs before the activity is there.
"$program" init p -o files.toml >out 2>err || fail "image files: $(cat err)"
grep -q 'marked CHECK' out || fail "no word of what is next: $(cat out)"
[[ $(grep -c CHECK files.toml) -ge 8 ]] || fail "CHECK lines: $(cat files.toml)"
! grep -q '^administered_GBq\|^lung_shunt' files.toml || fail "an activity was made up"
status=0
"$program" run files.toml -o r --device cpu --threads 1 --histories 640 >out 2>err || status=$?
[[ $status == 3 ]] && grep -q administered_GBq err || fail "without its activity: exit $status, $(cat err)"
answer files.toml
sed -i '/^quantity/s/"[a-zA-Z/]*"/"relative"/' files.toml
convolve files.toml files.h5
convolve p/case.toml right.h5
python3 - <<'PY'
import json
a, b = (json.load(open(f))["structures"] for f in ("files.h5.json", "right.h5.json"))
assert {s["name"] for s in a} == {s["name"] for s in b}, ([s["name"] for s in a], [s["name"] for s in b])
for s in a:
    right = next(t for t in b if t["name"] == s["name"])
    for key, value in s.items():
        if isinstance(value, float):
            assert value == right[key], (s["name"], key, value, right[key])
PY
# An image that is called one of hepatic function is that, and not the activity; the plan weighs by it.
cp -r p function && cp p/activity.nii.gz function/Mebrofenin_SPECT.nii.gz
"$program" init function -o function.toml >out 2>err || fail "an image of function: $(cat err)"
answer function.toml
grep -A1 '^\[function\]' function.toml | grep -q '^image = "function/Mebrofenin_SPECT.nii.gz".*CHECK' || fail "no function: $(cat function.toml)"
grep -A1 '^\[activity\]' function.toml | grep -q '^image = "function/activity.nii.gz"' || fail "function taken as activity: $(cat function.toml)"
sed -i '/^quantity/s/"[a-zA-Z/]*"/"relative"/' function.toml
"$program" plan function.toml >out 2>err || fail "plan with function: $(cat err)"
grep -q "of the normal liver's function" out || fail "the plan says nothing of function: $(cat out)"
# Nothing is written over, nothing is written by --dry-run, and what is not there is told.
cp files.toml before
status=0
"$program" init p -o files.toml >out 2>err || status=$?
[[ $status == 3 && $(wc -l <err) == 1 ]] && cmp -s files.toml before || fail "over another case: exit $status, $(cat err)"
"$program" init p -o dry.toml --dry-run >out && [[ ! -e dry.toml ]] && grep -q '^\[\[structure\]\]' out || fail "--dry-run"
for bad in none empty; do
  mkdir -p empty
  status=0
  "$program" init $bad -o bad.toml >out 2>err || status=$?
  [[ $status == 3 && $(wc -l <err) == 1 && ! -e bad.toml ]] || fail "$bad: exit $status, $(cat err)"
done
# American spelling is the same role, and the same dose.
sed 's/role = "tumour"/role = "tumor"/' files.toml >american.toml
convolve american.toml american.h5
python3 -c 'import json; a, b = (json.load(open(f))["structures"] for f in ("files.h5.json", "american.h5.json")); assert a == b' || fail "role = \"tumor\""

python=""
for candidate in python3 /usr/bin/python3; do
  "$candidate" -c 'import nibabel, pydicom, tomllib' 2>/dev/null && python=$candidate && break
done
if [[ -z $python ]]; then
  skipped "DICOM folders: no python3 with nibabel and pydicom"
  exit 0
fi
# The same images as an archive sends them. Counts are rounded to 1/65535 of the largest, masks are exact.
# The phantom's masks hold shares; DICOM's do not.
cp -r p whole
"$python" - <<'PY'
import nibabel, numpy, tomllib
for s in tomllib.load(open("whole/case.toml", "rb"))["structure"]:
    image = nibabel.load("whole/" + s["mask"])
    whole = (numpy.asanyarray(image.dataobj) >= 0.5).astype(numpy.uint8)
    nibabel.save(nibabel.Nifti1Image(whole, image.affine), "whole/" + s["mask"])
PY
convolve whole/case.toml whole.h5
for kind in "nm seg" "nm rtstruct"; do
  read -r activity structures <<<"$kind"
  out=dicom-$structures
  "$python" "$root/tests/io/dicom/write_folders.py" p/case.toml "$out" --activity "$activity" --structures "$structures"
  "$program" init "$out" -o "$out.toml" --json >"$out.json" 2>err || fail "$kind: $(cat err)"
  answer "$out.toml"
  convolve "$out.toml" "$out.h5"
  "$python" - "$out.h5.json" "$out.json" <<'PY'
import json, math, sys
names = {"gtv": "tumour"}
a, b = (json.load(open(f))["structures"] for f in (sys.argv[1], "whole.h5.json"))
assert len(a) == len(b), (a, b)
for s in a:
    right = next(t for t in b if t["name"] == names.get(s["name"], s["name"]))
    assert s["role"] == right["role"]
    for key in ("volume_mL", "mean_Gy"):
        assert math.isclose(s[key], right[key], rel_tol=2e-3), (s["name"], key, s[key], right[key])
taken = {i["kind"]: i["taken_as"] for i in json.load(open(sys.argv[2]))["images"]}
assert taken == {"CT": "ct", "NM": "activity"}, taken
PY
done
# Two CTs and a PET beside: the CT is the one that the structures refer to; the activity is the PET; both say why.
"$python" - "$root" <<'PY'
import pathlib, shutil, pydicom
shutil.copytree("dicom-rtstruct", "two")
other = pathlib.Path("two/other")
other.mkdir()
for i, file in enumerate(sorted(pathlib.Path("two/ct").iterdir())[:4]):
    d = pydicom.dcmread(file)
    d.SeriesInstanceUID += ".9"
    d.SOPInstanceUID += ".9"
    d.SeriesDescription = "Doe^John arterial"
    d.save_as(other / file.name)
for file in sorted(pathlib.Path("two/ct").iterdir()):
    d = pydicom.dcmread(file)
    d.SeriesInstanceUID += ".8"
    d.SOPInstanceUID += ".8"
    d.FrameOfReferenceUID += ".8"
    d.save_as(other / ("long" + file.name))
PY
"$program" init two -o two.toml >out 2>err || fail "two CTs: $(cat err)"
grep -q '^ct = "two/ct".*CHECK.*the structures refer to it' two.toml || fail "not the CT of the structures: $(cat two.toml)"
! grep -qi 'doe' two.toml || fail "a description, which may name the patient, is in the case"
answer two.toml
convolve two.toml two.h5
python3 -c 'import json; a, b = (json.load(open(f))["structures"] for f in ("dicom-rtstruct.h5.json", "two.h5.json")); assert a == b' ||
  fail "another CT was read"
