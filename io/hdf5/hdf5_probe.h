#pragma once
// The HDF5 library crashes, loops or allocates without bound on some damaged files (1.10.8: in lists of groups whose
// heap has no checksum). What it does with a file is therefore tried in a process of its own.

#include <filesystem>
#include <functional>

namespace ytterby::io {

/// Runs `read` in a forked process with 1 GiB more memory than this one has and 10 s of processor time; its
/// exceptions are left to the caller, who does the same after it. Throws Fault::input where it crashed, ran out of
/// memory or of time. A probe that was stopped by anything else gives no verdict.
void probe_hdf5(const std::filesystem::path& path, const std::function<void()>& read);

}  // namespace ytterby::io
