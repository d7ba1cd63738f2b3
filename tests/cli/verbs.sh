#!/usr/bin/env bash
# usage: verbs.sh PROGRAM   what all verbs have in common: help, --json, --dry-run, -q and -v, words for mistakes.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
cd "$folder"
version=$("$program" --version)
[[ $version =~ ^ytterby\ [0-9]+\.[0-9]+.*\(.+\)$ ]] || fail "--version says $version"
# wrong WORDS ARGUMENT...: exit status 2 and one line with the words.
wrong() {
  local words=$1 status=0
  shift
  "$program" "$@" >out 2>err || status=$?
  [[ $status == 2 && ! -s out && $(wc -l <err) == 1 ]] || fail "exit $status, or more than one line: $*: $(cat err)"
  grep -q -- "$words" err || fail "$* lacks $words: $(cat err)"
}
wrong 'did you mean "simulate"' simulat case.toml
wrong 'did you mean "report"' raport
wrong 'ytterby --help' raport
wrong 'ytterby simulate --help' simulate --no-such-option
wrong 'ytterby simulate --help' simulate case.toml -o d.h5 --histories many
wrong 'ytterby kernel --help' kernel -o k.h5 --threads 0
wrong 'ytterby plan --help' plan
wrong 'ytterby plan --help' plan case.toml -q -v
for verb in $("$program" --help | awk '/^Subcommands/{on=1; next} on && /^  [a-z]/{print $1}'); do
  "$program" "$verb" --help >out
  for option in --quiet --verbose --json; do
    [[ $verb == completion && $option == --json ]] || grep -q -- "$option" out || fail "$verb has no $option"
  done
  [[ $verb == info || $verb == check || $verb == completion ]] || grep -q -- --dry-run out || fail "$verb has no --dry-run"
  grep -q '^Example' out || fail "$verb has no example"
done

"$program" phantom rescue -o p --spacing 15 --json | python3 -c 'import json, sys; assert json.load(sys.stdin)["case"] == "p/case.toml"'
case=p/case.toml
run=(simulate $case --device cpu --threads 1 --histories 640)
# Quiet: nothing but warnings. Verbose: the inputs' hashes.
"$program" "${run[@]}" -o d.h5 -q >/dev/null 2>err
! grep -vE '^warning' err || fail "-q says more than warnings"
"$program" "${run[@]}" -o d.h5 -v >/dev/null 2>err
grep -q "debug: .*SHA-256 $(sha256sum p/activity.nii.gz | cut -d' ' -f1)" err || fail "-v lacks the hash of an input"
# JSON, and nothing written by a dry run.
"$program" convolve $case --method local -o l.h5 -q >/dev/null
json() { python3 -c 'import json, sys; json.load(sys.stdin)' || fail "no JSON: $*"; }
for command in "export d.h5 -o x.nii.gz" "report $case d.h5 -o x.html" "compare d.h5 l.h5" \
  "kernel -o x.h5 --histories 640 --spacing 10x10x10 --extent 20" "replay $case --history 3" "phantom point -o x"; do
  # shellcheck disable=SC2086
  "$program" $command --json -q 2>err | json "$command"
  rm -rf x x.*
  # shellcheck disable=SC2086
  "$program" $command --dry-run -q >out 2>err || fail "--dry-run: $command: $(cat err)"
  [[ -s out && -z $(compgen -G 'x*') ]] || fail "--dry-run of $command says nothing, or wrote"
done
"$program" demo -o x --dry-run >out && [[ ! -e x ]] || fail "the demo's dry run wrote"
