#pragma once
// What the C library does with memory that is given back.

namespace ytterby::io {

/// From here on the process keeps what it frees for what it needs next, until it ends. By default glibc gives arrays of
/// a megabyte and more back to the system each time, which hands them out again page by page, cleared: a third of the
/// time of an ensemble on a grid of some 1e6 voxels. Does nothing with other libraries.
void keep_freed_memory();

}  // namespace ytterby::io
