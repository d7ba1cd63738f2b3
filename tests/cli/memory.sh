#!/usr/bin/env bash
# usage: memory.sh PROGRAM [long]   the memory that a run says it needs is within 10 % of what it takes; one that does not
# fit is refused in one line, before it takes much, and leaves no file.
set -euo pipefail
source "$(dirname "$0")/support/common.sh" "$1"
# About 4 million voxels of 2 mm: CT, relative activity, liver and tumour.
python3 - "$folder" <<'PY'
import array, os, struct, sys
folder, n, d = sys.argv[1], 160, 2.0
def write(name, kind, code, value):
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, n, n, n, 1, 1, 1, 1)
    voxels = array.array(kind)
    struct.pack_into("<hh", header, 70, code, 8 * voxels.itemsize)
    struct.pack_into("<8f", header, 76, 1, d, d, d, 1, 1, 1, 1)
    struct.pack_into("<ff", header, 108, 352, 1)
    header[123] = 2  # mm
    struct.pack_into("<hh", header, 252, 0, 1)
    for row in range(3):
        struct.pack_into("<4f", header, 280 + 16 * row, *[d if column == row else 0.0 for column in range(4)])
    header[344:348] = b"n+1\0"
    # Boxes within boxes: rows are made of whole runs.
    inside = lambda i, low, high: low * n <= i < high * n
    def row(low, high, of_row, inner, outer):
        return array.array(kind, [inner if of_row and inside(x, low, high) else outer for x in range(n)])
    for z in range(n):
        for y in range(n):
            voxels.extend(value(y, z, row, inside))
    with open(os.path.join(folder, name), "wb") as f:
        f.write(header)
        f.write(voxels.tobytes())
def within(y, z, inside, low, high):
    return inside(y, low, high) and inside(z, low, high)
write("ct.nii", "h", 4, lambda y, z, row, inside: row(0.05, 0.95, within(y, z, inside, 0.05, 0.95), 40, -1000))
write("activity.nii", "f", 16, lambda y, z, row, inside: row(0.2, 0.6, within(y, z, inside, 0.2, 0.7), 1, 0))
write("liver.nii", "B", 2, lambda y, z, row, inside: row(0.15, 0.7, within(y, z, inside, 0.15, 0.75), 1, 0))
write("tumour.nii", "B", 2, lambda y, z, row, inside: row(0.3, 0.4, within(y, z, inside, 0.3, 0.4), 1, 0))
PY
case_with_grid() {
  cat <<TOML
[medium]
ct = "ct.nii"
[activity]
image = "activity.nii"
quantity = "relative"
administered_GBq = 2.0
lung_shunt_fraction = 0.0
[grid]
$1
[[structure]]
name = "liver"
role = "liver"
mask = "liver.nii"
[[structure]]
name = "tumour"
role = "tumour"
mask = "tumour.nii"
TOML
}
case_with_grid 'like = "ct"' >"$folder/case.toml"
case_with_grid 'spacing_mm = [0.3, 0.3, 0.3]' >"$folder/fine.toml"
dose=$folder/dose.h5

# MiB that the line "memory: ..." has between the words given.
said() { sed -nE "s/.*memory: $1([0-9.]+) (MiB|GiB)$2.*/\1 \2/p" "$folder/log" | awk '{print $1 * ($2 == "GiB" ? 1024 : 1)}'; }
# Runs the program, its log in a file; prints the largest memory that it had [MiB], as the system counted it.
# With $seconds set, it gets a SIGTERM so long after the line on its memory.
measured() {
  python3 - "$folder/log" "${seconds:-}" "$@" <<'PY'
import resource, subprocess, sys, time
seconds = sys.argv[2]
with open(sys.argv[1], "w") as log:
    run = subprocess.Popen(sys.argv[3:], stdout=subprocess.DEVNULL, stderr=log)
if seconds:
    while run.poll() is None and "memory: " not in open(sys.argv[1]).read():
        time.sleep(0.05)
    time.sleep(float(seconds))
    run.terminate()
status = run.wait()
if status != (143 if seconds else 0):
    sys.exit("exit status %d: %s" % (status, open(sys.argv[1]).read()))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
PY
}
expect_within() {
  awk -v said="$2" -v had="$3" 'BEGIN { exit !(said > 0.9 * had && said < 1.1 * had) }' ||
    fail "$1: said $2 MiB, took $3 MiB: $(cat "$folder/log")"
  echo "$1: said $2 MiB, took $3 MiB"
}
simulate=("$program" simulate "$folder/case.toml" -o "$dose" --device cpu --force --estimator plain)
for threads in 1 3; do
  peak=$(measured "${simulate[@]}" --histories 64 --threads $threads)
  expect_within "simulate, $threads threads" "$(said 'about ' ' needed')" "$peak"
done
peak=$(measured "${simulate[@]}" --histories 64 --threads 1 --keep-checkpoint)
expect_within "simulate, state kept" "$(said 'about ' ' needed')" "$peak"
rm -f "$dose.checkpoint"
# One checkpoint, that of SIGTERM.
peak=$(seconds=5 measured "${simulate[@]}" --histories 1e8 --threads 1 --checkpoint-every 1000)
rm "$dose.checkpoint"
expect_within "simulate, checkpoints" "$(said '.* needed, ' ' while a checkpoint')" "$peak"
# As often as can be: they come no thicker than they cost. Without a rest this took minutes.
peak=$(measured timeout 60 "${simulate[@]}" --histories 2e5 --threads 1 --checkpoint-every 0)
expect_within "simulate, checkpoints all the time" "$(said '.* needed, ' ' while a checkpoint')" "$peak"
convolve=("$program" convolve "$folder/case.toml" -o "$dose" --device cpu --force --threads 1)
peak=$(measured "${convolve[@]}" --histories 2000 --extent 30 --no-cache)
expect_within "convolve" "$(said 'about ' ' needed')" "$peak"
peak=$(measured "${convolve[@]}" --method local)
expect_within "convolve, local" "$(said 'about ' ' needed')" "$peak"

if [[ ${2:-} == long ]]; then  # its reference kernel takes a minute
  peak=$(measured "${simulate[@]/plain/correlated}" --histories 64 --threads 1)
  expect_within "simulate, correlated" "$(said 'about ' ' needed')" "$peak"
fi

# refused LIMIT_KiB WORDS COMMAND...: exit 3, one line with both numbers, nothing left.
refused() {
  local limit=$1 words=$2 status=0
  shift 2
  rm -f "$dose" "$dose.checkpoint"
  (ulimit -v "$limit" && exec "$@" >/dev/null 2>"$folder/log") || status=$?
  [[ $status == 3 ]] || fail "exit status $status under ulimit -v $limit: $(cat "$folder/log")"
  grep -v '^\(info\|warning\):' "$folder/log" >"$folder/refusal" || true
  [[ $(wc -l <"$folder/refusal") == 1 ]] || fail "not one line: $(cat "$folder/refusal")"
  grep -Eq "$words.*needs about [0-9.]+ (MiB|GiB) of memory.* [0-9.]+ (MiB|GiB) is available" "$folder/refusal" ||
    fail "other words: $(cat "$folder/refusal")"
  [[ -z $(ls "$folder" | grep dose) ]] || fail "a file was left: $(ls "$folder")"
}
base=$(python3 - "$program" <<'PY'
# The address space [KiB] that the program starts with: the least under which it still starts, to 8 MiB.
import resource, subprocess, sys
low, high = 0, 2 ** 22
while high - low > 8192:
    middle = (low + high) // 2
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (middle * 1024, middle * 1024))
    ok = subprocess.run([sys.argv[1], "--help"], preexec_fn=limit, stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL).returncode == 0
    low, high = (low, middle) if ok else (middle, high)
print(high)
PY
)
refused $((base + 20000)) 'nii: ' "${simulate[@]}" --threads 1
refused $((base + 150000)) 'case.toml: its dose grid of 4096000 voxels' "${simulate[@]}" --threads 1
refused $((base + 150000)) 'case.toml: its dose grid of 4096000 voxels' "${convolve[@]}" --extent 30
# A spacing ten times too fine.
refused 20971520 'fine.toml: its dose grid of 1214767763 voxels' "$program" simulate "$folder/fine.toml" \
  -o "$dose" --device cpu --force --threads 1
echo "memory: estimates hold, what does not fit is refused"
