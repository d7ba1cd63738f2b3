"""Dose-volume histograms of structures with fractional voxels."""

import dataclasses

import numpy

from .estimate import Error


@dataclasses.dataclass(frozen=True)
class Histogram:
    """Cumulative by volume. `dose_Gy`: the voxels' doses, falling; `volume_fraction`: share of the volume that receives at least each."""

    name: str
    dose_Gy: numpy.ndarray
    volume_fraction: numpy.ndarray

    @classmethod
    def of_voxels(cls, name, dose, share):
        """`dose` [Gy] and `share` (of the voxel's volume inside, 0 to 1): arrays of one shape."""
        inside = share > 0
        if not inside.any():
            raise Error(f"{name}: no voxel of the dose grid lies inside")
        order = numpy.argsort(-dose[inside], kind="stable")
        volume = numpy.cumsum(share[inside][order], dtype=numpy.float64)
        return cls(name, dose[inside][order], volume / volume[-1])

    def D(self, percent):
        """Dose [Gy] that `percent` of the volume receives at least (D95: 95)."""
        if not 0 < percent <= 100:
            raise Error(f"D{percent}: the share of the volume needs to be above 0 to 100 per cent")
        at = numpy.searchsorted(self.volume_fraction, percent / 100 - 1e-9)  # 1e-9: the rounding of the running sum
        return float(self.dose_Gy[min(at, self.dose_Gy.size - 1)])

    def V(self, dose_Gy):
        """Share of the volume (0 to 1) that receives at least `dose_Gy`."""
        above = numpy.searchsorted(-self.dose_Gy, -dose_Gy, side="right")
        return float(self.volume_fraction[above - 1]) if above else 0.0

    def curve(self, points=501):
        """Doses [Gy] from 0 to the largest, and the share of the volume at each: to be drawn."""
        doses = numpy.linspace(0, float(self.dose_Gy[0]), points)
        above = numpy.searchsorted(-self.dose_Gy, -doses, side="right")
        return doses, numpy.where(above > 0, self.volume_fraction[above - 1], 0.0)

    def plot(self, axes=None, **style):
        """Draws the curve into matplotlib's `axes` (a new figure where there are none) and returns them."""
        if axes is None:
            from .plot import pyplot
            axes = pyplot().subplots()[1]
            axes.set(xlabel="dose [Gy]", ylabel="share of the volume", ylim=(0, 1.02))
        axes.plot(*self.curve(), **{"label": self.name, **style})
        return axes
