#pragma once
// What a foreign HDF5 file may hold before anything in it is read. The library itself follows links out of the file,
// loads plugins that a filter asks for and allocates whatever sizes the file states.

#include <cstdint>
#include <filesystem>
#include <string>

namespace ytterby::io {

/// Of our own files' chunks, which are of 1 MiB.
inline constexpr std::uint64_t largest_own_chunk = 4ULL << 20;

/// Walks the whole open file. Throws Fault::input, naming the object, for: links that are soft, external or
/// user-defined; objects that are linked twice (also loops); more than 100000 objects, or groups deeper than 8; values
/// other than whole and floating-point numbers, tables of them, and up to 1000 texts; external and virtual storage;
/// filters other than shuffle, deflate and Fletcher-32; chunks above `largest_chunk` bytes; datasets that are not
/// wholly in the file, or larger than deflate can make them; attributes above 16 MiB. `file` is the file's hid_t.
void check_hdf5_structure(std::int64_t file, const std::filesystem::path& path,
                          std::uint64_t largest_chunk = largest_own_chunk);

/// Looks at every chunk of an open dataset, and inflates it: one that does not give the bytes of a chunk exactly is
/// refused, because the library would inflate it without bound, or read beyond it. `dataset` is its hid_t, `name` its
/// name for messages.
void check_hdf5_chunks(std::int64_t dataset, const std::filesystem::path& path, const std::string& name);

}  // namespace ytterby::io
