#!/usr/bin/env python3
"""usage: gpu_record.py STAGES OUTPUT

Puts the records of tools/gpu-check's stages (*-STAGE.json) and what its other stages came to (stages.tsv) in the folder STAGES
together: one record, OUTPUT/DATE-DEVICE.json, and its tables, .md. A stage that was cut short counts with what it found.
"""

import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import record as records  # noqa: E402
import tables  # noqa: E402

# Later ones win where two stages say the same.
ORDER = ["smoke", "quick", "variants", "correlated", "full"]
STATES = {"0": "good", "5": "bad", "1": "skipped"}


def stage_lines(path):
    """(state, stage, seconds, detail) of stages.tsv."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [(STATES[state], stage, float(seconds), detail)
            for state, stage, seconds, detail in (line.split("\t", 3) for line in lines)]


def merge(parts, lines):
    """One record of several. `parts`: records in the order of ORDER; `lines`: of stage_lines()."""
    merged = {}
    for part in parts:
        for key, value in part.items():
            if isinstance(value, dict) and isinstance(merged.get(key), dict):
                merged[key] = {**merged[key], **value}
            elif key == "findings":
                merged.setdefault(key, []).extend({**finding, "stage": part["stage"]} for finding in value)
            else:
                merged[key] = value
    merged.setdefault("format", records.FORMAT)
    for key in ("results", "skipped", "histories_per_s"):
        merged.setdefault(key, {})
    merged.pop("stage", None)
    merged["stages"] = {stage: {"state": state, "seconds": seconds, "detail": detail} for state, stage, seconds, detail in lines}
    merged["skipped"].update({stage: detail for state, stage, _, detail in lines if state == "skipped"})
    merged["seconds"] = sum(seconds for _, _, seconds, _ in lines)
    merged["finished"] = all(part["finished"] for part in parts)
    merged["passed"] = (all(part["passed"] for part in parts)
                        and all(state != "bad" for state, *_ in lines))
    return merged


def main():
    folder, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    found = []
    for path in sorted(folder.glob("*.json")):
        part = json.loads(path.read_text())
        found.append((ORDER.index(part["stage"]), path.stem.removesuffix("-" + part["stage"]), part))
    found.sort(key=lambda entry: entry[0])
    if not found:
        return
    merged = merge([part for _, _, part in found], stage_lines(folder / "stages.tsv"))
    path = output / f"{found[-1][1]}.json"
    records.write(path, merged)
    path.with_suffix(".md").write_text(tables.markdown(merged))


if __name__ == "__main__":
    main()
