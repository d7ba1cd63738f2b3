#!/usr/bin/env bash
# usage: export.sh PROGRAM   doses as images, RTDOSE and CSV; wrong endings are refused and leave nothing; so does memory that is refused.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
"$program" phantom sphere -o "$folder/case" >/dev/null
"$program" simulate "$folder/case/case.toml" -o "$folder/dose.h5" --histories 6400 --device cpu >/dev/null 2>&1
for file in dose.nii.gz dose.nrrd dose.mha dose.dcm dvh.csv; do
  "$program" export "$folder/dose.h5" -o "$folder/$file" >/dev/null 2>"$folder/err" || fail "$file: $(cat "$folder/err")"
  [[ -s $folder/$file ]] || fail "no $file"
done
"$program" export "$folder/dose.h5" -o "$folder/error.nii.gz" --what uncertainty >/dev/null 2>&1 || fail "the uncertainty"
head -1 "$folder/dvh.csv" | grep -q dose || fail "the CSV has no header"
# What is written is a mask or an image that the program reads again, on the same grid.
sed 's/activity.nii.gz/..\/dose.mha/; s/quantity = "Bq"/quantity = "Bq"/' "$folder/case/case.toml" >"$folder/case/again.toml"
"$program" convolve "$folder/case/again.toml" -o "$folder/again.h5" --method local >/dev/null 2>"$folder/err" || fail "the exported image: $(cat "$folder/err")"
for file in dose.xyz dose; do
  status=0
  "$program" export "$folder/dose.h5" -o "$folder/$file" >/dev/null 2>"$folder/err" || status=$?
  [[ $status == 2 || $status == 3 ]] || fail "exit $status for $file"
  [[ ! -e $folder/$file && $(wc -l <"$folder/err") == 1 ]] || fail "$file: not refused in one line"
done
status=0
"$program" export "$folder/case/case.toml" -o "$folder/x.dcm" >/dev/null 2>"$folder/err" || status=$?
[[ $status == 3 && ! -e $folder/x.dcm ]] || fail "a case file was exported"

# Memory is refused once, at any place: the right file, or one line and exit status 3, also where a library crashes of it; nothing is left.
refusing=$(find "$(dirname "$program")" -name libfault_allocations.so)
if [[ -z $refusing ]]; then
  skipped "memory that is refused: a build without libfault_allocations.so"
  exit 0
fi
cd "$folder"
"$program" export dose.h5 -o whole.dcm -q
FAULT_COUNTS=$folder/counts LD_PRELOAD=$refusing "$program" export dose.h5 -o x.dcm -q
calls=$(od -An -tu8 -N8 counts | tr -d ' ')
rm x.dcm
((calls > 10000)) || fail "only $calls allocations"
refused=0
for ((i = 1; i <= 40; ++i)); do
  at=$((calls * i / 41 + i))
  status=0
  FAULT_AT=small:$at LD_PRELOAD=$refusing "$program" export dose.h5 -o x.dcm -q 2>err || status=$?
  [[ $status == 0 || $status == 3 ]] || fail "allocation $at of $calls: exit status $status: $(cat err)"
  [[ $status == 0 || $(wc -l <err) == 1 ]] || fail "allocation $at: not one line: $(cat err)"
  [[ $status != 3 || ! -e x.dcm ]] || fail "allocation $at: refused, and a file"
  [[ -z $(find . -name '.*-*') ]] || fail "allocation $at left $(find . -name '.*-*')"
  refused=$((refused + (status == 3)))
  rm -f x.dcm
done
((refused > 5)) || fail "40 refusals, and $refused were noticed"
