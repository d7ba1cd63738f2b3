#!/usr/bin/env bash
# usage: verify.sh PROGRAM   plan against delivery: the built-in patient, two sessions, refusals, and a pair whose truth is known.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
here=$(dirname "$support")
cd "$folder"
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
assert any(w["code"] == "image-not-corrected" and w["class"] == "wrong-dose" for w in v["warnings"])
PY
for words in 'Plan against delivery' 'not corrected' 'tumour-to-normal, predicted and found' 'Isodoses' 'session-count'; do
  grep -q "$words" v.html || fail "the page lacks: $words"
done
# One protocol for both; the image comes after the administration.
{ cat rescue/given.toml; printf '\n[protocol.tumour-dose]\nlow_Gy = 250.0\n'; } >rescue/other.toml
expect 3 verify rescue/case.toml rescue/other.toml -o none.json
grep -q 'need one protocol' err || fail "two protocols were taken: $(cat err)"
[[ ! -e none.json ]] || fail "a refused verification was written"
# Two sessions on both sides: planned 0.5 A each, given 0.3 and 0.6 A. Doses add up to 0.9; BED is of each session.
for side in plan given; do
  shares="0.5 0.5"; [[ $side == plan ]] || shares="0.3 0.6"
  cp rescue/case.toml "rescue/two-$side.toml"
  for share in $shares; do
    printf '[[session]]\nname = "s%s"\nactivity = { administered_GBq = %s }\n' "$(grep -c '^.*session' "rescue/two-$side.toml" || true)" \
      "$(python3 -c "print($share * $planned)")" >>"rescue/two-$side.toml"
  done
done
"$program" verify rescue/two-plan.toml rescue/two-given.toml -o two.json >out 2>err || [[ $? == 5 ]] || { cat err; fail "verify of two sessions"; }
python3 - "$planned" <<'PY'
import json, math, sys
v = json.load(open("two.json"))
planned = float(sys.argv[1])
c = 1.5 / ((1.5 + 64.05) * 10)  # of tumours: BED = D (1 + c D)
bed = lambda d: d * (1 + c * d)
tumour = [s for s in v["structures"] if s["name"] == "tumours"][0]["methods"]
assert abs(tumour["local-deposition"]["mean_Gy"]["ratio"] - 0.9) < 1e-4
m = tumour["partition"]
whole = m["mean_Gy"]["planned"]
assert abs(m["mean_Gy"]["delivered"] / whole - 0.9) < 1e-6
assert abs(m["BED_Gy"]["planned"] / (2 * bed(0.5 * whole)) - 1) < 1e-6, m["BED_Gy"]
assert abs(m["BED_Gy"]["delivered"] / (bed(0.3 * whole) + bed(0.6 * whole)) - 1) < 1e-6, m["BED_Gy"]
k = 1e9 * 0.93247 * 1.602176634e-13 * 64.05 * 3600 / math.log(2)
lungs = [r for r in v["rules"] if r["id"] == "lung-dose-session" and r["method"] == "partition"]
assert len(lungs) == 2
for r, share in zip(lungs, (0.3, 0.6)):
    assert abs(r["value"] / (k * share * planned * 0.05) - 1) < 1e-5, r
    assert abs(r["planned_value"] / (k * 0.5 * planned * 0.05) - 1) < 1e-5, r
assert abs(v["activity"]["given_GBq"] / planned - 0.9) < 1e-9
PY
# Two frames: the delivery's images are the plan's, turned by 25 degrees about z and moved. The transform leads from points
# of the CT to points of the image (LPS); with it nothing changes.
python3 - <<'PY'
import gzip, math, struct
c, s, move = math.cos(math.radians(25)), math.sin(math.radians(25)), (160.0, -90.0, 40.0)
turn = ((c, -s, 0), (s, c, 0), (0, 0, 1))
def moved(name):
    raw = bytearray(gzip.open(f"rescue/{name}.nii.gz").read())
    assert struct.unpack_from("<h", raw, 254)[0] > 0  # sform
    rows = [struct.unpack_from("<4f", raw, 280 + 16 * i) for i in range(3)]
    for i in range(3):
        row = [sum(turn[i][k] * rows[k][j] for k in range(3)) + (move[i] if j == 3 else 0) for j in range(4)]
        struct.pack_into("<4f", raw, 280 + 16 * i, *row)
    struct.pack_into("<h", raw, 252, 0)  # no qform
    with gzip.open(f"rescue/moved_{name}.nii.gz", "wb", 1) as f:
        f.write(raw)
for name in ("ct", "activity", "liver", "tumour", "satellite", "perfused", "lungs"):
    moved(name)
flip = (-1, -1, 1)  # RAS to LPS
numbers = [flip[i] * flip[j] * turn[i][j] for i in range(3) for j in range(3)] + [flip[i] * move[i] for i in range(3)]
with open("rescue/to_pet.tfm", "w") as f:
    f.write("#Insight Transform File V1.0\n#Transform 0\nTransform: AffineTransform_double_3_3\nParameters: ")
    f.write(" ".join(map(repr, numbers)) + "\nFixedParameters: 0 0 0\n")
PY
sed 's|^image = "activity.nii.gz"|image = "moved_activity.nii.gz"\ntransform = "to_pet.tfm"|' rescue/case.toml >rescue/by-transform.toml
sed 's|"\([a-z]*\).nii.gz"|"moved_\1.nii.gz"|' rescue/case.toml >rescue/own-frame.toml
for side in by-transform own-frame; do
  "$program" verify rescue/case.toml "rescue/$side.toml" -o "$side.json" >out 2>err || [[ $? == 5 ]] || { cat err; fail "verify of two frames: $side"; }
done
python3 - <<'PY'
import json
for side in ("by-transform", "own-frame"):
    v = json.load(open(f"{side}.json"))
    seen = 0
    for s in v["structures"]:
        m = s["methods"].get("local-deposition")
        if m is None or m["mean_Gy"]["planned"] < 1:
            continue
        seen += 1
        assert abs(m["mean_Gy"]["ratio"] - 1) < 1e-3, (side, s["name"], m["mean_Gy"])
    assert seen >= 4, seen
    t = v["uptake"]["tumour_to_normal"]
    assert abs(t["delivered"] / t["planned"] - 1) < 1e-3, t
    if side == "by-transform":
        assert all(o["dice"] is None or o["dice"] > 0.999 for o in v["isodoses"]) and v["isodoses"], v["isodoses"]
    else:  # nothing says how the two lie to each other
        assert v["isodoses"] == [] and "not in one frame" in v["no_isodoses"], v["no_isodoses"]
PY
# The transform the wrong way round is not the plan.
sed 's/^Parameters: .*/Parameters: 1 0 0 0 1 0 0 0 1 0 0 0/' rescue/to_pet.tfm >rescue/none.tfm
sed 's/to_pet.tfm/none.tfm/' rescue/by-transform.toml >rescue/untransformed.toml
found=0
"$program" verify rescue/case.toml rescue/untransformed.toml -o wrong.json >out 2>err || found=$?
[[ $found == 3 ]] || python3 -c '
import json; v = json.load(open("wrong.json"))
m = [s for s in v["structures"] if s["name"] == "tumour"][0]["methods"]["local-deposition"]["mean_Gy"]
assert abs(m["ratio"] - 1) > 0.05, m' || fail "an image of another frame was taken as it lies"

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
# By a script that knows the files alone: the PET's at 20 h, half-life 64.05 h.
"$python" "$here/../validation/second_verify.py" known.json "$data" pair/delivered_truth_Bq.nii.gz Bq 1 || fail "the true delivery differs"
"$python" "$here/../validation/second_verify.py" pet.json "$data" pair/pet_Bqml.nii.gz Bq/mL "$(python3 -c 'print(2 ** (20 / 64.05))')" || fail "the PET differs"
"$python" - <<'PY'
import json
known, pet = (json.load(open(f"{n}.json")) for n in ("known", "pet"))
def of(v, structure, metric="mean_Gy", method="local-deposition"):
    return [s for s in v["structures"] if s["name"] == structure][0]["methods"][method][metric]["ratio"]
# The PET, blurred, shifted and noisy: the tumour reads lower, the lungs' bases far too high, and the page says why.
assert of(pet, "tumour") < of(known, "tumour"), (of(pet, "tumour"), of(known, "tumour"))
assert of(pet, "lungs") > 1.5, of(pet, "lungs")
assert abs(pet["activity"]["image_GBq"] / 3.50 - 1) < 0.1 and pet["activity"]["hours_after"] == 20, pet["activity"]
assert pet["uptake"]["tumour_to_normal"]["delivered"] < pet["uptake"]["tumour_to_normal"]["planned"]
assert 0.5 < [o for o in pet["isodoses"] if o["share_of_goal"] == 0.5][0]["dice"] < 1
assert "blur and shift" in open("pet.html").read()
assert any(w["code"] == "lungs-cut-off" and w["text"].startswith("plan and delivery: ") for w in pet["warnings"]), pet["warnings"]
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
