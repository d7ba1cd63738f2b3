#pragma once
// What is said where memory runs out, of the program and of a cohort's patient.

namespace ytterby::cli {

inline constexpr char out_of_memory[] = "out of memory: the images or the dose grid are too large for this machine";

}  // namespace ytterby::cli
