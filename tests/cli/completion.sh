#!/usr/bin/env bash
# usage: completion.sh PROGRAM   completion for bash and zsh and man pages know every verb and option that --help knows.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
cd "$folder"
"$program" completion bash >bash || fail "bash"
"$program" completion zsh >zsh || fail "zsh"
mapfile -t verbs < <("$program" completion verbs)
((${#verbs[@]} >= 18)) || fail "${#verbs[@]} verbs"
bash -n bash || fail "bash cannot read its script"
if command -v zsh >/dev/null; then zsh -n zsh || fail "zsh cannot read its script"; else skipped "zsh is not there"; fi

# As bash asks for it.
source ./bash
complete_words() { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=(); _ytterby; }
complete_words ytterby va
[[ ${COMPREPLY[*]} == "validate validate-physics" ]] || fail "va: ${COMPREPLY[*]}"
complete_words ytterby simulate case.toml --vox
[[ ${COMPREPLY[*]} == "--voxel-uncertainty" ]] || fail "--vox: ${COMPREPLY[*]}"
touch "a case.toml"
complete_words ytterby run "a c"
[[ ${COMPREPLY[*]} == "a case.toml" ]] || fail "a file: ${COMPREPLY[*]}"

for verb in "${verbs[@]}"; do
  "$program" completion man "$verb" >"$verb.1" || fail "man $verb"
  [[ $(head -1 "$verb.1") == .TH\ YTTERBY-* ]] || fail "$verb.1 has no title"
  "$program" "$verb" --help >help
  sed 's/\\-/-/g; s/\\&//g' "$verb.1" >typed
  mapfile -t options < <(grep -oE '(^| |,)--[a-z0-9-]+' help | grep -oE -- '--[a-z0-9-]+' | sort -u)
  ((${#options[@]} >= 3)) || fail "$verb --help names no options"
  for option in "${options[@]}"; do
    grep -qE "^ +(-.,)?$option( |\$|,)" help || continue # in a description
    grep -q -- "$option" typed || fail "$verb.1 lacks $option"
    complete_words ytterby "$verb" "$option"
    [[ " ${COMPREPLY[*]} " == *" $option "* ]] || fail "bash does not know $verb $option"
    grep -q -- "'$option\[" zsh || fail "zsh does not know $option"
  done
  if command -v groff >/dev/null; then
    warnings=$(groff -man -ww -Tutf8 -z "$verb.1" 2>&1)
    [[ -z $warnings ]] || fail "$verb.1: $warnings"
  fi
done
"$program" completion man >program.1
for verb in "${verbs[@]}"; do grep -q "^\\\\fB.*$(sed 's/-/.*/g' <<<"$verb")" program.1 || fail "ytterby.1 lacks $verb"; done
for bad in "fish" "bash run" "man simulat"; do
  status=0
  # shellcheck disable=SC2086
  "$program" completion $bad >out 2>err || status=$?
  [[ $status == 2 && $(wc -l <err) == 1 && ! -s out ]] || fail "completion $bad: exit $status, $(cat err)"
done
grep -q 'did you mean "simulate"' err || fail "no nearest verb: $(cat err)"
