#!/usr/bin/env bash
# usage: outputs.sh PROGRAM   no verb's output takes the place of what it reads, of another output, or of finished work;
# each refusal has exit status 3 and one line that names the file, and the file stays as it was.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
cd "$folder"
"$program" phantom sphere -o p --spacing 10 >/dev/null
case=p/case.toml
run() { "$program" simulate $case --device cpu --threads 1 -q "$@" >/dev/null 2>err; }
run -o mc.h5 --histories 6400
"$program" convolve $case --method local -o local.h5 >/dev/null 2>err
"$program" kernel -o kernel.h5 --spacing 10x10x10 --extent 20 --histories 640 --threads 1 >/dev/null 2>err
cp local.h5 other.h5
ln mc.h5 hard.h5
ln -s mc.h5 soft.h5
find . -type f ! -name err ! -name before | sort | xargs sha256sum >before
# refused WORDS COMMAND...
refused() {
  local words=$1 status=0
  shift
  "$program" "$@" >/dev/null 2>err || status=$?
  [[ $status == 3 && $(grep -c '^ytterby: ' err) == 1 ]] || fail "exit $status: $*: $(cat err)"
  grep -q "$words" err || fail "the refusal of $* lacks $words: $(cat err)"
  find . -type f ! -name err ! -name before | sort | xargs sha256sum | cmp -s - before || fail "files changed: $*"
}
sim=(simulate $case --device cpu --threads 1 -q)
for output in mc.h5 hard.h5 soft.h5; do
  refused 'cannot be the output' validate $case mc.h5 -o $output
  refused 'cannot be the output' validate $case mc.h5 --csv $output
  refused 'cannot be the output' report $case mc.h5 -o $output
  refused 'cannot be the output' compare mc.h5 local.h5 -o $output
done
refused 'cannot be the output' compare mc.h5 local.h5 -o local.h5 --force
refused 'cannot be the output' export mc.h5 -o soft.h5
refused 'cannot be the output' convolve $case --kernel kernel.h5 -o kernel.h5
for input in p/case.toml p/labels.nii.gz p/activity.nii.gz; do
  [[ -e $input ]] || continue
  refused 'cannot be the output' "${sim[@]}" -o $input
  refused 'cannot be the output' convolve $case --method local -o $input
  refused 'cannot be the output' plan $case -o $input
done
# Finished work that something else would replace.
refused 'finished dose' plan $case -o local.h5
refused 'finished dose' validate $case local.h5 -o mc.h5
refused 'finished dose' export local.h5 -o mc.h5
refused 'finished dose' kernel -o mc.h5 --histories 640
refused 'finished kernel' "${sim[@]}" -o kernel.h5 --histories 640
refused 'finished kernel' kernel -o kernel.h5 --spacing 10x10x10 --extent 20 --histories 320
refused 'method local-deposition' "${sim[@]}" -o other.h5 --histories 6400
refused '6400 histories' "${sim[@]}" -o mc.h5 --histories 3200
refused 'another seed' "${sim[@]}" -o mc.h5 --histories 6400 --seed 2
refused 'method monte-carlo' convolve $case --method local -o mc.h5
refused 'may end with fewer' "${sim[@]}" -o mc.h5 --histories 64000 --uncertainty 50% --goal sphere
# Phantoms keep to folders of their own.
mkdir patient && echo mine >patient/ct.nii.gz
find . -type f ! -name err ! -name before | sort | xargs sha256sum >before
refused 'empty folder' phantom rescue -o patient --spacing 20
refused 'empty folder' phantom sphere -o patient
refused 'empty folder' demo -o patient --histories 640
# The same run, with as many histories or more, takes its place; anything does with --force.
run -o mc.h5 --histories 6400
run -o mc.h5 --histories 12800
run -o mc.h5 --histories 640 --seed 2 --force
"$program" convolve $case --method local -o other.h5 >/dev/null 2>err
"$program" kernel -o kernel.h5 --spacing 10x10x10 --extent 20 --histories 640 --threads 1 >/dev/null 2>err
# A CSV does not take the place of the verdict, which is what was asked for first.
"$program" phantom rescue -o r --spacing 20 >/dev/null
"$program" convolve r/case.toml --method local -o r.h5 >/dev/null 2>err
status=0
"$program" validate r/case.toml r.h5 -o v --csv ./v >/dev/null 2>err || status=$?
[[ $status == 3 && $(head -c 1 v) == '{' ]] && grep -q 'another output.*the verdict is there' err || fail "-o v --csv ./v: exit $status: $(cat err)"
# A checkpoint is dropped by --force alone.
run -o kept.h5 --histories 640 --keep-checkpoint
sum=$(sha256sum kept.h5.checkpoint)
status=0
run -o kept.h5 --histories 640 || status=$?
[[ $status == 3 ]] && grep -q 'kept.h5.checkpoint' err || fail "a fresh start over a checkpoint: exit $status"
[[ $(sha256sum kept.h5.checkpoint) == "$sum" ]] || fail "the checkpoint was touched"
run -o kept.h5 --histories 1280 --resume
run -o kept.h5 --histories 640 --keep-checkpoint --force
run -o kept.h5 --histories 640 --force
[[ ! -e kept.h5.checkpoint ]] || fail "--force left the checkpoint"
