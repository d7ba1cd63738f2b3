#!/usr/bin/env bash
# usage: resume.sh PROGRAM [KILLS]   a run that is killed (KILLS times, 4 where left out) or stopped by Ctrl-C goes on to the
# same bits; histories are raised; another run's checkpoint is refused by name.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
kills=${2:-4}
python=$(python_with_h5py)
"$program" phantom sphere -o "$folder/case" >/dev/null
case=$folder/case/case.toml
histories=$((1000000 * kills))  # so that few of the killed runs come to their end
simulate() { "$program" simulate "$case" --histories "$histories" --device cpu --seed 3 --checkpoint-every 0.05 "$@"; }
simulate -o "$folder/whole.h5" >/dev/null 2>&1
[[ ! -e $folder/whole.h5.checkpoint ]] || fail "a complete run left its checkpoint"

# kill -9 at random moments; what goes on uses another number of threads each time.
dose=$folder/killed.h5
killed=0
for ((i = 0; i < kills; ++i)); do
  # No function here: its shell would be killed, and the program live on.
  "$program" simulate "$case" --histories "$histories" --device cpu --seed 3 --checkpoint-every 0.05 -o "$dose" --resume \
    --threads $((1 + i % 3)) >/dev/null 2>&1 &
  pid=$!
  for ((wait_for_it = 0; wait_for_it < 600; ++wait_for_it)); do  # tables take a while where the machine is busy
    [[ ! -e $dose.checkpoint && ! -e $dose ]] || break
    sleep 0.1
  done
  sleep "0.$((RANDOM % 6 + 3))"
  kill -KILL $pid 2>/dev/null && killed=$((killed + 1))
  wait $pid 2>/dev/null || true
  [[ ! -e $dose ]] || break
done
((killed > 0)) || fail "no run was killed"
echo "$killed of $kills runs killed"
[[ -e $dose || -e $dose.checkpoint ]] || fail "nothing is left of $killed killed runs"
simulate -o "$dose" --resume >/dev/null 2>"$folder/err"
grep -Eq 'going on after [0-9]+|complete already' "$folder/err" || fail "--resume started afresh: $(cat "$folder/err")"
same_dose "$folder/whole.h5" "$dose"
simulate -o "$dose" --resume >/dev/null 2>"$folder/err" || fail "--resume of a finished run"
grep -q 'complete already' "$folder/err" || fail "a finished run was run again"

# Ctrl-C: the exit status of a signal, a checkpoint and no dose file.
for signal in INT TERM; do
  dose=$folder/$signal.h5
  setsid "$program" simulate "$case" --histories "$histories" --device cpu --seed 3 --checkpoint-every 0.05 -o "$dose" \
    >"$folder/out" 2>"$folder/err" &
  pid=$!
  for ((i = 0; i < 2400; ++i)); do [[ -s $dose.checkpoint ]] && break; sleep 0.05; done
  kill -$signal $pid
  status=0
  wait $pid || status=$?
  [[ $status == 130 || $status == 143 ]] || fail "SIG$signal: exit $status"
  [[ -s $dose.checkpoint && ! -e $dose ]] || fail "SIG$signal left no checkpoint, or a dose file"
  grep -q 'resume goes on' "$folder/err" || fail "SIG$signal: no word on how to go on"
  simulate -o "$dose" --resume >/dev/null 2>&1
  same_dose "$folder/whole.h5" "$dose"
done

# Raised histories: as good as another run of the same total. In this uniform patient the correlated estimator's errors are of rare
# photons, and cover.
histories=256000
simulate -o "$folder/raised.h5" --estimator plain --keep-checkpoint >/dev/null 2>&1
histories=512000
simulate -o "$folder/raised.h5" --resume >/dev/null 2>&1
"$program" simulate "$case" -o "$folder/fresh.h5" --histories "$histories" --device cpu --seed 4 --estimator plain >/dev/null 2>&1
"$python" - "$folder/fresh.h5" "$folder/raised.h5" <<'PY' || fail "raised histories"
import h5py, numpy, sys
a, b = (h5py.File(f) for f in sys.argv[1:3])
histories = [f["provenance"].attrs["histories"] for f in (a, b)]
assert histories == [512000, 512000], histories
errors = [f["uncertainty"][:] for f in (a, b)]
well_known = (errors[0] < 0.1 * a["dose"][:]) & (errors[1] < 0.1 * b["dose"][:])
assert well_known.sum() > 500, well_known.sum()
z = ((a["dose"][:] - b["dose"][:]) / numpy.hypot(*errors))[well_known]
rms, ratio = numpy.sqrt(numpy.mean(z**2)), numpy.mean((errors[1] / errors[0])[well_known])
assert 0.85 < rms < 1.15 and 0.95 < ratio < 1.05, (rms, ratio)
PY

# Another run's checkpoint, a damaged one, and none.
simulate -o "$folder/other.h5" --keep-checkpoint >/dev/null 2>&1
refused() {
  local status=0
  "$program" simulate "$case" -o "$folder/other.h5" --histories 512000 --device cpu "${@:2}" --resume >"$folder/out" 2>"$folder/err" || status=$?
  [[ $status == 3 && ! -s $folder/out ]] || fail "exit $status instead of 3: $1"
  grep -q "$1" "$folder/err" || fail "stderr lacks $1: $(cat "$folder/err")"
}
refused 'another seed' --seed 4
printf '\n[transport]\nphoton_cutoff_keV = 11\n' >>"$case"
refused 'another photon cutoff' --seed 3
sed -i 's/^density_g_cm3 = 1$/density_g_cm3 = 1.01/; s/^photon_cutoff_keV.*//' "$case"
refused 'another case' --seed 3
head -c 3000 "$folder/other.h5.checkpoint" >"$folder/part"
mv "$folder/part" "$folder/other.h5.checkpoint"
refused 'truncated' --seed 3
