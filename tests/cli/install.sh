#!/usr/bin/env bash
# usage: install.sh PROGRAM   the portable folder: installed from PROGRAM's build, moved, and run without the system's
# libraries in sight; every library but glibc's comes from the folder, with its licence.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
build=$(dirname "$program")
cmake --install "$build" --prefix "$folder/first" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; fail "cmake --install"; }
mv "$folder/first" "$folder/moved"
program=$folder/moved/bin/ytterby
glibc='^(linux-vdso|ld-linux-x86-64|lib(c|m|dl|rt|pthread|resolv|nsl|util|anl|mvec))\.so'
while read -r name arrow path _; do
  [[ $(basename "$name") =~ $glibc ]] && continue
  [[ $arrow == "=>" && $path == "$folder/moved/"* ]] || fail "$name comes from ${path:-nowhere}"
done < <(env -i ldd "$program")
for library in "$folder"/moved/lib/*.so*; do
  [[ $(basename "$library") == *fftw* ]] && fail "$(basename "$library") is GPL"
  [[ $(basename "$library") =~ $glibc ]] && fail "$(basename "$library") belongs to the machine"
done
for file in share/doc/ytterby/LICENSE share/doc/ytterby/README.md; do
  [[ -s $folder/moved/$file ]] || fail "no $file"
done
if ldd "$program" | grep -q libdcmdata; then
  [[ -s $folder/moved/share/ytterby/dicom.dic ]] || fail "no DICOM dictionary"
fi
if command -v dpkg-query >/dev/null; then
  licences=$(find "$folder/moved/share/doc/ytterby/licences" -type f | wc -l)
  ((licences > 10)) || fail "$licences licences"
  # The list has a line for each library: file, package, version, licence.
  list=$folder/moved/share/doc/ytterby/licences/LICENCES.tsv
  while read -r library; do
    awk -F'\t' -v file="lib/$library" '$1 == file && $2 != "" && $4 != "" { found = 1 } END { exit !found }' "$list" ||
      fail "LICENCES.tsv lacks $library"
  done < <(find "$folder/moved/lib" -type f -name '*.so*' ! -name ytterby_mpi.so -printf '%f\n')
fi
PYTHONPATH=$folder/moved/share/ytterby/python PYTHONDONTWRITEBYTECODE=1 "$(python_with_h5py)" -m ytterby --help >"$folder/help" || fail "no module ytterby"
env -i "$program" info >"$folder/info"
grep -q "^Ytterby" "$folder/info" || fail "info says nothing"
env -i "$program" phantom point -o "$folder/point" >/dev/null
env -i "$program" simulate "$folder/point/case.toml" -o "$folder/dose.h5" --histories 1000 --device cpu >"$folder/out" \
  2>/dev/null || fail "simulate: exit $?"
grep -q "balances as integers" "$folder/out" || fail "no balanced ledger"
echo "portable folder: $(du -sm "$folder/moved" | cut -f1) MiB, $(find "$folder/moved/lib" -type f | wc -l) libraries"
