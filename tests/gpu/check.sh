#!/usr/bin/env bash
# usage: check.sh REPOSITORY GPU_CHECK   tools/gpu-check where there may be no GPU: it says what it skipped, leaves a
# record, and takes a GPU's absence for a failure only where it has to.
set -euo pipefail
script=$1/tools/gpu-check
export YTTERBY_GPU_CHECK=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() {
  cat "$folder/out" >&2
  echo "FAILED: $*" >&2
  exit 1
}
"$script" --quick -o "$folder/run" >"$folder/out" || fail "exit $?"
for case in water_3mm interfaces_3mm patient_1mm convolution; do
  grep -q "^ok      host, $case" "$folder/out" || fail "no check of $case on the host"
done
python3 - "$folder"/run/*.json <<'END' || fail "the record cannot be read"
import json, sys
record = json.load(open(sys.argv[1]))
assert record["format"] == "ytterby-bench" and record["passed"] is True
assert {"date", "device", "driver_cuda", "commit", "histories_per_s"} <= record.keys()
END
if grep -q "^device: no GPU" "$folder/out"; then
  grep -q "^skipped GPU against CPU" "$folder/out" || fail "skips without a word"
  grep -q "^skipped memcheck, racecheck: no GPU" "$folder/out" || fail "skips the sanitizer without a word"
  status=0
  "$script" --quick --require-gpu -o "$folder/run" >"$folder/out" || status=$?
  [[ $status == 4 ]] || fail "exit $status instead of 4"
fi
status=0
"$script" --fast >"$folder/out" 2>&1 || status=$?
[[ $status == 2 ]] || fail "exit $status instead of 2"
