#!/usr/bin/env bash
# usage: replay.sh PROGRAM   a history's events as table and as JSON; energy is kept; refusals.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
"$program" phantom slabs -o "$folder/slabs" >/dev/null
"$program" phantom point -o "$folder/point" >/dev/null
case=$folder/slabs/case.toml
"$program" replay "$case" --history 7 --device cpu >"$folder/table" 2>/dev/null
grep -q "^history 7 of seed 1 on the CPU" "$folder/table" || fail "no heading"
grep -q "^emitted .*electron" "$folder/table" || fail "no emission"
"$program" replay "$case" --history 7 --seed 1 --json >"$folder/json" 2>/dev/null
python3 - "$folder/json" <<'END' || fail "the events do not add up"
import json, sys
history = json.load(open(sys.argv[1]))
events = history["events"]
assert events[0]["kind"] == "emitted" and events[0]["material"], events[0]
left = sum(e["energy_MeV"] for e in events if e["kind"] == "escaped")
assert abs(sum(e["deposited_MeV"] for e in events) + left - events[0]["energy_MeV"]) < 1e-9
END
[[ $("$program" replay "$case" --history 8 --json 2>/dev/null) != "$(cat "$folder/json")" ]] || fail "two histories are one"
for wrong in "--history 281474976710656" "--history -1" "--history 1 --session 2" "--history 1 --device gpu"; do
  status=0
  # shellcheck disable=SC2086
  "$program" replay "$folder/point/case.toml" $wrong >/dev/null 2>"$folder/err" || status=$?
  [[ $status == 2 ]] || fail "exit $status instead of 2: $wrong"
  [[ $(grep -vc "^warning: \|^info: " "$folder/err") == 1 ]] || fail "more than one line of refusal: $wrong"
done
