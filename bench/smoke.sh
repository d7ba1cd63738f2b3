#!/usr/bin/env bash
# usage: smoke.sh REPOSITORY YTTERBY_BENCH   every kind of benchmark runs once, as small as can be, and tools/bench makes a
# record, tables and a comparison of it.
set -euo pipefail
bench=$1/tools/bench program=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() {
  cat "$folder/out" >&2
  echo "FAILED: $*" >&2
  exit 1
}
unset YTTERBY_BENCH_CASES
"$bench" --quick --passes 1 --program "$program" -o "$folder/run.json" -- --work=0.002 --benchmark_min_time=0.001 \
  >"$folder/out" 2>&1 || fail "exit $?"
for row in 'water_3mm (6.89e4 voxels) | baseline, 1' 'efficiency of the source voxel' 'convolution, 32^3' \
  'files/write_dose' 'to the first history' 'memory of such a run' 'hinge_deflection | baseline' 'voxels/46^3' \
  'Skipped: real patients'; do
  grep -qF "$row" "$folder/run.md" || fail "no row of $row"
done
"$bench" --compare "$folder/run.json" "$folder/run.json" >"$folder/out" || fail "exit $? of the comparison"
grep -Eq '^0 of [1-9][0-9]+ beyond noise' "$folder/out" || fail "a record differs from itself"
echo '{"format": "another"}' >"$folder/other.json"
status=0
"$bench" --compare "$folder/run.json" "$folder/other.json" >"$folder/out" 2>&1 || status=$?
[[ $status == 3 ]] || fail "exit $status instead of 3"
grep -q 'other.json: is not a record' "$folder/out" || fail "does not name the file"
"$program" --work=nothing >"$folder/out" 2>&1 && fail "takes --work=nothing"
exit 0
