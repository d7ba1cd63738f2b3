#pragma once
// What the harnesses of HDF5 files share: bytes as a file, and a mutator that changes what is in it through the
// library, so that checksums are right and the readers are reached.

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace ytterby::fuzz {

/// A file with these bytes; the same path each time, in memory where there is /dev/shm.
std::filesystem::path as_file(const std::uint8_t* data, std::size_t size);

/// Whether FUZZ_BYTES is set: then bytes are changed too, and each input is probed in a process of its own.
bool changes_bytes();

/// Changes one to four things of the file in `data`: a value, an attribute, a link, a shape, a type, a chunk. Returns
/// the new size; 0 where the bytes are no HDF5 file or the result does not fit.
std::size_t mutate_hdf5(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed);

}  // namespace ytterby::fuzz
