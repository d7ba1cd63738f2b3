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
