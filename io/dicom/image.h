#pragma once
// CT, PET and SPECT images: slices or frames put together in the patient.

#include "io/dicom/dicom_image.h"
#include "io/dicom/series.h"

namespace ytterby::io {

/// Puts a series together.
///
/// Slices are sorted by their position along the normal of their plane, never by name, number or thickness, and have to
/// lie on an even lattice (engine/grid/plane_lattice.h); an instance that is there twice counts once. Attributes
/// are read by DCMTK, pixels by GDCM, because only the latter has JPEG 2000. Throws Fault::input for slices that differ
/// in size, orientation or frame of reference, two in one place and gaps, with the values; for a CT or PET without
/// rescaling, and for CT values that are stated to be no CT numbers. Of a NM object that holds several images (energy
/// windows, detectors, time slots) `choice` says which one; one file a slice is read, too. Where
/// RealWorldValueMappingSequence maps to Bq/mL and Units does not say so, values are in Bq/mL and units are BQML.
DicomImage read_series(const DicomSeries& series, CtNumbers numbers = CtNumbers::stated, const NmChoice& choice = {});

}  // namespace ytterby::io
