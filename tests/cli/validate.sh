#!/usr/bin/env bash
# validate and compare: exit statuses and files.
# usage: validate.sh PROGRAM
set -eu
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# Runs the program and checks its exit status.
expect() {
  local status=$1 found=0
  shift
  "$program" "$@" >out 2>err || found=$?
  if [[ $found -ne $status ]]; then
    echo "$*: exit status $found, needs to be $status"
    cat err
    exit 1
  fi
}

expect 0 phantom rescue -o rescue
expect 0 convolve rescue/case.toml --method local -o local.h5
"$program" validate rescue/case.toml local.h5 -o verdict.json --csv verdict.csv >table 2>err && status=0 || status=$?
[[ $status -eq 0 || $status -eq 5 ]] || { cat err; exit 1; }
grep -q '"id": "tumour-dose"' verdict.json
grep -q '^tumour' verdict.csv
if [[ $status -eq 5 ]]; then grep -q 'verdict: fail' table; else grep -q 'verdict: pass' table; fi

# What --dry-run prints is a valid case with all rules.
expect 0 validate rescue/case.toml --dry-run
grep -q '^\[protocol.lung-dose-cumulative\]' out
cp out resolved.toml
expect 0 validate resolved.toml --dry-run
cmp out resolved.toml

# A rule that cannot hold breaks; one that always holds does not.
sed '/^low_Gy/s/=.*/= 900000.0/;/^high_Gy/s/=.*/= 910000.0/;/^lung_limited /s/=.*/= "fail"/' resolved.toml >broken.toml
expect 5 validate broken.toml local.h5
sed '/^\[protocol.tumour-dose\]/s/dose/dosis/' resolved.toml >unknown.toml
expect 3 validate unknown.toml
grep -q 'nearest known is "tumour-dose"' err

expect 0 compare local.h5 local.h5 --pass-rate 100%
expect 0 convolve broken.toml --method local -o again.h5
expect 2 compare local.h5 again.h5 --gamma 2mm/2%
expect 3 compare local.h5 missing.h5
