#!/usr/bin/env bash
# usage: stop.sh PROGRAM [STOPS]   SIGINT and SIGTERM at random moments of every verb that writes (STOPS times each, 2 where left out),
# and at chosen ones of simulate and cohort.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
python=$(python_with_h5py)
"$python" "$support/stop.py" "$program" "$folder" "${2:-2}"
cd "$folder"

# While the reference kernel is made: no kernel is kept, no checkpoint is left, and --resume begins anew, to the bits of a run that was not
# stopped.
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
  grep -q 'stopped before the first history: .*the same command begins anew' err && ! grep -q 'reference kernel for' err || fail "$(cat err)"
  [[ -z $(find cache -type f 2>/dev/null; find . -maxdepth 1 -name '*kernel.h5*') ]] || fail "SIG$signal left $(find cache .)"
done
"${simulate[@]}" -o kernel.h5 --resume >out 2>err || fail "after a stop: $(cat err)"
same_dose whole.h5 kernel.h5
