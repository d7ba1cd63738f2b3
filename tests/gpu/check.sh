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
  for tool in memcheck racecheck; do
    grep -q "^skipped $tool: no GPU" "$folder/out" || fail "skips $tool without a word"
  done
  "$script" --stage correlated -o "$folder/correlated" >"$folder/out" || fail "exit $? of the stage correlated"
  grep -q "^skipped correlated: no GPU" "$folder/out" || fail "skips the correlated estimator without a word"
  status=0
  "$script" --quick --require-gpu -o "$folder/run" >"$folder/out" || status=$?
  [[ $status == 4 ]] || fail "exit $status instead of 4"
fi
# Records of stages, tables of them, and the way back into tools/bench.
"$1/tools/bench" --table "$folder"/run/*.json >"$folder/out" || fail "exit $? of the table"
"$1/tools/bench" --compare "$folder"/run/*.json "$folder"/run/*.json >"$folder/out" || fail "exit $? of the comparison"
[[ -s $(ls "$folder"/run/*.md) ]] || fail "no tables"

# A stage that hangs is stopped, what it had found is kept, and the next one runs.
cat >"$folder/hangs" <<'END'
#!/usr/bin/env bash
[[ $1 != --help ]] || exit 2
[[ $1 != --list-* ]] || { echo "0: a GPU"; exit 0; }
echo "ok      first: fine"
cat >"$2/2026-01-31-h100-smoke.json" <<'RECORD'
{"format": "ytterby-bench", "stage": "smoke", "date": "2026-01-31T00:00:00Z", "device": "H100", "devices": 1, "driver_cuda": "13.0",
 "runtime_cuda": "13.0", "commit": "0", "build": "", "host": "", "cores": 1, "gpu": {}, "finished": false, "passed": false,
 "histories_per_s": {}, "skipped": {}, "results": {}, "findings": [{"what": "first", "state": "good", "detail": "fine"}]}
RECORD
sleep 60
END
chmod +x "$folder/hangs"
status=0
YTTERBY_STAGE_SECONDS=1 YTTERBY_GPU_CHECK=$folder/hangs "$script" --stage smoke --stage facts -o "$folder/hung" >"$folder/out" 2>&1 || status=$?
[[ $status == 5 ]] || fail "exit $status instead of 5 after a stage that hangs"
grep -q "^FAILED  smoke: stopped after" "$folder/out" || fail "does not say that it stopped a stage"
grep -q "^ok      facts" "$folder/out" || fail "goes no further"
python3 - "$folder/hung/2026-01-31-h100.json" <<'END' || fail "a partial record is no record"
import json, sys
record = json.load(open(sys.argv[1]))
assert record["findings"][0]["what"] == "first" and not record["finished"] and not record["passed"]
assert record["stages"]["smoke"]["state"] == "bad" and record["stages"]["facts"]["state"] == "good"
END
logs=$(tar -tzf "$folder/hung/stages.tar.gz")  # not into grep -q, which lets tar fail where it ends first
[[ $logs == *smoke.log* ]] || fail "no logs"

# What goes into a bundle runs with glibc 2.28.
portable=${2}_portable
if [[ -x $portable ]] && command -v objdump >/dev/null && [[ $(uname -m) == x86_64 ]]; then
  newest=$(objdump -T "$portable" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
  [[ $(printf '%s\nGLIBC_2.28\n' "$newest" | sort -V | tail -n 1) == GLIBC_2.28 ]] || fail "needs $newest"
  status=0
  "$portable" --list-gpus >"$folder/out" 2>&1 || status=$?
  [[ $status == 0 || $status == 4 ]] || fail "exit $status of the portable program"
fi
status=0
"$script" --fast >"$folder/out" 2>&1 || status=$?
[[ $status == 2 ]] || fail "exit $status instead of 2"
