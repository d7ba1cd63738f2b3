"""The dose file."""

import dataclasses
import functools
import json
import pathlib

import h5py
import numpy

from .comparison import compare
from .estimate import Error, Estimate, estimate
from .histogram import Histogram
from .image import Image

GAS_DENSITY = 0.05  # [g/cm3]; below it voxels of role `other` are left out of histograms
FORMAT, MAJOR = "ytterby-dose", 1


@dataclasses.dataclass(frozen=True)
class Warning:
    """What was warned of while the dose was made. `kind` is "wrong-dose" (it may be, until someone has looked) or "note"."""

    code: str
    kind: str
    text: str
    numbers: dict

    @classmethod
    def of(cls, entry):
        """From an entry of the JSON list that results keep."""
        return cls(entry["code"], entry["class"], entry["text"], entry["numbers"])


@dataclasses.dataclass(frozen=True)
class Structure:
    """A structure on the dose grid. `mean` [Gy]: energy over mass, with its standard error."""

    name: str
    role: str
    volume_mL: float
    mass_kg: float
    mean: Estimate


def _text(value):
    return value.decode() if isinstance(value, bytes) else value


class Dose:
    """A dose file, as its program wrote it. Images are read when they are first asked for; the file is not kept open."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        try:
            with h5py.File(self.path) as file:
                self._read_headers(file)
        except FileNotFoundError:
            raise Error(f"{self.path}: there is no such file") from None
        except (OSError, KeyError) as error:
            raise Error(f"{self.path}: is no complete dose file: {error}") from None

    def _read_headers(self, file):
        kind = _text(file.attrs.get("format", ""))
        if kind != FORMAT:
            raise Error(f"{self.path}: is no dose file (format \"{kind}\", needs to be \"{FORMAT}\")")
        version = _text(file.attrs["format_version"])
        if int(version.split(".")[0]) > MAJOR:
            raise Error(f"{self.path}: has format_version {version}, this module reads {MAJOR}.x")
        self.method = _text(file.attrs["method"])
        self.program_version = _text(file.attrs["program_version"])
        self.created = _text(file.attrs["created"])
        self.provenance = {name: _text(value) for name, value in file["provenance"].attrs.items()}
        self.warnings = [Warning.of(w) for w in json.loads(self.provenance.get("warnings", "[]"))]
        grid = file["grid"].attrs
        self._grid = [numpy.array(grid["spacing_mm"], float), numpy.array(grid["origin_mm"], float),
                      numpy.array(grid["direction"], float).reshape(3, 3)]
        self.structures = {}
        for name in (_text(n) for n in file["structures"].attrs.get("order", [])):
            a = file["structures"][name].attrs
            self.structures[name] = Structure(name, _text(a["role"]), float(a["volume_mL"]), float(a["mass_kg"]),
                                              estimate(a["mean_Gy"], a.get("mean_error_Gy")))
        self.sessions = [_text(n) for n in file["sessions"].attrs["order"]] if "sessions" in file else []

    def __repr__(self):
        return f"<ytterby.Dose {self.path}: {self.method}, {len(self.structures)} structures>"

    @functools.lru_cache(maxsize=16)
    def image(self, name, session=None):
        """`dose`, `uncertainty`, `density`, `activity`, `validity` ...: an Image, of one session where it is named. None where the
        file has none."""
        if session is not None and session not in self.sessions:
            raise Error(f"{self.path}: has no session \"{session}\"{self._those_there(self.sessions)}")
        with h5py.File(self.path) as file:
            group = file if session is None else file["sessions"][session]
            if name not in group or not isinstance(group[name], h5py.Dataset):
                return None
            return Image(group[name][:], *self._grid, unit=_text(group[name].attrs.get("unit", "")))

    @property
    def dose(self):
        """The dose [Gy] of the complete decay, an Image."""
        return self.image("dose")

    @property
    def uncertainty(self):
        """One standard error of each voxel [Gy], an Image; None where the method has none."""
        return self.image("uncertainty")

    @functools.lru_cache(maxsize=16)
    def share(self, structure):
        """Share of each voxel's volume that lies in `structure`, [z][y][x]."""
        self._check(structure)
        with h5py.File(self.path) as file:
            return file["structures"][structure][:]

    @functools.lru_cache(maxsize=32)
    def histogram(self, structure):
        """The Histogram of `structure`, from the voxels; the measures are those of `ytterby validate`."""
        share = self.share(structure)
        if self.structures[structure].role == "other":
            share = numpy.where(self.image("density").values < GAS_DENSITY, 0, share)
        return Histogram.of_voxels(structure, self.dose.values, share)

    dvh = histogram

    def compare(self, other):
        """The Comparison with another Dose of the same grid: `other` less this one."""
        return compare(self, other)

    def show(self, structure=None, ct=None, **options):
        """A slice through the middle of `structure`, over the CT (an Image, a NIfTI file or a DICOM folder; without it, over the density):
        a matplotlib figure. Options: `plane` ("axial", "coronal", "sagittal"), `at_mm`, `levels_Gy`, `window_HU` (level, width),
        `opacity`, `outlines` (names), `axes`."""
        from .plot import show
        return show(self, structure, ct, **options)

    def _check(self, structure):
        if structure not in self.structures:
            raise Error(f"{self.path}: has no structure \"{structure}\"{self._those_there(self.structures)}")

    @staticmethod
    def _those_there(names):
        return "; there are " + ", ".join(names) if names else ""


def open(path):
    """A Dose from a dose file, such as `ytterby simulate` and `ytterby convolve` write."""
    return Dose(path)
