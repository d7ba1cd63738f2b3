#!/usr/bin/env bash
# cohort: the numbers of the single verbs, broken cases, resumption, single patients, names of all kinds.
# usage: cohort.sh PROGRAM
set -eu
source "$(dirname "$0")/support/common.sh" "$1"
cd "$folder"
fail() {
  echo "FAILED: $*" >&2
  cat err >&2
  exit 1
}
cpu=(--device cpu --threads 1)
run=("${cpu[@]}" --histories 8e3)

expect 0 phantom rescue -o cases/a --spacing 15
cp -r cases/a cases/b
cp -r cases/a cases/bad
sed -i 's/^administered_GBq.*/administered_GBq = 1.5/' cases/b/case.toml    # breaks the tumours' dose
printf '[protocol.normal-dose]\nwhole_high_Gy = 5\n' >>cases/b/case.toml              # and a rule that the trial has not
expect 0 phantom rescue -o cases/c --spacing 18
sed -i 's/activity.nii.gz/nothing.nii.gz/' cases/bad/case.toml
patient() { printf '[[patient]]\nname = "%s"\ncase = "cases/%s/case.toml"\n' "$1" "$2"; }
{
  patient 'first, "A"' a | sed 's/"A"/\\"A\\"/'
  patient 'Jörg Ångström' b
  patient bad bad
  patient c c
} >list.toml

# Checked and printed, nothing computed; what is printed is a valid list.
expect 0 cohort list.toml --dry-run
cp out resolved.toml
expect 0 cohort resolved.toml --dry-run
cmp out resolved.toml
[[ ! -e all ]] || fail "--dry-run wrote"

# All of it: the broken one is named, the others are done, the status is the broken one's.
expect 3 cohort list.toml -o all "${run[@]}"
grep -q '^error: bad: .*nothing.nii.gz: no such file' err || fail "the log lacks the broken case"
grep -q '^bad .*broken: .*nothing.nii.gz: no such file' out || fail "the table lacks the broken case"
grep -q '^tumours *partition *Gy *3 ' out || fail "no agreement over 3 patients"
for region in tumours normal lungs; do
  head -c 4 "all/bland-altman-$region.svg" | grep -q '<svg' || fail "no plot of $region"
done
grep -qE 'tumour-dose, normal-dose|normal-dose, tumour-dose' all/index.html || fail "the page does not name the rules that are broken"
for name in 'first, "A"' 'Jörg Ångström' c; do
  grep -q '<html' "all/$name/index.html" || fail "no page of $name"
done
python3 - <<'PY'
import pathlib, re, urllib.parse
page = pathlib.Path("all/index.html").read_text()
links = re.findall(r'<a href="([^"]*)">', page)
assert len(links) == 3, links
for link in links:
    assert pathlib.Path("all", urllib.parse.unquote(link)).is_file(), link
assert "nothing.nii.gz" in page and ">FAIL</span> tumour-dose" in page and page.count("<svg") == 3
PY
[[ ! -e all/bad ]] || fail "the broken case left something"

# The CSV says what the single verbs say.
seed=$(python3 -c 'import csv; print(next(r for r in csv.DictReader(open("all/cohort.csv")) if r["patient"] == "c" and r["seed"])["seed"])')
expect 0 simulate cases/c/case.toml -o mc.h5 "${run[@]}" --seed "$seed"
expect 0 convolve cases/c/case.toml -o vk.h5 "${run[@]}"
expect 0 convolve cases/c/case.toml -o vks.h5 "${run[@]}" --density-scaling local
expect 0 convolve cases/c/case.toml -o local.h5 --method local
"$program" validate cases/c/case.toml mc.h5 vk.h5 vks.h5 local.h5 -o verdict.json >/dev/null 2>err || [[ $? -eq 5 ]] || fail validate
python3 - <<'PY'
import csv, json
rows = list(csv.DictReader(open("all/cohort.csv")))
names = [r["patient"] for r in rows]
assert names == ['first, "A"'] * 5 + ["Jörg Ångström"] * 5 + ["bad"] + ["c"] * 5, names
assert [r["status"] for r in rows] == ["done"] * 10 + ["broken"] + ["done"] * 5
assert "nothing.nii.gz" in rows[10]["message"] and rows[10]["method"] == ""
assert rows[5]["verdict"] == "fail" and rows[5]["tumour-dose"] == "fail"
assert len({r["seed"] for r in rows if r["seed"]}) == 3, "patients share a seed"
verdict = json.load(open("verdict.json"))
def metric(structure, method, name):
    return next(s for s in verdict["structures"] if s["name"] == structure)["methods"][method].get(name)
truth = None
for r in rows[11:]:
    for region, structure in (("tumours", "tumours"), ("normal", r["normal_structure"]), ("lungs", "lungs")):
        mean, error = (metric(structure, r["method"], n) for n in ("mean_Gy", "mean_error_Gy"))
        assert abs(float(r[region + "_Gy"]) - mean) < 1e-9 * mean, (r["method"], region)
        if error is not None: assert abs(float(r[region + "_error_Gy"]) - error) < 1e-6 * error, (r["method"], region)
        if r["method"] == "monte-carlo": continue
        difference = mean - metric(structure, "monte-carlo", "mean_Gy")
        assert abs(float(r[region + "_difference_Gy"]) - difference) < 1e-9 * mean
        assert abs(float(r[region + "_difference_percent"]) - 100 * difference / (mean - difference)) < 1e-6
    for rule in verdict["rules"]:
        if rule["id"] in ("lung-dose-cumulative", "spared-liver") and rule["method"] in (None, r["method"]):
            assert r[rule["id"]] == rule["verdict"], rule
whole = json.load(open("all/cohort.json"))
tumours = next(a for a in whole["agreement"] if (a["region"], a["method"]) == ("tumours", "partition"))
differences = [float(r["tumours_difference_Gy"]) for r in rows if r["method"] == "partition"]
assert abs(tumours["Gy"]["bias"]["value"] - sum(differences) / 3) < 1e-9 and tumours["patients"] == 3
PY

# Once more: nothing is repeated, nothing is touched but the files over all.
stamps() { find all -mindepth 2 -type f -printf '%p %T@ %i\n' | sort; }
stamps >before
expect 3 cohort list.toml -o all "${run[@]}"
stamps | cmp - before || fail "the second run wrote again"
[[ $(grep -c 'complete already' err) == 12 ]] || fail "12 dose files were to be kept"
# Other histories: Monte Carlo and the kernels anew, local deposition not. A damaged file: made anew.
echo damaged >all/c/local-deposition.h5
expect 0 cohort list.toml -o all --only c "${cpu[@]}" --histories 9e3
[[ $(grep -c 'made anew' err) == 4 && $(grep -c 'complete already' err) == 0 ]] || fail "all of c was to be made anew"
sum=$(sha256sum all/c/monte-carlo.h5)
expect 3 cohort list.toml -o all --only c "${cpu[@]}" --histories 9e3 --seed 9
grep -q '^error: c: .*another seed.*--force' err || fail "another seed's dose was to be kept"
[[ $(sha256sum all/c/monte-carlo.h5) == "$sum" ]] || fail "another seed's dose was replaced"
expect 0 cohort list.toml -o all --only c "${cpu[@]}" --histories 9e3 --seed 9 --force
[[ $(grep -c 'made anew' err) == 1 ]] || fail "another seed is another Monte Carlo run alone"

# One patient at a time, as a job array does, then all.
expect 0 cohort list.toml -o array "${run[@]}" --index 0
expect 5 cohort list.toml -o array "${run[@]}" --index 1
expect 3 cohort list.toml -o array "${run[@]}" --index 2
[[ ! -e array/cohort.csv && ! -e array/index.html && -s array/Jörg\ Ångström/verdict.json ]] || fail "--index wrote the wrong files"
expect 2 cohort list.toml -o array "${run[@]}" --index 4
expect 2 cohort list.toml -o array "${run[@]}" --only nobody
expect 3 cohort list.toml -o array "${run[@]}"
[[ $(grep -c 'complete already' err) == 8 ]] || fail "8 dose files were there"

# Killed in the middle, then stopped by Ctrl-C: the same bits in the end.
{ patient one a; patient two c; } >two.toml
long=(--device cpu --threads 1 --histories 2e6 --checkpoint-every 0.05)
"$program" cohort two.toml -o whole "${long[@]}" >out 2>err || fail "a whole run"
"$program" cohort two.toml -o killed "${long[@]}" >/dev/null 2>&1 &
pid=$!
for ((i = 0; i < 2400; ++i)); do [[ -e killed/one/monte-carlo.h5.checkpoint ]] && break; sleep 0.05; done
kill -KILL $pid && wait $pid 2>/dev/null || true
[[ -e killed/one/monte-carlo.h5.checkpoint && ! -e killed/one/monte-carlo.h5 ]] || fail "not killed in the middle"
setsid "$program" cohort two.toml -o killed "${long[@]}" >out 2>err &
pid=$!
for ((i = 0; i < 2400; ++i)); do [[ -e killed/two/monte-carlo.h5.checkpoint ]] && break; sleep 0.05; done
kill -INT $pid
status=0
wait $pid || status=$?
[[ $status == 130 ]] || fail "SIGINT: exit $status"
grep -q 'going on after' err || fail "the killed run was started afresh"
[[ -s killed/two/monte-carlo.h5.checkpoint && ! -e killed/two/monte-carlo.h5 && ! -e killed/cohort.csv ]] || fail "SIGINT left the wrong files"
expect 0 cohort two.toml -o killed "${long[@]}"
grep -q 'going on after' err || fail "the stopped run was started afresh"
cmp killed/cohort.csv whole/cohort.csv
# A checkpoint of another seed is dropped by --force alone.
cp -r killed other && rm other/two/monte-carlo.h5
"$program" cohort two.toml -o other "${long[@]}" --only two --seed 4 >/dev/null 2>&1 &
pid=$!
for ((i = 0; i < 2400; ++i)); do [[ -e other/two/monte-carlo.h5.checkpoint ]] && break; sleep 0.05; done
kill -KILL $pid && wait $pid 2>/dev/null || true
expect 3 cohort two.toml -o other "${long[@]}"
grep -q 'another seed.*--force' err || fail "the other seed's checkpoint was to be kept"
[[ -s other/two/monte-carlo.h5.checkpoint ]] || fail "the other seed's checkpoint was dropped"
expect 0 cohort two.toml -o other "${long[@]}" --force
grep -q 'another seed.*starting afresh' err || fail "the other seed's checkpoint was not dropped"
cmp other/cohort.csv whole/cohort.csv

# Cases without a list, with the uncertainty as the goal.
expect 0 cohort cases/a/case.toml cases/c/case.toml -o bare --device cpu --threads 1 --histories 1e6 --uncertainty 3%
[[ -s bare/a/verdict.json && -s bare/c/verdict.json ]] || fail "cases of one name are not named by their folders"
expect 0 cohort cases/a/case.toml cases/c/case.toml -o bare --device cpu --threads 1 --histories 1e6 --uncertainty 3%
[[ $(grep -c 'complete already' err) == 8 ]] || fail "a run that reached its goal was run again"
expect 3 cohort cases/a/case.toml cases/a/case.toml -o twice
expect 3 cohort two.toml cases/a/case.toml -o twice
