"""Markdown tables of a record, and of many."""

from record import best, cases, compare, median, quartiles, rank

# 1/(sigma^2 T) of the source voxel, 3 mm water, cuts of 10 keV, one core of the machine that the records here are of.
EGSNRC_EFFICIENCY = 6.8e4


def number(value):
    """Two or three figures: 5.43e5, 1.2e3, 46.1."""
    if value == 0:
        return "0"
    if 0.001 <= abs(value) < 1e4:
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def spread(values, unit=""):
    low, high = quartiles(values)
    return f"{number(median(values))}{unit} ({number(low)} to {number(high)})"


def threads(count):
    return "1 thread" if count == "1" else f"{count} threads"


def parts_of_start(values):
    parts = [f"{number(median(values[key + '_cpu_s']))} {key}" for key in ("conversion", "tables") if key + "_cpu_s" in values]
    return f" ({', '.join(parts)})" if parts else ""


def per_cpu(values):
    if "cpu_s" not in values:
        return values["items_per_second"]
    return [rate * wall / cpu for rate, wall, cpu in
            zip(values["items_per_second"], values["wall_s"], values["cpu_s"])]


def machine_line(record):
    m = record
    if "devices" in m:
        gpu = m.get("gpu", {})
        state = [f"{key.replace('_', ' ')} {str(value).lower() if isinstance(value, bool) else value}" for key, value in gpu.items()]
        return (f"{m['device']} x {m['devices']}, driver for CUDA {m['driver_cuda']}, runtime {m['runtime_cuda']}; host: {m['host']}; "
                f"{m['build']}; commit {m['commit']}; {m['date'][:10]}" + (f"; {', '.join(state)}" if state else ""))
    return (f"{m['device']}, {m['cores']} cores, {m['MHz']:.0f} MHz; {m['build']}; commit {m['commit']}; {m['date'][:10]}; "
            f"load {m['load_before']} before, {m['load_after']} after"
            + (f", {m['steal_percent']} % of the time taken by other guests" if m["steal_percent"] is not None else ""))


def speed_rows(record):
    """Histories: lowest level on one thread, highest on one and on all; of a GPU record all that there is."""
    results = record["results"]
    label = {"baseline": "baseline", "avx2": "AVX2", "avx512": "AVX-512", "gpu": "GPU"}
    rows = []
    for case in cases(results):
        found = sorted((name.split("/")[2:] for name in results if name.startswith(f"histories/{case}/")),
                       key=lambda p: (rank(p[0]), int(p[1])))
        wanted = found if "devices" in record else [found[0], [found[-1][0], found[0][1]], found[-1]]
        for level, threads in dict.fromkeys(map(tuple, wanted)):
            v = results[f"histories/{case}/{level}/{threads}"]
            flight = number(median(v["ns_per_flight"])) if "ns_per_flight" in v else ""
            rows.append(f"| {case} ({number(v['voxels'][0])} voxels) | {label.get(level, level)}, {threads} "
                        f"| {spread(v['items_per_second'])} | {number(median(per_cpu(v)))} "
                        f"| {flight} |")
    return rows


def other_rows(record, kind=""):
    """Quantities that have a goal or a reference, of the benchmarks whose names begin with `kind`."""
    r = {name: values for name, values in record["results"].items() if name.startswith(kind)}
    rows = []

    def add(what, text, goal=""):
        rows.append(f"| {what} | {text} | {goal} |")

    for name, v in r.items():
        parts, cpu = name.split("/"), number(1e3 * median(v.get("cpu_s", [0])))
        if name.startswith("efficiency/") and "efficiency_per_s" in v:
            times = median(v["efficiency_per_s"]) / EGSNRC_EFFICIENCY
            add(f"efficiency of the source voxel, {parts[1]}, {parts[2]}, {parts[3]}, 1 thread",
                spread(v["efficiency_per_s"], " /s"), f"{number(times)} x EGSnrc's 6.8e4 /s in 3 mm water")
        elif "seconds_to_dose_file" in v:
            add(f"1 % in every tumour voxel, {parts[2]}, correlated, {threads(parts[3])}: from its files to the dose file, of 5 seeds",
                f"{number(median(v['seconds_to_dose_file']))} s ({number(min(v['shortest_s']))} to {number(max(v['longest_s']))})",
                f"{number(median(v['cpu_s']))} CPU s, {number(median(v['goal_histories']))} histories; goal 12 s on two cores")
        elif "seconds_to_1_percent" in v:
            add(f"1 % in every tumour voxel, {parts[1]}, {parts[2]}, {threads(parts[4])} (extrapolated)",
                spread(v["seconds_to_1_percent"], " s"),
                f"{number(median(v['cpu_seconds_to_1_percent']))} CPU s, {number(median(v['histories_for_1_percent']))} "
                f"histories, {v['tumour_voxels'][0]:.0f} voxels; the median voxel: "
                f"{number(median([cpu * e * e for cpu, e in zip(v['cpu_s'], v['median_error_percent'])]))} CPU s")
        elif name.startswith("convolve/whole"):
            bare = r.get(name.replace("whole", "bare_transforms"))
            if bare:
                ratio = [a / b for a, b in zip(v["cpu_s"], bare["cpu_s"])]
                add(f"convolution, {parts[2]}^3 voxels, {threads(parts[3])}", spread([1e3 * t for t in v["wall_s"]], " ms"),
                    f"{number(median(ratio))} x the CPU time of its two bare transforms; goal 2 x")
        elif name.startswith("start_up/first_history"):
            ct = "128 x 128 x 75" if record["quick"] else "512 x 512 x 300"
            add(f"CT of {ct} to the first history, {parts[2].replace('_', ' ')}, beyond decoding",
                spread(v["wall_s"], " s"),
                f"{number(median(v['cpu_s']))} CPU s" + parts_of_start(v) + f", {v['materials'][0]:.0f} materials; goal under 2 s")
        elif name.startswith("start_up/memory"):
            add(f"memory of such a run, {parts[2].replace('_', ' ')}, {threads(parts[3])}", spread(v["peak_MB"], " MB"),
                f"{number(median(v['bytes_per_voxel_beyond_inputs']))} bytes a dose voxel beyond the CT; goal 64")
        elif "bytes_per_second" in v:
            add(name, spread([b / 1e6 for b in v["bytes_per_second"]], " MB/s"), f"{cpu} CPU ms")
        elif name.startswith("files/"):
            add(name, spread([1e3 * t for t in v["wall_s"]], " ms"), f"{cpu} CPU ms")
    return rows


def routine_rows(record):
    return [f"| {name.split('/')[1]} | {name.split('/')[2]} | {spread([1e9 / rate for rate in per_cpu(v)], ' ns')} |"
            for name, v in record["results"].items() if name.startswith("routine/")]


def scaling_rows(record):
    return [f"| {name[8:]} | {spread(v['items_per_second'])} | {number(median(per_cpu(v)))} "
            f"| {number(median(v['tables_s']))} | {number(median(v.get('peak_MB', [0])))} |"
            for name, v in record["results"].items() if name.startswith("scaling/")]


def table(head, rows):
    if not rows:
        return ""
    return "| " + " | ".join(head) + " |\n|" + " --- |" * len(head) + "\n" + "\n".join(rows) + "\n\n"


def speed_table(record):
    """What the README shows."""
    runs = max((len(v["wall_s"]) for v in record["results"].values() if "wall_s" in v), default=0)
    text = f"{machine_line(record)}. Medians and quartiles (lowest and highest of fewer than four) of up to {runs} "
    text += "runs; cutoffs of 10 keV."
    if record.get("load_before", 0) > 0.5 * record["cores"]:
        text += " Other work kept the machine busy: look at the rates per CPU second."
    text += "\n\n"
    text += table(["case", "level, threads", "histories/s", "per CPU second", "ns a flight"], speed_rows(record))
    return text + table(["what", "median (quartiles)", "beside it"], other_rows(record, "efficiency/"))


def put_between_marks(text, between):
    """A page with what stands between its marks replaced. Raises ValueError where they are not there once each."""
    begin, end = "<!-- made by tools/bench --readme -->\n", "<!-- end of tools/bench -->\n"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"needs {begin.strip()} and {end.strip()} around the table, once")
    return text[:text.index(begin)] + begin + between.rstrip() + "\n" + text[text.index(end):]


def gpu_rows(record):
    """Device time of the kernels, joules and clocks, start-up."""
    rows = []
    for name, v in record["results"].items():
        parts = name.split("/")
        if name.startswith("kernel/"):
            rows.append(f"| {parts[3]}, {parts[1]}, {parts[2]} | {number(1e3 * median(v['device_s']))} ms | {v['launches'][0]:.0f} launches, "
                        f"{number(v['histories'][0])} histories |")
        elif "joules_per_history" in v:
            rows.append(f"| energy, {parts[1]}, {parts[2]} | {number(1e6 * median(v['joules_per_history']))} uJ a history | "
                        f"{v['highest_W'][0]:.0f} W at most, {v['sm_MHz'][0]:.0f} to {v['sm_MHz'][1]:.0f} MHz, {v['highest_C'][0]:.0f} C |")
        elif name.startswith("start_up/") and "context_s" in v:
            rows.append(f"| to the first history, {parts[1]} | {number(median(v['wall_s']))} s | context {number(median(v['context_s']))}, "
                        f"tables {number(median(v['tables_s']))}, upload {number(median(v['upload_s']))} |")
    return rows


def gpu_markdown(record):
    text = "# " + ("Speed on a GPU" if record["devices"] else "A check without a GPU") + "\n\n" + speed_table(record)
    text += table(["what", "measured", "beside it"], gpu_rows(record))
    text += table(["case", "RMS z", "worst z", "voxels that differ", "histories that diverge"],
                  [f"| {case} | {number(a['rms_z'])} | {number(a['worst_z'])} | {a['voxels_differing']} of {a['voxels']} "
                   f"| {a['histories_diverged']} of {a['histories_compared']} |" for case, a in record.get("agreement", {}).items()])
    text += table(["stage", "state", "s", "detail"], [f"| {stage} | {s['state']} | {s['seconds']:.0f} | {s['detail'].replace('|', '/')} |"
                                                      for stage, s in record.get("stages", {}).items()])
    text += table(["check", "state", "detail"], [f"| {f['what']} | {f['state']} | {f['detail'].replace('|', '/')} |"
                                                 for f in record.get("findings", [])])
    return text.rstrip() + "\n"


def prices_of(path):
    """{device: price an hour} of a file with lines "device,price"; # begins a comment."""
    prices = {}
    for line in path.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            device, price = line.rsplit(",", 1)
            prices[device.strip()] = float(price)
    return prices


def all_records(records, prices):
    """One row a record and case: histories/s, and histories for one unit of money where the price is known."""
    rows = []
    for record in sorted(records, key=lambda r: (r["device"], r["date"])):
        count = record.get("devices") or record["cores"]
        for case in cases(record["results"]):
            rate = best(record["results"], case)
            energy = record["results"].get(f"histories/{case}/gpu/1", {}).get("joules_per_history")
            price = prices.get(record["device"])
            rows.append(f"| {record['device']} | {count} | {record['commit'][:12]} | {record['date'][:10]} | {case} | {number(rate)} "
                        f"| {number(1e6 * median(energy)) if energy else ''} | {number(price) if price else ''} "
                        f"| {number(3600 * rate / price) if price else ''} |")
    return table(["device", "GPUs or cores", "commit", "date", "case", "histories/s", "uJ a history", "price an hour",
                  "histories for 1"], rows)


def markdown(record):
    if "devices" in record:
        return gpu_markdown(record)
    text = "# Speed\n\n" + speed_table(record)
    rest = [row for kind in ("convolve/", "start_up/", "files/") for row in other_rows(record, kind)]
    text += table(["what", "median (quartiles)", "beside it"], rest)
    text += table(["routine, with its random numbers", "level", "CPU time"], routine_rows(record))
    text += table(["cost as work grows", "histories/s", "per CPU second", "tables [s]", "memory [MB]"], scaling_rows(record))
    if record["skipped"]:
        text += "Skipped: " + "; ".join(f"{name}: {why}" for name, why in record["skipped"].items()) + "\n"
    return text.rstrip() + "\n"


def comparison(old, new):
    rows = compare(old, new)
    lines = [f"| {name} | {quantity} | {ratio:.3f} | {low:.3f} to {high:.3f} | {verdict} |"
             for name, quantity, ratio, low, high, verdict in rows]
    text = f"New: {machine_line(new)}\n\nOld: {machine_line(old)}\n\n"
    if old["device"] != new["device"]:
        text += "The devices differ: the ratios are of machines, too.\n\n"
    text += table(["benchmark", "quantity", "new over old", "range", "verdict"], lines)
    real = [row for row in rows if row[5] in ("better", "worse")]
    return text + f"{len(real)} of {len(rows)} beyond noise.\n"
