#!/usr/bin/env bash
# usage: phantom.sh PROGRAM   every phantom is a case that `simulate` takes; wrong names and folders are refused.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
# refused STATUS COMMAND...: exit status as stated, and one line on stderr.
refused() {
  local expected=$1 status=0
  shift
  "$@" >/dev/null 2>"$folder/err" || status=$?
  [[ $status == "$expected" ]] || fail "exit $status instead of $expected: $*"
  [[ $(wc -l <"$folder/err") == 1 ]] || fail "more than one line on stderr: $*"
}

for name in slabs sphere point; do
  printed=$("$program" phantom "$name" -o "$folder/$name")
  [[ $printed == "$folder/$name/case.toml" ]] || fail "phantom $name printed $printed"
  "$program" simulate "$folder/$name/case.toml" -o "$folder/$name/dose.h5" --histories 1000 >"$folder/out" 2>"$folder/err"
  grep -q "balances as integers" "$folder/out" || fail "$name: no balanced ledger"
done
# A coarse patient: same case, fewer voxels.
"$program" phantom rescue -o "$folder/rescue" --spacing 6 >/dev/null
"$program" simulate "$folder/rescue/case.toml" -o "$folder/rescue/dose.h5" --histories 1000 >"$folder/out" 2>"$folder/err"
grep -q "^spared-liver" "$folder/out" || fail "rescue: no spared liver"

refused 2 "$program" phantom cube -o "$folder/cube"
[[ ! -e $folder/cube ]] || fail "a refused phantom left a folder"
refused 2 "$program" phantom sphere -o "$folder/cube" --spacing 0
: >"$folder/file"
refused 3 "$program" phantom point -o "$folder/file"
