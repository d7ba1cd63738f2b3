#!/usr/bin/env python3
"""usage: try.py [--base DIR] [--cache DIR] FILE...   runs the steps of Dockerfile, Dockerfile.cuda, ytterby.def in chroots.

For machines without Docker or Apptainer: each stage starts from a bare Debian 12 in place of its image, COPY and %files
copy, RUN and %post run; at the end the image's program runs the demo on few histories. Knows no more of these languages
than our files use, and refuses what it does not know. Needs root and debootstrap. What this cannot try: the images
themselves, nvcc, --nv.

  --base DIR    a bare Debian 12 that is there already, to copy
  --cache DIR   a folder of packages, kept
"""
import argparse
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def docker_stages(text):
    """[(name, [(verb, words or command)])] of a Dockerfile."""
    stages = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        verb, rest = line.split(None, 1)
        if verb == "FROM":
            words = rest.split()
            stages.append((words[2] if words[1:2] == ["AS"] else "final", []))
        elif verb == "COPY":
            words = rest.split()
            source = words.pop(0)[len("--from="):] if words[0].startswith("--from=") else None
            stages[-1][1].append(("copy", (source, *words)))
        elif verb == "RUN":
            stages[-1][1].append(("run", rest))
        elif verb not in ("WORKDIR", "ENTRYPOINT"):
            sys.exit(f"try.py: does not know {verb}")
    return stages


def apptainer_stages(text):
    stages, section = [], None
    for line in text.splitlines():
        if re.match(r"(Bootstrap|From): ", line) or line.startswith("#") or not line.strip():
            section = None if line.startswith("Bootstrap") else section
        elif line.startswith("Stage: "):
            stages.append((line.split()[1], []))
        elif line.startswith("%"):
            section = line.split()
            if section[0] not in ("%files", "%post", "%runscript"):
                sys.exit(f"try.py: does not know {section[0]}")
            if section[0] == "%post":
                stages[-1][1].append(("run", "set -e"))
        elif section[0] == "%files":
            stages[-1][1].append(("copy", (section[2] if len(section) > 1 else None, *line.split())))
        elif section[0] == "%post":
            stages[-1][1][-1] = ("run", stages[-1][1][-1][1] + "\n" + line)
    return stages


def run(*command, **options):
    subprocess.run(command, check=True, **options)


def chroot(folder, command):
    variables = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp", "LC_ALL": "C.UTF-8"}
    run("chroot", folder, "sh", "-c", command, env=variables)


def try_file(path, base, cache, work):
    text = path.read_text()
    stages = apptainer_stages(text) if path.suffix == ".def" else docker_stages(text)
    folders = {}
    for name, steps in stages:
        folder = folders[name] = work / f"{path.name}-{name}"
        run("cp", "-a", base, folder)
        run("mount", "-t", "proc", "proc", folder / "proc")
        if cache:
            run("mount", "--bind", cache, folder / "var/cache/apt/archives")
            (folder / "etc/apt/apt.conf.d/keep").write_text('Binary::apt::APT::Keep-Downloaded-Packages "1";\n')
        for verb, what in steps:
            print(f"{path.name}, {name}: {verb} {what if verb == 'run' else shlex.join(w for w in what if w)}", flush=True)
            if verb == "run":
                chroot(folder, what)
            elif what[0] is None:  # what git knows, and git itself, as .dockerignore leaves it
                run("git", "clone", "--quiet", "--no-hardlinks", ROOT, folder / what[2].lstrip("/"))
            else:
                run("cp", "-a", folders[what[0]] / what[1].lstrip("/"), folder / what[2].lstrip("/"))
    final = folders[stages[-1][0]]
    chroot(final, "ytterby info && ytterby demo -o /tmp/demo --histories 1e5 --device cpu && test -s /tmp/demo/report.html")
    print(f"{path.name}: its steps make a program that runs")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--base", type=pathlib.Path)
    parser.add_argument("--cache", type=pathlib.Path)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        sys.exit("try.py: needs root and debootstrap")
    if "YTTERBY_TRY" not in os.environ:  # mounts go with this process
        os.environ["YTTERBY_TRY"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])
    work = pathlib.Path(tempfile.mkdtemp(dir=ROOT / "build"))
    try:
        base = options.base
        if base is None:
            base = work / "base"
            mirror = subprocess.run([ROOT / "tools/fresh-machine", "--print-mirror"], check=True, capture_output=True,
                                    text=True).stdout.strip()
            run("debootstrap", "--variant=minbase", "bookworm", base, mirror, stdout=subprocess.DEVNULL)
        for path in options.files:
            try_file(path, base, options.cache, work)
    finally:
        for line in pathlib.Path("/proc/self/mounts").read_text().splitlines()[::-1]:
            if line.split()[1].startswith(str(work)):
                subprocess.run(["umount", line.split()[1]], check=False)
        run("rm", "-rf", "--one-file-system", work)


if __name__ == "__main__":
    main()
