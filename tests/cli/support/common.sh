# What the scripts here share: `source support/common.sh PROGRAM`. $program, a $folder that goes at the end, and a cache of
# kernels in it.
program=$(realpath "$1")
support=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export YTTERBY_CACHE=$folder/cache
fail() {
  echo "FAILED: $*" >&2
  exit 1
}
# expect STATUS ARGUMENTS: runs the program into the files out and err; fails, with err, where its exit status is another one.
expect() {
  local status=$1 found=0
  shift
  "$program" "$@" >out 2>err || found=$?
  [[ $found == "$status" ]] || { cat err >&2; fail "$*: exit status $found, needs to be $status"; }
}
skipped() { echo "SKIPPED: $*" >&2; }
# The python3 that has h5py (tools/setup installs it for the system's).
python_with_h5py() {
  local candidate
  for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import h5py' 2>/dev/null && command -v "$candidate" && return
  done
  fail "no python3 with h5py"
}
# same_dose FILE FILE: dose, errors, means, sums of energy and sessions are the same bits. Needs python=$(python_with_h5py).
same_dose() {
  "$python" "$support/same_dose.py" "$@" || fail "$1 and $2 differ"
}
