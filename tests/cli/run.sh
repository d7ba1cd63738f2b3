#!/usr/bin/env bash
# usage: run.sh PROGRAM   the whole chain on a case: one page, the numbers of the single verbs, resumed where it was stopped.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
cd "$folder"
"$program" phantom rescue -o p --spacing 15 >/dev/null
run=(run p/case.toml -o r --device cpu --threads 1 --histories 64000)
status=0
"$program" "${run[@]}" >out 2>err || status=$?
[[ $status == 0 || $status == 5 ]] || fail "exit $status: $(cat err)"
for file in plan.json verdict.json index.html monte-carlo.h5 voxel-kernel.h5 voxel-kernel-scaled.h5 local-deposition.h5; do
  [[ -s r/$file ]] || fail "no $file"
done
[[ $(wc -l <out) -le 24 ]] || fail "the summary does not fit one screen: $(cat out)"
for words in '^rescue: ' '^activity: ' '^tumours ' '^lungs ' 'balances as integers' '^page: r/index.html'; do
  grep -q "$words" out || fail "the summary lacks $words: $(cat out)"
done
python3 - <<'PY'
import json
verdict = json.load(open("r/verdict.json"))
methods = {m for s in verdict["structures"] for m in s["methods"]}
assert methods == {"monte-carlo", "voxel-kernel", "voxel-kernel-scaled", "local-deposition", "partition"}, methods
PY
# What single verbs say of the same doses.
"$program" validate p/case.toml r/monte-carlo.h5 r/voxel-kernel.h5 r/voxel-kernel-scaled.h5 r/local-deposition.h5 -o v.json >/dev/null 2>err || true
python3 -c 'import json; a, b = (json.load(open(f)) for f in ("v.json", "r/verdict.json")); assert a["structures"] == b["structures"] and a["rules"] == b["rules"]'
"$program" plan p/case.toml -o plan.json >/dev/null 2>err
cmp plan.json r/plan.json
# Once more: nothing is computed again.
stamps() { find r -name '*.h5' -printf '%p %T@ %i\n' | sort; }
stamps >before
"$program" "${run[@]}" --json >out 2>err || [[ $? == "$status" ]] || fail "the second run"
stamps | cmp - before || fail "the second run made doses again"
python3 -c 'import json; r = json.load(open("out")); assert r["files"]["page"] == "r/index.html" and r["mean_Gy"]["monte-carlo"]["tumours"] > 0'
# Stopped by Ctrl-C: the same command goes on.
setsid "$program" run p/case.toml -o s --device cpu --threads 1 --histories 4e5 >out 2>err &
pid=$!
for ((i = 0; i < 2400; ++i)); do grep -qs 'reference kernel for' err && break; sleep 0.05; done
sleep 0.5
kill -INT $pid
code=0
wait $pid || code=$?
if [[ $code == 130 ]]; then
  [[ -s s/monte-carlo.h5.checkpoint && ! -e s/index.html ]] || fail "Ctrl-C left the wrong files"
  "$program" run p/case.toml -o s --device cpu --threads 1 --histories 4e5 >out 2>err || [[ $? == "$status" ]] || fail "going on"
  grep -q 'going on after' err || fail "started afresh"
fi
[[ -s s/index.html ]] || fail "no page"
# A case without a tumour has a page and no verdict; an input is no output.
"$program" phantom sphere -o q --spacing 10 >/dev/null
sed -i 's/"tumour"/"liver"/' q/case.toml
"$program" run q/case.toml -o t --device cpu --threads 1 --histories 640 >out 2>err || fail "no tumour: $(cat err)"
[[ -s t/index.html && ! -e t/verdict.json ]] || fail "no tumour: a verdict, or no page"
