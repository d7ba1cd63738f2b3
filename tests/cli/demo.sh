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

# tools/demo says without a build what the program says.
"$program" demo --help | sed -nE 's/^ +(-.,)?(--[a-z]+) .*/\2/p' | sort >"$folder/options"
"$(dirname "$0")/../../tools/demo" --help | grep -oE -- '--[a-z]+ ' | tr -d ' ' | sort -u >"$folder/told"
sed -i '/--help/d' "$folder/options"
[[ -s $folder/options ]] || fail "no options in --help"
cmp "$folder/options" "$folder/told" || fail "tools/demo --help and the program's name other options"
