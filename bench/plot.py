"""Cost as work grows: an SVG beside the record. Needs matplotlib (tools/setup plots)."""

from record import median


def points(results, prefix, x, y):
    """Sorted (x, median, lowest, highest) of a group of benchmarks; x and y take a benchmark's name and values."""
    rows = []
    for name, values in results.items():
        if name.startswith(prefix):
            ys = y(values)
            rows.append((x(name, values), median(ys), min(ys), max(ys)))
    return sorted(rows)


def draw(axis, rows, label, **style):
    xs = [r[0] for r in rows]
    errors = [[r[1] - r[2] for r in rows], [r[3] - r[1] for r in rows]]
    axis.errorbar(xs, [r[1] for r in rows], errors, marker="o", markersize=4, capsize=2, label=label, **style)


def cost(values):
    """CPU time a history [us]."""
    return [1e6 * cpu / (rate * wall) for rate, wall, cpu in
            zip(values["items_per_second"], values["wall_s"], values["cpu_s"])]


def plot(record, path):
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "ytterby"
    import matplotlib.pyplot as plt

    r = record["results"]
    figure, axes = plt.subplots(2, 2, figsize=(9, 6.4))
    voxels, materials, threads, convolution = axes.flat

    draw(voxels, points(r, "scaling/voxels", lambda _, v: v["voxels"][0], cost), "3 mm water, active middle eighth")
    highest = record["levels"].split()[-1]
    patients = [name for name in r if name.startswith("histories/") and name.endswith(f"/{highest}/1")
                and not name.startswith("histories/water")]
    for name in patients:
        draw(voxels, [(r[name]["voxels"][0], median(cost(r[name])), min(cost(r[name])), max(cost(r[name])))],
             name.split("/")[1], linestyle="none")
    voxels.set(xscale="log", xlabel="voxels", ylabel="CPU time a history [µs]", ylim=(0, None), title="Voxels, one thread")
    voxels.legend(fontsize=7)

    number_of = lambda _, v: v["materials"][0]
    draw(materials, points(r, "scaling/materials", number_of, cost), "CPU time a history [µs]")
    draw(materials, points(r, "scaling/materials", number_of, lambda v: v["tables_s"]), "tables [s], all threads")
    materials.set(xlabel="materials, mixed voxel by voxel", ylim=(0, None), title="Materials, 1e5 voxels")
    materials.legend(fontsize=7)

    rates = points(r, "scaling/threads", lambda name, _: int(name.split("/")[2]),
                   lambda v: v["items_per_second"])
    if rates:
        one = rates[0][1]
        draw(threads, [(x, y / one, low / one, high / one) for x, y, low, high in rates], "measured")
        threads.plot([1, rates[-1][0]], [1, rates[-1][0]], "--", color="grey", label="linear")
    threads.set(xlabel="threads", ylabel="histories/s over one thread's", xlim=(0, None), ylim=(0, None),
                title="Threads, 1e6 voxels")
    threads.legend(fontsize=7)

    for kind, label in (("whole", "convolution"), ("bare_transforms", "its two bare transforms")):
        names = [n for n in r if n.startswith(f"convolve/{kind}/") and n.endswith("/1")]
        rows = points({n: r[n] for n in names}, "convolve/", lambda n, _: int(n.split("/")[2]) ** 3, lambda v: v["cpu_s"])
        if rows:
            draw(convolution, rows, label)
    convolution.set(xscale="log", yscale="log", xlabel="voxels", ylabel="CPU time [s]", title="Convolution, one thread")
    convolution.legend(fontsize=7)

    figure.suptitle(f"{record['device']}, commit {record['commit']}, {record['date'][:10]}; bars: all runs", fontsize=9)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
