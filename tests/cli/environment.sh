#!/usr/bin/env bash
# usage: environment.sh PROGRAM   what lies around the program does not reach its doses: locale, time zone, clock, names
# and places of files, HOME, and the cache of kernels, missing, damaged or shared.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
unset LC_ALL LANG LC_NUMERIC TZ
same() { cmp -s "$1" "$2" || fail "$1 and $2 differ"; }

# A case with decimals wherever they can be: TOML, CSV, and an image in each of the formats with text headers.
"$program" phantom rescue --spacing 7.5 -o "$folder/case" >/dev/null
printf '# HU, g/cm3\n-1000, 0.00121\n-98.5, 0.93\n0.5, 1.018\n1600.25, 1.96\n' >"$folder/case/curve.csv"
sed -i 's/"schneider"/"curve.csv"/' "$folder/case/case.toml"
# doses FOLDER CASE: everything that the program writes of a case, in a folder that is there.
doses() {
  local out=$1 case=$2
  "$program" simulate "$case" -o "$out/dose.h5" --histories 6400 --device cpu --threads 1 --estimator plain -q --json >"$out/dose.json" || return 1
  "$program" convolve "$case" -o "$out/kernel.h5" --histories 6400 --extent 20 --device cpu --threads 1 --json >"$out/kernel.json" || return 1
  "$program" compare "$out/dose.h5" "$out/kernel.h5" --json >"$out/compare.json" || return 1
  for name in dose.mha dose.nrrd dose.nii.gz dvh.csv; do "$program" export "$out/dose.h5" -o "$out/$name" || return 1; done
  for name in activity.mha activity.nrrd; do "$program" export "$out/dose.h5" -o "$out/$name" --what activity || return 1; done
  # Images with text headers are read again.
  for name in mha nrrd; do
    sed "s/^mask = \"/&..\/case\//; s/\"curve.csv\"/\"..\/case\/curve.csv\"/; s/\"ct.nii.gz\"/\"..\/case\/ct.nii.gz\"/
      s/activity.nii.gz/activity.$name/; s/\"relative\"/\"Bq\"/; /^administered_GBq\|^lung_shunt/d" "$folder/case/case.toml" >"$out/$name.toml"
    "$program" convolve "$out/$name.toml" -o "$out/$name.h5" --method local --json >"$out/$name.json" || return 1
  done
}
# same_doses FOLDER: the bits are those of the first.
same_doses() {
  local name
  for name in dose.mha dose.nrrd dvh.csv activity.mha activity.nrrd; do same "$folder/plain/$name" "$1/$name"; done
  for name in dose kernel compare mha nrrd; do
    # Seconds and file names alone differ.
    diff <(clean "$folder/plain/$name.json") <(clean "$1/$name.json") >"$folder/differ" || fail "$1/$name.json: $(cat "$folder/differ")"
  done
}
clean() { sed -E '/seconds|"file"|"case"|_s"/d' "$1" | sed "s|$(dirname "$1")||g"; }
mkdir "$folder/plain"
doses "$folder/plain" "$folder/case/case.toml" 2>"$folder/log" || fail "$(cat "$folder/log")"

# A locale with decimal commas, made here so that it truly applies.
mkdir "$folder/locale" "$folder/german"
if localedef -i de_DE -f UTF-8 "$folder/locale/de_DE.UTF-8" 2>/dev/null &&
  [[ $(LOCPATH=$folder/locale LC_ALL=de_DE.UTF-8 locale decimal_point) == , ]]; then
  (export LOCPATH=$folder/locale LC_ALL=de_DE.UTF-8 && doses "$folder/german" "$folder/case/case.toml") 2>"$folder/log" ||
    fail "decimal commas: $(cat "$folder/log")"
  same_doses "$folder/german"
else
  skipped "decimal commas: no localedef, or no de_DE"
fi

# Time zones: the dose file's date is UTC.
created() { grep -aoE '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z' "$1" | head -1; }
for zone in Pacific/Kiritimati America/Los_Angeles; do
  TZ=$zone "$program" simulate "$folder/case/case.toml" -o "$folder/zone.h5" --histories 6400 --device cpu --threads 1 --estimator plain -q >/dev/null 2>&1
  late=$(($(date +%s) - $(date -d "$(created "$folder/zone.h5")" +%s)))
  ((late >= -2 && late < 300)) || fail "in $zone the date is off by $late s"
  "$program" export "$folder/zone.h5" -o "$folder/zone.mha" && same "$folder/plain/dose.mha" "$folder/zone.mha"
done

# Nothing but the dates in two formats of files, and in what a lock says of its holder, looks at the wall clock, and it may leap
# back a day at every look.
clocks=$(cd "$support/../../.." && grep -rlE 'system_clock|\btime\((nullptr|NULL|0)\)|gettimeofday|CLOCK_REALTIME|localtime' engine io kernels | sort | xargs)
[[ $clocks == "io/dicom/rtdose.cpp io/results/dose_writer.cpp io/system/writer_lock.cpp" ]] || fail "the wall clock is looked at in $clocks"
if ldd "$program" | grep -qE 'lib[at]san'; then
  skipped "a clock that goes back: a sanitizer wants to be loaded first"
elif ${CXX:-c++} -O1 -shared -fPIC -o "$folder/clock.so" "$support/moved_clock.cpp" 2>"$folder/log"; then
  clock=("$program" simulate "$folder/case/case.toml" -o "$folder/clock.h5" --device cpu --threads 1 --estimator plain --checkpoint-every 0.05)
  LD_PRELOAD=$folder/clock.so timeout 60 "${clock[@]}" --histories 640 --keep-checkpoint >/dev/null 2>"$folder/log" ||
    fail "a clock that goes back: $(cat "$folder/log")"
  LD_PRELOAD=$folder/clock.so timeout 60 "${clock[@]}" --histories 6400 --resume >/dev/null 2>"$folder/log" ||
    fail "a clock that goes back: $(cat "$folder/log")"
  grep -q 'going on after 640' "$folder/log" || fail "no resume with a clock that goes back: $(cat "$folder/log")"
  [[ $(created "$folder/clock.h5") == 197[45]-* ]] || fail "the clock was not moved: $(created "$folder/clock.h5")"
else
  skipped "a clock that goes back: $(head -1 "$folder/log")"
fi

# Names with blanks, quotes and letters of other alphabets; a link; another current folder.
odd="$folder/o'dd \"näme\" 肝 \$(x) #1"
mkdir "$odd" "$odd/out"
cp -r "$folder/case" "$odd/case"
mv "$odd/case/ct.nii.gz" "$odd/case/c t'ü.nii.gz"
mv "$odd/case/case.toml" "$odd/case/fäll 1.toml"
sed -i "s/ct.nii.gz/c t'ü.nii.gz/" "$odd/case/fäll 1.toml"
simulate_as() { "$program" simulate "$1" -o "$2" --histories 6400 --device cpu --threads 1 --estimator plain -q --keep-checkpoint >/dev/null 2>"$folder/log" || fail "$1: $(cat "$folder/log")"; }
as_plain() { "$program" export "$1" -o "$2" && same "$folder/plain/dose.mha" "$2"; }
simulate_as "$odd/case/fäll 1.toml" "$odd/out/dösis \"1\".h5"
[[ -s $odd/out/dösis\ \"1\".h5.checkpoint ]] || fail "no checkpoint under an odd name"
as_plain "$odd/out/dösis \"1\".h5" "$odd/out/dösis '1'.mha"
for name in dosis.dcm dosis.nrrd 'do sis.nii.gz'; do "$program" export "$odd/out/dösis \"1\".h5" -o "$odd/out/$name" || fail "$name"; done
"$program" report "$odd/case/fäll 1.toml" "$odd/out/dösis \"1\".h5" -o "$odd/out/bericht ü.html" >/dev/null 2>"$folder/log" ||
  fail "the report: $(cat "$folder/log")"
"$program" simulate "$odd/case/fäll 1.toml" --dry-run >"$odd/out/resolved.toml"
simulate_as "$odd/out/resolved.toml" "$odd/out/resolved.h5"
as_plain "$odd/out/resolved.h5" "$odd/out/resolved.mha"
ln -s "$folder/case" "$folder/link"
ln -s "$folder/link/case.toml" "$odd/link.toml"
simulate_as "$folder/link/case.toml" "$folder/linked.h5"
as_plain "$folder/linked.h5" "$folder/linked.mha"
(cd "$odd/out" && simulate_as ../../case/case.toml relative.h5 && as_plain relative.h5 relative.mha)
(cd "$folder/case" && simulate_as case.toml ../here.h5 && as_plain ../here.h5 ../here.mha)

# No HOME: no cache, and nothing else changes.
convolve() { "$program" convolve "$folder/case/case.toml" -o "$1" --histories 6400 --extent 20 --device cpu --threads 1 >/dev/null 2>"$1.log"; }
kernel_doses() { "$program" export "$1" -o "$1.mha" && same "$folder/kernel.mha" "$1.mha"; }
"$program" export "$folder/plain/kernel.h5" -o "$folder/kernel.mha"
(unset HOME XDG_CACHE_HOME YTTERBY_CACHE && cd "$folder/plain" && convolve "$folder/home.h5") || fail "without HOME: $(cat "$folder/home.h5.log")"
grep -q '^warning' "$folder/home.h5.log" && fail "a warning without HOME"
kernel_doses "$folder/home.h5"
# A damaged kernel is made anew, which one warning tells; then it is taken.
kernels=("$folder"/cache/*.h5)
((${#kernels[@]} == 1)) || fail "${#kernels[@]} kernels in the cache: ${kernels[*]}"
for damage in 'head -c 3000' 'tr a-m n-z' 'head -c 0'; do
  $damage <"${kernels[0]}" >"$folder/damaged" && cp "$folder/damaged" "${kernels[0]}"
  convolve "$folder/mended.h5" || fail "$damage: $(cat "$folder/mended.h5.log")"
  [[ $(grep -c '^warning: .*made anew' "$folder/mended.h5.log") == 1 ]] || fail "$damage: not one warning: $(cat "$folder/mended.h5.log")"
  kernel_doses "$folder/mended.h5"
  convolve "$folder/taken.h5" && grep -q 'from the cache' "$folder/taken.h5.log" || fail "$damage: the kernel was not mended"
done
# Several processes that make the same kernel at once.
rm "${kernels[@]}"
for i in 1 2 3; do convolve "$folder/at once $i.h5" & pids[i]=$!; done
for i in 1 2 3; do
  wait "${pids[i]}" || fail "at once: $(cat "$folder/at once $i.h5.log")"
  grep -q '^warning' "$folder/at once $i.h5.log" && fail "at once: $(cat "$folder/at once $i.h5.log")"
  kernel_doses "$folder/at once $i.h5"
done
[[ $(ls -A "$folder/cache") == "$(basename "${kernels[0]}")" ]] || fail "the cache has $(ls -A "$folder/cache")"
convolve "$folder/taken.h5" && grep -q 'from the cache' "$folder/taken.h5.log" || fail "the kernel was not kept"
echo "environment: the same doses"
