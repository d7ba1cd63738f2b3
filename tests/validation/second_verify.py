#!/usr/bin/env python3
"""Plan against delivery by a second person's arithmetic: local deposition of both activities, from the files alone.

usage: second_verify.py VERIFY.json CASE_FOLDER DELIVERED.nii.gz QUANTITY FACTOR

CASE_FOLDER has the plan (activity_truth_Bq.nii.gz) and masks; DELIVERED is in QUANTITY (Bq, Bq/mL), and FACTOR brings it to
administration. Doses are on the CT's grid; the delivered image is shared out over it by exact overlap. Every measure of the
tumour, and the means of normal liver and lungs (whose histograms follow how negative voxels of a noisy image are set to 0),
have to agree to 1e-3, planned, delivered and as ratio.
"""
import json
import sys
from pathlib import Path

import numpy as np
from second_arithmetic import LIVER, TUMOUR, Case, K, agree, image, metrics, overlap


def shared_out(of, to):
    """Sums of an image's voxels over another's, by overlap."""
    values, h, o = of
    for axis in range(3):
        w = overlap(values.shape[axis], h[axis], o[axis], to[0].shape[axis], to[1][axis], to[2][axis])
        values = np.moveaxis(np.tensordot(w * to[1][axis] / h[axis], values, (1, axis)), 0, axis)
    return values


def main():
    verify = json.loads(Path(sys.argv[1]).read_text())
    case = Case(Path(sys.argv[2]), "activity_truth_Bq.nii.gz")
    given, spacing, origin = image(Path(sys.argv[3]))
    given = given * float(sys.argv[5]) * (np.prod(spacing) / 1000 if sys.argv[4] == "Bq/mL" else 1)
    delivered = shared_out((given, spacing, origin), case.ct)
    doses = [K * a / 1e9 / (case.density * case.voxel / 1000) for a in (case.activity[0], delivered)]
    for name, mask, tissue in (("tumour", case.tumour, TUMOUR), ("perfused-normal", case.treated, LIVER), ("lungs", case.lungs, LIVER)):
        theirs = [s for s in verify["structures"] if s["name"] == name][0]["methods"]["local-deposition"]
        ours = [metrics(d, mask.astype(float), case.density, tissue) for d in doses]
        for metric in ours[0]:
            if metric not in theirs or (name != "tumour" and metric != "mean_Gy"):
                continue
            for side, values in zip(("planned", "delivered"), ours):
                agree(f"{name} {metric} {side}", values[metric], theirs[metric][side])
            if ours[0][metric] > 0:
                agree(f"{name} {metric} ratio", ours[1][metric] / ours[0][metric], theirs[metric]["ratio"], 2e-3)
        shown = {m: round(ours[1][m] / ours[0][m] - 1, 3) for m in ("mean_Gy", "D95_Gy", "D70_Gy", "D50_Gy") if ours[0][m] > 0}
        print(f"{name}: {shown}")


if __name__ == "__main__":
    main()
