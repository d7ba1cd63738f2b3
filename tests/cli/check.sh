#!/usr/bin/env bash
# usage: check.sh PROGRAM   files carry a digest that h5py and hashlib find, too; what was changed is found, by every
# reader; files of format 1.0 are read with a warning; kernels of the cache are not taken on trust.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
python=$(python_with_h5py)
status_of() {
  local status=0
  "$@" >"$folder/out" 2>"$folder/err" || status=$?
  echo $status
}
says() { grep -q -- "$1" "$folder/err" || fail "stderr lacks $1: $(cat "$folder/err")"; }
# edit FILE CODE: changes an open h5py file `f`.
edit() { "$python" -c "import h5py, sys; f = h5py.File(sys.argv[1], 'r+', libver=('v110', 'v110')); exec(sys.argv[2])" "$@"; }

"$program" phantom rescue --spacing 12 -o "$folder/case" >/dev/null
case=$folder/case/case.toml dose=$folder/d.h5 kernel=$folder/k.h5
"$program" simulate "$case" -o "$dose" --histories 6400 --device cpu --estimator plain -q --keep-checkpoint >/dev/null 2>&1
"$program" kernel -o "$kernel" --extent 15 --histories 6400 --device cpu -q >/dev/null 2>&1
files=("$dose" "$dose.checkpoint" "$kernel")
"$python" "$(dirname "$0")/support/digest.py" "${files[@]}" || fail "another digest"
[[ $(status_of "$program" check "${files[@]}") == 0 && $(grep -c ': whole (ytterby-' "$folder/out") == 3 ]] || fail "not whole: $(cat "$folder/out")"

# One value of a dataset, of a table, an attribute, one more or one less.
changed=$folder/changed.h5
for change in 'f["dose"][0, 0, 0] += 1e-3' 'f["uncertainty"][1, 1, 1] = 0.25' 'f["structures"].attrs["new"] = 1' \
  'f["provenance"].attrs["seed"] = 5' 'del f["provenance"].attrs["goal_uncertainty"]' 'f["more"] = [1.0]' 'del f.attrs["digest"]' \
  'd = f["dvh/tumour"]; t = d[()]; t["volume_fraction"][0] *= 0.99; d[...] = t' 'f["provenance"].attrs["warnings"] = "[]" + " "'; do
  cp "$dose" "$changed"
  edit "$changed" "$change" 2>/dev/null || continue # what this file does not have
  [[ $(status_of "$program" check "$changed") == 5 ]] || fail "check takes $change"
  [[ $(status_of "$program" validate "$case" "$changed") == 3 ]] || fail "validate takes $change"
  says 'digest'
  [[ $(status_of "$program" export "$changed" -o "$folder/x.nii.gz") == 3 && ! -e $folder/x.nii.gz ]] || fail "export takes $change"
done
cp "$dose" "$changed" && edit "$changed" 'f["dose"][0, 0, 0] += 1e-3'
[[ $(status_of "$program" export "$changed" -o "$folder/x.dcm" --unverified) == 0 ]] || fail "export --unverified: $(cat "$folder/err")"
grep -aq 'file-changed' "$folder/x.dcm" || fail "an unverified export does not say so"
# Laid out in another way it is the same file.
if command -v h5repack >/dev/null; then
  h5repack -f GZIP=1 -l CHUNK=2x5x7 "$dose" "$folder/repacked.h5" 2>/dev/null || h5repack -f GZIP=1 "$dose" "$folder/repacked.h5"
  [[ $(status_of "$program" check "$folder/repacked.h5") == 0 ]] || fail "laid out anew: $(cat "$folder/out")"
fi
cp "$dose" "$changed" && edit "$changed" 'f.attrs["format_version"] = "1.0"; del f.attrs["digest"]'
[[ $(status_of "$program" validate "$case" "$changed" --json) != 3 ]] || fail "format 1.0: $(cat "$folder/err")"
grep -q 'file-without-digest' "$folder/out" || fail "a file of format 1.0 gives no warning"
[[ $(status_of "$program" check "$changed") == 5 ]] || fail "nobody knows whether a file of format 1.0 is whole"
head -c 5000 "$dose" >"$folder/half.h5"
[[ $(status_of "$program" check "$folder/half.h5") == 5 && $(status_of "$program" check "$folder/nowhere.h5") == 3 ]] || fail "half a file, no file"
cp "$dose.checkpoint" "$folder/r.h5.checkpoint"
edit "$folder/r.h5.checkpoint" 's = f["session_0/sum"]; s[s.size // 2] += 1000'
[[ $(status_of "$program" simulate "$case" -o "$folder/r.h5" --histories 12800 --device cpu --resume) == 3 ]] || fail "a changed checkpoint"
says digest

# The cache: changed, another kernel under the name, another user's, a folder for all.
export YTTERBY_CACHE=$folder/cache
convolve() { status_of "$program" convolve "$case" --material water --extent 15 --histories 6400 --device cpu -o "$folder/$1.h5"; }
[[ $(convolve a) == 0 ]] || fail "$(cat "$folder/err")"
cached=$(echo "$YTTERBY_CACHE"/kernel-*.h5)
cp "$cached" "$folder/kept"
same_kernel() { cmp <(h5dump -d /dose "$folder/a.h5" | tail -n +2) <(h5dump -d /dose "$folder/b.h5" | tail -n +2) || fail "another dose: $1"; }
distrusted() {
  [[ $(convolve b) == 0 ]] || fail "$1: $(cat "$folder/err")"
  says "the cached kernel cannot be used and is made anew: .*$2"
  same_kernel "$1"
  cp "$folder/kept" "$cached"
}
[[ $(convolve b) == 0 ]] && ! grep -q warning "$folder/err" || fail "the cache is not used: $(cat "$folder/err")"
edit "$cached" 'f["dose"][:] *= 2' && distrusted "changed" 'damaged'
edit "$cached" 'f["variance"][:] *= 2' && distrusted "variances" 'digest'
YTTERBY_CACHE=$folder/other "$program" convolve "$case" --material cortical_bone_icrp --extent 15 --histories 6400 --device cpu -q \
  -o "$folder/o.h5" >/dev/null 2>&1
cp "$folder"/other/kernel-*.h5 "$cached" && distrusted "of another key" 'another key'
chmod 666 "$cached" && distrusted "a file for all" 'written by others' && chmod 644 "$cached"
chmod 777 "$YTTERBY_CACHE" && distrusted "a folder for all" 'written by others' && chmod 755 "$YTTERBY_CACHE"
if ((EUID == 0)); then chown 1234 "$cached" && distrusted "another user's" 'another user'; fi
# A kernel for another medium.
spacing=$("$python" -c 'import h5py, sys; print("x".join(f"{s:g}" for s in h5py.File(sys.argv[1])["grid"].attrs["spacing_mm"]))' "$dose")
for medium in water cortical_bone_icrp; do
  "$program" kernel -o "$folder/$medium.h5" --material $medium --spacing "$spacing" --extent 15 --histories 6400 --device cpu -q >/dev/null 2>&1
  [[ $(status_of "$program" convolve "$case" --kernel "$folder/$medium.h5" -o "$folder/by-$medium.h5") == 0 ]] || fail "$(cat "$folder/err")"
done
says "is a kernel for cortical_bone_icrp"
[[ $(status_of "$program" convolve "$case" --kernel "$folder/water.h5" --material water -o "$folder/by-water.h5" --force) == 0 ]] || fail "$(cat "$folder/err")"
! grep -q 'is a kernel for' "$folder/err" || fail "a kernel of the case's medium warns"
echo "check: whole files, and nothing else"
