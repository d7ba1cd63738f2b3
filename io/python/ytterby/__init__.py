"""Ytterby's results in Python: doses, histograms, comparisons, verdicts and slices over the CT.

    import ytterby
    dose = ytterby.open("dose.h5")
    print(dose.structures["tumour"].mean, dose.histogram("tumour").D(95))
    dose.show("tumour", ct="ct.nii.gz").savefig("slice.png")

Needs numpy and h5py; `show` and `plot` need matplotlib, NIfTI files nibabel, DICOM folders pydicom. Lengths are in mm and patient
coordinates (LPS: to the left, to the back, to the head), doses in Gy, arrays are [z][y][x]. What is wrong with a file or a name is an
`ytterby.Error` (a ValueError) with one line.
"""

from .comparison import Comparison, StructureDifference
from .dose import Dose, Structure, Warning, open
from .estimate import Error, Estimate
from .histogram import Histogram
from .image import Image, read_image
from .verdict import Rule, Verdict, read_verdict

__all__ = ["Comparison", "Dose", "Error", "Estimate", "Histogram", "Image", "Rule", "Structure", "StructureDifference", "Verdict",
           "Warning", "open", "read_image", "read_verdict"]
