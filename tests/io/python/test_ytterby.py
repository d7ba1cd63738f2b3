#!/usr/bin/env python3
"""The module `ytterby` against arithmetic: a dose file made here, whose measures, places and slices are known."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "io" / "python"))
import h5py  # noqa: E402
import numpy  # noqa: E402

import ytterby  # noqa: E402
from ytterby.plot import plane_points  # noqa: E402

SPACING, ORIGIN = numpy.array([2.0, 3.0, 4.0]), numpy.array([-10.0, 20.0, 5.0])
TURN = numpy.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1]])  # axis x leads to the left and back
SHAPE = (2, 3, 4)  # z, y, x
SLOPE = numpy.array([0.5, -0.25, 2.0])  # Gy/mm


def linear(points):
    return 100 + points @ SLOPE


def indices():
    z, y, x = numpy.meshgrid(*[numpy.arange(n) for n in SHAPE], indexing="ij")
    return numpy.stack([x, y, z], axis=-1)


def write(path, dose, version="1.0", kind="ytterby-dose", share=None, error=None, role="tumour"):
    share = numpy.ones(SHAPE, numpy.float32) if share is None else share
    with h5py.File(path, "w") as f:
        f.attrs.update(format=kind, format_version=version, method="monte-carlo", program_version="0", created="2026-01-01T00:00:00Z")
        f.create_group("grid").attrs.update(spacing_mm=SPACING, origin_mm=ORIGIN, direction=TURN.ravel())
        f.create_group("provenance").attrs["warnings"] = (
            '[{"code": "contrast-in-liver", "class": "wrong-dose", "text": "t", "numbers": {"mean_HU": 150}}]')
        f["dose"] = dose.astype(numpy.float32)
        f["density"] = numpy.where(indices()[..., 0] == 0, 0.01, 1.0).astype(numpy.float32)
        if error is not None:
            f["uncertainty"] = error.astype(numpy.float32)
        f.create_group("structures").attrs["order"] = ["t"]
        f["structures/t"] = share
        f["structures/t"].attrs.update(role=role, volume_mL=1.5, mass_kg=0.002, mean_Gy=110.0, mean_error_Gy=3.0)
    return ytterby.open(path)


class ModuleTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.places = ORIGIN + (indices() * SPACING) @ TURN.T

    def dose(self, values=None, name="d.h5", **more):
        return write(self.folder / name, linear(self.places) if values is None else values, **more)

    def test_headers(self):
        dose = self.dose()
        self.assertEqual((dose.method, dose.warnings[0].code, dose.warnings[0].numbers), ("monte-carlo", "contrast-in-liver", {"mean_HU": 150}))
        self.assertEqual(str(dose.structures["t"].mean), "110.0 +- 3.0")
        self.assertIsNone(dose.uncertainty)

    def test_places(self):
        image = self.dose().dose
        numpy.testing.assert_allclose(image.points(indices()), self.places)
        numpy.testing.assert_allclose(image.indices(self.places), indices(), atol=1e-12)

    def test_sampling_a_linear_dose_is_exact(self):
        image = self.dose().dose
        rng = numpy.random.default_rng(1)
        points = image.points(rng.uniform(0, [3, 2, 1], (200, 3)))
        numpy.testing.assert_allclose(image.sample(points), linear(points), rtol=1e-6)

    def test_edges(self):
        image = self.dose().dose
        self.assertTrue(numpy.isnan(image.sample(image.points([-0.6, 0, 0]))))
        self.assertAlmostEqual(float(image.sample(image.points([-0.4, 0, 0]))), float(image.values[0, 0, 0]), 5)

    def test_centre(self):
        share = numpy.zeros(SHAPE)
        share[0, 0, 0], share[1, 2, 3] = 3, 1
        numpy.testing.assert_allclose(self.dose().dose.centre_of(share), 0.75 * self.places[0, 0, 0] + 0.25 * self.places[1, 2, 3])

    def test_measures_of_shares(self):
        values, share = numpy.zeros(SHAPE), numpy.zeros(SHAPE, numpy.float32)
        values[0, 0, :3], share[0, 0, :3] = [10, 20, 40], [1, 0.5, 0.5]  # half of the volume at 10 Gy, a quarter each at 20 and 40
        h = self.dose(values, share=share).histogram("t")
        self.assertEqual([h.D(95), h.D(51), h.D(50), h.D(26), h.D(25), h.D(2)], [10, 10, 20, 20, 40, 40])
        self.assertEqual([h.V(0), h.V(10), h.V(10.1), h.V(20), h.V(40), h.V(41)], [1, 1, 0.5, 0.5, 0.25, 0])
        doses, volume = h.curve(5)
        self.assertEqual((list(doses), list(volume)), ([0, 10, 20, 30, 40], [1, 1, 0.5, 0.25, 0.25]))

    def test_gas_is_left_out_of_role_other(self):
        values = numpy.where(indices()[..., 0] == 0, 1000.0, 1.0)
        self.assertEqual(self.dose(values).histogram("t").D(2), 1000)
        self.assertEqual(self.dose(values, name="o.h5", role="other").histogram("t").D(2), 1)

    def test_comparison(self):
        a = self.dose(error=numpy.full(SHAPE, 3.0))
        b = self.dose(linear(self.places) + 10, name="b.h5", error=numpy.full(SHAPE, 4.0))
        both = a.compare(b)
        numpy.testing.assert_allclose(both.difference.values, 10, atol=1e-4)
        numpy.testing.assert_allclose(both.z.values, 2, atol=1e-4)
        self.assertAlmostEqual(both.structures["t"].difference.error, 3 * 2**0.5)
        self.assertAlmostEqual(both.structures["t"].D95_Gy[1] - both.structures["t"].D95_Gy[0], 10, 4)

    def test_other_grids_are_refused(self):
        a, b = self.dose(), self.dose(name="b.h5")
        with h5py.File(b.path, "r+") as f:
            f["grid"].attrs["origin_mm"] = ORIGIN + [0, 0, 0.01]
        with self.assertRaisesRegex(ytterby.Error, "different grids"):
            a.compare(ytterby.open(b.path))

    def test_slices_lie_as_viewers_have_them(self):
        image = self.dose().dose
        points, extent = plane_points(image, "axial", 7.0, 1.0)
        self.assertTrue((points[..., 2] == 7).all())
        self.assertLess(points[0, 0, 0], points[0, -1, 0])  # the patient's right is on the left
        self.assertGreater(points[0, 0, 1], points[-1, 0, 1])  # the front is on top
        self.assertAlmostEqual(extent[0], points[0, 0, 0] - (points[0, 1, 0] - points[0, 0, 0]) / 2)
        points, _ = plane_points(image, "coronal", 25.0, 1.0)
        self.assertLess(points[0, 0, 2], points[-1, 0, 2])  # the head is on top
        points, _ = plane_points(image, "sagittal", 0.0, 1.0)
        self.assertLess(points[0, 0, 1], points[0, -1, 1])  # the front is on the left

    def test_refusals(self):
        for words, call in (("no such file", lambda: ytterby.open(self.folder / "none.h5")),
                            ("format \"x\"", lambda: self.dose(kind="x")),
                            ("format_version 2.0", lambda: self.dose(version="2.0")),
                            ("there are t", lambda: self.dose().histogram("u")),
                            ("needs to be axial", lambda: plane_points(self.dose().dose, "oblique", 0, 1)),
                            ("no such file", lambda: ytterby.read_verdict(self.folder / "v.json")),
                            ("no such file", lambda: ytterby.read_image(self.folder / "ct"))):
            with self.subTest(words), self.assertRaisesRegex(ytterby.Error, words):
                call()
        (self.folder / "v.json").write_text("{}")
        with self.assertRaisesRegex(ytterby.Error, "no verdict"):
            ytterby.read_verdict(self.folder / "v.json")
        (self.folder / "d.h5").write_bytes(b"no HDF5")
        with self.assertRaisesRegex(ytterby.Error, "no complete dose file"):
            ytterby.open(self.folder / "d.h5")

    def test_estimates(self):
        for value, error, text in ((381.637, 0.4788, "381.64 +- 0.48"), (9.41863, None, "9.42"), (1234.5, None, "1234"), (0.5, 12.3, "0 +- 12")):
            self.assertEqual(str(ytterby.Estimate(value, error)), text)


if __name__ == "__main__":
    unittest.main()
