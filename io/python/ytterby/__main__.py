"""python3 -m ytterby DOSE.h5 [-s STRUCTURE] [--ct FILE] [-o PICTURE]: mean doses and histogram measures; a slice as a picture."""

import argparse
import sys

from . import Error, open


def main():
    parser = argparse.ArgumentParser(prog="python3 -m ytterby", description=__doc__.split(": ", 1)[1])
    parser.add_argument("dose", metavar="DOSE.h5")
    parser.add_argument("-s", "--structure", help="slice through the middle of this structure (default: the first tumour)")
    parser.add_argument("--ct", help="NIfTI file or DICOM folder to lay the slice over")
    parser.add_argument("--plane", default="axial", choices=["axial", "coronal", "sagittal"])
    parser.add_argument("-o", "--output", help="picture to write: PNG, PDF or SVG")
    options = parser.parse_args()
    try:
        dose = open(options.dose)
        print(f"{dose.path}: {dose.method}, made {dose.created} by ytterby {dose.program_version}")
        for warning in dose.warnings:
            print(f"warning: {warning.text}")
        print(f"{'':20}{'volume [mL]':>12}{'mean [Gy]':>20}{'D95 [Gy]':>10}{'D70 [Gy]':>10}")
        for s in dose.structures.values():
            histogram = dose.histogram(s.name)
            print(f"{s.name:20}{s.volume_mL:12.1f}{str(s.mean):>20}{histogram.D(95):10.3g}{histogram.D(70):10.3g}")
        if options.output:
            tumours = [s.name for s in dose.structures.values() if s.role == "tumour"]
            figure = dose.show(options.structure or (tumours or [None])[0], ct=options.ct, plane=options.plane)
            figure.savefig(options.output, dpi=150)
    except (Error, OSError) as error:
        print(f"ytterby: {error}", file=sys.stderr)
        return 3
    return 0


sys.exit(main())
