#pragma once
// What the seeds of the corpora and their harnesses have in common.

#include <filesystem>

#include "io/results/checkpoint_file.h"

namespace ytterby::fuzz {

/// Of the seeds' checkpoints; no program's, so that any build may read them.
inline io::CheckpointIdentity seeds_identity() { return {"hash", "program", 7, 0.01, 0.01, "plain"}; }

/// Objects, pixels and texts in FOLDER/dicom, FOLDER/pixels and FOLDER/text.
void write_seeds_of_dicom_and_text(const std::filesystem::path& folder);

/// A file in FOLDER/transform.
void write_seed_of_transforms(const std::filesystem::path& folder);

}  // namespace ytterby::fuzz
