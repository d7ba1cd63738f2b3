#!/usr/bin/env python3
"""usage: older_glibc.py PROGRAM VERSION OUTPUT.cpp

Reads which symbols of glibc PROGRAM needs in versions newer than VERSION (2.28, say) and writes a C++ file that makes the
program, linked again with it and with shims.cpp, use older versions of them. Every such symbol becomes a jump to the newest
version that is not newer than VERSION: glibc keeps them all. Where a symbol has none and shims.cpp none either, it is named, and
the program keeps what it has. x86-64.
"""
import pathlib
import re
import subprocess
import sys

LIBRARIES = ("libc.so.6", "libm.so.6")


def as_numbers(version):
    return tuple(int(n) for n in version.split("."))


def dynamic_symbols(path):
    """(name, version) of the dynamic symbols of a file, with those defined there apart from those it needs."""
    defined, needed = [], []
    text = subprocess.run(["objdump", "-T", path], capture_output=True, text=True, check=True).stdout
    for line in text.splitlines():
        found = re.search(r"\(?GLIBC_([0-9.]+)\)?\s+(?:\.hidden )?(\S+)$", line)
        if found:
            (needed if "*UND*" in line else defined).append((found[2], found[1]))
    return defined, needed


def main():
    program, limit, output = sys.argv[1], as_numbers(sys.argv[2]), pathlib.Path(sys.argv[3])
    shims = set(re.findall(r"// stands in for (\w+)", (pathlib.Path(__file__).parent / "shims.cpp").read_text()))
    compiler = sys.argv[4] if len(sys.argv) > 4 else "c++"
    versions = {}
    for library in LIBRARIES:
        path = subprocess.run([compiler, f"-print-file-name={library}"], capture_output=True, text=True, check=True).stdout.strip()
        for name, version in dynamic_symbols(path)[0]:
            versions.setdefault(name, []).append(version)
    lines, missing = [], []
    for name, version in sorted(set(dynamic_symbols(program)[1])):
        if as_numbers(version) <= limit or name in shims:
            continue
        plain = name.removeprefix("__isoc23_")  # C23's take 0b, too, which nobody asks for here
        old = [v for v in versions.get(plain, []) if as_numbers(v) <= limit]
        if not old:
            missing.append(f"{name} (GLIBC_{version})")
            continue
        best = max(old, key=as_numbers)
        lines.append(f'asm(".symver old_{name}, {plain}@GLIBC_{best}\\n.globl {name}\\n.hidden {name}\\n.type {name}, @function\\n'
                     f'{name}: jmp *old_{name}@GOTPCREL(%rip)");')
    if missing:
        print(f"older_glibc.py: glibc {sys.argv[2]} lacks {', '.join(missing)}, and shims.cpp has nothing for them", file=sys.stderr)
    output.write_text("\n".join(["// Made by older_glibc.py.", 'asm(".text");', *lines, ""]))


main()
