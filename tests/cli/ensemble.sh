#!/usr/bin/env bash
# usage: ensemble.sh PROGRAM   what a dose is known to: the built-in patient, threads, guards, and what validate and report make of it.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
cd "$folder"
expect 0 phantom rescue -o rescue --spacing 8
expect 0 convolve rescue/case.toml -o local.h5 --method local
expect 0 kernel -o kernel.h5 --spacing 8x8x8 --histories 20000
# The dry run is a case with every uncertainty; nothing is written.
expect 0 ensemble rescue/case.toml local.h5 -o none.json --dry-run
grep -q '^registration_mm = \[3.0, 3.0, 5.0\]' out || fail "the dry run lacks the uncertainties"
[[ ! -e none.json ]] || fail "a dry run wrote a file"
# The same bits with any number of threads; another seed has others.
for threads in 1 2 3; do
  expect 0 ensemble rescue/case.toml local.h5 -o "e$threads.json" --samples 60 --kernel kernel.h5 --no-check --threads "$threads"
done
cmp e1.json e2.json && cmp e1.json e3.json || fail "threads change the ensemble"
expect 0 ensemble rescue/case.toml local.h5 -o other.json --samples 60 --kernel kernel.h5 --no-check --seed 2
! cmp -s e1.json other.json || fail "another seed gives the same samples"
python3 - <<'PY'
import json
e = json.load(open("e1.json"))
assert e["format"] == "ytterby-ensemble" and e["samples"] == 60 and e["seed"] == 1 and e["check"] == []
assert set(e["probability_by_method"]) == {"partition", "local-deposition"}
assert e["probability_all"] == e["probability_by_method"][e["judge"]]
for s in e["structures"]:
    for name, m in s["metrics"].items():
        assert m["low_95"] <= m["median"] <= m["high_95"], (s["name"], name, m)
        assert all(0 <= x["share"] <= 1.3 and x["error"] >= 0 for x in m["shares"].values()), (s["name"], name, m)
    h = s["histogram"]
    assert all(a <= b <= c for a, b, c in zip(h["low_95"], h["median"], h["high_95"]))
tumours = [s for s in e["structures"] if s["name"] == "tumours"][0]
assert 0.02 < tumours["metrics"]["mean_Gy"]["standard_deviation"] / tumours["metrics"]["mean_Gy"]["value"] < 0.2
assert 0.5 < tumours["recovery_coefficient"]["low"] < tumours["recovery_coefficient"]["high"] < 1
assert any(r["probability"] is not None and r["method"] == "partition" for r in e["rules"])
PY
# Every hundredth sample is followed by transport.
expect 0 ensemble rescue/case.toml local.h5 -o checked.json --samples 2 --kernel kernel.h5
python3 -c '
import json
c = [c for c in json.load(open("checked.json"))["check"] if c["structure"] == "tumours"]
assert len(c) == 1 and c[0]["transport_error_Gy"] > 0, c
assert abs(c[0]["difference_Gy"]) < 0.15 * c[0]["transport_Gy"], c' || fail "the check: $(cat checked.json | head -c 300)"
# Nothing drawn: the dose itself, whatever the samples.
{ cat rescue/case.toml; printf '\n[uncertainty]\nactivity_relative = 0\nshunt_relative = 0\nlung_mass_relative = 0\nregistration_mm = 0\ncontour_mm = 0\ndensity_relative = 0\n'; } >rescue/sure.toml
expect 0 ensemble rescue/sure.toml local.h5 -o sure.json --samples 3 --kernel kernel.h5
python3 - <<'PY'
import json
for s in json.load(open("sure.json"))["structures"]:
    for name, m in s["metrics"].items():
        assert m["low_95"] == m["value"] == m["high_95"], (s["name"], name, m)
PY
# validate and report take it.
"$program" validate rescue/case.toml local.h5 --ensemble e1.json -o v.json >out 2>err || [[ $? == 5 ]] || { cat err; fail "validate"; }
grep -q 'all judged rules hold with a probability of' out || fail "validate does not say how likely the rules hold"
python3 - <<'PY'
import json
v, e = json.load(open("v.json")), json.load(open("e1.json"))
assert v["probability_all"] == e["probability_all"] and v["ensemble"]["samples"] == 60
of = {(r["id"], r["method"], r["structure"], r["session"]): r["probability"] for r in e["rules"]}
judged = [r for r in v["rules"] if (r["id"], r["method"], r["structure"], r["session"]) in of and r["verdict"] != "not-judged"]
assert judged and all(r["probability"] == of[r["id"], r["method"], r["structure"], r["session"]] for r in judged)
t = [s for s in v["structures"] if s["name"] == "tumours"][0]["methods"]["local-deposition"]
assert t["mean_low_95_Gy"] < t["mean_Gy"] < t["mean_high_95_Gy"] and t["D95_low_95_Gy"] < t["D95_high_95_Gy"]
PY
expect 0 report rescue/case.toml local.h5 --ensemble e1.json -o r.html
for words in 'How well it is known' 'what decides' 'All judged rules hold with a probability of' 'all that the dose is not known by'; do
  grep -q "$words" r.html || fail "the page lacks: $words"
done
# verify takes it, of the plan, the delivery or both; the ratio of a plan with itself is 1, and as wide as two of it.
verify() { "$program" verify "$@" >out 2>err || [[ $? == 5 ]] || { cat err; fail "verify $*"; }; }
verify rescue/case.toml rescue/case.toml --doses local.h5 --ensemble e1.json -o w.json
grep -q 'plan: all judged rules hold with a probability of' out || fail "verify does not say how likely the rules hold"
sed 's/^name = "rescue"/name = "given"/; s/^administered_GBq = .*/administered_GBq = 5/' rescue/case.toml >rescue/given.toml
expect 0 convolve rescue/given.toml -o given.h5 --method local
expect 0 ensemble rescue/given.toml given.h5 -o eg.json --samples 60 --kernel kernel.h5 --no-check
verify rescue/case.toml rescue/given.toml --doses local.h5 given.h5 --ensemble eg.json e1.json -o w.json --report w.html
python3 - <<'PY'
import json, math
w, e, g = (json.load(open(f)) for f in ("w.json", "e1.json", "eg.json"))
assert w["plan"]["probability_all"] == e["probability_all"] and w["delivered"]["probability_all"] == g["probability_all"]
of = lambda x: [s for s in x["structures"] if s["name"] == "tumours"][0]
m, a, b = of(w)["methods"]["local-deposition"]["mean_Gy"], of(e)["metrics"]["mean_Gy"], of(g)["metrics"]["mean_Gy"]
assert (m["planned_low_95"], m["planned_high_95"]) == (a["low_95"], a["high_95"])
assert (m["delivered_low_95"], m["delivered_high_95"]) == (b["low_95"], b["high_95"])
below = math.hypot(math.log(b["median"] / b["low_95"]), math.log(a["high_95"] / a["median"]))
assert abs(m["low_95"] / (b["median"] / a["median"] * math.exp(-below)) - 1) < 1e-9, m
assert 0.7 < m["low_95"] < m["ratio"] < m["high_95"] < 1.1, m
assert "planned_low_95" not in of(w)["methods"]["partition"]["mean_Gy"]
assert any(r.get("planned_probability") is not None for r in w["rules"])
PY
grep -q 'holds with' w.html || fail "the page of verify lacks its probabilities"
expect 3 verify rescue/case.toml rescue/given.toml --ensemble e1.json e2.json -o none.json
grep -q 'a second ensemble' err || fail "two ensembles of one case were taken: $(cat err)"
# run and cohort make one.
printf '[cohort]\nmethods = ["monte-carlo", "local-deposition"]\n[[patient]]\nname = "rescue"\ncase = "rescue/case.toml"\n' >list.toml
"$program" cohort list.toml -o cohort --ensemble 50 --histories 20000 >out 2>err || [[ $? == 5 ]] || { cat err; fail "cohort"; }
grep -q 'all rules hold' out || fail "the cohort's table lacks the intervals"
grep -q 'all rules hold with' cohort/index.html || fail "the cohort's page lacks the probabilities"
python3 - <<'PY'
import csv, json
e = json.load(open("cohort/rescue/ensemble.json"))
rows = {(r["patient"], r["method"]): r for r in csv.DictReader(open("cohort/cohort.csv"))}
mean = [s for s in e["structures"] if s["name"] == "tumours"][0]["metrics"]["mean_Gy"]
r = rows["rescue", "monte-carlo"]
assert abs(float(r["tumours_low_95_Gy"]) / mean["low_95"] - 1) < 1e-5 and abs(float(r["tumours_high_95_Gy"]) / mean["high_95"] - 1) < 1e-5
assert float(r["lungs_low_95_Gy"]) < float(r["lungs_Gy"]) < float(r["lungs_high_95_Gy"])
assert float(r["probability_all"]) == e["probability_by_method"]["monte-carlo"]
p = rows["rescue", "partition"]
assert float(p["tumours_low_95_Gy"]) < float(p["tumours_Gy"]) < float(p["tumours_high_95_Gy"])
assert float(p["lungs_low_95_Gy"]) < float(p["lungs_Gy"]) < float(p["lungs_high_95_Gy"])
assert rows["rescue", "local-deposition"]["tumours_low_95_Gy"] == ""
assert json.load(open("cohort/rescue/verdict.json"))["ensemble"]["samples"] == 50
PY
# It is kept while all that it is drawn from is the same, and drawn anew where a protocol or an uncertainty is not.
cohort() { "$program" cohort list.toml -o cohort --ensemble "$1" --histories 20000 >out 2>err || [[ $? == 5 ]] || { cat err; fail "cohort again"; }; }
cp cohort/rescue/ensemble.json first.json
cp cohort/cohort.csv first.csv
cohort 50
grep -q 'ensemble.json: kept' err || fail "an ensemble was drawn again: $(cat err)"
cmp cohort/rescue/ensemble.json first.json && cmp cohort/cohort.csv first.csv || fail "what was kept is not what was drawn"
cohort 51
! grep -q 'ensemble.json: kept' err || fail "an ensemble of other samples was kept"
cohort 50
cmp cohort/rescue/ensemble.json first.json || fail "an ensemble drawn again is another"
cp rescue/case.toml as-it-was.toml
printf '\n[uncertainty]\ncontour_mm = 2\n' >>rescue/case.toml
cohort 50
! cmp -s cohort/rescue/ensemble.json first.json || fail "an ensemble of other uncertainties was kept"
cp as-it-was.toml rescue/case.toml
# Replicates of the image: read, hashed and told; no other case, no other dose.
python3 - <<'PY'
import gzip, random, struct
# Three images of the activity's own, each with noise of its own.
raw = bytearray(gzip.open("rescue/activity.nii.gz").read())
offset, kind = int(struct.unpack("<f", raw[108:112])[0]), struct.unpack("<h", raw[70:72])[0]
code = {16: "f", 64: "d"}[kind]
count = (len(raw) - offset) // struct.calcsize(code)
values = struct.unpack(f"<{count}{code}", raw[offset:])
for i in (1, 2, 3):
    random.seed(i)
    noisy = [v * max(0.0, random.gauss(1, 0.3)) for v in values]
    with gzip.GzipFile(f"rescue/b{i}.nii.gz", "wb", mtime=0) as f:
        f.write(bytes(raw[:offset]) + struct.pack(f"<{count}{code}", *noisy))
PY
{ cat rescue/case.toml; printf '\n[uncertainty]\nreplicates = ["b1.nii.gz", "b2.nii.gz", "b3.nii.gz"]\n'; } >rescue/replicates.toml
expect 0 ensemble rescue/replicates.toml local.h5 -o eb.json --samples 60 --kernel kernel.h5 --no-check
python3 - <<'PY'
import json
e, plain = json.load(open("eb.json")), json.load(open("e1.json"))
r = e["settings"]["replicates"]
assert [x["image"] for x in r] == ["b1.nii.gz", "b2.nii.gz", "b3.nii.gz"] and len({x["sha256"] for x in r}) == 3, r
assert e["settings"]["replicates_are"] == "whole" and e["content_hash"] == plain["content_hash"]
shares = [s for s in e["structures"] if s["name"] == "tumours"][0]["metrics"]["D95_Gy"]["shares"]
assert shares == {} or shares["noise"]["share"] > 0, shares
PY
expect 0 report rescue/replicates.toml local.h5 --ensemble eb.json -o rb.html
grep -q 'as 3 images of the same differ' rb.html || fail "the page does not say where the noise comes from"
expect 3 ensemble rescue/replicates.toml local.h5 -o rescue/b2.nii.gz --samples 2 --kernel kernel.h5 --no-check
grep -q 'replicate of the activity image' err || fail "a replicate may be written over: $(cat err)"
sed 's/, "b2.nii.gz", "b3.nii.gz"//' rescue/replicates.toml >rescue/one.toml
expect 3 ensemble rescue/one.toml local.h5 -o none.json
grep -q 'has 1 image, needs 2 to 200' err || fail "one replicate was taken: $(cat err)"
# Guards.
expect 3 ensemble rescue/case.toml local.h5 -o local.h5
expect 3 ensemble rescue/case.toml rescue/case.toml -o none.json
expect 2 ensemble rescue/case.toml local.h5 -o none.json --samples 0
printf '[uncertainty]\ncontour_cm = 1\n' | cat rescue/case.toml - >rescue/wrong.toml
expect 3 ensemble rescue/wrong.toml local.h5 -o none.json
grep -q 'contour_mm' err || fail "the nearest key is not named: $(cat err)"
sed 's/^administered_GBq.*/administered_GBq = 1/' rescue/case.toml >rescue/less.toml
expect 3 ensemble rescue/less.toml local.h5 -o none.json --kernel kernel.h5
grep -q 'is the dose of another case' err || fail "another case's dose was taken: $(cat err)"
"$program" convolve rescue/less.toml -o less.h5 --method local >out 2>err
expect 3 validate rescue/less.toml less.h5 --ensemble e1.json
grep -q 'is the ensemble of another case' err || fail "another case's ensemble was taken: $(cat err)"
expect 3 report rescue/case.toml local.h5 --ensemble v.json -o none.html
[[ ! -e none.json && ! -e none.html ]] || fail "a refused ensemble was written"
