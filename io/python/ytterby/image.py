"""An image in the patient: values on a grid, and how they are sampled and read."""

import dataclasses
import pathlib

import numpy

from .estimate import Error


@dataclasses.dataclass(frozen=True)
class Image:
    """`values` [z][y][x]; `spacing_mm`, `origin_mm` (centre of the first voxel, LPS): x, y, z; `direction` 3 x 3, column j the unit
    vector of axis j; `unit` of the values."""

    values: numpy.ndarray
    spacing_mm: numpy.ndarray
    origin_mm: numpy.ndarray
    direction: numpy.ndarray
    unit: str = ""

    def same_grid(self, other, tolerance_mm=1e-3):
        """Whether both have the same voxels in the same places."""
        if self.values.shape != other.values.shape:
            return False
        far = numpy.array(self.values.shape[::-1]) - 1
        corners = numpy.array(numpy.meshgrid(*[[0, n] for n in far], indexing="ij")).reshape(3, -1).T
        return bool(numpy.abs(self.points(corners) - other.points(corners)).max() <= tolerance_mm)

    def points(self, indices):
        """Patient coordinates [mm] of `indices` (..., x y z)."""
        return self.origin_mm + (numpy.asarray(indices) * self.spacing_mm) @ self.direction.T

    def indices(self, points_mm):
        """Fractional indices (..., x y z) of patient coordinates [mm]."""
        return (numpy.asarray(points_mm) - self.origin_mm) @ self.direction / self.spacing_mm

    def sample(self, points_mm):
        """Trilinear values at `points_mm` (..., 3); NaN outside of the voxels. In the outer half of a border voxel: its value."""
        at = self.indices(points_mm)
        size = numpy.array(self.values.shape[::-1])
        outside = ((at < -0.5 - 1e-6) | (at > size - 0.5 + 1e-6)).any(axis=-1)
        at = numpy.clip(numpy.nan_to_num(at), 0, size - 1)
        low = numpy.minimum(at.astype(int), numpy.maximum(size - 2, 0))
        weight = at - low
        sum_ = numpy.zeros(at.shape[:-1])
        for corner in numpy.ndindex(2, 2, 2):
            share = numpy.prod(numpy.where(corner, weight, 1 - weight), axis=-1)
            x, y, z = numpy.moveaxis(numpy.minimum(low + corner, size - 1), -1, 0)
            sum_ += numpy.where(share > 0, share * numpy.where(share > 0, self.values[z, y, x], 0), 0)
        return numpy.where(outside, numpy.nan, sum_)

    def centre_of(self, share):
        """Patient coordinates [mm] of the centre of `share`, weights on this grid."""
        total = share.sum(dtype=numpy.float64)
        if not total > 0:
            raise Error("there is no centre: nothing of it lies on the grid")
        z, y, x = (numpy.arange(n) for n in share.shape)
        along = [share.sum(axis=(0, 1), dtype=numpy.float64) @ x, share.sum(axis=(0, 2), dtype=numpy.float64) @ y,
                 share.sum(axis=(1, 2), dtype=numpy.float64) @ z]
        return self.points(numpy.array(along) / total)


def read_image(path):
    """A NIfTI file (needs nibabel) or a folder of one DICOM series of slices (needs pydicom), such as a CT in HU."""
    path = pathlib.Path(path)
    if not path.exists():
        raise Error(f"{path}: there is no such file or folder")
    return _read_dicom(path) if path.is_dir() else _read_nifti(path)


def _read_nifti(path):
    try:
        import nibabel
    except ImportError:
        raise Error(f"{path}: NIfTI is read by nibabel, which is not installed (Debian: python3-nibabel)") from None
    try:
        nifti = nibabel.load(path)
    except (nibabel.filebasedimages.ImageFileError, OSError) as error:
        raise Error(f"{path}: {error}") from None
    if len(nifti.shape) != 3:
        raise Error(f"{path}: has {len(nifti.shape)} dimensions, needs to have 3")
    affine = numpy.diag([-1, -1, 1, 1]) @ nifti.affine  # RAS to LPS
    spacing = numpy.linalg.norm(affine[:3, :3], axis=0)
    return Image(numpy.asarray(nifti.dataobj).T, spacing, affine[:3, 3], affine[:3, :3] / spacing)


def _read_dicom(folder):
    try:
        import pydicom
    except ImportError:
        raise Error(f"{folder}: DICOM is read by pydicom, which is not installed (Debian: python3-pydicom)") from None
    slices = []
    for file in sorted(folder.rglob("*")):
        try:
            header = pydicom.dcmread(file) if file.is_file() else None
        except pydicom.errors.InvalidDicomError:
            continue
        if header is not None and "ImagePositionPatient" in header and "PixelData" in header:
            slices.append(header)
    if not slices:
        raise Error(f"{folder}: holds no DICOM slices")
    if len({s.SeriesInstanceUID for s in slices}) > 1:
        raise Error(f"{folder}: holds several series, name the folder of one")
    first = slices[0]
    row, column = (numpy.array(first.ImageOrientationPatient[i:i + 3], float) for i in (0, 3))
    normal = numpy.cross(row, column)
    slices.sort(key=lambda s: numpy.dot(normal, numpy.array(s.ImagePositionPatient, float)))
    places = numpy.array([[float(c) for c in s.ImagePositionPatient] for s in slices])
    steps = numpy.diff(places @ normal)
    if len(slices) > 1 and (steps.min() <= 0 or numpy.ptp(steps) > 0.05 * steps.mean()):
        raise Error(f"{folder}: the slices lie {steps.min():.3f} to {steps.max():.3f} mm apart, need to be even")
    values = numpy.stack([s.pixel_array * float(s.get("RescaleSlope", 1)) + float(s.get("RescaleIntercept", 0)) for s in slices])
    down, right = (float(s) for s in first.PixelSpacing)
    thickness = steps.mean() if len(slices) > 1 else float(first.get("SliceThickness", 1))
    return Image(values.astype(numpy.float32), numpy.array([right, down, thickness]), places[0],
                 numpy.stack([row, column, normal], axis=1))
