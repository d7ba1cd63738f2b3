# usage: same_dose.py FILE FILE
import h5py, numpy, sys
a, b = (h5py.File(f) for f in sys.argv[1:3])
assert numpy.array_equal(a["dose"][:], b["dose"][:]), "dose"
assert numpy.array_equal(a["uncertainty"][:], b["uncertainty"][:], equal_nan=True), "uncertainty"
for name in a.get("structures", []):
    x, y = a["structures"][name].attrs, b["structures"][name].attrs
    for key in ("mean_Gy", "mean_error_Gy"):
        assert x[key] == y[key], f"{name} {key}"
for key in ["histories", "batches"] + [n + "_quanta" for n in ("emitted", "deposited", "escaped", "discarded")]:
    x, y = (f["provenance"].attrs[key] for f in (a, b))
    assert x == y, f"{key}: {x}, {y}"
for name in a.get("sessions", []):
    x, y = (f["sessions"][name]["dose"][:] for f in (a, b))
    assert numpy.array_equal(x, y), name
