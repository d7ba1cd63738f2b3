"""usage: stop.py PROGRAM FOLDER STOPS   sends a stop signal to every verb that writes, STOPS times at random moments of its run: the
exit status is the signal's, unless the work was done before it came; there is one line; nothing temporary is left; what lay there before
lies there, or what belongs there, whole; and the same command then does the rest, to the bits of a run that was not stopped."""
import hashlib, os, pty, random, re, select, shutil, signal, subprocess, sys, time
from pathlib import Path

import h5py

program, folder, stops = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
seed = int(os.environ.get("SEED", time.time_ns() % 10**6))
random.seed(seed)
os.chdir(folder)
fast = ["--device", "cpu", "--threads", "1"]


def content(path):
    """What has to be the same in two right outputs: bits of doses and kernels, pixels of DICOM, text without times."""
    if path.suffix == ".h5":
        with h5py.File(path) as f:
            return hashlib.sha256(f["dose"][()].tobytes()).hexdigest()
    data = path.read_bytes()
    if path.suffix == ".dcm":
        data = data[data.index(b"\xe0\x7f\x10\x00"):]
    data = re.sub(rb"20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(Z| UTC)?", b"", data)
    return hashlib.sha256(re.sub(rb"[0-9.e+-]+ s\b|seconds\w*\W+[0-9.e+-]+|(whole|stopped)/", b"", data)).hexdigest()


def start(command, place):
    # A folder of kernels for itself: a stop comes while they are made, too.
    environment = {**os.environ, "YTTERBY_CACHE": str(Path(place).resolve() / "cache")}
    return subprocess.Popen([program, *command], cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                            start_new_session=True)


def finish(process):
    out, err = process.communicate(timeout=300)
    return process.returncode, err.decode(errors="replace")


def files_of(place):
    return sorted(p for p in Path(place).rglob("*") if p.is_file())


class Verb:
    def __init__(self, name, command, outputs, resume=(), over_nothing=False):
        self.name, self.command, self.outputs, self.resume = name, list(map(str, command)), outputs, list(resume)
        self.over_nothing = over_nothing  # where all is there, the same command is refused

    def whole(self):
        shutil.rmtree("whole", ignore_errors=True)
        Path("whole").mkdir()
        begun = time.time()
        self.good, err = finish(start(self.command, "whole"))
        self.seconds = time.time() - begun
        if self.good not in (0, 5):
            sys.exit(f"stop: {self.name} does not run at all: {self.good}: {err}")
        self.right = {o: content(Path("whole", o)) for o in self.outputs}

    def problems(self, place, status, err, number):
        stopped = status == 128 + number
        if status == -number and not files_of(place):
            return  # before main()
        if not stopped and status != self.good:
            yield f"exit status {status}"
        lines = [line for line in err.splitlines() if re.search(r"\bstopped\b", line)]
        if stopped and len(lines) != 1:
            yield f"{len(lines)} lines on the stop"
        for path in files_of(place):
            if path.name.startswith((".part-", ".lock-")):
                yield f"left {path}"
        for o in self.outputs:
            path = Path(place, o)
            if path.exists() and content(path) != self.right[o]:
                yield f"{o} is not whole"
            if not path.exists() and not stopped:
                yield f"{o} is missing"

    def stop(self):
        place = Path("stopped")
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        number = random.choice((signal.SIGINT, signal.SIGTERM))
        after = random.uniform(0, 1.1) * self.seconds
        process = start(self.command, place)
        time.sleep(after)
        process.send_signal(number)
        sent = time.time()
        status, err = finish(process)
        wrong = list(self.problems(place, status, err, number))
        if time.time() - sent > 30:
            wrong.append(f"it took {time.time() - sent:.0f} s to stop")
        refused = self.over_nothing and all(Path(place, o).exists() for o in self.outputs)
        if status == 128 + number and not refused:
            again, err_again = finish(start([*self.command, *self.resume], place))
            if again != self.good:
                wrong.append(f"the second run: {again}: {err_again.strip()[-300:]}")
            wrong += [f"second run: {w}" for w in self.problems(place, self.good, "", number)] if again == self.good else []
        for w in wrong:
            print(f"FAILED: {self.name}, {number.name} after {after:.3f} of {self.seconds:.2f} s (SEED={seed}): {w}\n{err[-600:]}", file=sys.stderr)
        return status == 128 + number, bool(wrong)


subprocess.run([program, "phantom", "rescue", "-o", "case", "--spacing", "15"], check=True, capture_output=True)
case = (folder / "case/case.toml").resolve()
run = lambda *a: subprocess.run([program, *map(str, a)], check=True, capture_output=True)
run("simulate", case, "-o", "dose.h5", *fast, "--histories", "640", "--estimator", "plain")
run("convolve", case, "-o", "local.h5", "--method", "local")
dose, local = (folder / "dose.h5").resolve(), (folder / "local.h5").resolve()
list_file = (folder / "list.toml").resolve()
list_file.write_text(f'[cohort]\nmethods = ["monte-carlo", "voxel-kernel"]\n[[patient]]\nname = "one"\ncase = "{case}"\n')
chain = ["monte-carlo.h5", "voxel-kernel.h5", "voxel-kernel-scaled.h5", "local-deposition.h5", "plan.json", "verdict.json", "index.html"]
verbs = [
    Verb("phantom", ["phantom", "rescue", "-o", "p", "--spacing", "6"], ["p/ct.nii.gz", "p/case.toml"]),
    Verb("init", ["init", case.parent, "-o", "c.toml"], ["c.toml"], over_nothing=True),
    Verb("plan", ["plan", case, "-o", "p.json"], ["p.json"]),
    Verb("simulate", ["simulate", case, "-o", "d.h5", *fast, "--histories", "2e5", "--checkpoint-every", "0.05"], ["d.h5"], ["--resume"]),
    Verb("convolve", ["convolve", case, "-o", "k.h5", *fast, "--histories", "1e5"], ["k.h5"]),
    Verb("kernel", ["kernel", "-o", "k.h5", "--extent", "20", *fast, "--histories", "1e5"], ["k.h5"]),
    Verb("validate", ["validate", case, dose, local, "-o", "v.json", "--csv", "v.csv"], ["v.json", "v.csv"]),
    Verb("report", ["report", case, dose, local, "-o", "r.html"], ["r.html"]),
    Verb("ensemble", ["ensemble", case, dose, "-o", "e.json", *fast, "--samples", "100", "--histories", "1e5"], ["e.json"]),
    Verb("export rtdose", ["export", dose, "-o", "e.dcm"], ["e.dcm"]),
    Verb("export csv", ["export", dose, "-o", "e.csv"], ["e.csv"]),
    Verb("export nrrd", ["export", dose, "-o", "e.nrrd"], ["e.nrrd"]),
    Verb("run", ["run", case, "-o", "r", *fast, "--histories", "1e5"], [f"r/{f}" for f in chain]),
    Verb("cohort", ["cohort", list_file, "-o", "c", *fast, "--histories", "1e5", "--checkpoint-every", "0.05"],
         ["c/one/monte-carlo.h5", "c/one/voxel-kernel.h5", "c/one/verdict.json", "c/cohort.csv", "c/cohort.json"]),
]


def at_terminal(command, ready):
    """Ctrl-C at a terminal, where the whole group of processes gets it, once `ready` is there: exit status, what was said."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ["YTTERBY_CACHE"] = str(folder / "cache")
        os.execv(program, [program, *map(str, command)])
    said, sent = b"", False
    while True:
        if not sent and ready.exists():
            sent = os.write(terminal, b"\x03") == 1
        try:
            if select.select([terminal], [], [], 0.02)[0]:
                said += os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), said.decode(errors="replace")


def check_terminal(name, command, checkpoint, line):
    status, said = at_terminal(command, checkpoint)
    left = [p for p in files_of(folder) if p.name.startswith((".part-", ".lock-"))]
    if status != 130 or not checkpoint.exists() or said.count(line) != 1 or left:
        sys.exit(f"stop: Ctrl-C at a terminal, {name}: exit status {status}, checkpoint {checkpoint.exists()}, {left}\n{said[-2000:]}")


long = [*fast, "--histories", "2e6", "--checkpoint-every", "0.05"]
check_terminal("simulate", ["simulate", case, "-o", "t.h5", *long], folder / "t.h5.checkpoint", "--resume goes on")
check_terminal("cohort", ["cohort", list_file, "-o", "t", *long], folder / "t/one/monte-carlo.h5.checkpoint", "the same command goes on")

bad = 0
for v in verbs:
    v.whole()
    results = [v.stop() for _ in range(stops)]
    bad += sum(wrong for _, wrong in results)
    print(f"{v.name}: {sum(s for s, _ in results)} of {stops} stopped in {v.seconds:.2f} s, {sum(w for _, w in results)} wrong", flush=True)
sys.exit(1 if bad else 0)
