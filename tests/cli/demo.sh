#!/usr/bin/env bash
# usage: demo.sh PROGRAM   the demo on few histories leaves the patient and the dose, also into a folder that exists.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
"$program" demo -o "$folder" --histories 2e4 >"$folder/out" 2>"$folder/err"
for file in case.toml ct.nii.gz activity.nii.gz tumour.nii.gz dose.h5; do
  [[ -s $folder/$file ]] || fail "no $file"
done
for words in "^tumours" "balances as integers" "^case: $folder/case.toml" "^dose: $folder/dose.h5"; do
  grep -q "$words" "$folder/out" || fail "the output lacks $words"
done
