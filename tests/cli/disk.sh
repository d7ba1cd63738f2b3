#!/usr/bin/env bash
# usage: disk.sh PROGRAM   a full disk, a folder that cannot be written, inputs that vanish: one line, exit 3, the older
# file as it was, and nothing half written.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
# refused WORDS COMMAND...: exit 3 and one line of error that has the words.
refused() {
  local words=$1 status=0
  shift
  "$@" >"$folder/out" 2>"$folder/err" || status=$?
  [[ $status == 3 ]] || fail "exit $status instead of 3: $*: $(cat "$folder/err")"
  grep -v '^\(info\|warning\|progress\):' "$folder/err" >"$folder/line" || true
  [[ $(grep -c . "$folder/line") == 1 && $(grep -c '^ytterby:' "$folder/line") == 1 ]] || fail "not one line: $(cat "$folder/err")"
  grep -q -- "$words" "$folder/line" || fail "stderr lacks $words: $(cat "$folder/err")"
}
no_part() { [[ -z $(find "$@" -name '.part-*') ]] || fail "half a file is left: $(find "$@" -name '.part-*')"; }
# limited KiB COMMAND...: no file may grow beyond that.
limited() {
  local limit=$1
  shift
  (ulimit -f "$limit" && exec "$@")
}
"$program" phantom sphere -o "$folder/case" >/dev/null
case=$folder/case/case.toml
dose=$folder/dose.h5
run=("$program" simulate "$case" --device cpu --threads 1 -q)
# Over the dose of more histories that lies there: --force.
simulate=("${run[@]}" -o "$dose" --force)
"${simulate[@]}" --histories 64000 >/dev/null 2>&1
kept=$(sha256sum "$dose")
same_as_before() {
  [[ $(sha256sum "$dose") == "$kept" ]] || fail "the older dose file was touched: $1"
  no_part "$folder"
}

# The dose file, its exports and other outputs do not fit.
for kib in 1 16 64; do
  refused '/dose.h5: .*written' limited $kib "${simulate[@]}" --histories 640
  same_as_before "$kib KiB"
done
for name in dose.nii.gz dose.nrrd dose.mha dose.dcm dvh.csv; do
  refused "/$name: .*written" limited 1 "$program" export "$dose" -o "$folder/$name"
  [[ ! -e $folder/$name ]] || fail "part of $name is left"
done
"$program" phantom rescue --spacing 12 -o "$folder/rescue" >/dev/null
rescue=$folder/rescue/case.toml
"$program" simulate "$rescue" -o "$folder/rescue.h5" --histories 640 --device cpu -q >/dev/null 2>&1
report=("$program" report "$rescue" "$folder/rescue.h5" -o "$folder/report.html")
refused '/report.html: .*written' limited 16 "${report[@]}"
kernel=("$program" kernel -o "$folder/kernel.h5" --extent 15 --histories 640 --device cpu)
refused '/kernel.h5: .*written' limited 1 "${kernel[@]}"
[[ ! -e $folder/report.html && ! -e $folder/kernel.h5 ]] || fail "a part is left"
"${report[@]}" >/dev/null 2>&1 && "${kernel[@]}" >/dev/null 2>&1 || fail "report and kernel without a limit"
refused 'standard output' bash -c 'exec "$@" >/dev/full' - "$program" info --json
# A device or a pipe in place of a file stays one.
mkfifo "$folder/pipe"
refused '/pipe: .*needs to be a file' "${run[@]}" --histories 640 -o "$folder/pipe"
[[ -p $folder/pipe ]] || fail "a pipe was replaced"
same_as_before "other outputs"

# A kernel that cannot be kept costs a warning alone.
limited 1 "$program" convolve "$case" --dry-run >/dev/null || fail "a dry run needs no files"
convolve=("$program" convolve "$case" --material water --extent 15 --histories 640 --device cpu)
: >"$folder/file"
YTTERBY_CACHE=$folder/file "${convolve[@]}" -o "$folder/c.h5" >/dev/null 2>"$folder/err" || fail "no cache, no dose: $(cat "$folder/err")"
[[ $(grep -c '^warning: the kernel cannot be kept' "$folder/err") == 1 ]] || fail "not one warning: $(cat "$folder/err")"

# A checkpoint that does not fit: one warning, and the run goes on. Asked to end, the run says that it was not kept.
simulate+=(--checkpoint-every 0.05)
rm "$folder/err"
(ulimit -f 8 && exec "${simulate[@]}" --estimator plain --histories 1e9 >"$folder/out" 2>"$folder/err") &
pid=$!
for ((i = 0; i < 300; ++i)); do grep -sq '^warning: .*checkpoint' "$folder/err" && break || sleep 0.1; done
kill -TERM $pid
status=0
wait $pid || status=$?
[[ $status == 3 ]] || fail "exit $status: $(cat "$folder/err")"
[[ $(grep -c '^warning: .*checkpoint.*written' "$folder/err") == 1 ]] || fail "not one warning: $(cat "$folder/err")"
[[ $(grep -c '^ytterby: .*checkpoint.*written' "$folder/err") == 1 ]] || fail "not one line: $(cat "$folder/err")"
[[ ! -e $dose.checkpoint ]] || fail "a part of a checkpoint is left"
same_as_before "checkpoint"
# The next one does not fit: the one before it stays, and the run goes on from there.
"${simulate[@]}" --histories 640 --keep-checkpoint >/dev/null 2>&1
checkpoint=$(sha256sum "$dose.checkpoint")
kept=$(sha256sum "$dose")
refused '/dose.h5: .*written' limited 8 "${simulate[@]}" --histories 6400 --resume --keep-checkpoint
[[ $(sha256sum "$dose.checkpoint") == "$checkpoint" ]] || fail "the older checkpoint was touched"
same_as_before "second checkpoint"
# The dose comes first: a checkpoint that cannot be kept does not take it along.
mkdir -p "$folder/other.h5.checkpoint/full"
refused 'other.h5.checkpoint: .*the dose file is there' "${run[@]}" --histories 640 --keep-checkpoint -o "$folder/other.h5"
[[ -s $folder/other.h5 ]] || fail "the dose was lost with the checkpoint"
"$program" simulate "$case" --device cpu --threads 1 -o "$dose" --histories 6400 --resume >/dev/null 2>"$folder/err" || fail "$(cat "$folder/err")"
grep -q 'going on after 640' "$folder/err" || fail "started afresh: $(cat "$folder/err")"
kept=$(sha256sum "$dose")

# A disk that is truly full, where a file system can be mounted.
mkdir "$folder/disk"
small_disk() { unshare --mount bash -c 'mount -t tmpfs -o size=16k none "$0" && exec "$@"' "$folder/disk" "$@"; }
if small_disk true 2>/dev/null; then
  refused '/d.h5: .*written' small_disk bash -c '"$@" && exit 0; s=$?; [[ -z $(ls -A "$0") ]] || echo left: $(ls -A "$0") >&2; exit $s' \
    "$folder/disk" "${run[@]}" --histories 640 -o "$folder/disk/d.h5"
else
  skipped "a full disk: nothing can be mounted here"
fi

# Folders that cannot be written.
mkdir "$folder/locked"
refused 'file/d.h5: ' "${run[@]}" --histories 640 -o "$folder/file/d.h5"
refused 'nowhere/d.h5: ' "${run[@]}" --histories 640 -o "$folder/nowhere/d.h5"
chmod 755 "$folder" "$folder/case" && chmod -R a+r "$folder/case" && chmod 555 "$folder/locked"
as_user=()
((EUID != 0)) || as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
if "${as_user[@]}" "$program" info >/dev/null 2>&1 && "${as_user[@]}" cat "$case" >/dev/null 2>&1; then
  refused 'locked/d.h5: .*Permission denied' "${as_user[@]}" "${run[@]}" --histories 640 -o "$folder/locked/d.h5"
  mkdir "$folder/own" && chmod 777 "$folder/own"
  YTTERBY_CACHE=$folder/locked/cache "${as_user[@]}" "${convolve[@]}" -o "$folder/own/c.h5" >/dev/null 2>"$folder/err" ||
    fail "a cache that cannot be written: $(cat "$folder/err")"
  [[ $(grep -c '^warning: the kernel cannot be kept' "$folder/err") == 1 ]] || fail "not one warning: $(cat "$folder/err")"
else
  skipped "a folder without the right to write: the program cannot be run by another user here"
fi

# An input that is gone, or has become a folder, after the dry run.
"${simulate[@]}" --dry-run >/dev/null || fail "the dry run"
mv "$folder/case/sphere.nii.gz" "$folder/mask"
refused 'sphere.nii.gz: ' "${simulate[@]}" --histories 640
mkdir "$folder/case/sphere.nii.gz"
refused 'sphere.nii.gz: ' "${simulate[@]}" --histories 640
same_as_before "an input that vanished"
# An output over a symbolic link goes where that points, and the link stays.
rmdir "$folder/case/sphere.nii.gz" && mv "$folder/mask" "$folder/case/sphere.nii.gz"
ln -s own.h5 "$folder/link.h5"
"${run[@]}" --histories 640 -o "$folder/link.h5" >/dev/null 2>&1
[[ -L $folder/link.h5 && -f $folder/own.h5 ]] || fail "the link was replaced"
no_part "$folder"
echo "disk: nothing half written"
