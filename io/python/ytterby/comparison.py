"""Two doses of one grid, voxel by voxel and structure by structure."""

import dataclasses

import numpy

from .estimate import Error, Estimate
from .image import Image


@dataclasses.dataclass(frozen=True)
class StructureDifference:
    """Mean doses [Gy] of both and their difference, second less first; D95 and D70 [Gy] as pairs."""

    name: str
    first: Estimate
    second: Estimate
    D95_Gy: tuple
    D70_Gy: tuple

    @property
    def difference(self):
        return self.second - self.first

    @property
    def percent(self):
        """Of the first mean."""
        return 100 * self.difference.value / self.first.value if self.first.value else float("nan")


@dataclasses.dataclass(frozen=True)
class Comparison:
    """`difference` [Gy]: an Image, second less first; `z`: the same over the errors in quadrature, None where neither has errors."""

    first: object
    second: object
    difference: Image
    z: "Image | None"
    structures: dict

    def __str__(self):
        lines = [f"{self.second.method} less {self.first.method}"]
        lines += [f"{s.name}: {s.difference} Gy ({s.percent:+.2f} %)" for s in self.structures.values()]
        return "\n".join(lines)


def compare(first, second):
    """The Comparison of two doses; raises Error where their grids differ."""
    a, b = first.dose, second.dose
    if not a.same_grid(b):
        raise Error(f"{first.path} and {second.path} are on different grids; `ytterby compare` brings them to one")
    errors = [d.uncertainty.values for d in (first, second) if d.uncertainty is not None]
    difference = b.values.astype(numpy.float64) - a.values
    z = None
    if errors:
        error = numpy.sqrt(sum(numpy.nan_to_num(e.astype(numpy.float64)) ** 2 for e in errors))
        z = numpy.divide(difference, error, out=numpy.full_like(difference, numpy.nan), where=error > 0)
        z = dataclasses.replace(a, values=z, unit="1")
    structures = {}
    for name in (n for n in first.structures if n in second.structures):
        pair = [d.histogram(name) for d in (first, second)]
        structures[name] = StructureDifference(name, first.structures[name].mean, second.structures[name].mean,
                                               tuple(h.D(95) for h in pair), tuple(h.D(70) for h in pair))
    return Comparison(first, second, dataclasses.replace(a, values=difference), z, structures)
