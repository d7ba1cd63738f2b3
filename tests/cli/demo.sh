#!/usr/bin/env bash
# usage: demo.sh PROGRAM   the demo on few histories leaves the patient and the dose, also in a folder that exists.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
out=$folder/out
demo=$folder/demo
mkdir "$demo"
"$program" demo -o "$demo" --histories 2e4 >"$out" 2>"$out.err"
for file in case.toml ct.nii.gz activity.nii.gz tumour.nii.gz dose.h5; do
  [[ -s $demo/$file ]] || fail "no $file"
done
for words in "^tumours" "balances as integers" "^case: $demo/case.toml" "^dose: $demo/dose.h5"; do
  grep -q "$words" "$out" || fail "the output lacks $words"
done

# tools/demo says without a build what the program says.
"$program" demo --help | sed -nE 's/^ +(-.,)?(--[a-z-]+) .*/\2/p' | sort >"$folder/options"
"$(dirname "$0")/../../tools/demo" --help | grep -oE -- '--[a-z-]+ ' | tr -d ' ' | sort -u >"$folder/told"
sed -i '/--help/d' "$folder/options"
[[ -s $folder/options ]] || fail "no options in --help"
cmp "$folder/options" "$folder/told" || fail "tools/demo --help and the program's name other options"
# Once more into its own folder, with as many histories; an edited case stays.
"$program" demo -o "$demo" --histories 2e4 >"$out" 2>"$out.err"
echo '# edited' >>"$demo/case.toml"
status=0
"$program" demo -o "$demo" --histories 2e4 >"$out" 2>"$out.err" || status=$?
[[ $status == 3 ]] && grep -q 'case.toml was changed' "$out.err" || fail "exit $status over an edited case"
