#!/usr/bin/env python3
"""A second person's arithmetic: plan, verdict and metrics of a case on a real CT, by formulas alone.

usage: second_arithmetic.py PROGRAM CASE_FOLDER

Nothing of the program is used but what it prints. Images are read here, masks are moved here (exact overlap along
each axis), densities, masses, ratios, activities, doses, diameters, histograms, BED and gEUD are worked out here, and
every number of PLAN.json and VERDICT.json that has a counterpart has to agree to 1e-3 of its value.
"""
import gzip
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

K = 1e9 * 0.93247 * 1.602176634e-13 * 64.05 * 3600 / math.log(2)  # Gy kg/GBq
# Schneider et al., Phys. Med. Biol. 45 (2000) 459, and the node of 3000 HU: HU and g/cm3. Between 81 and 138 HU a straight line
# takes the place of the step at 100 HU.
HU = [-1000, -98, -97, 14, 23, 81, 138, 1600, 3000]
DENSITY = [0.00121, 0.93, 0.930486, 1.03, 1.031, 1.031 + 58 * 0.0889 / 77, 1.0762 + 37 * 0.888 / 1499, 1.9642, 2.8]
NATIVE, PER_MG, MG = 53, 25, 0.8e-3  # liver without contrast medium [HU], 1 mg/mL of iodine [HU], what it adds [g/cm3]
TUMOUR, LIVER = (10.0, 1.5, -10.0), (2.5, 2.5, 1.0)  # alpha/beta, repair half-time [h], gEUD exponent
checked = 0


def agree(what, ours, theirs, tolerance=1e-3):
    global checked
    checked += 1
    if not abs(ours - theirs) <= tolerance * max(abs(ours), 1e-9):
        sys.exit(f"{what}: {ours!r} by hand, {theirs!r} by the program")


def image(path):
    """Values [x][y][z], spacing and origin in mm; axes have to lie along the patient's."""
    raw = gzip.decompress(path.read_bytes())
    shape = np.frombuffer(raw, "<i2", 8, 40)[1:4]
    kind = {2: "u1", 4: "<i2", 8: "<i4", 16: "<f4", 64: "<f8"}[int(np.frombuffer(raw, "<i2", 1, 70)[0])]
    start = int(np.frombuffer(raw, "<f4", 1, 108)[0])
    rows = np.frombuffer(raw, "<f4", 12, 280).reshape(3, 4).astype(float)
    assert np.allclose(rows[:, :3], np.diag(np.diag(rows[:, :3])))
    values = np.frombuffer(raw, kind, int(np.prod(shape)), start).reshape(shape[::-1]).transpose(2, 1, 0)
    return values.astype(float), np.diag(rows[:, :3]).copy(), rows[:, 3].copy()


def overlap(n, h, o, m, g, p):
    """Share of each of m voxels (size g, first centre p) that each of n voxels (h, o) covers."""
    low, high = o + (np.arange(n) - 0.5) * h, o + (np.arange(n) + 0.5) * h
    to_low, to_high = p + (np.arange(m) - 0.5) * g, p + (np.arange(m) + 0.5) * g
    shared = np.minimum(high[None, :], to_high[:, None]) - np.maximum(low[None, :], to_low[:, None])
    return np.maximum(0, shared) / g


def onto(mask, of, to):
    """A mask as shares of another image's voxels."""
    (_, h, o), (values, g, p) = of, to
    for axis in range(3):
        w = overlap(mask.shape[axis], h[axis], o[axis], values.shape[axis], g[axis], p[axis])
        mask = np.moveaxis(np.tensordot(w, mask, (1, axis)), 0, axis)
    return mask


def shared_out(counts, of, to):
    """What an image's voxels hold, shared out over another's by overlap."""
    (_, h, o), (values, g, p) = of, to
    for axis in range(3):
        w = overlap(counts.shape[axis], h[axis], o[axis], values.shape[axis], g[axis], p[axis]) * g[axis] / h[axis]
        counts = np.moveaxis(np.tensordot(w, counts, (1, axis)), 0, axis)
    return counts


def moved(values, by, beyond):
    """Values shifted by whole voxels, `beyond` where that leaves the image."""
    result = np.full_like(values, beyond)
    to = tuple(slice(max(0, -d), values.shape[a] - max(0, d)) for a, d in enumerate(by))
    of = tuple(slice(max(0, d), values.shape[a] + min(0, d)) for a, d in enumerate(by))
    result[to] = values[of]
    return result


def neighbours(spacing, reach, step=2.0):
    """Offsets in voxels of the voxels within `reach` [mm] along each axis, about every `step`."""
    along = []
    for s in spacing:
        stride = max(1, math.floor(step / s + 0.5))
        most = math.floor(reach / (s * stride) + 1e-6)
        along.append([k * stride for k in range(-most, most + 1)])
    return [(x, y, z) for x in along[0] for y in along[1] for z in along[2]]


def contrast(ct, spacing, organs):
    """Density of a CT, with contrast medium in soft tissue where it is an organ's."""
    within, beside = np.zeros(ct.shape), np.zeros(ct.shape)
    for by in neighbours(spacing, 8):
        dense = moved(ct, by, -2000.0) >= 200
        inside = moved(organs, by, False)
        within += dense & inside
        beside += dense & ~inside
    organs = organs & ~((ct >= 300) & (beside > within))
    total, count = np.zeros(ct.shape), np.zeros(ct.shape)
    for by in neighbours(spacing, 4.5):
        near = moved(ct, by, np.nan)
        alike = moved(organs, by, False) & (np.abs(near - ct) <= 60)
        total += np.where(alike, near, 0)
        count += alike
    level = total / np.maximum(count, 1)
    iodine = np.minimum(np.interp(NATIVE, HU, DENSITY) + MG * (level - NATIVE) / PER_MG, 1.28)
    return np.where(organs & (level > NATIVE), iodine, np.interp(ct, HU, DENSITY))


def smoothed(points, counts, heights, plane):
    """Largest diameter of the body whose lattice points these are (one array a slice; plane: axes), less what the
    fit of an ellipsoid's widths leaves. The affine argument, the constants and the cones are the documented ones."""
    space = len(plane) == 3
    n = 1200 if space else 90
    def around(n):
        if not space:
            a = np.arange(n) * math.pi / n
            return np.stack([np.cos(a), np.sin(a)], 1)
        z = (np.arange(n) + 0.5) / n
        a = np.arange(n) * math.pi * (3 - math.sqrt(5))
        return np.stack([np.sqrt(1 - z * z) * np.cos(a), np.sqrt(1 - z * z) * np.sin(a), z], 1)
    u = around(n)
    short = [1.01 / c**0.5 if space else 1.10 * c ** (-2 / 3) for c in counts]
    width = np.array([(p @ u.T).max(0) - (p @ u.T).min(0) for p in points]) / (1 - np.array(short))[:, None]
    wide = width.max(1) ** 2
    keep = wide >= 0.75 * wide.max()
    if keep.sum() < 4:
        keep = wide == wide.max()
    t = np.array(heights)[keep]
    t = 2 * (t - t.min()) / (t.max() - t.min()) - 1 if keep.sum() > 1 else t * 0
    furthest, raw = None, 0
    for p in points:
        for q in p:
            far = np.linalg.norm(p - q, axis=1)
            if far.max() > raw:
                raw, furthest = far.max(), (p[far.argmax()] - q) / far.max()
    quadratic = lambda v: np.stack([v[:, i] * v[:, j] for i in range(len(plane)) for j in range(i, len(plane))], 1)
    def rows(v, t):
        powers = range(3 if keep.sum() > 1 else 1)
        return np.concatenate([quadratic(v) * t**k for k in powers], 1)
    def fitted(close):
        a = np.concatenate([rows(u[close], x) for x in t])
        w = width[keep][:, close].ravel()
        c = np.linalg.lstsq(a, w * w, rcond=None)[0]
        f = np.repeat(np.array(short)[keep], close.sum())
        voxel = np.tile(np.linalg.norm(u[close] * H[list(plane)], axis=1), keep.sum())
        own = np.hypot((0.37 if space else 0.48) * f * w, 0.1 * voxel)
        off = w - np.sqrt(np.maximum(0, a @ c))
        return c, math.sqrt(((off / own) ** 2).mean())
    c, noise = fitted(np.ones(n, bool))
    v = around(5000 if space else 360)
    if noise > 1.4:
        c, _ = fitted(abs(u @ furthest) >= 0.766)
        v = v[abs(v @ furthest) >= 0.883]
    steps = np.linspace(-1, 1, 41) if keep.sum() > 1 else [0]
    return max(raw, math.sqrt(max((rows(v, x) @ c).max() for x in steps)))


def diameters(mask, h):
    """Axial and 3D, of a binary mask."""
    global H
    H = h
    at = np.argwhere(mask)
    rows = {}
    for x, y, z in at:
        low, high = rows.get((x, z), (y, y))
        rows[x, z] = (min(low, y), max(high, y))
    ends = np.array([(x, y, z) for (x, z), both in rows.items() for y in both], float) * h
    levels = np.unique(at[:, 2])
    of = lambda z: ends[np.isclose(ends[:, 2], z * h[2])][:, :2]
    counts = [(at[:, 2] == z).sum() for z in levels]
    some = [i for i, c in enumerate(counts) if c >= 8]
    axial = smoothed([of(levels[i]) for i in some], [counts[i] for i in some], [levels[i] * h[2] for i in some], (0, 1))
    return axial, max(axial, smoothed([ends], [len(at)], [0], (0, 1, 2)))


def bed(dose, tissue):
    return dose * (1 + dose * tissue[1] / ((tissue[1] + 64.05) * tissue[0]))


def metrics(dose, inside, density, tissue):
    d, w = dose[inside > 0], inside[inside > 0]
    mass = (inside * density)[inside > 0]
    order = np.argsort(-d, kind="stable")
    share = np.cumsum(w[order]) / w.sum()
    result = {"mean_Gy": (d * mass).sum() / mass.sum(), "mean_by_volume_Gy": (d * w).sum() / w.sum()}
    for x in (95, 70, 50, 2, 90):
        result[f"D{x}_Gy"] = d[order][np.searchsorted(share, x / 100 - 1e-12)]
    for v in (100, 200, 300, 400, 205):
        result[f"V{v}"] = w[d >= v].sum() / w.sum()
    result["BED_Gy"] = (bed(d, tissue) * w).sum() / w.sum()
    result["EQD2_Gy"] = result["BED_Gy"] / (1 + 2 / tissue[0])
    a = tissue[2]
    result["gEUD_Gy"] = 0 if a < 0 and d.min() <= 0 else ((d**a * w).sum() / w.sum()) ** (1 / a)
    return result


def run(*arguments, status=(0,)):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True)
    if done.returncode not in status:
        sys.exit(f"{arguments}: exit status {done.returncode}\n{done.stderr}")


def rule(verdict, name, method=None, structure=None):
    for r in verdict["rules"]:
        if r["id"] == name and r["method"] == method and structure in (None, r["structure"]):
            return r
    sys.exit(f"no rule {name} of {method}")


class Case:
    def __init__(self, folder, activity):
        self.ct = image(folder / "ct.nii.gz")
        self.liver, self.tumour, self.perfused, self.lungs = (
            image(folder / f"{name}.nii.gz")[0] > 0 for name in ("liver", "tumour", "perfused", "lungs")
        )
        self.activity = image(folder / activity)
        self.density = contrast(self.ct[0], self.ct[1], self.liver | self.tumour | self.perfused)
        self.voxel = np.prod(self.ct[1]) / 1000  # mL
        self.normal = self.liver & ~self.tumour
        self.treated = self.normal & self.perfused

    def mass(self, mask):
        return (self.density * mask).sum() * self.voxel / 1000  # kg

    def counts(self, mask):
        return (onto(mask.astype(float), self.ct, self.activity) * self.activity[0]).sum()

    def ratio(self):
        return (self.counts(self.tumour) / self.mass(self.tumour)) / (self.counts(self.treated) / self.mass(self.treated))


def partition(case, shunt, ratio, activity):
    """Doses [Gy] of tumour, perfused normal liver and 1 kg of lungs for an activity [GBq]."""
    m, n = case.mass(case.tumour), case.mass(case.treated)
    unit = K * activity * (1 - shunt) / (ratio * m + n)
    return ratio * unit, unit, K * activity * shunt


def check_plan(program, case, folder, work, shunt):
    run(program, "plan", folder / "case.toml", "-o", work / "plan.json")
    plan = json.loads((work / "plan.json").read_text())
    ratio = case.ratio()
    agree("k", K, plan["dose_constant_Gy_kg_per_GBq"])
    agree("tumour mass", case.mass(case.tumour), plan["model"]["tumour_mass_kg"])
    agree("normal mass", case.mass(case.treated), plan["model"]["normal_mass_kg"])
    agree("T/N", ratio, plan["model"]["tumour_to_normal"])
    per_GBq = partition(case, shunt, ratio, 1)
    goal = 400 / per_GBq[0]
    agree("activity for 400 Gy", goal, plan["goal"]["activity_GBq"])
    agree("lungs at 150 Gy", 150 / per_GBq[0] * per_GBq[2], plan["screening"]["lung_Gy"])
    for limit in plan["limits"]:
        which = 0 if limit["rule"] == "tumour-dose" else 2
        reached = limit["limit_Gy"] / per_GBq[which]
        agree(limit["rule"], reached, limit["activity_GBq"])
        agree(limit["rule"] + " tumour", reached * per_GBq[0], limit["tumour_Gy"])
    activity = min(goal, 15 / per_GBq[2])
    assert plan["excluded"] == [] and len(plan["sessions"]) == 1, plan
    session = plan["sessions"][0]
    agree("planned activity", math.floor(activity * 1000 + 1e-6) / 1000, session["activity_GBq"], 1e-9)
    for name, dose in zip(("tumour", "normal", "lung"), partition(case, shunt, ratio, session["activity_GBq"])):
        agree("planned " + name, dose, session["dose_Gy"][name])
    treated = case.treated | (case.tumour & case.perfused)
    whole = case.liver | case.tumour
    outside = 1 - case.counts(whole | case.lungs) / (case.activity[0] * onto(np.ones(case.ct[0].shape), case.ct, case.activity)).sum()
    agree("extrahepatic", outside, plan["model"]["extrahepatic_share"], 2e-3)
    agree("spared activity", 1 - case.counts(treated) / case.counts(whole), plan["model"]["spared_activity_share"])


def check_verdict(program, case, folder, work, shunt):
    text = (folder / "case_truth.toml").read_text() + 'metrics = ["D90", "V205"]\n'
    # Any image stands for one of function: the MAA's, on voxels of its own.
    text += '[function]\nimage = "maa.nii.gz"\nabove_Gy = [40, 70]\n'
    for name in ("ct", "activity_truth_Bq", "maa", "liver", "tumour", "perfused", "lungs"):
        text = text.replace(f'"{name}.nii.gz"', f'"{(folder / name).resolve()}.nii.gz"')
    (work / "truth.toml").write_text(text)
    run(program, "convolve", work / "truth.toml", "--method", "local", "-o", work / "local.h5")
    run(program, "validate", work / "truth.toml", work / "local.h5", "-o", work / "verdict.json", status=(0, 5))
    verdict = json.loads((work / "verdict.json").read_text())
    axial, full = diameters(case.tumour, case.ct[1])
    agree("diameter", axial, rule(verdict, "lesion-size")["value"])
    assert f"3D: {round(full)} mm" in rule(verdict, "lesion-size")["reason"], (full, rule(verdict, "lesion-size"))
    assert rule(verdict, "lesion-size")["verdict"] == ("pass" if axial > 80 else "fail")
    assert rule(verdict, "lesion-count")["value"] == 1
    spared = (case.normal & ~case.perfused).sum() / case.normal.sum()
    agree("spared", spared, rule(verdict, "spared-liver")["value"])
    given = (case.activity[0] * ~case.lungs).sum() / (1 - shunt) / 1e9
    doses = partition(case, shunt, case.ratio(), given)
    agree("tumours by partition", doses[0], rule(verdict, "tumour-dose", "partition", "tumours")["value"])
    agree("normal by partition", doses[1], rule(verdict, "normal-dose", "partition", "perfused-normal")["value"])
    agree("lungs by partition", doses[2], rule(verdict, "lung-dose-session", "partition")["value"])
    agree("screening", 150 * doses[2] / doses[0], rule(verdict, "screening-lung-dose")["value"])
    agree("spheres", given * 1e9 / 50, rule(verdict, "sphere-count")["value"])
    assert rule(verdict, "tumour-dose", "partition", "tumours")["verdict"] == ("pass" if 280 <= doses[0] <= 520 else "fail")
    dose = K * case.activity[0] / 1e9 / (case.density * case.voxel / 1000)
    for name, mask, tissue in (("tumour", case.tumour, TUMOUR), ("perfused-normal", case.treated, LIVER), ("normal-liver", case.normal, LIVER)):
        theirs = [s for s in verdict["structures"] if s["name"] == name][0]
        agree(name + " mass", case.mass(mask), theirs["mass_kg"])
        agree(name + " volume", mask.sum() * case.voxel, theirs["volume_mL"])
        for metric, value in metrics(dose, mask.astype(float), case.density, tissue).items():
            if metric in ("D90_Gy", "V205") and metric not in theirs["methods"]["local-deposition"]:
                sys.exit(f"{metric} was asked for and is not there")
            agree(f"{name} {metric}", value, theirs["methods"]["local-deposition"][metric], 1e-3)
    check_function(case, image(folder / "maa.nii.gz"), dose, verdict)


def check_function(case, function, dose, verdict):
    """Shares of function, and the dose weighed by it; masks, dose and CT are on one grid, so that a voxel of the image
    gives each voxel of a part what they share of it."""
    def counts(mask):
        return (onto(mask.astype(float), case.ct, function) * function[0]).sum()

    parts = {"normal-liver": case.normal, "perfused-normal": case.treated, "spared-liver": case.normal & ~case.perfused}
    assert [r["name"] for r in verdict["function"]["regions"]] == list(parts), verdict["function"]
    for region in verdict["function"]["regions"]:
        mask = parts[region["name"]]
        agree(region["name"] + " function", counts(mask) / counts(case.normal), region["share"])
        agree(region["name"] + " volume share", mask.sum() / case.normal.sum(), region["volume_share"])
        weight = shared_out(function[0], function, case.ct)[mask]
        theirs = [s for s in verdict["structures"] if s["name"] == region["name"]][0]["methods"]["local-deposition"]
        agree(region["name"] + " by function", (weight * dose[mask]).sum() / weight.sum(), theirs["function_mean_Gy"])
        for level in (40, 70):
            above = weight[dose[mask] >= level].sum() / weight.sum()
            agree(f"{region['name']} function at {level} Gy", above, theirs[f"function_V{level}"])
    agree("function of the tumour", counts(case.tumour) / counts(case.liver | case.tumour), verdict["function"]["tumour_share"])
    agree("spared function", counts(parts["spared-liver"]) / counts(case.normal), rule(verdict, "spared-function")["value"])


def main():
    program, folder = Path(sys.argv[1]), Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as work:
        check_plan(program, Case(folder, "maa.nii.gz"), folder, Path(work), 0.05)
        check_verdict(program, Case(folder, "activity_truth_Bq.nii.gz"), folder, Path(work), 0.05)
    print(f"{checked} numbers agree to 1e-3")


if __name__ == "__main__":
    main()
