#!/usr/bin/env bash
# usage: export.sh PROGRAM   doses as images, RTDOSE and CSV; wrong endings are refused and leave nothing.
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
