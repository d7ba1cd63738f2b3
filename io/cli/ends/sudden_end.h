#pragma once
// Ends that no handler of an exception is reached by.

namespace ytterby::cli {

/// From here on what ends the program of itself leaves no temporary file and no lock. Where memory had been refused to
/// the program, and a library crashed of it or a destructor wanted some, the line and the exit status are those of any
/// other end of memory; so too where a library then calls exit(), as HDF5 does. All else ends as it would: a crash by
/// its signal. Once more in a forked process that works on its own.
void be_ready_for_sudden_ends();

/// main() ends: what exit() is called by from here on is no library in need.
void end_is_near();

}  // namespace ytterby::cli
