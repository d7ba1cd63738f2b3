#!/usr/bin/env python3
"""usage: examples.py PROGRAM [PAGE...]   runs every command that a page shows, on a small patient.

Each page's blocks of sh run in their order in one folder. A block behind `<!-- not run: WHY -->` is listed and left out; there is no other
way out, so that a new block is run or explained. `ytterby` is the program with few histories where the page names none; a broken rule
(exit status 5) is no failure here."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"(?:<!-- not run: (?P<why>.+?) -->\s*\n)?^```(?:sh|bash|console)\n(?P<text>.*?)^```", re.M | re.S)
ANSWERS = "s/^# administered_GBq = /administered_GBq = 5.727/; s/^# lung_shunt_fraction = /lung_shunt_fraction = 0.05/"
# What lies there when a page's first command is run, beside the patient as files: `dicom` instead of files, `doses` made before.
START = {"README.md": "dicom", "docs/getting-started.md": "dicom", "docs/command-line.md": "files"}
WRAPPER = """#!/usr/bin/env bash
case " $* " in *" --histories "* | *" --help "*) ;; *) case $1 in demo | run | simulate | convolve | cohort | ensemble) set -- "$@" --histories 6400 ;; esac ;; esac
{program} "$@" -q
status=$?
# README shows the two commands and leaves the editing between them to the reader.
if [[ $1 == init && -n ${{ANSWER:-}} ]]; then sed -i "$ANSWER" case.toml; fi
[[ $status == 5 ]] && exit 0
exit $status
"""


def python_with(*modules):
    for candidate in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([candidate, "-c", "import " + ", ".join(modules)], capture_output=True, check=False).returncode == 0:
            return candidate
    return None


class Stock:
    """Folders to copy: the patient as files with doses, and as an archive sends it."""

    def __init__(self, program, folder):
        self.folder = folder
        self.files, self.doses, self.dicom = folder / "files", folder / "doses", folder / "dicom"
        tools = folder / "bin"
        tools.mkdir()
        (tools / "ytterby").write_text(WRAPPER.format(program=program))
        (tools / "ytterby").chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "YTTERBY_CACHE": str(folder / "cache")}
        self.run("ytterby phantom rescue -o files --spacing 15", folder)
        self.run("cp case.toml delivered.toml && mkdir other && cp *.nii.gz case.toml other/", self.files)
        (self.files / "list.toml").write_text('[[patient]]\nname = "a"\ncase = "case.toml"\n[[patient]]\nname = "b"\ncase = "other/case.toml"\n')
        self.run("cp -r files doses && cd doses && ytterby simulate case.toml -o dose.h5 && ytterby convolve case.toml -o kernel.h5", folder)
        self.dicom.mkdir()
        writer = python_with("nibabel", "pydicom", "tomllib")
        if writer:
            self.run(f"{writer} {root}/tests/io/dicom/write_folders.py ../files/case.toml patient --structures rtstruct", self.dicom)
            self.run(f"ytterby init patient -o delivered.toml && sed -i '{ANSWERS}' delivered.toml", self.dicom)

    def run(self, commands, folder, **more):
        done = subprocess.run(["bash", "-eo", "pipefail", "-c", commands], cwd=folder, env={**self.environment, **more}, text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"exit {done.returncode}: {commands.strip()}\n{done.stderr.strip()[-1500:]}")


def run_page(page, stock):
    """Whether the page's blocks ran; tells what was left out."""
    blocks = list(BLOCK.finditer((root / page).read_text()))
    for block in blocks:
        if block["why"]:
            print(f"not run: {page}: {block['text'].splitlines()[0]}: {block['why']}")
    texts = [b["text"] for b in blocks if not b["why"]]
    if not texts:
        return True
    start = START.get(page, "doses")
    if start == "dicom" and not (stock.dicom / "patient").exists():
        print(f"SKIPPED: {page}: no python3 with nibabel and pydicom")
        return True
    folder = stock.folder / "page"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(getattr(stock, start), folder)
    try:
        for text in texts:
            stock.run(text, folder, **({"ANSWER": ANSWERS} if page == "README.md" else {}))
    except RuntimeError as error:
        print(f"FAILED: {page}: {error}", file=sys.stderr)
        return False
    print(f"{page}: {len(texts)} blocks")
    return True


def main():
    program, pages = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    if not pages:
        listed = subprocess.run(["git", "-C", root, "ls-files", "*.md"], capture_output=True, text=True, check=False)
        if listed.returncode != 0:
            sys.exit(f"examples.py: {listed.stderr.strip()}")
        pages = [p for p in listed.stdout.split() if BLOCK.search((root / p).read_text())]
    with tempfile.TemporaryDirectory() as scratch:
        stock = Stock(program, pathlib.Path(scratch))
        return 0 if all([run_page(page, stock) for page in pages]) else 1


sys.exit(main())
