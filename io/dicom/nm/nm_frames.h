#pragma once
// Nuclear medicine objects: frames are slices times energy windows, detectors and time slots; and what they count.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/dicom/dicom_image.h"
#include "io/dicom/object.h"
#include "io/dicom/slice.h"

namespace ytterby::io {

/// The frames of one image of the object: entry k is the frame (from 0) that shows slice k. `detector` counts from 0.
struct NmFrames {
  std::vector<int> frame_of_slice;
  std::size_t detector = 0;
};

/// Chooses by the vectors of PS3.3 C.8.4.8 (EnergyWindowVector, DetectorVector, TimeSlotVector, ...), and sorts by
/// SliceVector. Throws Fault::input for an object of several windows, detectors, gates or time slots of which the case
/// chooses none (naming what there is), for a choice that is not there, for vectors of another length than the frames,
/// and for frames that are not as many as the slices.
NmFrames choose_frames(DcmItem& d, const std::filesystem::path& file, int frames, const NmChoice& choice);

/// One number a frame, as EnergyWindowVector and the like have them; empty where the object has none. Throws
/// Fault::input where they are not as many as the frames.
std::vector<int> nm_vector(DcmItem& d, const std::filesystem::path& file, const DcmTagKey& key, int frames);

/// EnergyWindowName of each energy window, in their order; empty where one has none.
std::vector<std::string> nm_window_names(DcmItem& d);

/// Throws Fault::input for what is no map of activity: transmission images, attenuation maps (also by the series'
/// description), projections, planar views, and an only energy window that is named for scatter.
void check_emission(DcmItem& d, const std::filesystem::path& file, const NmChoice& choice);

/// The lines from stored pixel values to Bq/mL that RealWorldValueMappingSequence (0040,9096) of an object, or of a
/// frame's functional groups, states; none where it states no such unit. Throws Fault::input for a mapping to Bq/mL
/// that is no line.
std::vector<RealWorldValues> real_world_values(DcmItem& d, const std::filesystem::path& file);

/// Philips' Bq/mL per count, the private element (7053,xx09) of "Philips PET Private Group"; 0 where there is none.
double philips_activity_scale(DcmItem& d);

}  // namespace ytterby::io
