"""Slices of a dose over the CT, in patient coordinates, as a viewer draws them."""

import numpy

from .estimate import Error
from .image import Image, read_image

# Each plane: the patient axes to the right and up the picture with their signs, the one across, and the letters at the edges.
PLANES = {"axial": ((0, 1), (1, -1), 2, "RLPA"), "coronal": ((0, 1), (2, 1), 1, "RLFH"), "sagittal": ((1, 1), (2, 1), 0, "APFH")}
LEVELS_GY = (20, 50, 100, 200, 300, 400)
DERIVED = ("tumours", "normal-liver", "perfused-normal", "spared-liver")  # their edges are those of others


def pyplot():
    """matplotlib.pyplot, or an Error that names the package."""
    try:
        from matplotlib import pyplot as plt
    except ImportError:
        raise Error("pictures need matplotlib, which is not installed (Debian: python3-matplotlib)") from None
    return plt


def plane_points(image, plane, at_mm, step_mm):
    """Patient coordinates [mm] of a raster over `image`, [row][column][3], the first row at the bottom of the picture; with its extent
    (left, right, bottom, top) [mm]."""
    if plane not in PLANES:
        raise Error(f"the plane is \"{plane}\", needs to be axial, coronal or sagittal")
    (right, right_sign), (up, up_sign), across, _ = PLANES[plane]
    size = numpy.array(image.values.shape[::-1])
    corners = image.points(numpy.array(numpy.meshgrid(*[[-0.5, n - 0.5] for n in size], indexing="ij")).reshape(3, -1).T)
    low, high = corners.min(axis=0), corners.max(axis=0)
    counts = [max(2, int(round((high[a] - low[a]) / step_mm))) for a in (right, up)]
    centres = [low[a] + (numpy.arange(n) + 0.5) * (high[a] - low[a]) / n for a, n in zip((right, up), counts)]
    columns, rows = centres[0][::right_sign], centres[1][::up_sign]
    points = numpy.empty((rows.size, columns.size, 3))
    points[..., right], points[..., up], points[..., across] = columns[None, :], rows[:, None], at_mm
    ends = [(low[a], high[a])[::sign] for a, sign in ((right, right_sign), (up, up_sign))]
    return points, (*ends[0], *ends[1])


def show(dose, structure=None, ct=None, plane="axial", at_mm=None, levels_Gy=None, window_HU=(40, 400), opacity=0.45,
         outlines=None, axes=None):
    """See Dose.show. Returns the figure."""
    plt = pyplot()
    image = dose.dose
    if ct is not None and not isinstance(ct, Image):
        ct = read_image(ct)
    if structure is not None:
        dose._check(structure)
    centre = image.centre_of(image.values if structure is None else dose.share(structure))
    if plane not in PLANES:
        raise Error(f"the plane is \"{plane}\", needs to be axial, coronal or sagittal")
    across = PLANES[plane][2]
    at = float(centre[across]) if at_mm is None else at_mm
    step = min(i.spacing_mm.min() for i in (image, ct) if i is not None)
    points, extent = plane_points(image, plane, at, max(0.5, step))
    if axes is None:
        axes = plt.subplots(figsize=(7, 6), layout="constrained")[1]
    look = dict(extent=extent, origin="lower", aspect="equal")
    if ct is not None:
        level, width = window_HU
        axes.imshow(ct.sample(points), cmap="gray", vmin=level - width / 2, vmax=level + width / 2, **look)
    else:
        axes.imshow(dose.image("density").sample(points), cmap="gray", vmin=0, vmax=1.4, **look)
    values = image.sample(points)
    highest = float(numpy.quantile(image.values[image.values > 0], 0.999)) if image.values.any() else 1.0  # noise has no say
    colours = axes.imshow(numpy.ma.masked_where(~(values > 0.02 * highest), values), cmap="turbo", alpha=opacity, vmin=0, vmax=highest,
                          **look)
    axes.figure.colorbar(colours, ax=axes, label="dose [Gy]", shrink=0.8)
    _isodoses(axes, values, extent, levels_Gy, highest)
    _outlines(axes, dose, points, extent, outlines)
    _letters(axes, plane, at)
    return axes.figure


def _isodoses(axes, values, extent, levels_Gy, highest):
    levels = sorted(levels_Gy or [g for g in LEVELS_GY if g < highest] or [share * highest for share in (0.25, 0.5, 0.75)])
    inside = [g for g in levels if numpy.nanmin(values) < g < numpy.nanmax(values)]
    if inside:
        lines = axes.contour(values, levels=inside, extent=extent, cmap="turbo", vmin=0, vmax=highest, linewidths=0.9)
        axes.clabel(lines, fmt="%g Gy", fontsize=7)


def _outlines(axes, dose, points, extent, outlines):
    names = [n for n in dose.structures if n not in DERIVED] if outlines is None else outlines
    colours = pyplot().rcParams["axes.prop_cycle"].by_key()["color"]
    grid, handles = dose.dose, []
    for name, colour in zip(names, colours * (1 + len(names) // len(colours))):
        share = Image(dose.share(name), grid.spacing_mm, grid.origin_mm, grid.direction).sample(points)
        if numpy.nanmax(share) > 0.5:
            axes.contour(share, levels=[0.5], extent=extent, colors=[colour], linewidths=1.4)
            handles += axes.plot([], [], color=colour, label=name)
    if handles:
        axes.legend(handles=handles, loc="lower left", fontsize=7)


def _letters(axes, plane, at):
    left, right, bottom, top = PLANES[plane][3]
    for letter, x, y in ((left, 0.02, 0.5), (right, 0.98, 0.5), (bottom, 0.5, 0.03), (top, 0.5, 0.97)):
        axes.text(x, y, letter, transform=axes.transAxes, ha="center", va="center", color="white", weight="bold",
                  bbox=dict(boxstyle="circle", facecolor="black", edgecolor="none", alpha=0.5))
    axes.set(xlabel="[mm]", ylabel="[mm]", title=f"{plane}, at {at:.1f} mm")
