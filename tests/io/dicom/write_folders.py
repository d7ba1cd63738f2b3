#!/usr/bin/env python3
"""usage: write_folders.py CASE.toml OUT [--activity nm|pet] [--structures seg|rtstruct]

Writes the images of a case (NIfTI files, as ../shared/data/case_rescue_real_ct and `ytterby phantom` have them) as an archive would send
them: OUT/ct (CT slices), OUT/activity (one NM object of reconstructed counts, or PET slices in Bq/mL), OUT/structures (one DICOM SEG, or
one RTSTRUCT along the voxels' edges; masks from a share of 0.5 on). For tests, and to try the way in with. Needs Debian's python3-nibabel and python3-pydicom; made without
ytterby, so that what it reads of them is known from elsewhere."""

import argparse
import itertools
import pathlib
import tomllib

import nibabel
import numpy
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence

ROOT = "1.2.826.0.1.3680043.10.999"
CT, PET, NM = (f"1.2.840.10008.5.1.4.1.1.{n}" for n in ("2", "128", "20"))
SEG, RTSTRUCT = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.481.3"
FRAME, STUDY = f"{ROOT}.1", f"{ROOT}.2"
SEGMENT_NAMES = {"liver": "Liver", "tumour": "GTV", "perfused": "Perfused volume", "lungs": "Lungs"}


class Volume:
    """Values [z][y][x] with axes along the patient's: x to the left, y to the back, z to the head; mm."""

    def __init__(self, path):
        image = nibabel.as_closest_canonical(nibabel.load(path))
        values, affine = numpy.asanyarray(image.dataobj), image.affine
        assert numpy.allclose(affine[:3, :3], numpy.diag(numpy.diag(affine[:3, :3])), atol=1e-4), "axes are not the patient's"
        self.values = numpy.ascontiguousarray(values[::-1, ::-1].transpose(2, 1, 0))  # RAS to LPS
        self.spacing = numpy.diag(affine)[:3].copy()
        last = numpy.array(values.shape) - 1
        self.origin = numpy.array([-(affine[0, 3] + last[0] * affine[0, 0]), -(affine[1, 3] + last[1] * affine[1, 1]), affine[2, 3]])


def dataset(modality, kind, number, series):
    d = Dataset()
    d.file_meta = FileMetaDataset()
    d.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    d.is_little_endian, d.is_implicit_VR = True, False
    d.SOPClassUID, d.SOPInstanceUID = kind, f"{ROOT}.3.{series}.{number}"
    d.file_meta.MediaStorageSOPClassUID, d.file_meta.MediaStorageSOPInstanceUID = d.SOPClassUID, d.SOPInstanceUID
    d.Modality, d.PatientName, d.PatientID = modality, "Test^Rescue", "rescue"
    d.StudyInstanceUID, d.SeriesInstanceUID, d.SeriesNumber = STUDY, f"{ROOT}.4.{series}", series
    d.FrameOfReferenceUID, d.InstanceNumber = FRAME, number
    d.StudyDate = d.SeriesDate = d.AcquisitionDate = "20260105"
    d.StudyTime = d.SeriesTime = d.AcquisitionTime = "120000"
    return d


def numbers(values):
    return [f"{v:.10g}" for v in values]


def pixels(d, values, bits=16, signed=False):
    d.Rows, d.Columns = values.shape[-2:]
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.BitsAllocated = d.BitsStored = bits
    d.HighBit, d.PixelRepresentation = bits - 1, int(signed)
    d.PixelData = values.tobytes()


def place(d, volume, z):
    d.ImagePositionPatient = numbers(volume.origin + [0, 0, z * volume.spacing[2]])
    d.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]


def save(d, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    d.save_as(path, write_like_original=False)


def write_slices(volume, folder, modality, kind, series, stored, header):
    for z, plane in enumerate(stored):
        d = dataset(modality, kind, z + 1, series)
        place(d, volume, z)
        d.PixelSpacing, d.SliceThickness = numbers(volume.spacing[[1, 0]]), numbers(volume.spacing[2:])[0]
        pixels(d, plane, signed=plane.dtype.kind == "i")
        header(d)
        save(d, folder / f"{modality.lower()}{z:04}.dcm")


def write_ct(volume, folder):
    def header(d):
        d.ImageType, d.RescaleSlope, d.RescaleIntercept, d.RescaleType = ["ORIGINAL", "PRIMARY", "AXIAL"], 1, -1024, "HU"
    stored = numpy.clip(numpy.rint(volume.values) + 1024, 0, 4095).astype(numpy.uint16)
    write_slices(volume, folder, "CT", CT, 1, stored, header)


def write_pet(volume, folder):
    """Bq in each voxel become Bq/mL at the start of the series, which is a day after the injection."""
    concentration = volume.values.astype(float) / (volume.spacing.prod() / 1000) * 2 ** (-24 / 64.05)
    slope = concentration.max() / 32767

    def header(d):
        d.ImageType, d.Units, d.DecayCorrection, d.CorrectedImage = ["ORIGINAL", "PRIMARY"], "BQML", "START", ["DECY", "ATTN"]
        d.RescaleSlope, d.RescaleIntercept = f"{slope:.10g}", 0
        d.DecayFactor = 1
        drug = Dataset()
        drug.RadiopharmaceuticalStartDateTime = "20260104120000"
        drug.RadionuclideHalfLife, drug.RadionuclidePositronFraction = 230580, 0.00003186
        drug.RadionuclideTotalDose = f"{volume.values.sum():.6g}"
        d.RadiopharmaceuticalInformationSequence = Sequence([drug])
    write_slices(volume, folder, "PT", PET, 2, numpy.rint(concentration / slope).astype(numpy.int16), header)


def write_nm(volume, folder):
    d = dataset("NM", NM, 1, 2)
    count = len(volume.values)
    d.ImageType, d.NumberOfFrames, d.FrameIncrementPointer = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"], count, 0x00540080
    d.SliceVector, d.NumberOfSlices = list(range(1, count + 1)), count
    d.EnergyWindowVector, d.NumberOfEnergyWindows, d.DetectorVector, d.NumberOfDetectors = [1] * count, 1, [1] * count, 1
    detector = Dataset()
    place(detector, volume, 0)
    d.DetectorInformationSequence = Sequence([detector])
    d.PixelSpacing = numbers(volume.spacing[[1, 0]])
    d.SliceThickness = d.SpacingBetweenSlices = numbers(volume.spacing[2:])[0]
    pixels(d, numpy.rint(volume.values * (65535 / volume.values.max())).astype(numpy.uint16))
    save(d, folder / "maa.dcm")


def code(value, meaning):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", meaning
    return Sequence([item])


def write_seg(volumes, folder):
    first = next(iter(volumes.values()))
    d = dataset("SEG", SEG, 1, 3)
    d.ImageType, d.SegmentationType, d.ContentLabel = ["DERIVED", "PRIMARY"], "BINARY", "SEGMENTATION"
    d.LossyImageCompression, d.NumberOfFrames = "00", 0
    shared, measures, orientation = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = numbers(first.spacing[[1, 0]])
    measures.SliceThickness = measures.SpacingBetweenSlices = numbers(first.spacing[2:])[0]
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = Sequence([measures]), Sequence([orientation])
    d.SharedFunctionalGroupsSequence = Sequence([shared])
    segments, frames, bits = [], [], []
    for number, (name, volume) in enumerate(volumes.items(), 1):
        assert volume.values.shape == first.values.shape, "masks of one SEG share a grid"
        segment = Dataset()
        segment.SegmentNumber, segment.SegmentLabel, segment.SegmentAlgorithmType = number, SEGMENT_NAMES.get(name, name), "MANUAL"
        segment.SegmentedPropertyCategoryCodeSequence = code("123037004", "Anatomical Structure")
        segment.SegmentedPropertyTypeCodeSequence = code("123037004", "Anatomical Structure")
        segments.append(segment)
        for z in numpy.flatnonzero((volume.values >= 0.5).any(axis=(1, 2))):
            frame, plane, content, identity = Dataset(), Dataset(), Dataset(), Dataset()
            plane.ImagePositionPatient = numbers(first.origin + [0, 0, z * first.spacing[2]])
            content.DimensionIndexValues = [number, int(z) + 1]
            identity.ReferencedSegmentNumber = number
            frame.PlanePositionSequence, frame.FrameContentSequence = Sequence([plane]), Sequence([content])
            frame.SegmentIdentificationSequence = Sequence([identity])
            frames.append(frame)
            bits.append((volume.values[z] >= 0.5).ravel())
    d.SegmentSequence, d.PerFrameFunctionalGroupsSequence = Sequence(segments), Sequence(frames)
    d.NumberOfFrames = len(frames)
    d.Rows, d.Columns = first.values.shape[1:]
    d.SamplesPerPixel, d.PhotometricInterpretation, d.PixelRepresentation = 1, "MONOCHROME2", 0
    d.BitsAllocated, d.BitsStored, d.HighBit = 1, 1, 0
    packed = numpy.packbits(numpy.concatenate(bits), bitorder="little").tobytes()
    d.PixelData = packed + b"\0" * (len(packed) % 2)
    save(d, folder / "seg.dcm")


def edge_loops(mask):
    """Closed loops of voxel corners (x, y) around `mask` [y][x]; the inside is on the left of each edge, at crossings the loop turns
    left, so that voxels which touch by a corner have loops of their own."""
    padded = numpy.pad(mask, 1)
    leaving = {}
    for y, x in numpy.argwhere(mask):
        for dy, dx, start, end in ((-1, 0, (x, y), (x + 1, y)), (0, 1, (x + 1, y), (x + 1, y + 1)),
                                   (1, 0, (x + 1, y + 1), (x, y + 1)), (0, -1, (x, y + 1), (x, y))):
            if not padded[y + 1 + dy, x + 1 + dx]:
                leaving.setdefault(start, []).append(end)
    loops = []
    while leaving:
        start = next(iter(leaving))
        loop, at, before = [], start, None
        while not loop or at != start:
            ends = leaving[at]
            if before is not None and len(ends) > 1:
                step = (at[0] - before[0], at[1] - before[1])
                ends.sort(key=lambda e: -(step[0] * (e[1] - at[1]) - step[1] * (e[0] - at[0])))
            end = ends.pop(0)
            if not ends:
                del leaving[at]
            loop.append(at)
            before, at = at, end
        corners = [b for a, b, c in zip(loop[-1:] + loop[:-1], loop, loop[1:] + loop[:1]) if (b[0] - a[0]) * (c[1] - b[1]) != (b[1] - a[1]) * (c[0] - b[0])]
        loops.append(corners)
    return loops


def write_rtstruct(volumes, ct, folder):
    d = dataset("RTSTRUCT", RTSTRUCT, 1, 3)
    d.StructureSetLabel, d.StructureSetDate, d.StructureSetTime = "contours", "20260105", "120000"
    series, study, frame = Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID = f"{ROOT}.4.1"
    study.ReferencedSOPClassUID, study.ReferencedSOPInstanceUID = "1.2.840.10008.3.1.2.3.1", STUDY
    study.RTReferencedSeriesSequence = Sequence([series])
    frame.FrameOfReferenceUID, frame.RTReferencedStudySequence = FRAME, Sequence([study])
    d.ReferencedFrameOfReferenceSequence = Sequence([frame])
    regions, all_contours, observations = [], [], []
    for number, (name, volume) in enumerate(volumes.items(), 1):
        assert volume.values.shape == ct.values.shape, "contours lie on the CT's slices"
        region, contours, observation = Dataset(), Dataset(), Dataset()
        region.ROINumber, region.ROIName, region.ROIGenerationAlgorithm = number, SEGMENT_NAMES.get(name, name), "MANUAL"
        region.ReferencedFrameOfReferenceUID = FRAME
        contours.ReferencedROINumber, contours.ContourSequence = number, Sequence()
        for z, plane in enumerate(volume.values >= 0.5):
            for loop in edge_loops(plane):
                contour = Dataset()
                contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", len(loop)
                points = [volume.origin + (numpy.array([x - 0.5, y - 0.5, z]) * volume.spacing) for x, y in loop]
                contour.ContourData = numbers(itertools.chain(*points))
                contours.ContourSequence.append(contour)
        observation.ObservationNumber = observation.ReferencedROINumber = number
        observation.RTROIInterpretedType, observation.ROIInterpreter = "", ""
        regions.append(region)
        all_contours.append(contours)
        observations.append(observation)
    d.StructureSetROISequence, d.ROIContourSequence = Sequence(regions), Sequence(all_contours)
    d.RTROIObservationsSequence = Sequence(observations)
    save(d, folder / "structures.dcm")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--activity", choices=["nm", "pet"], default="nm", help="pet: the case's image needs to be in Bq")
    parser.add_argument("--structures", choices=["seg", "rtstruct"], default="seg")
    options = parser.parse_args()
    case = tomllib.loads(options.case.read_text())
    folder = options.case.parent
    ct = Volume(folder / case["medium"]["ct"])
    write_ct(ct, options.out / "ct")
    activity = Volume(folder / case["activity"]["image"])
    (write_nm if options.activity == "nm" else write_pet)(activity, options.out / "activity")
    masks = {s["name"]: Volume(folder / s["mask"]) for s in case["structure"]}
    if options.structures == "seg":
        write_seg(masks, options.out / "structures")
    else:
        write_rtstruct(masks, ct, options.out / "structures")


if __name__ == "__main__":
    main()
