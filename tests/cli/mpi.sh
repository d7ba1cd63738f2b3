#!/usr/bin/env bash
# usage: mpi.sh PROGRAM   the bits of a run do not depend on the number of MPI ranks: with a goal, killed and resumed with
# other numbers of ranks or none, raised, stopped by a signal, also before the first history; an error is one line. Skips aloud without mpirun.
set -euo pipefail
if [[ ! -e $(dirname "$1")/ytterby_mpi.so ]]; then
  message=$(OMPI_COMM_WORLD_SIZE=2 "$1" info 2>&1 >/dev/null) && { echo "FAILED: two processes without MPI" >&2; exit 1; }
  [[ $message == *"started 2 times by mpirun or srun, but is built without MPI"* ]] || { echo "FAILED: $message" >&2; exit 1; }
fi
if ! command -v mpirun >/dev/null || [[ ! -e $(dirname "$1")/ytterby_mpi.so ]]; then
  echo "SKIPPED: no mpirun, or a build without MPI" >&2
  exit 0
fi
# Ranks on one machine want no network. Open MPI 4 is quiet about a rank that fails where it is told to be; what 5 says of
# it cannot be turned off.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_orte_execute_quiet=1 OMPI_MCA_btl=^tcp
said_by_ranks() { sed -e '/^-----/,/^-----/d' -e '/PRTE ERROR:/d' "$folder/err"; }
source "$(dirname "$0")/support/common.sh" "$1"
python=$(python_with_h5py)
"$program" phantom sphere -o "$folder/case" >/dev/null
case=$folder/case/case.toml
histories=4e5
options=(--device cpu --seed 3 --threads 1 --estimator plain)
# ranks N ARGUMENTS...: under mpirun; 0 without it.
ranks() {
  local n=$1 start=()
  shift
  ((n > 0)) && start=(mpirun --oversubscribe --bind-to none -n "$n")
  "${start[@]}" "$program" simulate "$case" --histories "$histories" "${options[@]}" "$@"
}
whole=$folder/whole.h5
ranks 0 -o "$whole" >"$folder/table" 2>/dev/null
for n in 1 2 3 4; do
  ranks "$n" -o "$folder/$n.h5" >"$folder/out" 2>"$folder/err" || fail "$n ranks: $(cat "$folder/err")"
  same_dose "$whole" "$folder/$n.h5"
  cmp <(grep -v ^400000 "$folder/table") <(grep -v ^400000 "$folder/out") || fail "$n ranks print another table"
  [[ ! -e $folder/$n.h5.checkpoint ]] || fail "$n ranks left a checkpoint"
done

options=("${options[@]/plain/correlated}")
for n in 0 3; do ranks "$n" -o "$folder/correlated$n.h5" >/dev/null 2>"$folder/err" || fail "correlated: $(cat "$folder/err")"; done
same_dose "$folder/correlated0.h5" "$folder/correlated3.h5"
options=("${options[@]/correlated/plain}")

# A goal is reached at the same batch, not at the end of the round: one that no number of ranks below divides.
for goal in 0.05% 0.052% 0.048% 0.046% 0.044%; do
  ranks 0 -o "$folder/goal.h5" --uncertainty "$goal" --force >/dev/null 2>&1
  batches=$("$python" -c 'import h5py, sys; print(int(h5py.File(sys.argv[1])["provenance"].attrs["batches"]))' "$folder/goal.h5")
  ((batches > 16 && batches < 200 && batches % 2 && batches % 3)) && break
done
((batches > 16 && batches < 200 && batches % 2 && batches % 3)) || fail "no goal tests anything"
for n in 2 3 4; do
  ranks "$n" -o "$folder/goal$n.h5" --uncertainty "$goal" >/dev/null 2>&1
  same_dose "$folder/goal.h5" "$folder/goal$n.h5"
done

# A rank is lost: mpirun ends the rest; another number of ranks goes on, and one process alone.
histories=1.6e6
ranks 2 -o "$folder/long.h5" >/dev/null 2>&1
lost() {
  local dose=$1 n=$2 pids=() i
  touch "$folder/before"
  mpirun --oversubscribe --bind-to none -n "$n" "$program" simulate "$case" --histories "$histories" \
    "${options[@]}" --checkpoint-every 0.05 --resume -o "$dose" >/dev/null 2>&1 &
  local launcher=$!
  for ((i = 0; i < 2400; ++i)); do
    sleep 0.05
    mapfile -t pids < <(ps -o pid= --ppid "$launcher")
    [[ ${#pids[@]} == "$n" && $dose.checkpoint -nt $folder/before ]] && break
  done
  ((${#pids[@]} == n)) || fail "$n ranks, but ${#pids[@]} processes"
  kill -KILL "${pids[$((n - 1))]}"
  ! wait "$launcher" || fail "the loss of a rank went unnoticed"
  [[ -s $dose.checkpoint && ! -e $dose ]] || fail "a lost rank left no checkpoint, or a dose file"
}
going_on() {
  ranks "$1" -o "$2" --resume >/dev/null 2>"$folder/err" || fail "--resume with $1 ranks: $(cat "$folder/err")"
  grep -Eq 'going on after [1-9]' "$folder/err" || fail "--resume started afresh: $(cat "$folder/err")"
  same_dose "$folder/long.h5" "$2"
}
lost "$folder/lost.h5" 4
cp "$folder/lost.h5.checkpoint" "$folder/alone.h5.checkpoint"
cp "$folder/lost.h5.checkpoint" "$folder/more.h5.checkpoint"
going_on 3 "$folder/lost.h5"
going_on 0 "$folder/alone.h5"
lost "$folder/more.h5" 2 && going_on 4 "$folder/more.h5"
going_on_again=$(ranks 2 -o "$folder/lost.h5" --resume 2>&1 >/dev/null)
grep -q 'complete already' <<<"$going_on_again" || fail "a finished run was run again"

# A signal to mpirun is passed on to all ranks.
dose=$folder/signal.h5
mpirun --oversubscribe --bind-to none -n 2 "$program" simulate "$case" --histories "$histories" "${options[@]}" \
  --checkpoint-every 0.05 -o "$dose" >/dev/null 2>"$folder/err" &
for ((i = 0; i < 2400; ++i)); do [[ -s $dose.checkpoint ]] && break; sleep 0.05; done
kill -USR1 $!
! wait $! || fail "a signal went unnoticed"
[[ -s $dose.checkpoint && ! -e $dose ]] || fail "a signal left no checkpoint, or a dose file"
[[ $(grep -c 'resume goes on' "$folder/err") == 1 ]] || fail "not one line on how to go on: $(cat "$folder/err")"
going_on 3 "$dose"

# While the ranks make their reference kernels: a signal to all of them, or to the last one alone, ends all at once.
for to in all one; do
  rm -f "$folder/err"
  begun=$SECONDS
  YTTERBY_CACHE=$folder/no-kernels mpirun --oversubscribe --bind-to none -n 2 "$program" simulate "$case" --histories 3e6 --device cpu \
    --threads 1 --estimator correlated -o "$folder/no-kernel.h5" >/dev/null 2>"$folder/err" &
  for ((i = 0; i < 2400; ++i)); do grep -qs '^progress' "$folder/err" && break; sleep 0.05; done
  [[ $to == all ]] && kill -USR1 $! || kill -INT "$(ps -o pid= --ppid $! | tail -1)"
  ! wait $! || fail "a signal to $to went unnoticed"
  [[ $(grep -c 'stopped after 0 histories of whole batches: .*resume goes on' "$folder/err") == 1 ]] || fail "not one line on the stop: $(cat "$folder/err")"
  ! grep -q 'reference kernel for' "$folder/err" || fail "a signal to $to waited for the kernel: $((SECONDS - begun)) s"
  [[ -z $(find "$folder/no-kernels" "$folder" -maxdepth 1 -type f -name '*kernel*' ! -name '*.checkpoint' 2>/dev/null) ]] || fail "a signal left a kernel or a dose"
done

# Histories raised by ranks, and by one process.
histories=128000
ranks 3 -o "$folder/raised.h5" --keep-checkpoint >/dev/null 2>&1
ranks 0 -o "$folder/raised-alone.h5" --keep-checkpoint >/dev/null 2>&1
histories=256000
ranks 2 -o "$folder/raised.h5" --resume >/dev/null 2>&1
ranks 0 -o "$folder/raised-alone.h5" --resume >/dev/null 2>&1
same_dose "$folder/raised-alone.h5" "$folder/raised.h5"

# Sessions.
cp "$case" "$folder/case/single.toml"
"$python" - "$case" <<'PY'
import re, sys
text = open(sys.argv[1]).read()
activity = re.search(r"\[activity\]\n(.*?)(?=\n\[|\Z)", text, re.S).group(1)
text += "".join(f'\n[[session]]\nname = "{n}"\n[session.activity]\n{activity}\n' for n in ("first", "second"))
open(sys.argv[1], "w").write(text)
PY
ranks 0 -o "$folder/sessions.h5" >/dev/null 2>"$folder/err" || fail "sessions: $(cat "$folder/err")"
ranks 3 -o "$folder/sessions3.h5" >/dev/null 2>"$folder/err" || fail "sessions by 3 ranks: $(cat "$folder/err")"
same_dose "$folder/sessions.h5" "$folder/sessions3.h5"
mv "$folder/case/single.toml" "$case"

# One line, whoever fails; no file.
refused() {
  local status=0 wanted=$1 text=$2
  shift 2
  mpirun --oversubscribe --bind-to none -n 3 "$program" "$@" >"$folder/out" 2>"$folder/err" || status=$?
  [[ $status == "$wanted" && ! -s $folder/out ]] || fail "exit $status instead of $wanted: $*"
  [[ $(said_by_ranks | grep -vcE '^(info|warning):') == 1 && $(grep -c '^warning:' "$folder/err") -le 1 ]] || fail "not one line: $(cat "$folder/err")"
  grep -q "$text" "$folder/err" || fail "stderr lacks $text: $(cat "$folder/err")"
}
refused 3 'nowhere' simulate "$folder/nowhere.toml" -o "$folder/bad.h5"
refused 3 'nofolder' simulate "$case" -o "$folder/nofolder/bad.h5"
refused 3 'has no structure' simulate "$case" -o "$folder/bad.h5" --uncertainty 1% --goal moon --quiet
refused 2 'seed' simulate "$case" -o "$folder/bad.h5" --seed x
refused 2 'without mpirun' plan "$case" -o "$folder/bad.json"
refused 2 'no verb' nothing
[[ ! -e $folder/bad.h5 ]] || fail "a refused run left a dose file"

# One rank alone cannot read the case.
cat >"$folder/one-blind" <<SH
#!/bin/bash
case=$case
[[ \$OMPI_COMM_WORLD_RANK == 1 ]] && case=$folder/nowhere.toml
exec "$program" simulate "\$case" --histories 1e5 --device cpu -o "$folder/bad.h5" --quiet
SH
chmod +x "$folder/one-blind"
status=0
timeout 60 mpirun --oversubscribe -n 3 "$folder/one-blind" >"$folder/out" 2>"$folder/err" || status=$?
[[ $status == 3 && $(grep -c '^ytterby: .*nowhere' "$folder/err") == 1 && ! -e $folder/bad.h5 ]] ||
  fail "one blind rank: exit $status, $(cat "$folder/err")"

# One rank's copy of the case is stale: it is named, with its machine and the file.
cp -r "$folder/case" "$folder/stale"
"$program" phantom sphere --spacing 4 -o "$folder/finer" >/dev/null
cp "$folder/finer/activity.nii.gz" "$folder/stale/activity.nii.gz"
sed "s|case=$folder/nowhere.toml|case=$folder/stale/case.toml|" "$folder/one-blind" >"$folder/one-stale"
chmod +x "$folder/one-stale"
status=0
timeout 60 mpirun --oversubscribe -n 3 "$folder/one-stale" >"$folder/out" 2>"$folder/err" || status=$?
[[ $status == 3 && ! -e $folder/bad.h5 ]] || fail "a stale rank: exit $status, $(cat "$folder/err")"
grep -q "^ytterby: rank 1 on $(hostname) has another activity.nii.gz than rank 0 on $(hostname)" "$folder/err" || fail "$(cat "$folder/err")"

# The program without its library.
mkdir "$folder/bin"
cp "$program" "$folder/bin/ytterby"
program=$folder/bin/ytterby
refused 2 'ytterby_mpi.so is not beside the program' simulate "$case" -o "$folder/bad.h5"
