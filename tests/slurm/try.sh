#!/usr/bin/env bash
# usage: try.sh PROGRAM [SCRIPT [ARGUMENTS]]   runs tools/slurm/simulate.sbatch on a Slurm of one node that lives in a temporary
# folder while this runs, and compares the dose with that of a run beside Slurm; or submits SCRIPT there and waits for it.
# Needs slurmctld, slurmd, munge and root; skips aloud without.
set -euo pipefail
program=$(realpath "$1")
shift
repository=$(cd "$(dirname "$0")/../.." && pwd)
PATH=$PATH:/usr/sbin
for command in slurmctld slurmd munged mungekey sbatch; do
  command -v $command >/dev/null && continue
  echo "SKIPPED: no $command" >&2
  exit 0
done
((EUID == 0)) || { echo "SKIPPED: needs root" >&2; exit 0; }

folder=$(mktemp -d)
chmod 755 "$folder"
pids=()
stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT
fail() {
  echo "FAILED: $*" >&2
  tail -n 20 "$folder"/*.log >&2 2>/dev/null || true
  exit 1
}
processors=$(nproc)
ports=$((20000 + RANDOM % 20000))
mkdir "$folder/munge" "$folder/state" "$folder/spool"
chmod 700 "$folder/munge"
mungekey --create --keyfile "$folder/munge/key"
munged --foreground --force --socket "$folder/munge/socket" --key-file "$folder/munge/key" \
  --pid-file "$folder/munge/pid" --log-file "$folder/munge.log" --seed-file "$folder/munge/seed" \
  2>"$folder/munged.log" &
pids+=($!)
host=$(hostname -s)
cat >"$folder/slurm.conf" <<CONF
ClusterName=try
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$ports
SlurmdPort=$((ports + 1))
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
KillWait=10
NodeName=$host NodeAddr=127.0.0.1 CPUs=$processors State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=YES
CONF
export SLURM_CONF=$folder/slurm.conf
slurmctld -D -f "$SLURM_CONF" >"$folder/out.log" 2>&1 &
pids+=($!)
slurmd -D -f "$SLURM_CONF" >>"$folder/out.log" 2>&1 &
pids+=($!)
for ((i = 0; i < 60; ++i)); do
  [[ $(sinfo --noheader --format=%T 2>/dev/null) == idle ]] && break
  sleep 0.5
done
[[ $(sinfo --noheader --format=%T 2>/dev/null) == idle ]] || fail "the node is not idle: $(sinfo 2>&1)"
# submit OPTIONS... SCRIPT ARGUMENTS...: waits for the job; its output is in job.log.
submit() { YTTERBY=$program sbatch --quiet --wait --output="$folder/job.log" "$@"; }

if (($# > 0)); then
  submit "$@" && status=0 || status=$?
  cat "$folder/job.log"
  exit "$status"
fi

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
"$program" phantom sphere -o "$folder/case" >/dev/null
case=$folder/case/case.toml
options=(--histories 4e5 --device cpu --seed 3)
"$program" simulate "$case" -o "$folder/alone.h5" "${options[@]}" >/dev/null 2>&1
script=$repository/tools/slurm/simulate.sbatch
# The python3 that has h5py (tools/setup installs it for the system's).
python=
for candidate in python3 /usr/bin/python3; do
  if "$candidate" -c 'import h5py' 2>/dev/null; then python=$candidate && break; fi
done
[[ -n $python ]] || fail "no python3 with h5py"
same() {
  "$python" - "$@" <<'PY' || fail "$1 and $2 differ"
import h5py, numpy, sys
a, b = (h5py.File(f) for f in sys.argv[1:3])
assert numpy.array_equal(a["dose"][:], b["dose"][:])
PY
}
for n in 1 2; do
  submit --ntasks-per-node=$n "$script" "$case" "$folder/$n.h5" "${options[@]}" || fail "job of $n ranks: $(cat "$folder/job.log")"
  same "$folder/alone.h5" "$folder/$n.h5"
  ((n == 1)) || grep -q ' 2 ranks' "$folder/job.log" || fail "not shared by 2 ranks: $(cat "$folder/job.log")"
done

# A job that is told to end leaves a checkpoint, and the same command goes on from it.
options=(--histories 4e6 --device cpu --seed 3)
"$program" simulate "$case" -o "$folder/alone.h5" "${options[@]}" >/dev/null 2>&1
job=$(YTTERBY=$program sbatch --parsable --output="$folder/job.log" --ntasks-per-node=2 "$script" "$case" "$folder/long.h5" "${options[@]}")
for ((i = 0; i < 60; ++i)); do
  [[ $(squeue --noheader --job "$job" --format=%T) == RUNNING ]] && break
  sleep 0.5
done
sleep 3
scancel --signal=USR1 "$job"
for ((i = 0; i < 60; ++i)); do
  [[ -z $(squeue --noheader --job "$job" --states=RUNNING,COMPLETING 2>/dev/null) ]] && break
  sleep 0.5
done
[[ -s $folder/long.h5.checkpoint && ! -e $folder/long.h5 ]] || fail "no checkpoint of an ended job: $(cat "$folder/job.log")"
submit --ntasks-per-node=2 "$script" "$case" "$folder/long.h5" "${options[@]}" || fail "resumed: $(cat "$folder/job.log")"
grep -Eq 'going on after [1-9]' "$folder/job.log" || fail "started afresh: $(cat "$folder/job.log")"
same "$folder/alone.h5" "$folder/long.h5"
echo "slurm: 1 and 2 ranks, ended and resumed: the same bits"
