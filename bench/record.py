"""Records of the bench: what runs of ytterby_bench measured, its statistics, tables and comparison.

Python's standard library alone.
"""

import json
import statistics

FORMAT = "ytterby-bench"
NOISE = 0.03  # differences below this are never called real: clocks of shared machines wander that much
FEWEST = 3  # runs of each record, below which a comparison says nothing

SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
# Fields that Google Benchmark writes for itself.
OWN = {"name", "family_index", "per_family_instance_index", "run_name", "run_type", "repetitions", "repetition_index",
       "threads", "iterations", "real_time", "cpu_time", "time_unit", "items_per_second", "bytes_per_second",
       "error_occurred", "error_message", "label"}


def short_name(name):
    """Without what Google Benchmark appends."""
    return "/".join(part for part in name.split("/")
                    if part not in ("manual_time", "process_time", "real_time") and not part.startswith("iterations:"))


def gather(documents):
    """{benchmark: {quantity: [a value per run]}} and {benchmark: reason} of those that could not run."""
    results, failed = {}, {}
    for document in documents:
        for run in document["benchmarks"]:
            name = short_name(run["name"])
            if run.get("error_occurred"):
                failed[name] = run["error_message"]
                continue
            unit = SECONDS[run["time_unit"]]
            values = {key: value for key, value in run.items() if key not in OWN}
            values["wall_s"] = run["real_time"] * unit
            values.setdefault("cpu_s", run["cpu_time"] * unit)
            for key in ("items_per_second", "bytes_per_second"):
                if key in run:
                    values[key] = run[key]
            for key, value in values.items():
                results.setdefault(name, {}).setdefault(key, []).append(float(f"{value:.6g}"))
    return results, failed


def median(values):
    return statistics.median(values)


def quartiles(values):
    """Lower and upper; of fewer than four values the lowest and the highest."""
    if len(values) < 4:
        return min(values), max(values)
    q = statistics.quantiles(values, n=4, method="inclusive")
    return q[0], q[2]


def rank(level):
    """Of an instruction level or a GPU: gpu runs what runs use, gpu:NAME another layout of its kernels."""
    order = {"baseline": 0, "avx2": 1, "avx512": 2, "gpu": 4}
    return order.get(level, 3)


def best(results, case):
    """Median histories/s of the highest level with all threads, or with all GPUs; None without the case."""
    found = [name.split("/") for name in results if name.startswith(f"histories/{case}/")]
    if not found:
        return None
    _, _, level, threads = max(found, key=lambda parts: (rank(parts[2]), int(parts[3])))
    return median(results[f"histories/{case}/{level}/{threads}"]["items_per_second"])


def cases(results):
    return list(dict.fromkeys(name.split("/")[1] for name in results if name.startswith("histories/")))


def make(machine, results, failed):
    return {"format": FORMAT, **machine,
            "histories_per_s": {case: round(best(results, case)) for case in cases(results)},
            "skipped": failed, "results": results}


def write(path, record):
    """JSON with a line for each benchmark, so that records can be laid side by side."""
    head = {key: value for key, value in record.items() if key != "results"}
    text = json.dumps(head, indent=2)[:-2] + ',\n  "results": {\n'
    text += ",\n".join(f"    {json.dumps(name)}: {json.dumps(values)}" for name, values in record["results"].items())
    path.write_text(text + "\n  }\n}\n")


def read(path):
    """Raises ValueError, naming the file, for what is no record of this program's speed."""
    try:
        record = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise ValueError(f'{path}: is not a record, needs "format": "{FORMAT}"')
    if "results" not in record:
        raise ValueError(f"{path}: has no results: it was made before records of GPUs had them")
    return record


def speed(values):
    """What a comparison looks at, larger being better: its name and its values."""
    if "efficiency_per_s" in values:
        return "efficiency", values["efficiency_per_s"]
    if "cpu_seconds_to_1_percent" in values:
        return "1 / CPU time to 1 %", [1 / v for v in values["cpu_seconds_to_1_percent"]]
    if "peak_MB" in values and "inputs_MB" in values:
        return "1 / memory", [1 / v for v in values["peak_MB"]]
    if "device_s" in values:
        return "1 / device time", [1 / v for v in values["device_s"]]
    if "joules_per_history" in values and "items_per_second" not in values:
        return "1 / energy", [1 / v for v in values["joules_per_history"]]
    if "cpu_s" not in values:  # of a GPU, which no other work shares
        if "items_per_second" in values:
            return "items/s", values["items_per_second"]
        return "1 / wall s", [1 / v for v in values["wall_s"]]
    if "items_per_second" in values:
        return "items per CPU s", [rate * wall / cpu for rate, wall, cpu in
                                   zip(values["items_per_second"], values["wall_s"], values["cpu_s"])]
    return "1 / CPU s", [1 / v for v in values["cpu_s"]]


def compare(old, new):
    """Rows (benchmark, quantity, ratio, its lowest, its highest, verdict) for what both records have.

    A change is called real where the medians differ by more than NOISE and no value of one record lies among those of the
    other. For five runs each that happens by chance in 2 of 252 cases at most, for three in 2 of 20.
    """
    rows = []
    for name, values in new["results"].items():
        if name not in old["results"]:
            continue
        quantity, after = speed(values)
        was, before = speed(old["results"][name])
        if was != quantity:
            continue
        ratio = median(after) / median(before)
        apart = min(after) > max(before) or max(after) < min(before)
        verdict = "within noise"
        if min(len(before), len(after)) < FEWEST:
            verdict = "too few runs"
        elif apart and abs(ratio - 1) > NOISE:
            verdict = "better" if ratio > 1 else "worse"
        rows.append((name, quantity, ratio, min(after) / max(before), max(after) / min(before), verdict))
    return rows
