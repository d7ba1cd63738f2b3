#!/usr/bin/env bash
# usage: verify.sh PROGRAM   plan against delivery: the built-in patient, two sessions, refusals, and a pair whose truth is known.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
here=$(dirname "$support")
cd "$folder"
expect() {
  local status=$1 found=0
  shift
  "$program" "$@" >out 2>err || found=$?
  [[ $found == "$status" ]] || { cat err; fail "$*: exit status $found, needs to be $status"; }
}
expect 0 phantom rescue -o rescue
# The delivery is the plan with 90 % of its activity: every dose is 0.9 of the planned one, the isodoses shrink.
planned=$(sed -n 's/^administered_GBq = //p' rescue/case.toml)
sed "s/^administered_GBq.*/administered_GBq = $(python3 -c "print(0.9 * $planned)")/" rescue/case.toml >rescue/given.toml
"$program" verify rescue/case.toml rescue/given.toml -o v.json --report v.html >out 2>err || [[ $? == 5 ]] || { cat err; fail "verify"; }
python3 - <<'PY'
import json
v = json.load(open("v.json"))
for s in v["structures"]:
    for method in ("partition", "local-deposition"):
        if s["name"] == "lungs" and method == "local-deposition":
            continue
        m = s["methods"].get(method, {}).get("mean_Gy")
        if m and m["planned"] > 0:
            assert abs(m["ratio"] - 0.9) < 1e-4, (s["name"], method, m)
assert v["activity"]["given_GBq"] / v["activity"]["planned_GBq"] - 0.9 < 1e-9
assert v["uptake"]["tumour_to_normal"]["planned"] == v["uptake"]["tumour_to_normal"]["delivered"]
assert {o["share_of_goal"] for o in v["isodoses"]} == {0.5, 1.0}
for o in v["isodoses"]:
    assert o["delivered_mL"] <= o["planned_mL"]
    if o["dice"] is not None:  # the smaller lies in the larger
        assert abs(o["dice"] - 2 * o["delivered_mL"] / (o["planned_mL"] + o["delivered_mL"])) < 1e-4, o
assert all("planned_verdict" in r for r in v["rules"])
assert any("not corrected" in w for w in v["warnings"])
PY
for words in 'Plan against delivery' 'not corrected' 'tumour-to-normal, predicted and found' 'Isodoses' 'session-count'; do
  grep -q "$words" v.html || fail "the page lacks: $words"
done
# One protocol for both; the image comes after the administration.
{ cat rescue/given.toml; printf '\n[protocol.tumour-dose]\nlow_Gy = 250.0\n'; } >rescue/other.toml
expect 3 verify rescue/case.toml rescue/other.toml -o none.json
grep -q 'need one protocol' err || fail "two protocols were taken: $(cat err)"
[[ ! -e none.json ]] || fail "a refused verification was written"
# Two sessions on both sides.
for side in plan given; do
  factor=1; [[ $side == plan ]] || factor=0.95
  { cat rescue/case.toml; for s in 1 2; do printf '[[session]]\nname = "s%s"\nactivity = { administered_GBq = %s }\n' $s "$(python3 -c "print(0.5 * $factor * $planned)")"; done; } >"rescue/two-$side.toml"
done
"$program" verify rescue/two-plan.toml rescue/two-given.toml -o two.json >out 2>err || [[ $? == 5 ]] || { cat err; fail "verify of two sessions"; }
python3 - <<'PY'
import json
v = json.load(open("two.json"))
tumour = [s for s in v["structures"] if s["name"] == "tumours"][0]["methods"]["local-deposition"]
assert abs(tumour["mean_Gy"]["ratio"] - 0.95) < 1e-4 and tumour["BED_Gy"]["ratio"] < 0.95, tumour["BED_Gy"]
assert len([r for r in v["rules"] if r["id"] == "lung-dose-session" and r["method"] == "partition"]) == 2
PY

data=$here/../../../shared/data/case_rescue_real_ct make_pet=$here/../../../shared/cases/verify/make_pet.py
[[ -f $data/case.toml && -f $make_pet ]] || { skipped "no pair of plan and PET beside the repository"; exit 0; }
python=$(python_with_h5py)
"$python" -c 'import nibabel, scipy' 2>/dev/null || { skipped "no nibabel or scipy: the pair of plan and PET is not made"; exit 0; }
mkdir pair
"$python" "$make_pet" "$data" pair >/dev/null
for name in ct maa liver tumour perfused lungs activity_truth_Bq; do ln -s "$(realpath "$data/$name.nii.gz")" pair/; done
cp "$data/case.toml" "$data/case_truth.toml" pair/
delivered() { # delivered IMAGE QUANTITY LINES...
  sed -e "s|^image = .*|image = \"$1\"|; s|^quantity = .*|quantity = \"$2\"|; /^administered_GBq/d" "$data/case_truth.toml" |
    sed "/^lung_shunt_fraction/a administered_GBq = 3.50\n${3:-}"
}
delivered pet_Bqml.nii.gz Bq/mL 'reference_time = 2026-03-03T08:00:00\nadministration_time = 2026-03-02T12:00:00' >pair/pet.toml
delivered delivered_truth_Bq.nii.gz Bq >pair/known.toml
for side in known pet; do
  "$program" verify pair/case_truth.toml "pair/$side.toml" -o "$side.json" --report "$side.html" >"$side.txt" 2>err || [[ $? == 5 ]] || { cat err; fail "verify $side"; }
done
"$python" - "$data" <<'PY'
import json, sys
import nibabel as nib, numpy as np
known, pet = (json.load(open(f"{n}.json")) for n in ("known", "pet"))
def of(v, structure, metric="mean_Gy", method="local-deposition"):
    return [s for s in v["structures"] if s["name"] == structure][0]["methods"][method][metric]["ratio"]
# What was really given: local deposition of the true activities, by hand on the CT's grid.
data = sys.argv[1]
mask = nib.load(f"{data}/tumour.nii.gz").get_fdata() > 0.5
a, b = (nib.load(f).get_fdata()[mask] for f in (f"{data}/activity_truth_Bq.nii.gz", "pair/delivered_truth_Bq.nii.gz"))
assert abs(of(known, "tumour") / (b.sum() / a.sum()) - 1) < 1e-3, (of(known, "tumour"), b.sum() / a.sum())
# The PET, blurred, shifted and noisy: the tumour reads lower, the lungs' bases far too high, and the page says why.
assert of(pet, "tumour") < of(known, "tumour"), (of(pet, "tumour"), of(known, "tumour"))
assert of(pet, "lungs") > 1.5, of(pet, "lungs")
assert abs(pet["activity"]["image_GBq"] / 3.50 - 1) < 0.1 and pet["activity"]["hours_after"] == 20, pet["activity"]
assert pet["uptake"]["tumour_to_normal"]["delivered"] < pet["uptake"]["tumour_to_normal"]["planned"]
assert 0.5 < [o for o in pet["isodoses"] if o["share_of_goal"] == 0.5][0]["dice"] < 1
assert "blur and shift" in open("pet.html").read()
PY
# Before the administration there is nothing to see; three days later little.
sed 's/^reference_time.*/reference_time = 2026-03-01T08:00:00/' pair/pet.toml >pair/early.toml
expect 3 verify pair/case_truth.toml pair/early.toml
grep -q 'before the administration' err || fail "an image before the administration was taken: $(cat err)"
for hours in 48:no 49:yes; do
  sed "s/^reference_time.*/reference_time = $(python3 -c "import datetime as d; print((d.datetime(2026, 3, 2, 12) + d.timedelta(hours=${hours%:*})).isoformat())")/" pair/pet.toml >pair/late.toml
  "$program" verify pair/case_truth.toml pair/late.toml >late.txt 2>err || [[ $? == 5 ]] || { cat err; fail "verify late"; }
  if [[ ${hours#*:} == yes ]]; then grep -q 'later than 48 h' late.txt || fail "no warning at ${hours%:*} h"; else ! grep -q 'later than 48 h' late.txt || fail "a warning at 48 h"; fi
done
