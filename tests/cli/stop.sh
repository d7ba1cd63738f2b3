#!/usr/bin/env bash
# usage: stop.sh PROGRAM [STOPS]   SIGINT and SIGTERM at random moments of every verb that writes (STOPS times each, 2 where left out),
# and at chosen ones of simulate and cohort.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
python=$(python_with_h5py)
"$python" "$support/stop.py" "$program" "$folder" "${2:-2}"
cd "$folder"

# While the reference kernel is made: no kernel is kept; --resume, and the same command as it was, give the bits of a run that was not
# stopped; another run does not start over the checkpoint.
simulate=("$program" simulate case/case.toml --device cpu --threads 2 --histories 1.9e6)
YTTERBY_CACHE=$folder/other "${simulate[@]}" -o whole.h5 >out 2>err || fail "$(cat err)"
for signal in INT TERM; do
  rm -rf cache err
  "${simulate[@]}" -o kernel.h5 >out 2>err &
  for ((i = 0; i < 2400; ++i)); do grep -qs '^progress' err && break; sleep 0.02; done
  kill -$signal $!
  status=0
  wait $! || status=$?
  [[ $status == $([[ $signal == INT ]] && echo 130 || echo 143) ]] || fail "SIG$signal while the kernel was made: exit $status: $(cat err)"
  grep -q 'stopped after 0 histories of whole batches: .*resume goes on' err && ! grep -q 'reference kernel for' err || fail "$(cat err)"
  [[ -z $(find cache -type f 2>/dev/null; find . -maxdepth 1 -name '*kernel.h5*' ! -name kernel.h5.checkpoint) ]] || fail "SIG$signal left $(find cache .)"
  "$program" check kernel.h5.checkpoint >out 2>err || fail "its checkpoint: $(cat err)"
  cp kernel.h5.checkpoint again.h5.checkpoint
done
status=0
"$program" simulate case/case.toml -o kernel.h5 --device cpu --histories 640 >out 2>err || status=$?
[[ $status == 3 && -s kernel.h5.checkpoint ]] && grep -q 'resume goes on' err || fail "another run: exit $status: $(cat err)"
"${simulate[@]}" -o kernel.h5 --resume >out 2>err || fail "--resume after a stop: $(cat err)"
same_dose whole.h5 kernel.h5
"${simulate[@]}" -o again.h5 >out 2>err || fail "the same command after a stop: $(cat err)"
same_dose whole.h5 again.h5
[[ ! -e kernel.h5.checkpoint && ! -e again.h5.checkpoint ]] || fail "a checkpoint is left"
