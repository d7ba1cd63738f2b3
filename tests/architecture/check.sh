#!/usr/bin/env bash
# The folders are the architecture: who may include whom, and what stays out of which folder.
# usage: check.sh REPOSITORY; prints every line that breaks a rule and exits 1 if there is one.
set -u
cd "${1:?usage: check.sh REPOSITORY}" || exit 2
broken=0

# forbid RULE PATTERN PATH... : no file of ours under PATH... may have a line that matches PATTERN.
# Comment lines do not count.
forbid() {
  local rule=$1 pattern=$2 hits
  shift 2
  hits=$(find "$@" -type f \( -name '*.h' -o -name '*.cpp' -o -name '*.cu' -o -name '*.in' -o -name 'CMakeLists.txt' \
    -o -name '*.cmake' \) -exec grep -nHE "$pattern" {} + | grep -vE '^[^:]+:[0-9]+: *(//|#[^i])')
  if [[ -n $hits ]]; then
    printf 'rule broken: %s\n%s\n' "$rule" "$hits"
    broken=1
  fi
}

include() { printf '#include *["<](%s)/' "$1"; }

# rooms LIBRARY LEVEL... : a folder of LIBRARY includes itself and folders of the levels before its own; a level is the
# names of its folders, `.` are the library's own files. Folders that are not named include and are included freely.
rooms() {
  local library=$1 level hits
  shift
  declare -A level_of=()
  for ((level = 1; level <= $#; ++level)); do
    for folder in ${!level}; do level_of[$folder]=$level; done
  done
  hits=$(grep -rnE "^ *#include *\"$library/" "$library" --include='*.h' --include='*.cpp' --include='*.cu' |
    while IFS= read -r line; do
      from=${line#"$library"/} from=${from%%:*}
      to=${line#*\""$library"/} to=${to%%\"*}
      [[ $from == */* ]] && from=${from%%/*} || from=.
      [[ $to == */* ]] && to=${to%%/*} || to=.
      [[ $from == "$to" || -z ${level_of[$from]:-} || -z ${level_of[$to]:-} ]] && continue
      ((level_of[$to] < level_of[$from])) || echo "$line"
    done)
  if [[ -n $hits ]]; then
    printf 'rule broken: the order of rooms in %s\n%s\n' "$library" "$hits"
    broken=1
  fi
}

forbid "kernels include nothing of engine, io, validation" "$(include 'engine|io|validation')" kernels
forbid "engine includes nothing of io, validation" "$(include 'io|validation')" engine
forbid "validation includes nothing of io" "$(include io)" validation
forbid "tests and bench are used by nothing" "$(include 'tests|bench')" kernels engine io validation
find io \( -path io/cli -o -path io/evaluation -o -path io/report \) -prune -o -type f -print0 2>/dev/null | xargs -0 -r grep -nHE "$(include validation)" &&
  { echo "rule broken: in io/, io/evaluation, io/report and io/cli alone include validation"; broken=1; }
grep -rnHE "$(include 'io/cli')" kernels engine validation && { echo "rule broken: io/cli is used by nothing"; broken=1; }

rooms kernels . "rng tally" tables "geometry physics" source transport launch
rooms engine base "physics grid" patient "tables dose phantoms" device run "ranks methods" .
rooms io "system text" hdf5 images dicom case draft results prepare evaluation report cli

# A room in which one finds his way: no folder holds more than 30 sources.
crowded=$(find kernels engine io validation bench -type f \( -name '*.h' -o -name '*.cpp' -o -name '*.cu' -o -name '*.py' \) |
  sed 's:/[^/]*$::' | sort | uniq -c | awk '$1 > 30 { print $2 ": " $1 " sources" }')
if [[ -n $crowded ]]; then
  printf 'rule broken: no folder holds more than 30 sources\n%s\n' "$crowded"
  broken=1
fi

# A foreign library is seen by one room of io: library, room, what its headers' names begin with.
while read -r library room headers; do
  hits=$(grep -rnE "^ *#include *[\"<]($headers)" io --include='*.h' --include='*.cpp' | grep -v "^io/$room/")
  if [[ -n $hits ]]; then
    printf 'rule broken: %s is seen by io/%s alone\n%s\n' "$library" "$room" "$hits"
    broken=1
  fi
done <<'LIBRARIES'
HDF5 hdf5 (hdf5|H5)
ITK images itk
DCMTK dicom dcmtk/
GDCM dicom gdcm
CLI11 cli CLI/
spdlog cli spdlog/
toml++ text toml
libcrypto system openssl/
LIBRARIES

python3 tests/architecture/circles.py . || broken=1

headers=$(find kernels -name '*.h')
if [[ -n $headers ]]; then
  # shellcheck disable=SC2086
  hits=$(grep -nHE '(std::(vector|string|map|unique_ptr|shared_ptr|function|ofstream|ifstream)\b|\bthrow\b|\bvirtual\b|\bmalloc *\(|\bnew +[A-Za-z_])' $headers |
    sed -E 's://.*$::' | grep -E '(std::(vector|string|map|unique_ptr|shared_ptr|function|ofstream|ifstream)\b|\bthrow\b|\bvirtual\b|\bmalloc *\(|\bnew +[A-Za-z_])')
  if [[ -n $hits ]]; then
    printf 'rule broken: no containers, exceptions, virtual functions or allocation in kernels headers\n%s\n' "$hits"
    broken=1
  fi
fi

forbid "no device code outside kernels" '__(device|global|shared)__' engine io validation
forbid "no fast-math, no -march=native" '(-ffast-math|-Ofast|use_fast_math|-march=native)' \
  CMakeLists.txt cmake kernels engine io validation tests bench
forbid "FFTW is GPL and stays out" '([Ff][Ff][Tt][Ww]3?(\.h|_|f\b)|ITKFFT)' CMakeLists.txt cmake kernels engine io validation tests bench
forbid "the C HDF5 interface is seen by io/hdf5 alone" '\bhid_t\b|#include *<hdf5\.h>' kernels engine validation

# The fuzzers list their sources: a night's build alone would miss one that has moved.
for source in $(grep -v BINARY_DIR tests/fuzz/CMakeLists.txt | grep -oE '\b(engine|io|tests)/[a-z0-9_/]+\.cpp'); do
  [[ -e $source ]] || { echo "rule broken: tests/fuzz/CMakeLists.txt lists $source, which is not there"; broken=1; }
done

# Nothing may lean on one machine's folders.
machine="/wo""rk/|/ho""me/[a-z]|/ro""ot/"
hits=$(git ls-files -z 2>/dev/null | xargs -0 -r grep -nIHE "(^|[^A-Za-z0-9_./-])($machine)" 2>/dev/null)
if [[ -n $hits ]]; then
  printf 'rule broken: paths of one machine\n%s\n' "$hits"
  broken=1
fi

# What one release of the standard library includes by the way, the next one does not.
if command -v python3 >/dev/null; then
  python3 tests/architecture/includes.py . || broken=1
else
  echo "skipped tests/architecture/includes.py: there is no python3"
fi

((broken == 0)) && echo "architecture: all rules hold"
exit $broken
